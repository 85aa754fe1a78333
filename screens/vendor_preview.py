"""What an import of vendor CAs would bring, certificate by certificate: chosen or not, named, and then imported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content

from estconsole.administration.vendor_preview import Preview, PreviewedCa
from estconsole.domain.certificate import grouped
from estconsole.domain.model import VendorCa
from estconsole.domain.naming import name_problem
from estconsole.results import Rejected, Saved
from screens.background import task
from screens.certificate_text import between_bytes, label_of, time_left, toned
from screens.columns import Column
from screens.dialogs import Confirm, Notice, Prompt
from screens.key_order import ask
from screens.keys import key_of
from screens.lab_view import Clock, LabView
from screens.progress_dialog import with_progress
from screens.record_rows import RecordColumn, RecordRows
from screens.records_screen import RecordsScreen
from screens.table import Cell, VirtualTable
from screens.text import brief, counted, hanging, local_moment, shortened
from screens.vendor_rows import issuer_words

_LABEL = 11


@dataclass(frozen=True, slots=True)
class Candidate:
    """A certificate of the bundle, by its place there: whether it is imported, and under which name."""

    number: int
    found: PreviewedCa
    name: str
    chosen: bool


class VendorPreview(RecordsScreen[Candidate]):
    """Shows what a file or a paste holds, and imports what is chosen of it; `imported` is what came of that."""

    PLACE = "vendor_cas"
    SEARCHES = "search: name, subject or fingerprint"
    CHANGES = frozenset({"save"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "import", id="form.save", tooltip="Import what is chosen, or nothing", priority=True),
        Binding("space,enter", "turn", "choose", id="preview.turn", tooltip="Import this certificate, or leave it out"),
        Binding("e", "rename", "name", id="preview.rename", tooltip="Give this CA another name"),
        Binding("a", "turn_all", "all or none", id="preview.turn_all", tooltip="Choose all of them, or none"),
        Binding("escape", "back", "leave", id="list.back", tooltip="Clear the search, or leave: nothing is imported"),
    ]

    def __init__(self, lab: LabView, data: bytes, preview: Preview) -> None:
        super().__init__(lab, _rows(lab.now))
        self._data = data
        self._candidates = [
            Candidate(number, found, found.name, chosen=not found.problem)
            for number, found in enumerate(preview.certificates)
        ]
        self.imported: Saved[tuple[VendorCa, ...]] | None = None

    @property
    def summary(self) -> str:
        chosen = sum(each.chosen for each in self._candidates)
        return f"{counted(len(self._candidates), 'certificate')} found, {chosen:,} chosen"

    def read(self) -> Sequence[Candidate]:
        return tuple(self._candidates)

    def describe(self, record: Candidate, width: int) -> Content:
        return _candidate_text(record, self.lab.now(), width)

    def can(self, action: str) -> bool:
        return action != "undo" and super().can(action)

    # Keys

    @on(VirtualTable.Opened)
    def action_turn(self) -> None:
        if (candidate := self.selected) is None:
            return
        if candidate.found.problem:
            self.say(f"{brief(candidate.name)} cannot be imported: {candidate.found.problem}.", trouble=True)
            return
        self._change(replace(candidate, chosen=not candidate.chosen))

    def action_turn_all(self) -> None:
        possible = [each for each in self._candidates if not each.found.problem]
        every = all(each.chosen for each in possible)
        self._change(*(replace(each, chosen=not every) for each in possible))

    @task()
    async def action_rename(self) -> None:
        if (candidate := self.selected) is None:
            return
        note = "Aliases list it by this name."
        title = f"The name of {brief(str(candidate.found.subject))}"
        name = await ask(
            self, Prompt(title, candidate.name, note=note, problem_of=self._name_problem(candidate.number))
        )
        if name is not None:
            self._change(replace(candidate, name=name))

    @task()
    async def action_save(self) -> None:
        names = [each.name if each.chosen else None for each in self._candidates]
        if not any(names):
            self.say(f"None of them is chosen: {key_of(self, 'preview.turn')} chooses one.", trouble=True)
            return
        vendor_cas = self.lab.administration.vendor_cas
        match await with_progress(self, "Importing", lambda on: vendor_cas.import_(self._data, names, progress=on)):
            case Saved() as saved:
                self.imported = saved
                self.dismiss(None)
            case Rejected(problems):
                await ask(self, Notice("Nothing was imported.", [problem.message for problem in problems]))
            case None:
                self.say("It was called off: nothing was imported.", trouble=True)

    @task()
    async def leave(self) -> None:
        if any(each.chosen for each in self._candidates):
            text = "Nothing was imported yet, and nothing is."
            if not await ask(self, Confirm("Leave without importing?", text, yes="Leave", no="Stay")):
                return
        self.dismiss(None)

    def _change(self, *changed: Candidate) -> None:
        for candidate in changed:
            self._candidates[candidate.number] = candidate
        self.rows.take(self.rows.prepare(self._candidates))
        self._show()

    def _name_problem(self, number: int) -> Callable[[str], str | None]:
        others = {each.name for each in self._candidates if each.number != number and each.chosen}
        return lambda name: name_problem(name) or ("another of these has this name" if name in others else None)


def _rows(now: Clock) -> RecordRows[Candidate]:
    columns: tuple[RecordColumn[Candidate], ...] = (
        RecordColumn(column=Column(title="import", least=7, most=7), cell=_choice_cell),
        RecordColumn(column=Column(title="name", least=20, most=40), cell=lambda each: Cell(shortened(each.name))),
        RecordColumn(
            column=Column(title="what it is", least=16, most=34),
            cell=lambda each: _kind_cell(each.found),
        ),
        RecordColumn(
            column=Column(title="expires", least=14, most=22),
            cell=lambda each: time_left(each.found.not_before, each.found.not_after, now()),
            order=lambda each: each.found.not_after,
        ),
        RecordColumn(
            column=Column(title="subject", least=18, most=64),
            cell=lambda each: Cell(shortened(str(each.found.subject)), "faint"),
            order=lambda each: str(each.found.subject),
        ),
    )
    return RecordRows(columns, key=lambda each: each.number, text=_text, noun=("certificate", "certificates"))


def _choice_cell(candidate: Candidate) -> Cell:
    if candidate.found.problem:
        return Cell("✗ no", "bad")
    return Cell("[✓] yes", "good") if candidate.chosen else Cell("[ ] no", "faint")


def _kind_cell(found: PreviewedCa) -> Cell:
    if found.problem:
        return Cell("✗ refused", "bad")
    if found.warnings:
        return Cell("▲ odd, see below", "attention")
    if found.missing is not None:
        return Cell("▲ issuer missing", "attention")
    return Cell("self-signed root" if found.is_self_signed else f"sub of {shortened(found.issued_by)}")


def _candidate_text(candidate: Candidate, now: datetime, width: int) -> Content:
    found = candidate.found
    if found.problem:
        remarks = [hanging(Content.styled("✗ ", "$error"), found.problem, width)]
    else:
        remarks = [hanging(Content.styled("▲ ", "$warning"), warning, width) for warning in found.warnings]
    left = time_left(found.not_before, found.not_after, now)
    until = Content.assemble(local_moment(found.not_after), " · ", toned(left))
    return Content("\n").join(
        [
            *remarks,
            hanging(label_of("subject", _LABEL), shortened(str(found.subject)), width),
            hanging(label_of("issuer", _LABEL), _issuer_words(found), width),
            hanging(label_of("valid from", _LABEL), local_moment(found.not_before), width),
            hanging(label_of("valid to", _LABEL), until, width),
            hanging(label_of("SHA-256", _LABEL), between_bytes(grouped(found.sha256), width - _LABEL), width),
        ]
    )


def _issuer_words(found: PreviewedCa) -> str:
    if found.is_self_signed:
        return "itself: self-signed, a root"
    words = issuer_words(found.issuer, [found.issued_by] if found.issued_by else [], found.missing)
    return f"{words}; that does no harm as long as this CA is trusted" if found.missing is not None else words


def _text(candidate: Candidate) -> str:
    found = candidate.found
    return "\n".join((candidate.name, str(found.subject), found.sha256, grouped(found.sha256)))

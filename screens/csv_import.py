"""End entities from a CSV file: a dry run that shows every row, then all of them or none (B-8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from estconsole.administration.csv_import import ImportPlan, PlannedRow
from estconsole.domain.model import EndEntity
from estconsole.domain.problems import FieldProblem
from estconsole.domain.validation import is_no_code
from estconsole.results import Rejected, Saved
from screens.background import in_thread, task
from screens.columns import Column
from screens.csv_export import write_csv
from screens.dialogs import Choice, Menu, Notice
from screens.entity_acts import EntityList
from screens.entity_words import end_entities
from screens.fields import YesNo
from screens.file_prompt import read_file
from screens.form_rows import FormRow
from screens.form_screen import FormScreen, choice
from screens.key_order import ask
from screens.keys import key_of
from screens.lab_view import LabView
from screens.progress_dialog import with_progress
from screens.record_rows import RecordColumn, RecordRows
from screens.records_screen import RecordsScreen
from screens.table import Cell
from screens.text import MUTED, NONE, brief, counted, hanging, plain, shortened

Imported = Saved[tuple[EndEntity, ...]]

_NOTE = "Its first row names the columns: username, and any of subject, code, issuing_ca, aliases and so on."


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportTerms:
    """What rows get that do not say it themselves."""

    issuing_ca: str
    generate_codes: bool


class ImportForm(FormScreen[ImportTerms]):
    """Asks what rows get that name no CA, or have no code."""

    PLACE = "end_entities"

    def __init__(self, lab: LabView, file: str, authorities: Sequence[str]) -> None:
        super().__init__(lab)
        self._file, self._authorities = file, authorities

    @property
    def form_title(self) -> str:
        return f"Import {self._file} · rows that do not say it themselves get this"

    def compose_rows(self) -> ComposeResult:
        first = next(iter(self._authorities), "")
        yield FormRow("issuing CA", choice("issuing_ca", first, self._authorities))
        yield FormRow("generate codes", YesNo(True, id="generate_codes"))
        text = f"{key_of(self, 'form.save')} checks every row, and changes nothing yet."
        yield Static(Content.styled(text, MUTED), classes="form-words")

    def on_mount(self) -> None:
        self.row("issuing_ca").focus_field()

    async def save(self) -> None:
        self.dismiss(ImportTerms(issuing_ca=self.chosen("issuing_ca"), generate_codes=self.is_yes("generate_codes")))


async def import_end_entities(screen: EntityList) -> None:
    """Ask for a file, show what its import would bring, and import it. From a task that holds keys."""
    chosen = await read_file(screen, "Import end entities from a CSV file", _NOTE)
    if chosen is None:
        return
    path, data = chosen
    authorities = await in_thread(screen.lab.administration.authorities.all)
    form = ImportForm(screen.lab, path.name, [authority.name for authority in authorities])
    if (terms := await ask(screen, form)) is None:
        return
    plan = await with_progress(
        screen,
        f"Checking {brief(path.name)}",
        lambda progress: screen.lab.administration.end_entities.plan_import(
            data, issuing_ca=terms.issuing_ca, generate_codes=terms.generate_codes, progress=progress
        ),
    )
    match plan:
        case None:
            screen.say("Called off: nothing was imported.")
        case Rejected(problems):
            await ask(screen, Notice(f"{path.name} cannot be imported", [each.message for each in problems]))
        case ImportPlan():
            page = ImportPage(screen.lab, path, plan)
            await ask(screen, page)
            if page.imported is not None:
                await _imported(screen, page.imported, len(plan.bad))


async def _imported(screen: EntityList, imported: Imported, left_out: int) -> None:
    """Say what was done, and offer the codes while they are at hand: devices need them."""
    entities = imported.record
    screen.load(entities[0].username)
    bad = f"; {counted(left_out, 'row')} with problems left out" if left_out else ""
    done = f"{end_entities(len(entities))} registered{bad}."
    with_codes = [entity.username for entity in entities if entity.sealed_code]
    if imported.warnings or not with_codes:
        await screen.done(done, imported.warnings)
    if not with_codes:
        return
    choices = [
        Choice("w", "write them into a CSV file with their codes in clear, for their devices", "codes"),
        Choice("l", f"later: {key_of(screen, 'entities.export')} on the list writes them too", "later"),
    ]
    if await ask(screen, Menu(done, choices)) == "codes":
        await write_csv(screen, with_codes, with_codes=True)


class ImportPage(RecordsScreen[PlannedRow]):
    """The rows of a file as they would be registered, those with problems first of all; nothing is changed yet."""

    PLACE = "end_entities"
    SEARCHES = "search: username, or what is wrong"
    NO_MATCH = "No row matches the search. {import.back} clears it."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "import_all", "import", id="import.all", tooltip="Register every row, if all are good"),
        Binding("i", "import_good", "import good", id="import.good", tooltip="Register the good rows alone"),
        Binding("f", "filter", "all rows", id="import.filter", tooltip="Show all rows, or those with problems"),
        Binding("escape", "back", "leave", id="import.back", tooltip="Clear the search, or leave: nothing is imported"),
    ]

    def __init__(self, lab: LabView, path: Path, plan: ImportPlan) -> None:
        super().__init__(lab, planned_rows())
        self._path, self._plan = path, plan
        self._good, self._bad = plan.good, plan.bad
        self._bad_alone = bool(self._bad)
        self.imported: Imported | None = None

    def compose_body(self) -> ComposeResult:
        yield Static(id="import-summary", classes="form-title")
        yield from super().compose_body()

    def on_mount(self) -> None:
        self._show_summary()

    def read(self) -> Sequence[PlannedRow]:
        return self._bad if self._bad_alone else self._plan.rows

    def describe(self, record: PlannedRow, width: int) -> Content:
        return Content("\n").join(_row_lines(record, width))

    def can(self, action: str) -> bool:
        match action:
            case "import_all":
                return bool(self._good) and not self._bad
            case "import_good":
                return bool(self._good) and bool(self._bad)
            case "filter":
                return bool(self._bad)
            case _:
                return super().can(action)

    def _show_summary(self) -> None:
        good, bad = f"{len(self._good):,} good", f"{len(self._bad):,} bad"
        shown = " (shown)" if self._bad_alone else ""
        text = f"{good}, {bad}{shown} · nothing is imported yet · {plain(self._path.name)}"
        self.query_one("#import-summary", Static).update(Content(text))

    def action_filter(self) -> None:
        self._bad_alone = not self._bad_alone
        self._show_summary()
        self.load()

    @task()
    async def action_import_all(self) -> None:
        await self._import(only_good=False)

    @task()
    async def action_import_good(self) -> None:
        await self._import(only_good=True)

    async def _import(self, *, only_good: bool) -> None:
        answer = await with_progress(
            self,
            f"Registering {end_entities(len(self._good))}",
            lambda progress: self.lab.administration.end_entities.import_all(
                self._plan, only_good=only_good, progress=progress
            ),
        )
        match answer:
            case None:
                self.say("Called off: nothing was imported.")
            case Rejected(problems):
                title = "Nothing was imported: the lab is another by now. Leave, and have the file checked again"
                await ask(self, Notice(title, [each.message for each in problems]))
            case Saved():
                self.imported = answer
                self.dismiss(None)


def planned_rows() -> RecordRows[PlannedRow]:
    """The rows of a dry run, in the file's order."""
    columns: tuple[RecordColumn[PlannedRow], ...] = (
        RecordColumn(
            column=Column(title="line", least=7, most=7, right=True),
            cell=lambda row: Cell(f"{row.line:,}", "faint"),
            order=lambda row: row.line,
        ),
        RecordColumn(
            column=Column(title="username", least=18, most=32),
            cell=lambda row: Cell(plain(row.draft.username) or NONE),
            order=lambda row: row.draft.username,
        ),
        RecordColumn(
            column=Column(title="result", least=24, kept=60, most=200),
            cell=lambda row: Cell(shortened(_result(row)), "bad" if row.problems else "good"),
            order=_result,
        ),
    )
    return RecordRows(
        columns,
        key=lambda row: row.line,
        text=lambda row: f"{row.draft.username}\n{_result(row)}",
        noun=("row", "rows"),
    )


def _result(row: PlannedRow) -> str:
    return f"✗ {'; '.join(map(_problem, row.problems))}" if row.problems else f"✓ {row.draft.subject}"


def _problem(problem: FieldProblem) -> str:
    return f"{problem.field}: {problem.message}"


def _row_lines(row: PlannedRow, width: int) -> list[Content]:
    draft = row.draft
    lines = [Content.styled(f"line {row.line:,} · {brief(draft.username) or NONE}", "bold")]
    lines += [hanging(Content.styled("✗ ", "$error"), shortened(_problem(problem)), width) for problem in row.problems]
    if row.problems and row.problems[0].field == "row":
        return lines
    fields = {
        "subject": draft.subject,
        "names": draft.subject_alt_names,
        "issuing CA": draft.issuing_ca,
        "profiles": f"{draft.end_entity_profile}, {draft.certificate_profile}",
        "code": "none" if draft.code is None or is_no_code(draft.code) else "there is one, hidden",
        "requests": draft.allowed_requests or "as the profile has it",
        "aliases": ", ".join(draft.aliases) or "any",
    }
    lines += [
        hanging(Content.styled(f"{label:<11}", MUTED), shortened(text), width) for label, text in fields.items() if text
    ]
    return lines

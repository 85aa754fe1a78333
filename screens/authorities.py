"""CAs: the roots and sub CAs of this lab as a tree, and the operator's acts on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import ClassVar, TypeVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content

from estconsole.administration.authorities import AuthorityOverview
from estconsole.domain.ca_drafts import crl_url_problem
from estconsole.domain.model import CertificationAuthority
from estconsole.domain.periods import LONGEST, format_period
from estconsole.domain.problems import FieldProblem
from estconsole.messages import BeginLab
from estconsole.progress import Progress
from estconsole.results import Conflict, Rejected, Saved
from screens.authority_files import write_authority
from screens.authority_form import AuthorityForm, period_problem
from screens.authority_import import read_key
from screens.authority_links import copied_of, links_of, published_crl_url, published_urls
from screens.authority_pane import authority_lines
from screens.authority_rows import AuthorityNode, authority_rows, in_tree
from screens.background import in_thread, task
from screens.certificate_page import CertificatePage
from screens.conflict import ConflictDialog, Stands
from screens.copying import copy_one
from screens.dialogs import Confirm, Menu, Notice, Prompt
from screens.file_prompt import read_file
from screens.key_order import ask
from screens.keys import key_of
from screens.lab_view import LabView
from screens.progress_dialog import with_progress
from screens.records_screen import RecordsScreen
from screens.show_text import ShowText
from screens.table import VirtualTable
from screens.text import brief, local_moment, shortened

Record = TypeVar("Record")

_OF_A_ROW = frozenset({"write", "renew", "issue_crl", "import_crl", "edit_url", "delete", "copy", "go", "view", "crl"})
"""The actions that need a selected CA."""

_YEAR = timedelta(days=365)


class AuthoritiesScreen(RecordsScreen[AuthorityNode]):
    """Shows the CAs as a tree; creates, imports, writes, renews and deletes them, and issues their CRLs."""

    PLACE = "authorities"
    TABLES: ClassVar[frozenset[str]] = frozenset(
        {"authorities", "vendor_cas", "aliases", "end_entities", "certificates", "crls"}
    )
    SEARCHES = "search: name, subject, key or fingerprint"
    EMPTY = (
        "No CAs yet. {cas.add} creates one, which signs what devices enroll for; {cas.import} imports one with its key."
    )
    NO_MATCH = "No CA matches the search. {list.back} clears it."
    CHANGES = frozenset({"add", "import_key", "renew", "issue_crl", "import_crl", "edit_url", "delete", "undo"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "create", id="cas.add", tooltip="Make a CA: a root, or one that another signs"),
        Binding("i", "import_key", "import", id="cas.import", tooltip="Bring a CA here with its key"),
        Binding("w", "write", "write", id="cas.write", tooltip="Write its certificate, chain, CRL or key to a file"),
        Binding("r", "renew", "renew", id="cas.renew", tooltip="Give it a certificate that ends later, same key"),
        Binding("l", "issue_crl", "CRL now", id="cas.issue_crl", tooltip="Issue its next CRL now"),
        Binding("enter", "view", "certificate", id="cas.view", tooltip="Read its certificate", show=False),
        Binding("v", "crl", "CRL", id="cas.crl", tooltip="Read its CRL that is in force", show=False),
        Binding("f", "import_crl", "earlier CRL", id="cas.import_crl", tooltip="Import its earlier CRL", show=False),
        Binding("e", "edit_url", "CRL URL", id="cas.edit_url", tooltip="Set where its CRL can be fetched", show=False),
        Binding(
            "d", "delete", "delete", id="cas.delete", tooltip="Delete it with its key, after a question", show=False
        ),
        Binding("c", "copy", "copy", id="cas.copy", tooltip="Copy its name, subject, PEM or URLs", show=False),
        Binding("g", "go", "go to", id="cas.go", tooltip="Go to its issuer, aliases or end entities", show=False),
    ]

    def __init__(self, lab: LabView) -> None:
        super().__init__(lab, authority_rows(lab.now))
        self._authorities = lab.administration.authorities

    def read(self) -> Sequence[AuthorityNode]:
        return in_tree(self._authorities.overview())

    def describe(self, record: AuthorityNode, width: int) -> Content:
        dependents = self._authorities.dependents(record.name)
        urls = published_urls(self.lab.server.state, record.name)
        return authority_lines(record.overview, dependents, urls, self.lab.now(), width)

    def can(self, action: str) -> bool:
        return bool(len(self.rows)) if action in _OF_A_ROW else super().can(action)

    @property
    def chosen(self) -> AuthorityOverview | None:
        """The selected CA."""
        return None if self.selected is None else self.selected.overview

    # Making and bringing

    def action_add(self) -> None:
        self.add()

    @task()
    async def add(self, name: str = "") -> None:
        """Make a CA in a form; the first one of a lab comes with its first alias."""
        if await in_thread(self.lab.administration.first_run.is_due):
            self.app.post_message(BeginLab())
            return
        signers = {each.name: each.facts.not_after for each in await in_thread(self._authorities.overview)}
        saved = await ask(self, AuthorityForm(self.lab, name=name, signers=signers))
        if saved is not None:
            self.load(saved.record.name)
            await self.done(f"The CA {brief(saved.record.name)} is made, with its first CRL.", saved.warnings)

    @task()
    async def action_import_key(self) -> None:
        if (form := await read_key(self, self.lab)) is None:
            return
        if (saved := await ask(self, form)) is not None:
            self.load(saved.record.name)
            await self.done(f"The CA {brief(saved.record.name)} is here, with its key.", saved.warnings)

    # Looking

    @on(VirtualTable.Opened)
    @task()
    async def action_view(self) -> None:
        if (chosen := self.chosen) is not None:
            remarks = [f"✗ {chosen.revocation}"] if chosen.revocation is not None else []
            await ask(self, CertificatePage(self.lab, chosen.name, chosen.authority.certificate, remarks=remarks))

    @task()
    async def action_crl(self) -> None:
        if (chosen := self.chosen) is None:
            return
        words = await in_thread(self._authorities.describe_crl, chosen.name)
        if words is None:
            self.say(f"{brief(chosen.name)} has no CRL yet: {key_of(self, 'cas.issue_crl')} issues one.", trouble=True)
        else:
            await ask(self, ShowText(f"The CRL of {brief(chosen.name)}", words))

    @task()
    async def action_copy(self) -> None:
        if (chosen := self.chosen) is not None:
            pem = await in_thread(self._authorities.pem, chosen.name) or ""
            await copy_one(self, copied_of(chosen, pem, self.lab.server.state))

    @task()
    async def action_go(self) -> None:
        if (chosen := self.chosen) is None:
            return
        links = await in_thread(lambda: list(links_of(self.lab.administration, chosen)))
        if not links:
            self.say(f"{brief(chosen.name)} has no issuer here, and nothing names it.")
        elif (answer := await ask(self, Menu("Go to", [choice for choice, _ in links]))) is not None:
            self.app.post_message(next(target for choice, target in links if choice.answer == answer))

    @task()
    async def action_write(self) -> None:
        if (chosen := self.chosen) is None:
            return
        if (path := await write_authority(self, self.lab, chosen.name)) is not None:
            self.say(f"{brief(chosen.name)} is written to {path}.")

    # Acts on one

    @task()
    async def action_renew(self) -> None:
        if (chosen := self.chosen) is None:
            return
        name, facts = chosen.name, chosen.facts
        same = format_period(min(max(round((facts.not_after - facts.not_before) / _YEAR), 1) * _YEAR, LONGEST))
        note = (
            f"It ends on {local_moment(facts.not_after)}. The new certificate has the same subject and key: what it "
            "issued goes on, and so do devices that know the present one."
        )
        validity = await ask(self, Prompt(f"Renew {brief(name)} for", same, note=note, problem_of=period_problem))
        if validity is None:
            return
        revision = chosen.authority.revision
        answer = await self._doing(
            f"Renewing {brief(name)}", lambda on: self._authorities.renew(name, validity, revision, on)
        )
        if isinstance(answer, Saved):
            ends = await in_thread(self._authorities.facts, name)
            until = f" until {local_moment(ends.not_after)}" if ends else ""
            await self.done(f"{brief(name)} is renewed{until}; its next CRL is issued.", answer.warnings)

    @task()
    async def action_issue_crl(self) -> None:
        if (chosen := self.chosen) is None:
            return
        name = chosen.name
        answer = await self._doing(f"Issuing the CRL of {brief(name)}", lambda _: self._authorities.issue_crl(name))
        if isinstance(answer, Saved):
            crl = answer.record
            self.say(f"CRL {crl.number:,} of {brief(name)} is issued; the next by {local_moment(crl.next_update)}.")

    @task()
    async def action_import_crl(self) -> None:
        if (chosen := self.chosen) is None:
            return
        name = chosen.name
        note = "The last one that it issued before it came here: what it lists stays revoked. PEM or DER."
        if (file := await read_file(self, f"Import an earlier CRL of {brief(name)}", note)) is None:
            return
        answer = await self._doing(
            "Importing the CRL", lambda on: self._authorities.import_crl(name, file[1], on), can_cancel=True
        )
        if isinstance(answer, Saved):
            await self.done(f"What {brief(name)} revoked elsewhere counts here too.", answer.warnings)

    @task()
    async def action_edit_url(self) -> None:
        if (chosen := self.chosen) is not None:
            await self._edit(chosen.name)

    @task()
    async def edit(self, key: str, field: str = "") -> None:  # noqa: ARG002 - the one field that can be edited
        """Ask for the CRL URL of a CA."""
        self.load(key)
        await self._edit(key)

    async def _edit(self, name: str) -> None:
        """Ask for the URL as it is now: the list may not have read the last change yet."""
        if (authority := await in_thread(self._authorities.get, name)) is not None:
            await self._edit_url(authority, authority.crl_url)

    async def _edit_url(self, authority: CertificationAuthority, start: str) -> None:
        name, now = authority.name, published_crl_url(self.lab.server.state, authority.name)
        here = f" The server has it at {shortened(now)} now." if now else ""
        note = f"It goes into the certificates that {brief(name)} issues from now on; empty for none.{here}"
        title = f"CRL URL of {brief(name)}"
        typed = await ask(self, Prompt(title, start, note=note, problem_of=lambda url: crl_url_problem(url.strip())))
        if typed is None or typed.strip() == authority.crl_url:
            return
        await self._set_url(authority, typed.strip())

    async def _set_url(self, authority: CertificationAuthority, url: str) -> None:
        name = authority.name
        match await in_thread(self._authorities.set_crl_url, name, url, authority.revision):
            case Saved(record):
                undo = partial(self._authorities.set_crl_url, name, authority.crl_url, record.revision)
                self.remember_edit(name, undo)
                self.say(f"The CRL URL of {brief(name)} is set; {key_of(self, 'list.undo')} takes it back.")
            case Conflict(current=None):
                self.say(f"{brief(name)} was deleted meanwhile: nothing was saved.", trouble=True)
            case Conflict(current=CertificationAuthority() as current):
                stored, typed = {"CRL URL": current.crl_url}, {"CRL URL": url}
                dialog = ConflictDialog(f"{brief(name)} was changed meanwhile", stored, typed)
                match await ask(self, dialog):
                    case Stands.TYPED:
                        await self._set_url(current, url)
                    case None:
                        await self._edit_url(current, url)
            case Rejected(problems):
                await self._refused(f"The CRL URL of {brief(name)} was not set", problems)

    @task()
    async def action_delete(self) -> None:
        if (chosen := self.chosen) is None:
            return
        name = chosen.name
        if dependents := await in_thread(self._authorities.dependents, name):
            await ask(self, Notice(f"{brief(name)} is needed, and stays", [f"by {each}" for each in dependents]))
            return
        write = key_of(self, "cas.write")
        text = (
            f"{shortened(str(chosen.facts.subject))}\n\n"
            f"Its private key goes for good; {write} writes it to a file first. "
            f"Certificates that it issued stay on record ({chosen.certificates:,}), and renew no more."
        )
        if not await ask(self, Confirm(f"Delete the CA {brief(name)}?", text, yes="Delete", no="Keep")):
            return
        answer = await self._doing(
            f"Deleting {brief(name)}", lambda _: self._authorities.delete(name, chosen.authority.revision)
        )
        if isinstance(answer, Saved):
            await self.done(f"The CA {brief(name)} is deleted.", answer.warnings)

    async def _doing(
        self,
        title: str,
        act: Callable[[Progress], Saved[Record] | Rejected | Conflict[Record]],
        *,
        can_cancel: bool = False,
    ) -> Saved[Record] | None:
        """Do an act with progress; where nothing was done, say why. What signs at once is not called off (B-43)."""
        match await with_progress(self, title, act, can_cancel=can_cancel):
            case Saved() as saved:
                return saved
            case Rejected(problems):
                await self._refused(f"{title}: nothing was changed", problems)
            case Conflict(current=None):
                self.say("It was deleted meanwhile: nothing was changed.", trouble=True)
            case Conflict():
                self.say("It was changed meanwhile: look at it again first. Nothing was changed.", trouble=True)
            case None:
                self.say("It was called off: nothing was changed.", trouble=True)
        return None

    async def _refused(self, title: str, problems: Sequence[FieldProblem]) -> None:
        await ask(self, Notice(title, [shortened(problem.message) for problem in problems]))

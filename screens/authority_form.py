"""The form of a new CA: a root, or a sub CA of another of this lab."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input, Select

from estconsole.administration.authorities import AuthorityDraft
from estconsole.domain.ca_drafts import crl_url_problem
from estconsole.domain.certificate import CA_KEY_KINDS
from estconsole.domain.model import CertificationAuthority
from estconsole.domain.naming import name_problem
from estconsole.domain.periods import parse_period
from estconsole.domain.validation import subject_problem
from estconsole.results import Rejected, Saved
from screens.end_entity_draft import parsed_subject, subject_for
from screens.fields import Field
from screens.form_rows import FormRow
from screens.form_screen import FormScreen, choice
from screens.lab_view import LabView
from screens.progress_dialog import with_progress
from screens.text import brief, local_moment, plain


class AuthorityForm(FormScreen[Saved[CertificationAuthority]]):
    """Makes a CA with a new key; answers what was made, None when nothing was.

    `signers` are the CAs that may sign it, with the end of each.
    """

    PLACE = "authorities"

    def __init__(self, lab: LabView, *, name: str, signers: Mapping[str, datetime]) -> None:
        super().__init__(lab)
        self._signers = dict(signers)
        self._start = AuthorityDraft(name=name, subject=subject_for(name))
        self._suggested_subject = self._start.subject

    @property
    def form_title(self) -> str:
        return "Create a CA"

    def compose_rows(self) -> ComposeResult:
        start = self._start
        yield FormRow("name", Field(start.name, id="name", placeholder="what aliases and end entities call it"))
        yield FormRow("subject DN", Field(start.subject, id="subject", placeholder="CN=Plant CA,O=Lab,C=SE"))
        yield FormRow("signed by", choice("signed_by", start.signed_by, [*self._signers], blank="itself: a root CA"))
        yield FormRow("key", choice("key", start.key, [str(kind) for kind in CA_KEY_KINDS]))
        yield FormRow("validity", Field(start.validity, id="validity", placeholder="as in 10y, 18mo or 90d"))
        url = "none; or as in http://host:8080/crl/Plant%20CA.crl"
        yield FormRow("CRL URL", Field(start.crl_url, id="crl_url", placeholder=url))

    def on_mount(self) -> None:
        self.row("subject" if self._start.name else "name").focus_field()

    def typed(self) -> AuthorityDraft:
        return AuthorityDraft(
            name=self.text("name").strip(),
            subject=self.text("subject"),
            key=self.chosen("key"),
            validity=self.text("validity"),
            signed_by=self.chosen("signed_by"),
            crl_url=self.text("crl_url").strip(),
        )

    @on(Input.Changed, "#name")
    def _name_typed(self, event: Input.Changed) -> None:
        subject = self.query_one("#subject", Field)
        if subject.value == self._suggested_subject:
            self._suggested_subject = subject_for(event.value)
            subject.fill(self._suggested_subject)
        self._say("name", name_problem(event.value.strip()) if event.value else None)

    @on(Input.Changed, "#subject")
    def _subject_typed(self, event: Input.Changed) -> None:
        problem = subject_problem(event.value) if event.value else None
        self._say("subject", problem, "" if problem or not event.value else f"encoded: {parsed_subject(event.value)}")

    @on(Input.Changed, "#validity")
    def _validity_typed(self) -> None:
        validity = self.text("validity")
        problem = period_problem(validity) if validity else None
        self._say("validity", problem, "" if problem or not validity else self._end(parse_period(validity)))

    def _end(self, validity: timedelta) -> str:
        """When the CA would end: with the one that signs it, at the latest."""
        wanted, signer = self.lab.now() + validity, self.chosen("signed_by")
        if signer in self._signers and self._signers[signer] < wanted:
            return f"ends {local_moment(self._signers[signer])}, with {plain(signer)}: no CA outlives its issuer"
        return f"ends {local_moment(wanted)}"

    @on(Input.Changed, "#crl_url")
    def _url_typed(self, event: Input.Changed) -> None:
        self._say("crl_url", crl_url_problem(event.value.strip()))

    @on(Select.Changed)
    def _chosen(self, event: Select.Changed) -> None:
        self.row(event.select.id or "").clear()
        self._validity_typed()

    def _say(self, name: str, problem: str | None, note: str = "") -> None:
        row = self.row(name)
        if problem:
            row.show_problem(problem)
        elif note:
            row.show_note(note)
        else:
            row.clear()

    async def save(self) -> None:
        draft, authorities = self.typed(), self.lab.administration.authorities
        title = f"Making the CA {brief(draft.name)}"
        match await with_progress(self, title, lambda progress: authorities.create(draft, progress)):
            case None:
                self.say("It was called off: no CA was made.", trouble=True)
            case Rejected(problems):
                self.show_problems(problems)
            case saved:
                self.dismiss(saved)


def period_problem(text: str) -> str | None:
    """What is wrong with a period as typed, or None."""
    try:
        parse_period(text)
    except ValueError as error:
        return str(error)
    return None

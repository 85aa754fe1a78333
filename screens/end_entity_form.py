"""The form of an end entity, in the order in which one thinks of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from estconsole.administration import Administration
from estconsole.domain.model import EndEntity, EstAlias
from estconsole.domain.secret import Secret
from estconsole.domain.validation import EndEntityDraft, code_problem, code_warning, subject_problem, username_problem
from estconsole.results import Conflict, Rejected, Saved
from screens.background import in_thread, task
from screens.conflict import ConflictDialog, Stands
from screens.end_entity_draft import alias_names, draft_fields, draft_of, parsed_subject, subject_for
from screens.fields import Field
from screens.form_rows import FormRow
from screens.form_screen import FormScreen, choice
from screens.key_order import ask
from screens.keys import key_of
from screens.lab_view import LabView
from screens.text import brief, local_time, plain


@dataclass(frozen=True, slots=True, kw_only=True)
class FormResult:
    """What the form saved: the record, the one that it replaced, a code that was set, and what is odd about it.

    `draft` is what was typed, without the code: the next form begins like it.
    """

    entity: EndEntity
    draft: EndEntityDraft
    code: Secret | None = field(default=None, repr=False)
    before: EndEntity | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a registration may name: CAs and profiles by name, and aliases."""

    authorities: tuple[str, ...] = ()
    aliases: tuple[EstAlias, ...] = ()
    end_entity_profiles: tuple[str, ...] = ()
    certificate_profiles: tuple[str, ...] = ()


def choices_of(administration: Administration) -> Choices:
    """What the lab offers now. It reads the store: call it in a thread."""
    return Choices(
        authorities=tuple(authority.name for authority in administration.authorities.all()),
        aliases=administration.aliases.all(),
        end_entity_profiles=tuple(profile.name for profile in administration.end_entity_profiles.all()),
        certificate_profiles=tuple(profile.name for profile in administration.certificate_profiles.all()),
    )


class EndEntityForm(FormScreen[FormResult]):
    """Adds an end entity, or edits one of a given revision; answers what was saved, None when nothing was.

    A new one begins as `start` has it; `subject_of` suggests its subject as the username is typed.
    """

    PLACE = "end_entities"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+r", "show_code", "show code", id="form.show_code", tooltip="Show or hide the enrollment code"),
        Binding("ctrl+g", "new_code", "new code", id="form.new_code", tooltip="Make another enrollment code"),
    ]

    def __init__(
        self,
        lab: LabView,
        choices: Choices,
        start: EndEntityDraft,
        *,
        entity: EndEntity | None = None,
        subject_of: Callable[[str], str] = subject_for,
        focus: str = "",
    ) -> None:
        super().__init__(lab)
        self._end_entities = lab.administration.end_entities
        self._choices = choices
        self._start = start
        self._entity = entity
        self._subject_of = subject_of
        self._focus = focus
        self._stored_code: Secret | None = None
        self._suggested_subject = start.subject

    @property
    def form_title(self) -> str:
        entity = self._entity
        return f"Edit {entity.username} · {entity.status.name}" if entity else "Add an end entity"

    def compose_rows(self) -> ComposeResult:
        start, entity = self._start, self._entity
        show, make = key_of(self, "form.show_code"), key_of(self, "form.new_code")
        has_code = entity is not None and entity.sealed_code is not None
        code_hint = (
            f"kept as it is · {show} shows it · {make} makes another" if has_code else f"none · {make} makes one"
        )
        yield FormRow("username", Field(start.username, id="username", placeholder="what the device's CSR names"))
        yield FormRow("subject DN", Field(start.subject, id="subject", placeholder="CN=device,O=Lab,C=SE"))
        sans = "none; or dNSName=host.example, iPAddress=192.0.2.1"
        yield FormRow("alternative names", Field(start.subject_alt_names, id="subject_alt_names", placeholder=sans))
        yield FormRow("issuing CA", choice("issuing_ca", start.issuing_ca, self._choices.authorities))
        profiles = self._choices.end_entity_profiles
        yield FormRow("entity profile", choice("end_entity_profile", start.end_entity_profile, profiles))
        profiles = self._choices.certificate_profiles
        yield FormRow("certificate profile", choice("certificate_profile", start.certificate_profile, profiles))
        yield FormRow("enrollment code", Field(id="code", placeholder=code_hint, password=True))
        requests = Field(start.allowed_requests, id="allowed_requests", placeholder="as the entity profile has it")
        yield FormRow("allowed requests", requests)
        unlimited = "as the entity profile has it; -1 for no limit"
        logins = Field(start.max_failed_logins, id="max_failed_logins", placeholder=unlimited)
        yield FormRow("max failed logins", logins)
        names = ", ".join(alias.name for alias in self._choices.aliases) or "none yet"
        aliases = Field(", ".join(start.aliases), id="aliases", placeholder=f"any; or some of: {plain(names)}")
        yield FormRow("aliases", aliases)

    def on_mount(self) -> None:
        self._field("username").disabled = self._entity is not None
        first = "subject" if self._entity or self._start.username else "username"
        self.row(self._focus or first).focus_field()
        if self._entity is None:
            self._make_code(first=True)

    # Fields

    def _field(self, name: str) -> Field:
        return self.query_one(f"#{name}", Field)

    def typed(self) -> EndEntityDraft:
        typed = Secret(self.text("code"))
        kept = self._entity is not None and (typed == self._stored_code if self._stored_code is not None else not typed)
        return EndEntityDraft(
            username=self.text("username"),
            subject=self.text("subject"),
            issuing_ca=self.chosen("issuing_ca"),
            subject_alt_names=self.text("subject_alt_names"),
            end_entity_profile=self.chosen("end_entity_profile"),
            certificate_profile=self.chosen("certificate_profile"),
            code=None if kept else typed,
            allowed_requests=self.text("allowed_requests"),
            max_failed_logins=self.text("max_failed_logins"),
            aliases=alias_names(self.text("aliases")),
        )

    @on(Input.Changed, "#username")
    def _username_typed(self, event: Input.Changed) -> None:
        subject = self._field("subject")
        if self._entity is None and subject.value == self._suggested_subject:
            self._suggested_subject = self._subject_of(event.value)
            subject.fill(self._suggested_subject)
        self._say("username", username_problem(event.value) if event.value else None)

    @on(Input.Changed, "#subject")
    def _subject_typed(self, event: Input.Changed) -> None:
        self._say("subject", subject_problem(event.value) if event.value else None)
        if event.value and not subject_problem(event.value):
            self.row("subject").show_note(f"encoded: {parsed_subject(event.value)}")

    @on(Input.Changed, "#code")
    def _code_typed(self, event: Input.Changed) -> None:
        code = Secret(event.value)
        self._say("code", code_problem(code))
        if not code_problem(code) and (odd := code_warning(code)):
            self.row("code").show_warning(odd)

    @on(Input.Changed, "#subject_alt_names,#allowed_requests,#max_failed_logins,#aliases")
    def _other_typed(self, event: Input.Changed) -> None:
        self.row(event.input.id or "").clear()

    def _say(self, name: str, problem: str | None) -> None:
        if problem:
            self.row(name).show_problem(problem)
        else:
            self.row(name).clear()

    # Keys

    def action_new_code(self) -> None:
        self._make_code()

    @task(group="code", exclusive=True)
    async def _make_code(self, *, first: bool = False) -> None:
        code = await in_thread(self._end_entities.generate_code)
        self._field("code").fill(code.reveal())
        if first:
            self.untouched = self.typed()

    @task(group="code", exclusive=True)
    async def action_show_code(self) -> None:
        shown = self._field("code")
        if self._entity is not None and self._entity.sealed_code and self._stored_code is None and not shown.value:
            self._stored_code = await in_thread(self._end_entities.code_of, self._entity.username)
            shown.fill(self._stored_code.reveal() if self._stored_code else "")
            shown.placeholder = f"goes when this is saved · {key_of(self, 'form.new_code')} makes another"
        shown.password = not shown.password

    async def save(self) -> None:
        draft, entity = self.typed(), self._entity
        if entity is None:
            self._finish(draft, await in_thread(self._end_entities.add, draft))
            return
        answer = await in_thread(self._end_entities.edit, draft, entity.revision)
        if isinstance(answer, Conflict):
            await self._settle(draft, answer.current)
        else:
            self._finish(draft, answer)

    def _finish(self, draft: EndEntityDraft, answer: Saved[EndEntity] | Rejected) -> None:
        if isinstance(answer, Saved):
            self.dismiss(
                FormResult(
                    entity=answer.record,
                    draft=replace(draft, code=None),
                    code=draft.code,
                    before=self._entity,
                    warnings=answer.warnings,
                )
            )
        else:
            self.show_problems(answer.problems)

    async def _settle(self, draft: EndEntityDraft, current: EndEntity | None) -> None:
        """The record is not the one that was edited: the operator sees both, and says whose version stands."""
        if current is None:
            self.say(f"{brief(draft.username)} was deleted meanwhile: nothing was saved.", trouble=True)
            return
        changed = local_time(current.modified_at, self.lab.now())
        title = f"{brief(current.username)} was changed at {changed}, and is {current.status.name}"
        stored = draft_of(current, self._choices.aliases)
        match await ask(self, ConflictDialog(title, draft_fields(stored), draft_fields(draft))):
            case Stands.STORED:
                self.dismiss(None)
            case Stands.TYPED:
                self._entity = current
                self.action_save()

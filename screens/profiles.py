"""Profiles of both kinds: the built-in ones, which stay, and the operator's own (B-15)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content

from estconsole.administration.profiles import CertificateProfiles, EndEntityProfiles
from estconsole.domain.model import UNLIMITED, CertificateProfile, EndEntityProfile
from estconsole.domain.periods import format_period
from estconsole.domain.profiles import (
    CertificateProfileDraft,
    EndEntityProfileDraft,
    certificate_profile_draft,
    certificate_profile_warnings,
    end_entity_profile_draft,
)
from estconsole.results import Conflict, Rejected, Saved
from screens.background import in_thread, task
from screens.columns import Column
from screens.dialogs import Choice, Confirm, Menu
from screens.key_order import ask
from screens.keys import key_of
from screens.lab_view import LabView
from screens.profile_forms import CertificateProfileForm, EndEntityProfileForm, ProfileForm, ProfileResult
from screens.record_rows import RecordColumn, RecordRows
from screens.records_screen import RecordsScreen
from screens.table import Cell, VirtualTable
from screens.text import MUTED, brief, hanging, shortened

_NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class ListedProfile:
    """A profile of either kind, and whether it is built in."""

    profile: CertificateProfile | EndEntityProfile
    built_in: bool

    @property
    def kind(self) -> str:
        return "certificate" if isinstance(self.profile, CertificateProfile) else "end entity"

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.profile.name


class ProfilesScreen(RecordsScreen[ListedProfile]):
    """Lists the profiles; adds, edits, clones and deletes the operator's own."""

    PLACE = "end_entities"
    TABLES: ClassVar[frozenset[str]] = frozenset(
        {"certificate_profiles", "end_entity_profiles", "end_entities", "aliases"}
    )
    SEARCHES = "search: name, kind or what it says"
    NO_MATCH = "No profile matches the search. {profiles.back} clears it."
    CHANGES = frozenset({"add", "edit", "clone", "delete", "undo"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "add", id="profiles.add", tooltip="Make a profile of either kind"),
        Binding("e,enter", "edit", "edit", id="profiles.edit", tooltip="Change this profile; built-in ones stay"),
        Binding("l", "clone", "clone", id="profiles.clone", tooltip="Make a profile that is like this one"),
        Binding("d", "delete", "delete", id="profiles.delete", tooltip="Delete this profile, after a question"),
        Binding("escape", "back", "back", id="profiles.back", tooltip="Clear the search, or go back to End entities"),
    ]

    def __init__(self, lab: LabView) -> None:
        super().__init__(lab, profile_rows())

    def read(self) -> Sequence[ListedProfile]:
        certificate, end_entity = self._use_cases
        return [
            *(ListedProfile(each, certificate.is_built_in(each.name)) for each in certificate.all()),
            *(ListedProfile(each, end_entity.is_built_in(each.name)) for each in end_entity.all()),
        ]

    @property
    def _use_cases(self) -> tuple[CertificateProfiles, EndEntityProfiles]:
        administration = self.lab.administration
        return administration.certificate_profiles, administration.end_entity_profiles

    def _use_cases_of(self, listed: ListedProfile) -> CertificateProfiles | EndEntityProfiles:
        certificate, end_entity = self._use_cases
        return certificate if isinstance(listed.profile, CertificateProfile) else end_entity

    def describe(self, record: ListedProfile, width: int) -> Content:
        users = self._use_cases_of(record).users(record.profile.name)
        lines = [Content.styled(shortened(record.profile.name), "bold")]
        for label, text in (*_facts(record), ("used by", ", ".join(users) or _NOTHING)):
            lines.append(hanging(Content.styled(f"{label:<19}", MUTED), shortened(text), width))
        if isinstance(record.profile, CertificateProfile):
            odd = certificate_profile_warnings(record.profile)
            lines += [hanging(Content.styled("▲ ", "$warning"), each, width) for each in odd]
        return Content("\n").join(lines)

    def can(self, action: str) -> bool:
        match action:
            case "edit" | "delete":
                return (listed := self.selected) is not None and not listed.built_in
            case "clone":
                return self.selected is not None
            case _:
                return super().can(action)

    # Forms

    @task()
    async def action_add(self) -> None:
        choices = [
            Choice("c", "certificate profile: what issued certificates are like", "certificate"),
            Choice("e", "end entity profile: what registrations must and may hold", "end entity"),
        ]
        match await ask(self, Menu("Add", choices)):
            case "certificate":
                await self._ask(CertificateProfileForm(self.lab, CertificateProfileDraft(name="")))
            case "end entity":
                await self._ask(EndEntityProfileForm(self.lab, EndEntityProfileDraft(name="")))

    @task()
    async def action_clone(self) -> None:
        if (listed := self.selected) is not None:
            await self._ask(self._form_like(listed))

    @on(VirtualTable.Opened)
    @task()
    async def action_edit(self) -> None:
        if (listed := self.selected) is None or self.lab.read_only:
            return
        if listed.built_in:
            clone = key_of(self, "profiles.clone")
            self.say(f"{listed.profile.name} is built in, and stays; {clone} makes another one like it.")
            return
        match await in_thread(self._use_cases_of(listed).get, listed.profile.name):
            case CertificateProfile() as profile:
                await self._ask(CertificateProfileForm(self.lab, certificate_profile_draft(profile), profile))
            case EndEntityProfile() as entity_profile:
                await self._ask(
                    EndEntityProfileForm(self.lab, end_entity_profile_draft(entity_profile), entity_profile)
                )

    def _form_like(self, listed: ListedProfile) -> CertificateProfileForm | EndEntityProfileForm:
        match listed.profile:
            case CertificateProfile() as profile:
                return CertificateProfileForm(self.lab, replace(certificate_profile_draft(profile), name=""))
            case EndEntityProfile() as entity_profile:
                return EndEntityProfileForm(self.lab, replace(end_entity_profile_draft(entity_profile), name=""))

    async def _ask(self, form: ProfileForm[Any, Any]) -> None:
        result: ProfileResult[Any] | None = await ask(self, form)
        if result is None:
            return
        listed = ListedProfile(result.profile, built_in=False)
        if result.before is not None:
            restore = partial(self._use_cases_of(listed).restore, result.before, result.profile.revision)
            self.remember_edit(result.profile.name, restore)
        self.load(listed.key)
        back = f"; {key_of(self, 'list.undo')} takes it back" if result.before is not None else ""
        await self.done(f"{brief(result.profile.name)} is saved{back}.", result.warnings)

    @task()
    async def action_delete(self) -> None:
        if (listed := self.selected) is None:
            return
        name, use_cases = listed.profile.name, self._use_cases_of(listed)
        users = await in_thread(use_cases.users, name)
        if users:
            self.say(
                f"{brief(name)} stays: it is the profile of {', '.join(users)}. Give them another first.", trouble=True
            )
            return
        text = "Nothing names it. Certificates that were issued by it stay as they are."
        if not await ask(
            self, Confirm(f"Delete the {listed.kind} profile {brief(name)}?", text, yes="Delete", no="Keep")
        ):
            return
        match await in_thread(use_cases.delete, name, listed.profile.revision):
            case Saved():
                self.say(f"{brief(name)} is deleted.")
            case Rejected(problems):
                self.say(f"{problems[0].message}.", trouble=True)
            case Conflict():
                self.say(f"{brief(name)} was changed meanwhile: look again before it goes.", trouble=True)


def profile_rows() -> RecordRows[ListedProfile]:
    """The rows of the profiles."""
    columns: tuple[RecordColumn[ListedProfile], ...] = (
        RecordColumn(
            column=Column(title="profile", least=22, most=40),
            cell=lambda listed: Cell(shortened(listed.profile.name)),
            order=lambda listed: listed.profile.name,
        ),
        RecordColumn(
            column=Column(title="kind", least=11, most=11),
            cell=lambda listed: Cell(listed.kind),
            order=lambda listed: listed.kind,
        ),
        RecordColumn(
            column=Column(title="whose", least=8, most=8),
            cell=lambda listed: Cell("built in" if listed.built_in else "yours", "faint" if listed.built_in else ""),
            order=lambda listed: listed.built_in,
        ),
        RecordColumn(
            column=Column(title="in short", least=20, most=80),
            cell=lambda listed: Cell(shortened(_in_short(listed)), "faint"),
        ),
    )
    return RecordRows(
        columns,
        key=lambda listed: listed.key,
        text=lambda listed: f"{listed.profile.name}\n{listed.kind}\n{_in_short(listed)}",
        noun=("profile", "profiles"),
    )


def _in_short(listed: ListedProfile) -> str:
    match listed.profile:
        case CertificateProfile() as profile:
            return f"{format_period(profile.validity)} · {', '.join(map(str, profile.key_rules))}"
        case EndEntityProfile() as profile:
            return f"requires {', '.join(sorted(profile.required_fields)) or _NOTHING}"


def _facts(listed: ListedProfile) -> Iterator[tuple[str, str]]:
    yield "kind", f"{listed.kind} profile, {'built in' if listed.built_in else 'yours'}"
    match listed.profile:
        case CertificateProfile() as profile:
            draft = certificate_profile_draft(profile)
            yield "keys", draft.key_rules
            yield "validity", draft.validity
            yield "key usages", ", ".join(draft.key_usages)
            yield "extended usages", ", ".join(draft.extended_key_usages) or "any: the extension is left out"
            yield "names from request", "yes" if draft.san_from_request else "no, the registered ones"
            yield "CRL URL inside", "where its CA has one" if draft.crl_distribution_point else "no"
        case EndEntityProfile() as profile:
            yield "required DN fields", ", ".join(sorted(profile.required_fields)) or _NOTHING
            yield "allowed DN fields", ", ".join(sorted(profile.allowed_fields))
            yield "alternative names", "allowed" if profile.subject_alt_names_allowed else "not allowed"
            yield "code", "required" if profile.code_required else "not required"
            yield "allowed requests", f"{profile.allowed_requests:,}"
            logins = profile.max_failed_logins
            yield "max failed logins", "any number" if logins == UNLIMITED else f"{logins:,}"

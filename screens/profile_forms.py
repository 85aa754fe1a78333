"""The forms of certificate profiles and end entity profiles (B-15)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from estconsole.domain.model import CertificateProfile, EndEntityProfile, KeyUsage
from estconsole.domain.profiles import (
    EXTENDED_KEY_USAGES,
    CertificateProfileDraft,
    EndEntityProfileDraft,
    certificate_profile_draft,
    certificate_profile_warnings,
    check_certificate_profile,
    end_entity_profile_draft,
)
from estconsole.results import Conflict, Rejected, Saved
from screens.background import in_thread
from screens.conflict import ConflictDialog, Stands
from screens.fields import Field, YesNo
from screens.form_rows import FormRow
from screens.form_screen import FormScreen
from screens.key_order import ask
from screens.lab_view import LabView
from screens.text import brief, plain

Profile = TypeVar("Profile", CertificateProfile, EndEntityProfile)
Draft = TypeVar("Draft", CertificateProfileDraft, EndEntityProfileDraft)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileResult(Generic[Profile]):
    """What a form saved: the profile, the one that it replaced, and what is odd about it."""

    profile: Profile
    before: Profile | None
    warnings: tuple[str, ...] = ()


class ProfileForm(FormScreen[ProfileResult[Profile]], Generic[Profile, Draft]):
    """Adds a profile that begins as `start` has it, or edits `before`. A profile keeps its name."""

    PLACE = "end_entities"
    KIND: ClassVar[str] = ""
    LABELS: ClassVar[Mapping[str, str]] = {}
    """What the fields of the draft are called, in the form's order."""

    def __init__(self, lab: LabView, start: Draft, before: Profile | None = None) -> None:
        super().__init__(lab)
        self._start: Draft = start
        self._before: Profile | None = before

    @property
    def form_title(self) -> str:
        return f"Edit the {self.KIND} {self._before.name}" if self._before else f"A new {self.KIND}"

    @abstractmethod
    def typed(self) -> Draft:
        """What the fields hold."""

    @abstractmethod
    def keep(self, draft: Draft, revision: int | None) -> Saved[Profile] | Rejected | Conflict[Profile]:
        """Save a draft. Runs in a thread."""

    @abstractmethod
    def draft_of(self, profile: Profile) -> Draft:
        """A profile as it would be typed."""

    def compose_rows(self) -> ComposeResult:
        for name, label in self.LABELS.items():
            yield FormRow(label, self._widget(name, getattr(self._start, name)))

    def on_mount(self) -> None:
        self.query_one("#name", Field).disabled = self._before is not None
        rows = list(self.query(FormRow))
        rows[1 if self._before is not None else 0].focus_field()

    def hint(self, name: str) -> str:  # noqa: ARG002
        """What an empty field says of itself."""
        return ""

    def _widget(self, name: str, value: object) -> Field | YesNo:
        if isinstance(value, bool):
            return YesNo(value, id=name)
        text = ", ".join(value) if isinstance(value, tuple) else str(value)
        return Field(text, id=name, placeholder=self.hint(name))

    def names(self, name: str) -> tuple[str, ...]:
        """The words of a field that holds several, with commas between."""
        return tuple(filter(None, (word.strip() for word in self.text(name).split(","))))

    @on(Input.Changed)
    def _typed_into(self, event: Input.Changed) -> None:
        self.row(event.input.id or "").clear()
        self.remark()

    def remark(self) -> None:
        """Say what is legal and odd about what is typed."""

    async def save(self) -> None:
        draft, before = self.typed(), self._before
        match await in_thread(self.keep, draft, before.revision if before else None):
            case Saved(record, warnings):
                self.dismiss(ProfileResult(profile=record, before=before, warnings=warnings))
            case Rejected(problems):
                self.show_problems(problems)
            case Conflict(current):
                await self._settle(draft, current)

    async def _settle(self, draft: Draft, current: Profile | None) -> None:
        """The profile is not the one that was edited: the operator sees both, and says whose version stands."""
        if current is None:
            self.say(f"{brief(draft.name)} was deleted meanwhile: nothing was saved.", trouble=True)
            return
        title = f"{brief(draft.name)} was changed meanwhile"
        match await ask(self, ConflictDialog(title, self._fields(self.draft_of(current)), self._fields(draft))):
            case Stands.STORED:
                self.dismiss(None)
            case Stands.TYPED:
                self._before = current
                self.action_save()

    def _fields(self, draft: Draft) -> dict[str, str]:
        return {label: _text(getattr(draft, name)) for name, label in self.LABELS.items()}


class CertificateProfileForm(ProfileForm[CertificateProfile, CertificateProfileDraft]):
    """What issued certificates are like."""

    KIND = "certificate profile"
    LABELS: ClassVar[Mapping[str, str]] = {
        "name": "name",
        "key_rules": "keys",
        "validity": "validity",
        "key_usages": "key usages",
        "extended_key_usages": "extended usages",
        "san_from_request": "names from request",
        "crl_distribution_point": "CRL URL inside",
    }

    def hint(self, name: str) -> str:
        return {
            "key_rules": "RSA from 2048, EC P-256, P-384, Ed25519",
            "validity": "2y, 90d, 12h",
            "key_usages": ", ".join(KeyUsage),
            "extended_key_usages": f"none: any use; or {', '.join(EXTENDED_KEY_USAGES)}, or an OID",
        }.get(name, "")

    def typed(self) -> CertificateProfileDraft:
        return CertificateProfileDraft(
            name=self.text("name"),
            key_rules=self.text("key_rules"),
            validity=self.text("validity"),
            key_usages=self.names("key_usages"),
            extended_key_usages=self.names("extended_key_usages"),
            san_from_request=self.is_yes("san_from_request"),
            crl_distribution_point=self.is_yes("crl_distribution_point"),
        )

    def remark(self) -> None:
        checked = check_certificate_profile(self.typed())
        if not isinstance(checked, CertificateProfile):
            return
        row = self.row("extended_key_usages")
        row.clear()
        if odd := certificate_profile_warnings(checked):
            row.show_warning(" ".join(odd))

    def keep(
        self, draft: CertificateProfileDraft, revision: int | None
    ) -> Saved[CertificateProfile] | Rejected | Conflict[CertificateProfile]:
        return self.lab.administration.certificate_profiles.save(draft, revision)

    def draft_of(self, profile: CertificateProfile) -> CertificateProfileDraft:
        return certificate_profile_draft(profile)


class EndEntityProfileForm(ProfileForm[EndEntityProfile, EndEntityProfileDraft]):
    """What registrations must and may hold."""

    KIND = "end entity profile"
    LABELS: ClassVar[Mapping[str, str]] = {
        "name": "name",
        "required_fields": "required DN fields",
        "allowed_fields": "allowed DN fields",
        "subject_alt_names_allowed": "alternative names",
        "code_required": "code required",
        "allowed_requests": "allowed requests",
        "max_failed_logins": "max failed logins",
    }

    def hint(self, name: str) -> str:
        return {
            "required_fields": "CN",
            "allowed_fields": "those that may stand there besides: O, OU, C",
            "max_failed_logins": "-1 for no limit",
        }.get(name, "")

    def typed(self) -> EndEntityProfileDraft:
        return EndEntityProfileDraft(
            name=self.text("name"),
            required_fields=self.names("required_fields"),
            allowed_fields=self.names("allowed_fields"),
            subject_alt_names_allowed=self.is_yes("subject_alt_names_allowed"),
            code_required=self.is_yes("code_required"),
            allowed_requests=self.text("allowed_requests"),
            max_failed_logins=self.text("max_failed_logins"),
        )

    def keep(
        self, draft: EndEntityProfileDraft, revision: int | None
    ) -> Saved[EndEntityProfile] | Rejected | Conflict[EndEntityProfile]:
        return self.lab.administration.end_entity_profiles.save(draft, revision)

    def draft_of(self, profile: EndEntityProfile) -> EndEntityProfileDraft:
        return end_entity_profile_draft(profile)


def _text(value: object) -> str:
    """A field of a draft in one line."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(plain, value)) if isinstance(value, tuple) else str(value)

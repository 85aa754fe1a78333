"""Certificate profiles and end entity profiles: the built-in ones, which stay, and the operator's own (B-15)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Generic, TypeVar

from estconsole.administration.acts import Subject, act
from estconsole.administration.contexts import certificate_profiles, end_entity_profiles
from estconsole.administration.dependents import users_of_certificate_profile, users_of_end_entity_profile
from estconsole.domain.model import (
    CERTIFICATE_PROFILES,
    END_ENTITY_PROFILES,
    CertificateProfile,
    EndEntityProfile,
)
from estconsole.domain.problems import FieldProblem
from estconsole.domain.profiles import (
    CertificateProfileDraft,
    EndEntityProfileDraft,
    certificate_profile_warnings,
    check_certificate_profile,
    check_end_entity_profile,
)
from estconsole.results import Conflict, Rejected, Saved
from estconsole.store.store import Collection, Store

Profile = TypeVar("Profile", CertificateProfile, EndEntityProfile)


class _Profiles(Subject, Generic[Profile]):
    """What both kinds of profile have in common: a name that is taken, a revision, and users."""

    def __init__(
        self,
        store: Store,
        collection: Collection[Profile],
        built_in: Mapping[str, Profile],
        users: Callable[[Store, str], tuple[str, ...]],
        *,
        read_only: bool,
    ) -> None:
        super().__init__(read_only=read_only)
        self._store = store
        self._collection: Collection[Profile] = collection
        self._built_in: Mapping[str, Profile] = built_in
        self._users = users

    def get(self, name: str) -> Profile | None:
        """A profile by name, built-in or the operator's."""
        return self._built_in.get(name) or self._collection.get(name)

    def is_built_in(self, name: str) -> bool:
        """Whether a profile is one that cannot be changed or deleted."""
        return name in self._built_in

    def users(self, name: str) -> tuple[str, ...]:
        """What names a profile, in words: it cannot be deleted while there is any."""
        return self._users(self._store, name)

    @act
    def restore(self, before: Profile, revision: int) -> Saved[Profile] | Conflict[Profile]:
        """Take an edit back: the profile as it was, if it is still of the revision that came of that."""
        with self._store.transaction():
            profile = self._collection.get(before.name)
            if profile is None or profile.revision != revision:
                return Conflict(profile)
            restored = replace(before, revision=profile.revision + 1)
            self._collection.put(restored)
        return Saved(restored)

    @act
    def delete(self, name: str, revision: int) -> Saved[Profile] | Rejected | Conflict[Profile]:
        """Delete a profile of the operator's that nothing names."""
        with self._store.transaction():
            if name in self._built_in:
                return Rejected.because("name", f"{name} is built in, and stays")
            profile = self._collection.get(name)
            if profile is None or profile.revision != revision:
                return Conflict(profile)
            if users := self.users(name):
                return Rejected.because("name", f"{name} is the profile of {', '.join(users)}; give them another first")
            self._collection.remove(name)
        return Saved(profile)

    def _put(
        self, name: str, checked: Profile | tuple[FieldProblem, ...], revision: int | None
    ) -> Saved[Profile] | Rejected | Conflict[Profile]:
        """Store what a draft was checked to be: a new profile, or a change of the one of that revision."""
        with self._store.transaction():
            if name in self._built_in:
                return Rejected.because("name", f"{name} is built in, and stays; save it under another name")
            known = self._collection.get(name)
            if revision is None and known is not None:
                return Rejected.because("name", f"a profile {name} is there already; edit it, or take another name")
            if revision is not None and (known is None or known.revision != revision):
                return Conflict(known)
            if isinstance(checked, tuple):
                return Rejected(checked)
            saved = replace(checked, revision=(known.revision if known else 0) + 1)
            self._collection.put(saved)
        return Saved(saved)


class CertificateProfiles(_Profiles[CertificateProfile]):
    """What issued certificates are like."""

    def __init__(self, store: Store, *, read_only: bool) -> None:
        super().__init__(
            store,
            store.certificate_profiles,
            CERTIFICATE_PROFILES,
            users_of_certificate_profile,
            read_only=read_only,
        )

    def all(self) -> tuple[CertificateProfile, ...]:
        """Every certificate profile, the built-in ones first, then by name."""
        return tuple(certificate_profiles(self._store).values())

    @act
    def save(
        self, draft: CertificateProfileDraft, revision: int | None = None
    ) -> Saved[CertificateProfile] | Rejected | Conflict[CertificateProfile]:
        """Add a profile (without a revision), or change the one of that name; what is issued stays as it is."""
        result = self._put(draft.name, check_certificate_profile(draft), revision)
        return (
            replace(result, warnings=certificate_profile_warnings(result.record))
            if isinstance(result, Saved)
            else result
        )


class EndEntityProfiles(_Profiles[EndEntityProfile]):
    """What registrations must and may hold."""

    def __init__(self, store: Store, *, read_only: bool) -> None:
        super().__init__(
            store,
            store.end_entity_profiles,
            END_ENTITY_PROFILES,
            users_of_end_entity_profile,
            read_only=read_only,
        )

    def all(self) -> tuple[EndEntityProfile, ...]:
        """Every end entity profile, the built-in ones first, then by name."""
        return tuple(end_entity_profiles(self._store).values())

    @act
    def save(
        self, draft: EndEntityProfileDraft, revision: int | None = None
    ) -> Saved[EndEntityProfile] | Rejected | Conflict[EndEntityProfile]:
        """Add a profile (without a revision), or change the one of that name; registrations stay as they are."""
        return self._put(draft.name, check_end_entity_profile(draft), revision)

"""End entities: registered, edited, opened again, closed and deleted, each act whole or not at all."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from estconsole.administration import csv_import
from estconsole.administration.acts import Subject, act
from estconsole.administration.contexts import registration_context
from estconsole.administration.csv_export import export_csv
from estconsole.administration.csv_import import ImportPlan
from estconsole.administration.registering import RegistrationRules, registered, sealed_code, taken_problem
from estconsole.administration.revoking import Revoker, become, can_become, is_on_hold, reason_problem
from estconsole.domain.model import EndEntity, EntityStatus, IssuedCertificate
from estconsole.domain.registration import closed, reopened
from estconsole.domain.revocation import RevocationReason
from estconsole.domain.secret import Secret
from estconsole.domain.validation import EndEntityDraft
from estconsole.progress import NO_PROGRESS, Progress
from estconsole.results import Conflict, Rejected, Saved
from estconsole.seals import code_purpose
from estconsole.store.store import Store
from estconsole.vault import Vault

CODE_LENGTH = 16
CODE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789"
"""What generated codes are made of: no character that is read for another (B-14)."""


class EndEntities(Subject):
    """The registrations of devices (B-8), and their codes."""

    def __init__(
        self, store: Store, vault: Vault, revoker: Revoker, clock: Callable[[], datetime], *, read_only: bool
    ) -> None:
        super().__init__(read_only=read_only)
        self._store = store
        self._vault = vault
        self._revoker = revoker
        self._clock = clock

    def all(self) -> tuple[EndEntity, ...]:
        """Every end entity, by username."""
        return tuple(sorted(self._store.end_entities.values(), key=lambda entity: entity.username))

    def usernames(self, *, issuing_ca: str | None = None, alias: str | None = None) -> tuple[str, ...]:
        """The usernames in order: of all, of those that a CA issues for, or that name an alias by its uid ("": none).

        They are read from rows: making a hundred thousand values for the first time takes seconds.
        """
        return tuple(
            sorted(
                username
                for username, row in self._store.end_entities.items()
                if (issuing_ca is None or row["issuing_ca"] == issuing_ca)
                and (alias is None or alias in (row["aliases"].split() or ("",)))
            )
        )

    def get(self, username: str) -> EndEntity | None:
        return self._store.end_entities.get(username)

    @act
    def add(self, draft: EndEntityDraft) -> Saved[EndEntity] | Rejected:
        """Register an end entity (B-8): NEW, with its code sealed if it has one."""
        now = self._clock()
        with self._store.transaction():
            rules = RegistrationRules(self._store)
            checked = rules.check(draft)
            problems = checked if isinstance(checked, tuple) else ()
            if self._store.end_entities.get(draft.username) is not None:
                problems = (taken_problem(draft.username), *problems)
            if problems or isinstance(checked, tuple):
                return Rejected(problems)
            entity = registered(checked, self._vault, now)
            self._store.end_entities.put(entity)
        return Saved(entity, rules.warnings(draft, entity))

    @act
    def edit(self, draft: EndEntityDraft, revision: int) -> Saved[EndEntity] | Rejected | Conflict[EndEntity]:
        """Change a registration, if it is still of the revision that was edited. Its status stays, as a rule.

        What was spent of the allowed requests stays spent, and an entity that has none left is closed (B-10); a
        changed number of logins starts anew. A draft without a code (None) keeps the one that is there; an empty code
        removes it.
        """
        with self._store.transaction():
            entity = self._store.end_entities.get(draft.username)
            if entity is None or entity.revision != revision:
                return Conflict(entity)
            rules = RegistrationRules(self._store)
            checked = rules.check(draft, has_code=entity.sealed_code is not None)
            if isinstance(checked, tuple):
                return Rejected(checked)
            terms = checked.terms
            spent = entity.allowed_requests - entity.remaining_requests
            remaining = max(terms.allowed_requests - spent, 0)
            logins_are_the_same = terms.max_failed_logins == entity.max_failed_logins
            changed = replace(
                entity,
                subject=terms.subject,
                subject_alt_names=terms.subject_alt_names,
                issuing_ca=draft.issuing_ca,
                end_entity_profile=draft.end_entity_profile,
                certificate_profile=draft.certificate_profile,
                allowed_requests=terms.allowed_requests,
                remaining_requests=remaining,
                status=entity.status if remaining else closed(entity.status),
                max_failed_logins=terms.max_failed_logins,
                remaining_logins=entity.remaining_logins if logins_are_the_same else terms.max_failed_logins,
                aliases=checked.aliases,
                modified_at=self._clock(),
                revision=entity.revision + 1,
            )
            if draft.code is not None:
                changed = replace(changed, sealed_code=sealed_code(self._vault, draft.code, entity.registration))
            self._store.end_entities.put(changed)
        return Saved(changed, rules.warnings(draft, changed))

    @act
    def set_new(self, username: str, revision: int | None = None) -> Saved[EndEntity] | Conflict[EndEntity]:
        """Open an end entity for another initial enrollment, with its registered counts and the same code (B-10).

        With a revision, only if it is still of that one.
        """
        with self._store.transaction():
            entity = self._store.end_entities.get(username)
            if entity is None or revision not in (None, entity.revision):
                return Conflict(entity)
            opened = replace(reopened(entity, self._clock()), revision=entity.revision + 1)
            self._store.end_entities.put(opened)
        return Saved(opened)

    @act
    def restore(self, before: EndEntity, revision: int) -> Saved[EndEntity] | Conflict[EndEntity]:
        """Take an edit back: the registration as it was, counts and code too.

        Not if something changed it since, or if what it named is gone.
        """
        with self._store.transaction():
            entity = self._store.end_entities.get(before.username)
            if entity is None or entity.revision != revision or entity.registration != before.registration:
                return Conflict(entity)
            if not self._names_what_is_there(before):
                return Conflict(entity)
            restored = replace(before, revision=entity.revision + 1)
            self._store.end_entities.put(restored)
        return Saved(restored)

    @act
    def delete(self, username: str, revision: int) -> Saved[EndEntity] | Conflict[EndEntity]:
        """Delete a registration. Its certificates stay on record, and renew no more (B-8)."""
        with self._store.transaction():
            entity = self._store.end_entities.get(username)
            if entity is None or entity.revision != revision:
                return Conflict(entity)
            self._store.end_entities.remove(username)
        return Saved(entity)

    @act
    def revoke(
        self, username: str, reason: RevocationReason, revision: int | None = None
    ) -> Saved[EndEntity] | Rejected | Conflict[EndEntity]:
        """Revoke an end entity with all its live certificates (B-43); their CAs' new CRLs are there when this returns.

        One that was put on hold can be revoked for good. Raises VaultError when a CA's key cannot be unsealed: the
        revocation stands, and its CRL follows. Raises RuntimeError inside a transaction.
        """
        if problem := reason_problem(reason):
            return Rejected.because("reason", problem)
        now = self._clock()
        with self._revoker.transaction():
            entity = self._store.end_entities.get(username)
            if entity is None or revision not in (None, entity.revision):
                return Conflict(entity)
            live = self._live_certificates(entity, now)
            if problem := _revocation_problem(entity, live, reason):
                return Rejected.because("username", problem)
            changed = self._revoker.mark(live, reason)
            revoked = replace(
                entity,
                status=EntityStatus.REVOKED,
                revocation=become(entity.revocation, reason, now),
                modified_at=now,
                revision=entity.revision + 1,
            )
            self._store.end_entities.put(revoked)
        return Saved(revoked, self._revoker.publish(changed))

    def revocation_problem(self, username: str, reason: RevocationReason) -> str | None:
        """What keeps an end entity from being revoked for a reason, so that nobody is asked in vain; or None."""
        entity = self._store.end_entities.get(username)
        if entity is None:
            return None
        return _revocation_problem(entity, self._live_certificates(entity, self._clock()), reason)

    @act
    def release(self, username: str, revision: int | None = None) -> Saved[EndEntity] | Rejected | Conflict[EndEntity]:
        """Release what is on hold of an end entity's live certificates (B-43).

        If it was put on hold itself it becomes GENERATED, as EJBCA has it; one that was revoked for good stays so, and
        one that was opened again stays open. Raises VaultError and RuntimeError as above.
        """
        now = self._clock()
        with self._revoker.transaction():
            entity = self._store.end_entities.get(username)
            if entity is None or revision not in (None, entity.revision):
                return Conflict(entity)
            on_hold = [each for each in self._live_certificates(entity, now) if is_on_hold(each.revocation)]
            if not on_hold and not is_on_hold(entity.revocation):
                words = f"neither {username} nor a certificate of it that is in date is on hold"
                return Rejected.because("username", words)
            changed = self._revoker.release(on_hold)
            if is_on_hold(entity.revocation):
                entity = replace(
                    entity,
                    status=EntityStatus.GENERATED,
                    revocation=None,
                    modified_at=now,
                    revision=entity.revision + 1,
                )
                self._store.end_entities.put(entity)
        return Saved(entity, self._revoker.publish(changed))

    def plan_import(
        self, data: bytes, *, issuing_ca: str, generate_codes: bool, progress: Progress = NO_PROGRESS
    ) -> ImportPlan | Rejected:
        """What an import of a CSV file would register, row by row with its problems; nothing is changed.

        `issuing_ca` is that of rows that name none; `generate_codes` gives a code to those without one. Raises
        Cancelled.
        """
        new_code = self.generate_code if generate_codes else None
        return csv_import.plan_import(self._store, data, issuing_ca=issuing_ca, new_code=new_code, progress=progress)

    @act
    def import_all(
        self, plan: ImportPlan, *, only_good: bool = False, progress: Progress = NO_PROGRESS
    ) -> Saved[tuple[EndEntity, ...]] | Rejected:
        """Register what was planned, all or nothing; with `only_good` the rows that hold, all or nothing too.

        Each row is checked again, since the lab may be another by now. Raises Cancelled.
        """
        return csv_import.import_all(
            self._store, self._vault, self._clock(), plan, only_good=only_good, progress=progress
        )

    def export_csv(
        self, usernames: Sequence[str] | None = None, *, with_codes: bool = False, progress: Progress = NO_PROGRESS
    ) -> bytes:
        """End entities as a CSV file that `plan_import` reads: of these usernames, or all.

        With codes, which is an act, the file holds them in clear. Raises VaultError, and Cancelled.
        """
        if with_codes:
            self.require_acts()
        return export_csv(self._store, self._vault, usernames, with_codes=with_codes, progress=progress)

    def generate_code(self) -> Secret:
        """A new code of 16 characters that are not mistaken for one another: 92 bits (B-14)."""
        return Secret("".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH)))

    @act
    def code_of(self, username: str) -> Secret | None:
        """An end entity's code in clear, for the operator who asks for it; None where there is none."""
        entity = self._store.end_entities.get(username)
        if entity is None or entity.sealed_code is None:
            return None
        return Secret(self._vault.unseal(entity.sealed_code, code_purpose(entity.registration)).decode())

    def _names_what_is_there(self, entity: EndEntity) -> bool:
        context = registration_context(self._store)
        return (
            entity.issuing_ca in context.issuing_cas
            and entity.certificate_profile in context.certificate_profiles
            and entity.end_entity_profile in context.end_entity_profiles
            and entity.aliases <= set(self._store.aliases.keys())
        )

    def _live_certificates(self, entity: EndEntity, now: datetime) -> tuple[IssuedCertificate, ...]:
        """The certificates of this registration (B-8) that are in date."""
        own = self._store.certificates.matching(lambda _, row: bool(row["registration"] == entity.registration))
        return tuple(certificate for certificate in own if certificate.not_after > now)


def _revocation_problem(entity: EndEntity, live: Sequence[IssuedCertificate], reason: RevocationReason) -> str | None:
    if entity.status is not EntityStatus.REVOKED:
        return None
    revocations = (entity.revocation, *(each.revocation for each in live))
    return None if any(can_become(each, reason) for each in revocations) else "it is revoked already"

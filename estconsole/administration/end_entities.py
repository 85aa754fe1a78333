"""End entities: registered, edited, opened again, closed and deleted, each act whole or not at all."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from estconsole.administration.contexts import registration_context
from estconsole.administration.revoking import Revoker, become, can_become, is_on_hold, reason_problem
from estconsole.domain.model import EndEntity, EntityStatus, IssuedCertificate
from estconsole.domain.problems import FieldProblem
from estconsole.domain.registration import closed, reopened
from estconsole.domain.revocation import RevocationReason
from estconsole.domain.secret import Secret
from estconsole.domain.validation import EndEntityDraft, EndEntityTerms, check_end_entity, code_warning, is_no_code
from estconsole.pki.names import san_problem
from estconsole.results import Conflict, Rejected, Saved
from estconsole.seals import code_purpose
from estconsole.store.store import Store
from estconsole.vault import Vault

CODE_LENGTH = 16
CODE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789"
"""What generated codes are made of: no character that is read for another (B-14)."""


class EndEntities:
    """The registrations of devices (B-8), and their codes."""

    def __init__(self, store: Store, vault: Vault, revoker: Revoker, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._vault = vault
        self._revoker = revoker
        self._clock = clock

    def all(self) -> tuple[EndEntity, ...]:
        """Every end entity, by username."""
        return tuple(sorted(self._store.end_entities.values(), key=lambda entity: entity.username))

    def get(self, username: str) -> EndEntity | None:
        return self._store.end_entities.get(username)

    def add(self, draft: EndEntityDraft) -> Saved[EndEntity] | Rejected:
        """Register an end entity (B-8): NEW, with its code sealed if it has one."""
        now = self._clock()
        with self._store.transaction():
            problems, terms, aliases = self._checked(draft)
            if self._store.end_entities.get(draft.username) is not None:
                taken = FieldProblem(
                    "username", f"{draft.username} is registered already; edit it, or take another name"
                )
                problems = (taken, *problems)
            if problems or terms is None:
                return Rejected(problems)
            registration = secrets.token_hex(16)
            entity = EndEntity(
                username=terms.username,
                registration=registration,
                subject=terms.subject,
                subject_alt_names=terms.subject_alt_names,
                issuing_ca=draft.issuing_ca,
                end_entity_profile=draft.end_entity_profile,
                certificate_profile=draft.certificate_profile,
                sealed_code=self._sealed_code(draft.code, registration),
                allowed_requests=terms.allowed_requests,
                remaining_requests=terms.allowed_requests,
                max_failed_logins=terms.max_failed_logins,
                remaining_logins=terms.max_failed_logins,
                aliases=aliases,
                created_at=now,
                modified_at=now,
            )
            self._store.end_entities.put(entity)
        return Saved(entity, self._warnings(draft, entity))

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
            problems, terms, aliases = self._checked(draft, has_code=entity.sealed_code is not None)
            if problems or terms is None:
                return Rejected(problems)
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
                aliases=aliases,
                modified_at=self._clock(),
                revision=entity.revision + 1,
            )
            if draft.code is not None:
                changed = replace(changed, sealed_code=self._sealed_code(draft.code, entity.registration))
            self._store.end_entities.put(changed)
        return Saved(changed, self._warnings(draft, changed))

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

    def delete(self, username: str, revision: int) -> Saved[EndEntity] | Conflict[EndEntity]:
        """Delete a registration. Its certificates stay on record, and renew no more (B-8)."""
        with self._store.transaction():
            entity = self._store.end_entities.get(username)
            if entity is None or entity.revision != revision:
                return Conflict(entity)
            self._store.end_entities.remove(username)
        return Saved(entity)

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
            all_that_is_revoked = (entity.revocation, *(each.revocation for each in live))
            if entity.status is EntityStatus.REVOKED and not any(can_become(it, reason) for it in all_that_is_revoked):
                return Rejected.because("username", f"{username} is revoked already")
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

    def generate_code(self) -> Secret:
        """A new code of 16 characters that are not mistaken for one another: 92 bits (B-14)."""
        return Secret("".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH)))

    def code_of(self, username: str) -> Secret | None:
        """An end entity's code in clear, for the operator who asks for it; None where there is none."""
        entity = self._store.end_entities.get(username)
        if entity is None or entity.sealed_code is None:
            return None
        return Secret(self._vault.unseal(entity.sealed_code, code_purpose(entity.registration)).decode())

    def _sealed_code(self, code: Secret | None, registration: str) -> str | None:
        if code is None or is_no_code(code):
            return None
        return self._vault.seal(code.reveal().encode(), code_purpose(registration))

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

    def _checked(
        self, draft: EndEntityDraft, *, has_code: bool = False
    ) -> tuple[tuple[FieldProblem, ...], EndEntityTerms | None, frozenset[str]]:
        """A draft's problems, its terms, and the uids of the aliases that it names."""
        terms = check_end_entity(draft, registration_context(self._store), has_code=has_code)
        problems = () if isinstance(terms, EndEntityTerms) else terms
        if isinstance(terms, EndEntityTerms) and (message := san_problem(terms.subject_alt_names)):
            problems = (FieldProblem("subject_alt_names", message),)
        aliases = {name: self._store.alias_named(name) for name in draft.aliases}
        unknown = [name for name, alias in aliases.items() if alias is None]
        if unknown:
            known = ", ".join(alias.name for alias in self._store.aliases.values())
            problems = (
                *problems,
                FieldProblem("aliases", f"no alias {', '.join(unknown)}; there is {known or 'none'}"),
            )
        uids = frozenset(alias.uid for alias in aliases.values() if alias is not None)
        return problems, terms if isinstance(terms, EndEntityTerms) else None, uids

    def _warnings(self, draft: EndEntityDraft, entity: EndEntity) -> tuple[str, ...]:
        """What is legal and odd about a registration (B-8, B-14, B-15)."""
        warnings = []
        if draft.code is not None and (odd := code_warning(draft.code)):
            warnings.append(odd)
        profile = self._store.certificate_profile(entity.certificate_profile)
        if profile is not None and not profile.can_renew:
            warnings.append(f"certificates of {profile.name} lack clientAuth and cannot renew (B-15)")
        named = [alias for alias in self._store.aliases.values() if alias.uid in entity.aliases]
        vendor = [alias.name for alias in named if alias.vendor_certificate_mode]
        by_code = [alias.name for alias in named if alias.module_in_force is not None]
        if entity.sealed_code is not None and vendor and by_code:
            warnings.append(
                f"it may use {', '.join(vendor)} with its vendor's certificate, and its code alone opens "
                f"{', '.join(by_code)} as well (B-8)"
            )
        return tuple(warnings)

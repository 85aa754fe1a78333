"""Administration: what an operator can do, the same for every front; rules and storage stay behind it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from estconsole.activity import ActivityDetail
from estconsole.domain.body import decode_body
from estconsole.domain.certificate import CertificateFacts
from estconsole.domain.model import (
    CERTIFICATE_PROFILES,
    CertificatePurpose,
    CertificationAuthority,
    EndEntity,
    EstAlias,
    IssuedCertificate,
)
from estconsole.domain.names import parse_dn
from estconsole.domain.registration import closed, reopened
from estconsole.domain.secret import Secret
from estconsole.domain.validation import (
    AliasDraft,
    AliasTerms,
    EndEntityDraft,
    EndEntityTerms,
    FieldProblem,
    check_alias,
    check_end_entity,
    code_warning,
    is_no_code,
)
from estconsole.keyring import Keyring
from estconsole.pki.certificates import certificate_pem, issue_root, read_certificate
from estconsole.pki.describe import describe_certificate, describe_csr
from estconsole.pki.keys import generate_rsa_key
from estconsole.pki.names import san_problem
from estconsole.results import Conflict, Rejected, Saved
from estconsole.seals import code_purpose, request_purpose
from estconsole.server_identity import ServerIdentity
from estconsole.store.store import Store
from estconsole.subscription import Subscription
from estconsole.vault import Vault

CODE_LENGTH = 16
CODE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789"
"""What generated codes are made of: no character that is read for another (B-14)."""

CA_VALIDITY = timedelta(days=3650)


class Administration:
    """An operator's use cases. Any thread may call it; calls may block on the disk."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        keyring: Keyring,
        identity: ServerIdentity,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._vault = vault
        self._keyring = keyring
        self._identity = identity
        self._clock = clock

    def subscribe(self, listener: Callable[[frozenset[str]], None]) -> Subscription:
        """Call `listener` with the names of the tables that changed, in the thread that changed them."""
        return self._store.changes.subscribe(listener)

    # End entities

    def end_entities(self) -> tuple[EndEntity, ...]:
        """Every end entity, by username."""
        return tuple(sorted(self._store.end_entities.values(), key=lambda entity: entity.username))

    def end_entity(self, username: str) -> EndEntity | None:
        return self._store.end_entities.get(username)

    def add_end_entity(self, draft: EndEntityDraft) -> Saved[EndEntity] | Rejected:
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
        return Saved(entity, _warnings(draft))

    def edit_end_entity(
        self, draft: EndEntityDraft, revision: int
    ) -> Saved[EndEntity] | Rejected | Conflict[EndEntity]:
        """Change a registration, if it is still of the revision that was edited. Its status stays, as a rule.

        What was spent of the allowed requests stays spent, and an entity that has none left is closed (B-10); a
        changed number of logins starts anew. A draft without a code (None) keeps the one that is there; an empty code
        removes it.
        """
        with self._store.transaction():
            entity = self._store.end_entities.get(draft.username)
            if entity is None or entity.revision != revision:
                return Conflict(entity)
            problems, terms, aliases = self._checked(draft)
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
        return Saved(changed, _warnings(draft))

    def set_new(self, username: str) -> Saved[EndEntity] | Conflict[EndEntity]:
        """Open an end entity for another initial enrollment, with its registered counts and the same code (B-10)."""
        with self._store.transaction():
            entity = self._store.end_entities.get(username)
            if entity is None:
                return Conflict(None)
            opened = replace(reopened(entity, self._clock()), revision=entity.revision + 1)
            self._store.end_entities.put(opened)
        return Saved(opened)

    def restore_end_entity(self, before: EndEntity, revision: int) -> Saved[EndEntity] | Conflict[EndEntity]:
        """Take an edit back: the registration as it was, counts and code too, if nothing changed it since."""
        with self._store.transaction():
            entity = self._store.end_entities.get(before.username)
            if entity is None or entity.revision != revision or entity.registration != before.registration:
                return Conflict(entity)
            restored = replace(before, revision=entity.revision + 1)
            self._store.end_entities.put(restored)
        return Saved(restored)

    def delete_end_entity(self, username: str, revision: int) -> Saved[EndEntity] | Conflict[EndEntity]:
        """Delete a registration. Its certificates stay on record, and renew no more (B-8)."""
        with self._store.transaction():
            entity = self._store.end_entities.get(username)
            if entity is None or entity.revision != revision:
                return Conflict(entity)
            self._store.end_entities.remove(username)
        return Saved(entity)

    def generate_code(self) -> Secret:
        """A new code of 16 characters that are not mistaken for one another: 92 bits (B-14)."""
        return Secret("".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH)))

    def code_of(self, username: str) -> Secret | None:
        """An end entity's code in clear, for the operator who asks for it; None where there is none."""
        entity = self._store.end_entities.get(username)
        if entity is None or entity.sealed_code is None:
            return None
        return Secret(self._vault.unseal(entity.sealed_code, code_purpose(entity.registration)).decode())

    # Aliases

    def aliases(self) -> tuple[EstAlias, ...]:
        """Every alias, by name."""
        return tuple(sorted(self._store.aliases.values(), key=lambda alias: alias.name))

    def alias_options(self, name: str) -> dict[str, str] | None:
        """An alias's options by EJBCA's keys (B-3), None for an unknown name."""
        alias = self._store.alias_named(name)
        return None if alias is None else _alias_options(alias)

    def save_alias(
        self, draft: AliasDraft, revision: int | None = None
    ) -> Saved[EstAlias] | Rejected | Conflict[EstAlias]:
        """Add an alias (without a revision), or change the one of that name and revision (B-1, B-3)."""
        with self._store.transaction():
            known = self._store.alias_named(draft.name)
            if revision is None and known is not None:
                return Rejected((FieldProblem("name", f"an alias {draft.name} is there already"),))
            if revision is not None and (known is None or known.revision != revision):
                return Conflict(known)
            terms = check_alias(draft, self._store.authorities.keys())
            if not isinstance(terms, AliasTerms):
                return Rejected(terms)
            alias = known or EstAlias(uid=secrets.token_hex(8), name=draft.name)
            changed = replace(_with_terms(alias, terms), revision=alias.revision + 1)
            self._store.aliases.put(changed)
        return Saved(changed, self._alias_warnings(changed))

    # Certification authorities

    def create_authority(self, name: str, subject: str, *, rsa_bits: int = 2048) -> CertificationAuthority:
        """Make a root CA with a new RSA key, valid ten years. The key is made outside any transaction."""
        key = generate_rsa_key(rsa_bits)
        now = self._clock()
        certificate = issue_root(key, parse_dn(subject), now, CA_VALIDITY)
        facts = read_certificate(certificate)
        authority = CertificationAuthority(
            name=name, certificate=certificate, sealed_key=self._keyring.seal(name, key), created_at=now
        )
        with self._store.transaction():
            self._store.authorities.put(authority)
            self._store.certificates.put(
                IssuedCertificate(
                    sha256=facts.sha256,
                    serial=facts.serial,
                    purpose=CertificatePurpose.CA,
                    subject=facts.subject,
                    issuing_ca=name,
                    der=certificate,
                    not_before=facts.not_before,
                    not_after=facts.not_after,
                )
            )
        return authority

    def authorities(self) -> tuple[CertificationAuthority, ...]:
        """Every CA of this lab, by name."""
        return tuple(sorted(self._store.authorities.values(), key=lambda authority: authority.name))

    def authority_certificate(self, name: str) -> bytes | None:
        """A CA's certificate (DER), None for an unknown name."""
        authority = self._store.authorities.get(name)
        return None if authority is None else authority.certificate

    def authority_facts(self, name: str) -> CertificateFacts | None:
        """A CA's certificate as facts; `sha256` is the fingerprint that a device compares."""
        certificate = self.authority_certificate(name)
        return None if certificate is None else read_certificate(certificate)

    def authority_pem(self, name: str) -> str | None:
        """A CA's certificate in PEM, None for an unknown name."""
        certificate = self.authority_certificate(name)
        return None if certificate is None else certificate_pem(certificate)

    def server_certificate_facts(self) -> CertificateFacts | None:
        """The TLS server's certificate as facts."""
        certificate = self._identity.certificate()
        return None if certificate is None else read_certificate(certificate)

    # Activities

    def activity_detail(self, activity_id: int) -> ActivityDetail | None:
        """All that is on record of one row, in words, secrets masked; None when the log no longer holds it."""
        record = self._store.log.get(activity_id)
        if record is None:
            return None
        raw = self._raw(activity_id, record.sealed_request)
        csr = decode_body(raw)
        issued = self._store.certificates.get(record.issued_sha256) if record.issued_sha256 else None
        return ActivityDetail(
            activity=record.activity,
            checks=record.trace,
            csr=describe_csr(csr) if isinstance(csr, bytes) else "",
            client_certificate=describe_certificate(record.presented) if record.presented else "",
            issued_certificate=describe_certificate(issued.der) if issued else "",
            has_raw_request=bool(raw),
        )

    def raw_request(self, activity_id: int) -> str | None:
        """A request's bytes as text, code and all: for the operator who asks for them (B-45)."""
        record = self._store.log.get(activity_id)
        if record is None or not record.sealed_request:
            return None
        return self._raw(activity_id, record.sealed_request).decode("utf-8", "backslashreplace")

    def _raw(self, number: int, sealed: str) -> bytes:
        return self._vault.unseal(sealed, request_purpose(number)) if sealed else b""

    def _sealed_code(self, code: Secret | None, registration: str) -> str | None:
        if code is None or is_no_code(code):
            return None
        return self._vault.seal(code.reveal().encode(), code_purpose(registration))

    def _checked(self, draft: EndEntityDraft) -> tuple[tuple[FieldProblem, ...], EndEntityTerms | None, frozenset[str]]:
        """A draft's problems, its terms, and the uids of the aliases that it names."""
        terms = check_end_entity(draft, self._store.authorities.keys())
        problems = () if isinstance(terms, EndEntityTerms) else terms
        if isinstance(terms, EndEntityTerms) and (message := san_problem(terms.subject_alt_names)):
            problems = (FieldProblem("subject_alt_names", message),)
        aliases = {name: self._store.alias_named(name) for name in draft.aliases}
        unknown = [name for name, alias in aliases.items() if alias is None]
        if unknown:
            known = ", ".join(alias.name for alias in self.aliases())
            problems = (
                *problems,
                FieldProblem("aliases", f"no alias {', '.join(unknown)}; there is {known or 'none'}"),
            )
        uids = frozenset(alias.uid for alias in aliases.values() if alias is not None)
        return problems, terms if isinstance(terms, EndEntityTerms) else None, uids

    def _alias_warnings(self, alias: EstAlias) -> tuple[str, ...]:
        """What is legal and odd about an alias (B-5, B-6)."""
        warnings = []
        if alias.authentication_module is None:
            warnings.append(f"{alias.name} has no authentication module: every initial request on it is refused.")
        if not alias.default_ca:
            warnings.append(f"{alias.name} names no CA: cacerts is refused on it.")
        elif any(entity.issuing_ca != alias.default_ca for entity in self._store.end_entities.values()):
            warnings.append(
                f"cacerts of {alias.name} returns {alias.default_ca}, and some end entities are issued by another CA."
            )
        return tuple(warnings)


def _warnings(draft: EndEntityDraft) -> tuple[str, ...]:
    warnings = []
    if draft.code is not None and (odd := code_warning(draft.code)):
        warnings.append(odd)
    profile = CERTIFICATE_PROFILES.get(draft.certificate_profile)
    if profile is not None and not profile.can_renew:
        warnings.append(f"certificates of {profile.name} lack clientAuth and cannot renew (B-15)")
    return tuple(warnings)


def _alias_options(alias: EstAlias) -> dict[str, str]:
    return {
        "operationmode": "client",
        "extractusernamecomponent": alias.extract_username_component,
        "authenticationmodule": alias.authentication_module or "",
        "defaultca": alias.default_ca or "",
        "allowupdatewithsamekey": str(alias.allow_update_with_same_key).lower(),
        "acceptotheraliases": str(alias.accept_other_aliases).lower(),
    }


def _with_terms(alias: EstAlias, terms: AliasTerms) -> EstAlias:
    """The alias with the options that a draft sets; the others stay."""
    changed = replace(
        alias,
        extract_username_component=terms.extract_username_component or alias.extract_username_component,
        default_ca=alias.default_ca if terms.default_ca is None else terms.default_ca or None,
    )
    if terms.sets_authentication_module:
        changed = replace(changed, authentication_module=terms.authentication_module)
    if terms.allow_update_with_same_key is not None:
        changed = replace(changed, allow_update_with_same_key=terms.allow_update_with_same_key)
    if terms.accept_other_aliases is not None:
        changed = replace(changed, accept_other_aliases=terms.accept_other_aliases)
    return changed

"""A CA that is made: its key and certificate outside any transaction, then kept in one, if nothing came between."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from estconsole.administration.dependents import name_warnings
from estconsole.administration.known_cas import chain_to_root, known_authorities, record_of
from estconsole.administration.renewal import cut_short
from estconsole.crls import CrlIssuer
from estconsole.domain.ca_drafts import AuthorityDraft, AuthorityTerms, check_authority
from estconsole.domain.model import CertificationAuthority
from estconsole.keyring import Keyring
from estconsole.pki.certificates import issue_root
from estconsole.pki.keys import SigningKey, generate_key, public_key_der
from estconsole.progress import NO_PROGRESS, Progress
from estconsole.results import Rejected, Saved
from estconsole.store.store import Store

_STEPS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAuthority:
    """A CA that is not in the store yet, what it was made from, and the CA of this lab that signed it, if one did."""

    draft: AuthorityDraft
    terms: AuthorityTerms
    parent: CertificationAuthority | None
    authority: CertificationAuthority


def made(
    store: Store, keyring: Keyring, draft: AuthorityDraft, now: datetime, progress: Progress = NO_PROGRESS
) -> NewAuthority | Rejected:
    """Make a CA's key and certificate. A long key takes seconds: hold no lock. Raises VaultError, and Cancelled."""
    with store.lock:
        terms = check_authority(draft, known_authorities(store), now)
        parent = store.authorities.get(draft.signed_by)
    if not isinstance(terms, AuthorityTerms):
        return Rejected(terms)
    progress.step(0, _STEPS, f"Making an {terms.key} key")
    key = generate_key(terms.key)
    progress.step(1, _STEPS, "Issuing the certificate")
    try:
        certificate = _issued(store, keyring, key, terms, parent, now)
    except ValueError as error:
        return Rejected.because("subject" if parent is None else "signed_by", str(error))
    authority = CertificationAuthority(
        name=draft.name,
        certificate=certificate,
        sealed_key=keyring.seal(draft.name, key),
        crl_url=draft.crl_url,
        created_at=now,
    )
    progress.step(2, _STEPS, "Saving it")
    return NewAuthority(draft=draft, terms=terms, parent=parent, authority=authority)


def keep(store: Store, crls: CrlIssuer, new: NewAuthority) -> Saved[CertificationAuthority] | Rejected:
    """Store a CA that was made, with its record and its first CRL, inside the transaction that is open.

    It is checked again: another may have taken its name or its subject, or the CA that signed it may be another.
    """
    draft, parent, authority = new.draft, new.parent, new.authority
    now = authority.created_at
    terms = check_authority(draft, known_authorities(store), now)
    if not isinstance(terms, AuthorityTerms):
        return Rejected(terms)
    if parent is not None and not _is_as_it_was(store, parent):
        return Rejected.because("signed_by", f"{parent.name} was changed meanwhile; try again")
    store.authorities.put(authority)
    store.certificates.put(record_of(authority.certificate, draft.signed_by or draft.name))
    store.crls.put(crls.first(authority))
    warnings = tuple(f"{draft.name}: {warning}." for warning in name_warnings(store, draft.name, own=True))
    cut = () if parent is None else cut_short(draft.name, authority.certificate, parent, now + terms.validity)
    return Saved(authority, (*warnings, *cut))


def _is_as_it_was(store: Store, parent: CertificationAuthority) -> bool:
    current = store.authorities.get(parent.name)
    return current is not None and current.certificate == parent.certificate


def _issued(
    store: Store,
    keyring: Keyring,
    key: SigningKey,
    terms: AuthorityTerms,
    parent: CertificationAuthority | None,
    now: datetime,
) -> bytes:
    if parent is None:
        return issue_root(key, terms.subject, now, terms.validity)
    return keyring.issuer(parent).issue_authority(
        public_key_der(key),
        terms.subject,
        now,
        terms.validity,
        parent.crl_url,
        chain_to_root(store, parent)[1:],
    )

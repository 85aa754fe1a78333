"""A CA's next certificate: the same subject and key, and a later end (B-42)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from estconsole.administration.known_cas import chain_to_root, known_authorities, own_parent
from estconsole.domain.ca_drafts import parent_problem
from estconsole.domain.model import CertificationAuthority
from estconsole.domain.periods import parse_period
from estconsole.keyring import Keyring
from estconsole.pki.certificates import read_certificate
from estconsole.results import Rejected
from estconsole.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewedCertificate:
    """A CA's next certificate (DER), the name of the CA that issued it, and what is odd about it."""

    certificate: bytes = field(repr=False)
    issuing_ca: str
    warnings: tuple[str, ...]


def renewed(
    store: Store, keyring: Keyring, authority: CertificationAuthority, validity: str, now: datetime
) -> RenewedCertificate | Rejected:
    """Issue it, by the CA itself or by its parent, or say what keeps it from being issued.

    Raises VaultError when the key of the CA that signs cannot be unsealed.
    """
    try:
        period = parse_period(validity)
    except ValueError as error:
        return Rejected.because("validity", str(error))
    before, known = read_certificate(authority.certificate), known_authorities(store)
    signer = authority if before.is_root else own_parent(store, authority.certificate)
    if authority.name in known.revoked:
        words = f"{authority.name} is revoked, or a CA above it is; release it where it is on hold, or make a new CA"
        return Rejected.because("name", words)
    if signer is None:
        words = f"{before.issuer} signed it, whose key is not in this lab; only where that is can it be renewed"
        return Rejected.because("name", words)
    if not before.is_root and (problem := parent_problem(signer.name, known, now)):
        return Rejected.because("name", problem)
    above = chain_to_root(store, signer)[1:]
    try:
        certificate = keyring.issuer(signer).renew_authority(
            authority.certificate, now, period, "" if before.is_root else signer.crl_url, above
        )
    except ValueError as error:
        return Rejected.because("name", str(error))
    warnings = () if before.is_root else cut_short(authority.name, certificate, signer, now + period)
    if (ends := read_certificate(certificate).not_after) < before.not_after:
        hint = f"renew {signer.name} first" if warnings else "give a longer period"
        words = f"it would end on {ends:%Y-%m-%d}, before the {before.not_after:%Y-%m-%d} of now; {hint}"
        return Rejected.because("validity", words)
    return RenewedCertificate(certificate=certificate, issuing_ca=signer.name, warnings=warnings)


def cut_short(name: str, certificate: bytes, parent: CertificationAuthority, wanted: datetime) -> tuple[str, ...]:
    """What to say of a CA's certificate (DER) that ends before it was wanted to, with its parent's."""
    if wanted <= read_certificate(parent.certificate).not_after:
        return ()
    ends = read_certificate(certificate).not_after
    return (f"{name} ends on {ends:%Y-%m-%d}, with {parent.name}: no CA outlives the one that signed it.",)

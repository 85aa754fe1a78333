"""CRLs that are brought here: whose they are, and what of an own CA's is known when it comes (B-19, B-43)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from estconsole.administration.dependents import counted
from estconsole.domain.model import CertificatePurpose, CertificationAuthority, IssuedCertificate
from estconsole.domain.names import same_name
from estconsole.domain.problems import FieldProblem
from estconsole.domain.revocation import CrlFacts, Revocation
from estconsole.pki.certificates import read_certificate
from estconsole.pki.crls import crl_der, is_crl_of, read_crl, summary_of_crl
from estconsole.store.documents import serial_text
from estconsole.store.store import Store

CLOCK_SKEW = timedelta(minutes=10)
"""How far another's clock may be ahead of this one: a CRL is brought here as soon as it is issued."""


def opened_crl(data: bytes) -> bytes | FieldProblem:
    """The CRL (DER) in a file or a paste. To read a large one takes seconds: hold no lock."""
    try:
        return crl_der(data)
    except ValueError as error:
        return FieldProblem("data", str(error))


def crl_problem(ca_name: str, certificate: bytes, der: bytes, now: datetime) -> str | None:
    """What keeps a CRL (DER) from being a CA's (DER) whole one, or None."""
    crl, subject = read_crl(der), read_certificate(certificate).subject
    if not same_name(crl.issuer, subject):
        return f"it is {crl.issuer}'s; give that of {subject}"
    if not is_crl_of(der, certificate):
        return f"it is signed with another key than that of {ca_name}, or {ca_name} may not sign CRLs"
    if crl.partial:
        return f"it is {crl.partial}; give the full one"
    if crl.this_update > now + CLOCK_SKEW:
        return f"it is issued in the future, on {crl.this_update:%Y-%m-%d %H:%M} UTC; look at this computer's clock"
    return None


def foreign_crl_problem(authority: CertificationAuthority, der: bytes, now: datetime) -> str | None:
    """The same of an own CA's CRL from elsewhere, which is no older than the one that is known.

    Its date tells, and not its number: where the CA was meanwhile, numbers may have begun anew.
    """
    if problem := crl_problem(authority.name, authority.certificate, der, now):
        return problem
    if authority.foreign_crl is None or read_crl(der).this_update >= read_crl(authority.foreign_crl).this_update:
        return None
    return f"it is older than the one of {read_crl(authority.foreign_crl).this_update:%Y-%m-%d %H:%M} UTC that is here"


def known_crl_of(store: Store, certificate: bytes) -> bytes | None:
    """The newest CRL (DER) that is here of a CA which comes back, or was a vendor's before (B-19)."""
    known = [crl.der for crl in store.crls.values()]
    known += [vendor.crl for vendor in store.vendor_cas.values() if vendor.crl is not None]
    theirs = (der for der in known if is_crl_of(der, certificate))
    return max(theirs, key=lambda der: summary_of_crl(der).this_update, default=None)


def revoked_elsewhere(authority: CertificationAuthority | None, serial: int) -> Revocation | None:
    """What an own CA's CRL from elsewhere says of a certificate that it issued."""
    crl = authority.foreign_crl if authority is not None else None
    return None if crl is None else read_crl(crl).revoked.get(serial)


def sub_cas_revoked_elsewhere(store: Store, authority: CertificationAuthority) -> Iterator[IssuedCertificate]:
    """The records, revoked, of the CAs here that an own CA's CRL from elsewhere lists.

    They are on record because they came with their keys, and not because they were issued here: the record is no
    evidence against the CRL.
    """
    for record in store.certificates.matching(
        lambda _, row: (
            row["issuing_ca"] == authority.name and row["purpose"] == CertificatePurpose.CA and not row["revoked_at"]
        )
    ):
        facts, revocation = read_certificate(record.der), revoked_elsewhere(authority, record.serial)
        if revocation is not None and not facts.is_root:
            yield replace(record, revocation=revocation)


def foreign_crl_warnings(store: Store, before: CertificationAuthority, crl: CrlFacts) -> tuple[str, ...]:
    """What is taken back by an own CA's next CRL from elsewhere; what is on record here stays as it is."""
    if before.foreign_crl is None or not (lost := read_crl(before.foreign_crl).revoked.keys() - crl.revoked.keys()):
        return ()
    on_record = {row["serial"] for row in store.certificates.rows() if row["issuing_ca"] == before.name}
    if not (gone := {serial_text(serial) for serial in lost} - on_record):
        return ()
    count = counted(len(gone), "certificate", "certificates")
    return (f"The CRL before it revoked {count} that this one does not list: what was revoked counts as good again.",)

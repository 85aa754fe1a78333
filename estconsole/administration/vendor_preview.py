"""What an import of vendor CAs would bring: shown before it is done, and what the import itself goes by (B-42)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from estconsole.administration.dependents import names_in_aliases
from estconsole.administration.known_cas import is_same_ca, known_authorities
from estconsole.domain.ca_drafts import KnownAuthorities
from estconsole.domain.certificate import CertificateFacts
from estconsole.domain.names import DistinguishedName, same_name
from estconsole.domain.naming import free_name
from estconsole.pki.anchors import anchor_problem
from estconsole.pki.certificates import read_certificate
from estconsole.pki.chains import Paths
from estconsole.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewedCa:
    """A certificate (DER) of the bundle.

    `name` is the one to suggest. `issued_by` names the CA above it, known here or in the same bundle; it is empty for
    a root, and where the CA is `missing`, which is then its subject. `problem` is what would refuse it, in words.
    """

    certificate: bytes = field(repr=False)
    name: str
    subject: DistinguishedName
    issuer: DistinguishedName
    not_before: datetime
    not_after: datetime
    sha256: str
    is_self_signed: bool
    issued_by: str = ""
    missing: DistinguishedName | None = None
    problem: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """The certificates of a bundle, in its order."""

    certificates: tuple[PreviewedCa, ...]


def preview_of(store: Store, certificates: Sequence[bytes], now: datetime) -> Preview:
    """What would become of certificates (DER)."""
    known = known_authorities(store)
    # A name that aliases kept from a CA that is gone would let this one's devices in, unasked (B-17).
    taken = {*known.own, *known.vendors, *names_in_aliases(store)}
    names: dict[bytes, str] = {}
    for der in certificates:
        names[der] = free_name(_common_name(read_certificate(der).subject), taken)
        taken.add(names[der])
    here = {authority.certificate: authority.name for authority in store.authorities.values()}
    here |= {vendor.certificate: vendor.name for vendor in store.vendor_cas.values()}
    paths = Paths([*here, *(der for der in certificates if der not in here)])
    return Preview(
        tuple(_previewed(der, names[der], paths.above(der), {**names, **here}, known, now) for der in certificates)
    )


def _previewed(
    der: bytes,
    name: str,
    above: tuple[bytes, ...],
    names: dict[bytes, str],
    known: KnownAuthorities,
    now: datetime,
) -> PreviewedCa:
    facts = read_certificate(der)
    missing = None if facts.is_root or above else facts.issuer
    return PreviewedCa(
        certificate=der,
        name=name,
        subject=facts.subject,
        issuer=facts.issuer,
        not_before=facts.not_before,
        not_after=facts.not_after,
        sha256=facts.sha256,
        is_self_signed=facts.is_root,
        issued_by=names[above[0]] if above else "",
        missing=missing,
        problem=_problem(facts, known) or anchor_problem(der) or "",
        warnings=_warnings(facts, known, now),
    )


def _problem(facts: CertificateFacts, known: KnownAuthorities) -> str:
    if not facts.is_ca:
        return "it is no CA's certificate; give those of the CAs above the devices"
    if not facts.may_sign_certificates:
        return "its key usage does not let it sign certificates; give the CA that signs the devices' certificates"
    for name, own in known.own.items():
        if own.sha256 == facts.sha256:
            return f"it is the CA {name} of this lab"
        if same_name(own.subject, facts.subject) and own.key.spki_sha256 != facts.key.spki_sha256:
            return f"the CA {name} of this lab has its subject with another key, and they would be mistaken (B-19)"
    for name, vendor in known.vendors.items():
        if vendor.sha256 == facts.sha256:
            return f"it is imported already, under the name {name}"
    return ""


def _warnings(facts: CertificateFacts, known: KnownAuthorities, now: datetime) -> tuple[str, ...]:
    warnings = []
    if now > facts.not_after:
        warnings.append(f"it expired on {facts.not_after:%Y-%m-%d}, and no device of its is let in")
    if now < facts.not_before:
        warnings.append(f"it is in date from {facts.not_before:%Y-%m-%d} only, and no device of its is let in before")
    for name, other in {**known.own, **known.vendors}.items():
        if is_same_ca(other, facts):
            renewal, of = ("it", name) if facts.not_before >= other.not_before else (name, "it")
            warnings.append(f"{renewal} is a renewal of {of}: same subject and key, and one CA to every alias")
    for name, vendor in known.vendors.items():
        if same_name(vendor.subject, facts.subject) and vendor.key.spki_sha256 != facts.key.spki_sha256:
            # OpenSSL looks for an issuer by name and key identifier, and takes the first of that name without one.
            warnings.append(
                f"{name} has its subject with another key; if their devices' certificates have no authority key "
                "identifier, TLS refuses those of one of the two"
            )
    return tuple(warnings)


def _common_name(subject: DistinguishedName) -> str:
    return next(reversed(subject.values("CN")), str(subject))

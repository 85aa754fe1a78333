"""The CAs that the lab knows, as the other use cases weigh them."""

from __future__ import annotations

from estconsole.domain.ca_drafts import KnownAuthorities
from estconsole.domain.certificate import CertificateFacts
from estconsole.domain.model import CertificatePurpose, CertificationAuthority, IssuedCertificate
from estconsole.pki.certificates import read_certificate
from estconsole.pki.chains import Paths
from estconsole.store.store import Store


def known_authorities(store: Store) -> KnownAuthorities:
    """Every CA by name, as facts, and which of this lab's are shut out by a revocation."""
    authorities = store.authorities.values()
    paths = Paths([authority.certificate for authority in authorities])
    revoked = frozenset(
        authority.name
        for authority in authorities
        if any(_is_revoked(store, der) for der in (authority.certificate, *paths.above(authority.certificate)))
    )
    return KnownAuthorities(
        own={authority.name: read_certificate(authority.certificate) for authority in authorities},
        vendors={vendor.name: read_certificate(vendor.certificate) for vendor in store.vendor_cas.values()},
        revoked=revoked,
    )


def chain_to_root(store: Store, authority: CertificationAuthority) -> tuple[bytes, ...]:
    """A CA's certificate (DER) and those of every known CA above it, up to its root or to where none is known."""
    every = store.authorities.values()
    known = [other.certificate for other in every]
    known += [vendor.certificate for vendor in store.vendor_cas.values()]
    known += [der for other in (*every, authority) for der in other.chain]
    return (authority.certificate, *Paths(dict.fromkeys(known)).above(authority.certificate))


def is_same_ca(one: CertificateFacts, other: CertificateFacts) -> bool:
    """Whether two certificates are of one CA, renewed with its key: a path may go by either (B-19)."""
    return one.subject == other.subject and one.key.spki_sha256 == other.key.spki_sha256


def record_of(certificate: bytes, issuing_ca: str) -> IssuedCertificate:
    """A CA's certificate (DER) as the register of certificates holds it."""
    return IssuedCertificate.of(read_certificate(certificate), certificate, CertificatePurpose.CA, issuing_ca)


def _is_revoked(store: Store, certificate: bytes) -> bool:
    record = store.certificates.get(read_certificate(certificate).sha256)
    return record is not None and record.revocation is not None

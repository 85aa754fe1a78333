"""The CAs that the lab knows, as the other use cases weigh them."""

from __future__ import annotations

from estconsole.administration.certificate_words import KnownIssuer
from estconsole.authority_chains import certificates_in_chains
from estconsole.domain.ca_drafts import KnownAuthorities
from estconsole.domain.certificate import CertificateFacts
from estconsole.domain.model import CertificatePurpose, CertificationAuthority, IssuedCertificate, VendorCa
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
    above = Paths(dict.fromkeys([*certificates_in_chains(store), *authority.chain])).above(authority.certificate)
    return (authority.certificate, *above)


def cut_off_without(store: Store, vendor: VendorCa) -> tuple[str, ...]:
    """The CAs of this lab, by name, whose chain would end before a root if a vendor CA that is in it were deleted."""
    now, then = Paths(certificates_in_chains(store)), Paths(certificates_in_chains(store, without=vendor))
    return tuple(
        authority.name
        for authority in store.authorities.values()
        if vendor.certificate in now.above(authority.certificate)
        and not read_certificate((authority.certificate, *then.above(authority.certificate))[-1]).is_root
    )


def own_parent(store: Store, certificate: bytes) -> CertificationAuthority | None:
    """The CA of this lab that issued a sub CA's certificate (DER); None for a root, and where it is none of these."""
    every = {authority.certificate: authority for authority in store.authorities.values()}
    issuers = Paths(every).issuers_of(certificate)
    return every[issuers[0]] if issuers else None


def issuer_of(store: Store, certificate: bytes) -> KnownIssuer | None:
    """The CA that is here and issued a certificate (DER); None for a root, and where it is not here."""
    if (parent := own_parent(store, certificate)) is not None:
        return KnownIssuer(parent.name, own=True)
    vendors = {vendor.certificate: vendor.name for vendor in store.vendor_cas.values()}
    issuers = Paths(vendors).issuers_of(certificate)
    return KnownIssuer(vendors[issuers[0]], own=False) if issuers else None


def is_same_ca(one: CertificateFacts, other: CertificateFacts) -> bool:
    """Whether two certificates are of one CA, renewed with its key: a path may go by either (B-19)."""
    return one.subject == other.subject and one.key.spki_sha256 == other.key.spki_sha256


def record_of(certificate: bytes, issuing_ca: str) -> IssuedCertificate:
    """A CA's certificate (DER) as the register of certificates holds it."""
    return IssuedCertificate.of(read_certificate(certificate), certificate, CertificatePurpose.CA, issuing_ca)


def _is_revoked(store: Store, certificate: bytes) -> bool:
    record = store.certificates.get(read_certificate(certificate).sha256)
    return record is not None and record.revocation is not None

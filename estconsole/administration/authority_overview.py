"""The CAs of this lab at a glance: each with what stands above it, its CRL in short, and what depends on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from estconsole.domain.certificate import CertificateFacts
from estconsole.domain.model import CertificatePurpose, CertificationAuthority
from estconsole.domain.revocation import CrlSummary, Revocation
from estconsole.pki.certificates import read_certificate
from estconsole.pki.chains import Paths
from estconsole.pki.crls import summary_of_crl
from estconsole.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityOverview:
    """A CA as a list shows it.

    `parent` names the CA of this lab above it, and `vendor` the vendor CA; both are empty for a root, and where what
    signed it is not here. `certificates` counts those that it issued to others than CAs, `aliases` names those whose
    CA Name or List of Vendor CAs has it (B-3).
    """

    authority: CertificationAuthority
    facts: CertificateFacts
    parent: str = ""
    vendor: str = ""
    revocation: Revocation | None = None
    crl: CrlSummary | None = None
    certificates: int = 0
    end_entities: int = 0
    aliases: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.authority.name


def overview_of(store: Store) -> tuple[AuthorityOverview, ...]:
    """Every CA, by name. What is read of the others is read once, however many there are."""
    authorities = sorted(store.authorities.values(), key=lambda authority: authority.name)
    own = {authority.certificate: authority.name for authority in authorities}
    vendors = {vendor.certificate: vendor.name for vendor in store.vendor_cas.values()}
    own_paths, vendor_paths = Paths(own), Paths(vendors)
    rows = store.certificates.rows()
    issued = Counter(row["issuing_ca"] for row in rows if row["purpose"] != CertificatePurpose.CA)
    entities = Counter(row["issuing_ca"] for row in store.end_entities.rows())
    return tuple(
        AuthorityOverview(
            authority=authority,
            facts=read_certificate(authority.certificate),
            parent=(parent := _issuer_in(own_paths, own, authority.certificate)),
            vendor="" if parent else _issuer_in(vendor_paths, vendors, authority.certificate),
            revocation=_revocation(store, authority.certificate),
            crl=_crl(store, authority.name),
            certificates=issued[authority.name],
            end_entities=entities[authority.name],
            aliases=_aliases(store, authority.name),
        )
        for authority in authorities
    )


def _issuer_in(paths: Paths, names: Mapping[bytes, str], certificate: bytes) -> str:
    issuers = paths.issuers_of(certificate)
    return names[issuers[0]] if issuers else ""


def _revocation(store: Store, certificate: bytes) -> Revocation | None:
    record = store.certificates.get(read_certificate(certificate).sha256)
    return None if record is None else record.revocation


def _crl(store: Store, name: str) -> CrlSummary | None:
    crl = store.crls.get(name)
    return None if crl is None else summary_of_crl(crl.der)


def _aliases(store: Store, name: str) -> tuple[str, ...]:
    using = (alias.name for alias in store.aliases.values() if alias.default_ca == name or name in alias.vendor_cas)
    return tuple(sorted(using))

"""The vendor CAs at a glance: each with what stands above it, its CRL in short, and the aliases that list it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from estconsole.domain.certificate import CertificateFacts
from estconsole.domain.model import VendorCa
from estconsole.domain.names import DistinguishedName
from estconsole.domain.revocation import CrlSummary
from estconsole.pki.certificates import read_certificate
from estconsole.pki.chains import Paths
from estconsole.pki.crls import summary_of_crl
from estconsole.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorOverview:
    """A vendor CA as a list shows it.

    `above` names the CAs above it that are here, its issuer's first; `missing` is the subject of the one that is not.
    `aliases` are those whose List of Vendor CAs has it (B-3).
    """

    vendor: VendorCa
    facts: CertificateFacts
    above: tuple[str, ...] = ()
    missing: DistinguishedName | None = None
    crl: CrlSummary | None = None
    aliases: tuple[str, ...] = ()


def overview_of(store: Store) -> tuple[VendorOverview, ...]:
    """Every vendor CA, by name. What is read of the others is read once, however many there are."""
    names = {authority.certificate: authority.name for authority in store.authorities.values()}
    vendors = sorted(store.vendor_cas.values(), key=lambda vendor: vendor.name)
    names |= {vendor.certificate: vendor.name for vendor in vendors}
    paths = Paths(names)
    listing: defaultdict[str, list[str]] = defaultdict(list)
    for alias in sorted(store.aliases.values(), key=lambda alias: alias.name):
        for name in alias.vendor_cas:
            listing[name].append(alias.name)
    return tuple(_overview(vendor, paths, names, listing.get(vendor.name, ())) for vendor in vendors)


def _overview(vendor: VendorCa, paths: Paths, names: Mapping[bytes, str], aliases: Sequence[str]) -> VendorOverview:
    above = paths.above(vendor.certificate)
    top = read_certificate((vendor.certificate, *above)[-1])
    return VendorOverview(
        vendor=vendor,
        facts=read_certificate(vendor.certificate),
        above=tuple(names[der] for der in above),
        missing=None if top.is_root else top.issuer,
        crl=None if vendor.crl is None else summary_of_crl(vendor.crl),
        aliases=tuple(aliases),
    )

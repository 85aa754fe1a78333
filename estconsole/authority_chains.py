"""The certificates that may stand above a CA of this lab: what cacerts, exports and the server send along (B-29)."""

from __future__ import annotations

from estconsole.domain.model import VendorCa
from estconsole.pki.certificates import read_certificate
from estconsole.store.store import Store


def certificates_in_chains(store: Store, without: VendorCa | None = None) -> dict[bytes, None]:
    """Every certificate (DER) that can be in the chain of a CA of this lab, those that are preferred first.

    Its own CAs come first, then vendors', of which a renewal is preferred to what it renews, then what came along
    with imported CAs. To stand in a chain is no reason to be trusted.
    """
    own = store.authorities.values()
    vendors = [vendor.certificate for vendor in store.vendor_cas.values() if vendor != without]
    vendors.sort(key=lambda der: read_certificate(der).not_after, reverse=True)
    came_along = (der for authority in own for der in authority.chain)
    return dict.fromkeys([*(authority.certificate for authority in own), *vendors, *came_along])

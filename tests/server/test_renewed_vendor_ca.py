"""A vendor CA that was renewed with its key: both certificates are one issuer, whichever is listed (B-19, B-44)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from estconsole.domain.refusal import RefusalReason
from tests.labs import save_alias
from tests.server.asking import fresh, granted, refusal
from tests.server.authorities import DAY, MONTH, Authority
from tests.server.served import Served
from tests.server.vendors import Vendor, import_vendor, take_crl


def renewed(vendor: Vendor, ends: timedelta = MONTH) -> tuple[Authority, str]:
    """The sub CA's renewal, imported beside it: its certificate, and its name here."""
    authority = vendor.root.renewal(vendor.sub, ends)
    name = f"{vendor.name} Sub CA renewed"
    import_vendor(vendor.served, authority, name)
    return authority, name


@pytest.fixture
def vendor(served: Served) -> Vendor:
    return Vendor.listed(served)


def test_a_crl_that_was_imported_for_one_counts_for_the_other(served: Served, vendor: Vendor) -> None:
    device = vendor.device(fresh("device"))
    authority, name = renewed(vendor)
    take_crl(served, name, authority.crl(device.certificate))
    assert refusal(served, vendor.enroll(device)) == (400, RefusalReason.VENDOR_CERTIFICATE_REVOKED)


def test_an_alias_may_list_either(served: Served, vendor: Vendor) -> None:
    _, name = renewed(vendor)
    save_alias(served.lab, vendor.name, vendorcaids=name)
    granted(vendor.enroll(vendor.device(fresh("device"))))
    save_alias(served.lab, vendor.name, vendorcaids=f"{vendor.name} Sub CA")
    granted(vendor.enroll(vendor.device(fresh("device"))))


def test_an_expired_certificate_beside_a_valid_one_shuts_nobody_out(served: Served) -> None:
    vendor = Vendor.listed(served)
    old = vendor.root.renewal(vendor.sub, -DAY / 2)
    import_vendor(served, old, f"{vendor.name} Sub CA of before")
    save_alias(served.lab, vendor.name, vendorcaids=f"{vendor.name} Sub CA of before")
    granted(vendor.enroll(vendor.device(fresh("device"))))

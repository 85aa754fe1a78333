"""Which vendor certificates are taken: their path, their dates and their CRLs, over TLS (B-17, B-19, B-40, B-44)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from estconsole.domain.handshake import HandshakeFailure
from estconsole.domain.refusal import RefusalReason
from estconsole.results import Saved
from tests.server.asking import fresh, granted, last_check, refusal, refused_check, shut_out
from tests.server.authorities import DAY
from tests.server.devices import Identity
from tests.server.served import Served, Watch
from tests.server.vendors import Vendor

STALE = {"issued": -2 * DAY, "ends": -DAY}
NOT_REVOKED = "vendor certificate not revoked"


@pytest.fixture(scope="module")
def listed(served: Served) -> Vendor:
    return Vendor.listed(served)


@pytest.fixture
def vendor(listed: Vendor) -> Iterator[Vendor]:
    """The vendor of this module, who has no CRL afterwards."""
    yield listed
    cas = listed.served.lab.administration.vendor_cas
    for known in cas.all():
        if known.name.startswith(f"{listed.name} ") and known.crl is not None:
            assert isinstance(cas.remove_crl(known.name, known.revision), Saved)


@pytest.fixture
def device(vendor: Vendor) -> Identity:
    return vendor.device(fresh("device"))


# What the device sends along (B-40)


def test_a_leaf_alone_and_with_its_sub_ca(vendor: Vendor, device: Identity) -> None:
    granted(vendor.enroll(device))
    other = vendor.device(fresh("device"))
    granted(vendor.enroll(Identity(other.certificate, other.key, (vendor.sub.der,))))
    third = vendor.device(fresh("device"))
    granted(vendor.enroll(Identity(third.certificate, third.key, (vendor.sub.der, vendor.root.der))))


def test_a_sub_ca_that_only_the_device_knows(served: Served, watch: Watch, vendor: Vendor) -> None:
    """The decision builds the path from the store, whatever was presented: TLS alone believes the device."""
    unknown = vendor.root.sub_authority("Unknown Sub CA")
    alone = unknown.issue("device")
    shut_out(served, watch, alone, HandshakeFailure.UNKNOWN_ISSUER)
    answer = vendor.enroll(Identity(alone.certificate, alone.key, (unknown.der,)))
    assert refusal(served, answer) == (400, RefusalReason.VENDOR_CERTIFICATE_FOREIGN)


def test_a_device_of_the_root_itself_where_the_sub_ca_is_listed(served: Served, vendor: Vendor) -> None:
    """B-17: the direct issuer must be listed."""
    answer = vendor.enroll(vendor.root.issue("device"))
    assert refusal(served, answer) == (400, RefusalReason.VENDOR_CERTIFICATE_FOREIGN)


def test_a_device_of_another_vendor(served: Served, vendor: Vendor) -> None:
    other = Vendor.listed(served)
    device = other.device(fresh("device"))
    assert refusal(served, vendor.enroll(device)) == (400, RefusalReason.VENDOR_CERTIFICATE_FOREIGN)
    granted(other.enroll(device))


# Dates (B-19, B-41)


@pytest.mark.parametrize(("starts", "ends"), [(-2 * DAY, -DAY), (DAY, 2 * DAY)], ids=["expired", "not yet"])
def test_a_vendor_certificate_out_of_date(served: Served, vendor: Vendor, starts: timedelta, ends: timedelta) -> None:
    username = fresh("device")
    vendor.device(username)
    answer = vendor.enroll(vendor.sub.issue(username, starts=starts, ends=ends))
    assert refusal(served, answer) == (400, RefusalReason.VENDOR_CERTIFICATE_NOT_IN_DATE)


# Revocation (B-19, B-44)


def test_without_a_crl_it_is_granted_and_the_trace_says_so(served: Served, vendor: Vendor, device: Identity) -> None:
    granted(vendor.enroll(device))
    came = last_check(served, NOT_REVOKED).came
    assert came.count("no CRL of its CA is imported") == 2  # the leaf's and the sub CA's; nobody revokes the root


def test_with_crls_that_do_not_name_it_it_is_granted(served: Served, vendor: Vendor, device: Identity) -> None:
    vendor.take_crl(vendor.sub.crl(vendor.sub.issue("another").certificate))
    vendor.take_crl(vendor.root.crl(), "Root CA")
    granted(vendor.enroll(device))
    assert "no CRL" not in last_check(served, NOT_REVOKED).came


def test_revoked_by_its_sub_cas_crl(served: Served, vendor: Vendor, device: Identity) -> None:
    vendor.take_crl(vendor.sub.crl(device.certificate))
    assert refusal(served, vendor.enroll(device)) == (400, RefusalReason.VENDOR_CERTIFICATE_REVOKED)
    granted(vendor.enroll(vendor.device(fresh("device"))))


@pytest.mark.parametrize("sent_along", [False, True])
def test_its_sub_ca_revoked_by_the_roots_crl(
    served: Served, vendor: Vendor, device: Identity, sent_along: bool
) -> None:
    vendor.take_crl(vendor.root.crl(vendor.sub.der), "Root CA")
    presented = Identity(device.certificate, device.key, (vendor.sub.der,) if sent_along else ())
    answer = vendor.enroll(presented)
    assert refusal(served, answer) == (400, RefusalReason.VENDOR_CERTIFICATE_REVOKED)
    check = refused_check(served, answer)
    assert check.name == NOT_REVOKED
    assert f"{vendor.name} Sub CA" in check.came


@pytest.mark.parametrize("ca", ["Sub CA", "Root CA"])
def test_a_stale_crl_refuses_until_a_newer_one_is_there(
    served: Served, vendor: Vendor, device: Identity, ca: str
) -> None:
    issuer = vendor.sub if ca == "Sub CA" else vendor.root
    vendor.take_crl(issuer.crl(**STALE), ca)
    assert refusal(served, vendor.enroll(device)) == (400, RefusalReason.VENDOR_CRL_STALE)
    vendor.take_crl(issuer.crl(), ca)
    granted(vendor.enroll(device))


def test_what_a_stale_crl_revoked_is_revoked(served: Served, vendor: Vendor, device: Identity) -> None:
    vendor.take_crl(vendor.sub.crl(device.certificate, **STALE))
    assert refusal(served, vendor.enroll(device)) == (400, RefusalReason.VENDOR_CERTIFICATE_REVOKED)

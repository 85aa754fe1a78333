"""The specification's vendor mode workflow, as printed but for paths and addresses, with the four published PEM files.

What a TLS library would hide (a leaf sent alone or with its sub CA, trust that changes) is tried with curl here too.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import demo_data
from estconsole.domain.refusal import RefusalReason
from estconsole.results import Saved
from tests.interop.device import Device
from tests.interop.programs import needs
from tests.labs import save_alias

pytestmark = [needs("openssl", "curl")]

PUBLISHED = Path(demo_data.__file__).parent
SUBJECT = "/CN=1234.primekey.com/O=PrimeKey/C=SE"
VENDOR = "--cert vendor-cert.pem --key vendor-key.pem"


@pytest.fixture
def vendor(device: Device) -> Device:
    """The device of the specification, with what its vendor put into it."""
    for file in PUBLISHED.glob("*.pem"):
        shutil.copy(file, device.directory)
    device.base = ".well-known/est/estvendor"
    device.fetch_ca_certificate()
    return device


def make_csr(device: Device, name: str = "device", subject: str = SUBJECT) -> None:
    device.run(f'openssl req -nodes -newkey rsa:2048 -keyout {name}.key -out {name}.csr -outform DER -subj "{subject}"')
    device.run(f"openssl base64 -in {name}.csr -out {name}.b64 -e")


def enroll(device: Device, certificate: str = VENDOR, body: str = "device.b64") -> str:
    return device.post("simpleenroll", body, "device-p7.b64", port=device.urls.mtls, certificate=certificate)


def why(device: Device) -> tuple[object, str]:
    row, check = device.last_row()
    return row.reason, check


def test_the_vendor_workflow(vendor: Device) -> None:
    vendor.run(f"curl --fail {vendor.urls.tls}/{vendor.base}/cacerts -o cacerts.p7 --cacert ManagementCA.cacert.pem")
    vendor.run("openssl base64 -in cacerts.p7 -d | openssl pkcs7 -inform DER -print_certs -out fetched.pem")
    same = "openssl x509 -in {} -noout -fingerprint -sha256"
    assert vendor.run(same.format("fetched.pem")) == vendor.run(same.format("ManagementCA.cacert.pem"))

    make_csr(vendor)
    assert "CN = 1234.primekey.com, O = PrimeKey, C = SE" in vendor.run(
        "openssl req -inform DER -in device.csr -text -noout"
    )
    assert enroll(vendor) == "200"
    first = vendor.unpack("device-p7.b64", "device-cert.pem")
    assert "Subject: C = SE, O = PrimeKey, CN = 1234.primekey.com" in first
    assert "Issuer: O = estconsole, CN = ManagementCA" in first

    make_csr(vendor, "device-new")
    own = "--key device.key --cert device-cert.pem"
    answer = "device-new-p7.b64"
    assert vendor.post("simplereenroll", "device-new.b64", answer, port=vendor.urls.mtls, certificate=own) == "200"
    renewed = vendor.unpack(answer, "device-new-cert.pem")
    assert "Subject: C = SE, O = PrimeKey, CN = 1234.primekey.com" in renewed

    assert enroll(vendor) == "400"
    assert why(vendor) == (RefusalReason.ENTITY_NOT_OPEN, "status")


def test_the_leaf_may_bring_its_sub_ca_along(vendor: Device) -> None:
    """The specification sends the sub CA too; the console knows it, so that neither way is needed (B-40)."""
    vendor.run("cat vendor-cert.pem VendorSubCAEC384.cacert.pem > vendor-chain.pem")
    make_csr(vendor)
    assert enroll(vendor, "--cert vendor-chain.pem --key vendor-key.pem") == "200"


def test_without_a_certificate_and_with_another_devices_csr(vendor: Device) -> None:
    make_csr(vendor)
    assert enroll(vendor, "") == "400"
    assert why(vendor) == (RefusalReason.VENDOR_CERTIFICATE_ABSENT, "vendor certificate presented")
    make_csr(vendor, "thief", "/CN=123456789")
    assert enroll(vendor, body="thief.b64") == "400"
    assert why(vendor) == (RefusalReason.VENDOR_OTHER_SUBJECT, "subject as in the vendor certificate")


def test_a_vendor_certificate_never_renews(vendor: Device) -> None:
    make_csr(vendor)
    assert enroll(vendor) == "200"
    status = vendor.post("simplereenroll", "device.b64", "answer", port=vendor.urls.mtls, certificate=VENDOR)
    assert status == "403"
    assert why(vendor) == (RefusalReason.CERTIFICATE_FOREIGN, "certificate issued here")


def test_the_name_in_turned_order_is_the_same(vendor: Device) -> None:
    """B-18: the specification's vendor certificate is C, O, CN and its CSR CN, O, C; so any order will do."""
    make_csr(vendor, subject="/O=PrimeKey/C=SE/CN=1234.primekey.com")
    assert enroll(vendor) == "200"


def test_trust_that_is_switched_off_shuts_the_device_out_at_once(vendor: Device) -> None:
    """B-39: no restart, and the running server sees it at the next handshake."""
    cas = vendor.lab.administration.vendor_cas
    make_csr(vendor)
    for name in ("Vendor Root CA", "Vendor Sub CA"):
        known = cas.get(name)
        assert known is not None
        assert isinstance(cas.set_trusted(name, False, known.revision), Saved)
    command = f"curl -sS --cacert ManagementCA.cacert.pem {VENDOR} {vendor.urls.mtls}/{vendor.base}/cacerts"
    assert "unknown ca" in vendor.run(command, check=False)
    for name in ("Vendor Root CA", "Vendor Sub CA"):
        known = cas.get(name)
        assert known is not None
        assert isinstance(cas.set_trusted(name, True, known.revision), Saved)
    assert enroll(vendor) == "200"


def test_server_keys_for_a_vendors_device(vendor: Device) -> None:
    """B-22: the key is another one than the CSR's, and the certificate is for it."""
    save_alias(vendor.lab, "estvendor", severkeygenenabled="true")
    make_csr(vendor)
    port = vendor.urls.mtls
    assert vendor.post("serverkeygen", "device.b64", "device-keypair", port=port, certificate=VENDOR) == "200"
    vendor.split_server_keygen("device-keypair")
    vendor.unpack("device-p7.b64", "device-cert.pem")
    certified = vendor.run("openssl x509 -in device-cert.pem -noout -pubkey")
    assert certified == vendor.run("openssl rsa -in enrolled-key.key -pubout 2>/dev/null")
    assert certified != vendor.run("openssl rsa -in device.key -pubout 2>/dev/null")

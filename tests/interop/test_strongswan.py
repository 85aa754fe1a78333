"""strongSwan's `pki` as a device: it sends no User-Agent and wants one line of base64 (B-28)."""

from __future__ import annotations

from tests.interop.device import Device
from tests.interop.programs import needs

pytestmark = [needs("pki", "openssl", "curl")]


def test_pki_fetches_the_ca_enrolls_and_renews(device: Device) -> None:
    """B-28, B-29, B-30: its TLS and its HTTP are its own, not curl's or openssl's."""
    device.fetch_ca_certificate()
    trust = "--cacert ManagementCA.cacert.pem"
    device.run(f"pki --estca --url {device.urls.tls} {trust} --caout ca.pem --outform pem --force")
    same = "openssl x509 -in {} -noout -fingerprint -sha256"
    assert device.run(same.format("ca.pem")) == device.run(same.format("ManagementCA.cacert.pem"))

    device.run("pki --gen --type ecdsa --size 256 --outform pem > key.pem")
    csr = 'pki --req --in key.pem --type ecdsa --dn "CN=123456789" --outform pem'
    device.run(f"{csr} --password password > device.csr")
    device.run(f"pki --est --url {device.urls.tls} --in device.csr {trust} --outform pem > cert.pem")
    assert "subject=CN = 123456789" in device.run("openssl x509 -in cert.pem -noout -subject")

    device.run(f"{csr} > renewal.csr")
    renewal = f"pki --est --url {device.urls.mtls} --in renewal.csr {trust} --cert cert.pem --key key.pem --outform pem"
    device.run(f"{renewal} > renewed.pem")
    serial = "openssl x509 -in {} -noout -serial"
    assert device.run(serial.format("renewed.pem")) != device.run(serial.format("cert.pem"))
    assert device.lab.feed.recent()[-1].operation == "simplereenroll"

"""Revocation as a relying party sees it: CRLs over plain HTTP, checked by openssl, and renewals that are refused."""

from __future__ import annotations

from estconsole.domain.refusal import RefusalReason
from estconsole.domain.revocation import RevocationReason
from tests.interop.device import Device
from tests.interop.programs import needs

pytestmark = [needs("openssl", "curl")]

OWN = "--cert device-cert.pem --key device.key"


def enroll(device: Device) -> None:
    device.fetch_ca_certificate()
    device.run(
        "openssl req -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout device.key -out device.csr "
        "-config openssl.conf && openssl req -in device.csr -outform DER | openssl base64 -e -out device.b64",
        answers="123456789\npassword\n",
    )
    assert device.post("simpleenroll", "device.b64", "device-p7.b64") == "200"
    device.unpack("device-p7.b64", "device-cert.pem")


def renew(device: Device) -> str:
    return device.post("simplereenroll", "device.b64", "answer", port=device.urls.mtls, certificate=OWN)


def check(device: Device) -> str:
    """What `openssl verify -crl_check` says with the CRL that the plain port serves now."""
    device.run(f"curl -sS --fail -o ca.crl {device.urls.http}/crl/ManagementCA.crl")
    device.run("openssl crl -inform DER -in ca.crl -out ca.crl.pem -CAfile ManagementCA.cacert.pem")
    command = "openssl verify -crl_check -CRLfile ca.crl.pem -CAfile ManagementCA.cacert.pem device-cert.pem"
    return device.run(command, check=False)


def number(device: Device) -> int:
    return int(device.run("openssl crl -in ca.crl.pem -noout -crlnumber").strip().partition("=")[2], 16)


def test_hold_then_release_then_revoke(device: Device) -> None:
    """B-43: each is seen by the next reader of the CRL, and by the next renewal."""
    enroll(device)
    assert "device-cert.pem: OK" in check(device)
    first = number(device)

    device.revoke("device-cert.pem", RevocationReason.CERTIFICATE_HOLD)
    assert "certificate revoked" in check(device)
    assert "Certificate Hold" in device.run("openssl crl -in ca.crl.pem -noout -text")
    assert number(device) > first
    assert renew(device) == "403"
    assert device.last_row()[0].reason is RefusalReason.CERTIFICATE_REVOKED

    device.release("device-cert.pem")
    assert "device-cert.pem: OK" in check(device)
    assert renew(device) == "200"

    device.revoke("device-cert.pem", RevocationReason.KEY_COMPROMISE)
    assert "certificate revoked" in check(device)
    words = device.run("openssl crl -in ca.crl.pem -noout -text")
    assert "Key Compromise" in words
    ca_key = device.run("openssl x509 -in ManagementCA.cacert.pem -noout -ext subjectKeyIdentifier").split()[-1]
    assert ca_key in words
    assert renew(device) == "403"

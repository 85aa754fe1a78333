"""Revocation as a relying party sees it: CRLs over plain HTTP, checked by openssl, and renewals that are refused."""

from __future__ import annotations

from estconsole.domain.ca_drafts import AuthorityDraft
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.revocation import RevocationReason
from estconsole.results import Saved
from tests.interop.device import Device
from tests.interop.programs import needs
from tests.labs import add

pytestmark = [needs("openssl", "curl")]

OWN = "--cert device-cert.pem --key device.key"


def request(device: Device, username: str = "123456789") -> None:
    """Enroll: the answer is in device-p7.b64."""
    device.fetch_ca_certificate()
    device.run(
        "openssl req -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout device.key -out device.csr "
        "-config openssl.conf && openssl req -in device.csr -outform DER | openssl base64 -e -out device.b64",
        answers=f"{username}\npassword\n",
    )
    assert device.post("simpleenroll", "device.b64", "device-p7.b64") == "200"


def enroll(device: Device) -> None:
    request(device)
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


def check_all(device: Device) -> str:
    """What `openssl verify -crl_check_all` says of a device below SubCA, with the CRLs of both CAs as they are now."""
    for name in ("ManagementCA", "SubCA"):
        device.run(f"curl -sS --fail -o {name}.crl {device.urls.http}/crl/{name}.crl")
        device.run(f"openssl crl -inform DER -in {name}.crl -out {name}.crl.pem")
    device.run("cat ManagementCA.crl.pem SubCA.crl.pem > crls.pem")
    command = "openssl verify -crl_check_all -CRLfile crls.pem -CAfile ManagementCA.cacert.pem -untrusted sub.pem"
    return device.run(f"{command} device-cert.pem", check=False)


def test_a_sub_ca_that_is_revoked_brings_down_what_is_below_it(device: Device) -> None:
    """B-43, B-44."""
    draft = AuthorityDraft(name="SubCA", subject="CN=SubCA", signed_by="ManagementCA")
    assert isinstance(device.lab.administration.authorities.create(draft), Saved)
    add(device.lab, "below", issuing_ca="SubCA")
    request(device, "below")
    device.run("openssl base64 -d -in device-p7.b64 | openssl pkcs7 -inform DER -print_certs -out device-cert.pem")
    device.run(f"curl -sS --fail -o sub.pem {device.urls.http}/ca/SubCA.cacert.pem")
    assert check_all(device).strip() == "device-cert.pem: OK"

    device.revoke("sub.pem", RevocationReason.CA_COMPROMISE)
    said = check_all(device)
    assert "CN = SubCA" in said
    assert "error 23 at 1 depth lookup: certificate revoked" in said
    assert renew(device) == "403"

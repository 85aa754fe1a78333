"""The specification's client-mode workflow, as printed but for paths and addresses, with the real programs.

estclient is not in a package: what it would send is replayed in tests/server, and curl makes its calls here.
"""

from __future__ import annotations

import re

from estconsole.domain.refusal import RefusalReason
from tests.interop.device import Device
from tests.interop.programs import needs
from tests.labs import add, save_alias

pytestmark = [needs("openssl", "curl")]

PROMPTS = "123456789\npassword\n"
"""What is typed: the common name, then the challenge password."""


def make_csr(device: Device, answers: str = PROMPTS) -> None:
    device.run(
        "openssl req -nodes -newkey rsa:2048 -keyout device.key -out device.csr -config openssl.conf", answers=answers
    )
    device.run("openssl req -in device.csr -outform DER -out device.csr.der")
    device.run("openssl base64 -in device.csr.der -out device.b64 -e")


def enrolled(device: Device) -> None:
    """The device with its first certificate in device-cert.pem."""
    device.fetch_ca_certificate()
    make_csr(device)
    assert device.post("simpleenroll", "device.b64", "device-p7.b64") == "200"
    device.unpack("device-p7.b64", "device-cert.pem")


def test_the_device_gets_the_ca_certificate_and_compares_its_fingerprint(device: Device) -> None:
    """README's first step: the fingerprint that openssl prints is the one that the console shows."""
    fingerprint = device.fetch_ca_certificate()
    facts = device.lab.administration.authorities.facts("ManagementCA")
    assert facts is not None
    assert fingerprint.lower().replace(":", "") == f"sha256 fingerprint={facts.sha256}"
    assert "CA:TRUE" in device.run("openssl x509 -in ManagementCA.cacert.pem -text -noout")


def test_cacerts_over_tls_is_the_same_certificate_with_and_without_label(device: Device) -> None:
    """B-2, B-29: estclient -g."""
    device.fetch_ca_certificate()
    for path in (".well-known/est/cacerts", ".well-known/est/est/cacerts"):
        device.run(f"curl -sS --fail --cacert ManagementCA.cacert.pem {device.urls.tls}/{path} -o cacerts.p7")
        device.run("openssl base64 -in cacerts.p7 -out cacerts.der -d")
        device.run("openssl pkcs7 -inform DER -in cacerts.der -print_certs -out fetched.pem")
        same = "openssl x509 -in {} -noout -fingerprint -sha256"
        assert device.run(same.format("fetched.pem")) == device.run(same.format("ManagementCA.cacert.pem"))


def test_the_client_mode_workflow(device: Device) -> None:
    """CSR at the prompts, enroll, inspect, re-enroll with the same key, set NEW, EC enroll and re-enroll."""
    device.fetch_ca_certificate()
    make_csr(device)
    assert "CN = 123456789" in device.run("openssl req -in device.csr -text")

    assert device.post("simpleenroll", "device.b64", "device-p7.b64") == "200"
    first = device.unpack("device-p7.b64", "device-cert.pem")
    assert "Subject: CN = 123456789" in first
    assert "TLS Web Client Authentication" in first

    own = "--cert device-cert.pem --key device.key"
    status = device.post("simplereenroll", "device.b64", "renewed-p7.b64", port=device.urls.mtls, certificate=own)
    assert status == "200"
    renewed = device.unpack("renewed-p7.b64", "renewed-cert.pem")
    assert "Subject: CN = 123456789" in renewed
    assert serial(renewed) != serial(first)

    device.run("openssl ecparam -name prime256v1 -genkey -noout -out prime256v1-key.pem")
    ec_csr = "openssl req -nodes -new -key prime256v1-key.pem -out device-ec.csr -config openssl.conf"
    device.run(ec_csr, answers=PROMPTS)
    assert "id-ecPublicKey" in device.run("openssl req -in device-ec.csr -text")
    device.run("openssl req -in device-ec.csr -outform DER | openssl base64 -e -out device-ec.b64")
    assert device.post("simpleenroll", "device-ec.b64", "device-ec-p7.b64") == "400"
    device.lab.administration.end_entities.set_new("123456789")
    assert device.post("simpleenroll", "device-ec.b64", "device-ec-p7.b64") == "200"
    assert "ASN1 OID: prime256v1" in device.unpack("device-ec-p7.b64", "device-ec-cert.pem")

    own = "--cert device-ec-cert.pem --key prime256v1-key.pem"
    status = device.post("simplereenroll", "device-ec.b64", "ec-renewed-p7.b64", port=device.urls.mtls, certificate=own)
    assert status == "200"
    assert "ASN1 OID: prime256v1" in device.unpack("ec-renewed-p7.b64", "ec-renewed-cert.pem")


def serial(words: str) -> str:
    found = re.search(r"Serial Number:\s+([0-9a-f:]+)", words)
    assert found is not None
    return found[1]


def refusal(device: Device, answer: str) -> tuple[str, RefusalReason | None, str]:
    """The line that the client got, the reason in the row that its reference finds, and the check that failed."""
    text = (device.directory / answer).read_text()
    row, check = device.last_row()
    assert text.count("\n") == 1
    assert row.reference in text
    assert isinstance(row.reason, RefusalReason)
    return text, row.reason, check


def test_a_wrong_code_three_times_then_a_spent_one(device: Device) -> None:
    """B-11, B-24, B-25: one text for all of them, and three tries close the entity of this test."""
    device.fetch_ca_certificate()
    add(device.lab, "three", max_failed_logins="3")
    make_csr(device, "three\nwrong-code\n")
    texts = set()
    for _ in range(3):
        assert device.post("simpleenroll", "device.b64", "answer") == "400"
        text, reason, check = refusal(device, "answer")
        assert (reason, check) == (RefusalReason.WRONG_CODE, "code")
        texts.add(re.sub(r"\(reference .*", "", text))
    make_csr(device, "three\npassword\n")
    assert device.post("simpleenroll", "device.b64", "answer") == "400"
    text, reason, check = refusal(device, "answer")
    assert (reason, check) == (RefusalReason.ENTITY_NOT_OPEN, "status")
    texts.add(re.sub(r"\(reference .*", "", text))
    make_csr(device, "nobody\npassword\n")
    assert device.post("simpleenroll", "device.b64", "answer") == "400"
    text, reason, check = refusal(device, "answer")
    assert (reason, check) == (RefusalReason.ENTITY_UNKNOWN, "end entity registered")
    texts.add(re.sub(r"\(reference .*", "", text))
    assert len(texts) == 1


def test_a_spent_code_is_refused(device: Device) -> None:
    enrolled(device)
    assert device.post("simpleenroll", "device.b64", "answer") == "400"
    _, reason, check = refusal(device, "answer")
    assert (reason, check) == (RefusalReason.ENTITY_NOT_OPEN, "status")


def test_a_renewal_without_a_certificate_is_refused_on_both_ports(device: Device) -> None:
    """B-25: 401, and the challenge is never Basic."""
    enrolled(device)
    for port in (device.urls.mtls, device.urls.tls):
        certificate = "-D headers"
        assert device.post("simplereenroll", "device.b64", "answer", port=port, certificate=certificate) == "401"
        _, reason, check = refusal(device, "answer")
        assert (reason, check) == (RefusalReason.NO_CLIENT_CERTIFICATE, "client certificate presented")
        headers = (device.directory / "headers").read_text()
        assert "WWW-Authenticate:" in headers
        assert "Basic" not in headers


def renewal(device: Device, certificate: str, body: str = "device.b64") -> str:
    return device.post("simplereenroll", body, "answer", port=device.urls.mtls, certificate=certificate)


def test_a_renewal_under_another_name_is_refused(device: Device) -> None:
    enrolled(device)
    device.run("openssl req -nodes -new -key device.key -out other.der -outform DER -subj /CN=registered_client")
    device.run("openssl base64 -in other.der -out other.b64 -e")
    assert renewal(device, "--cert device-cert.pem --key device.key", "other.b64") == "400"
    _, reason, check = refusal(device, "answer")
    assert (reason, check) == (RefusalReason.RENEWAL_OTHER_SUBJECT, "subject as in the certificate")


def test_a_renewal_with_the_servers_certificate_is_refused(device: Device) -> None:
    enrolled(device)
    material = device.lab.tls.material()
    (device.directory / "server.der").write_bytes(material.certificate_chain[0])
    (device.directory / "server-key.der").write_bytes(material.private_key)
    own = "--cert server.der --cert-type DER --key server-key.der --key-type DER"
    assert renewal(device, own) == "403"
    _, reason, check = refusal(device, "answer")
    assert (reason, check) == (RefusalReason.CERTIFICATE_NOT_END_ENTITY, "certificate of an end entity")


def test_a_renewal_after_deleting_and_adding_the_entity_is_refused(device: Device) -> None:
    enrolled(device)
    entity = device.lab.administration.end_entities.get("123456789")
    assert entity is not None
    device.lab.administration.end_entities.delete("123456789", entity.revision)
    add(device.lab, "123456789")
    assert renewal(device, "--cert device-cert.pem --key device.key") == "403"
    _, reason, check = refusal(device, "answer")
    assert (reason, check) == (RefusalReason.REGISTRATION_GONE, "registration still there")


def test_a_renewal_with_the_same_key_where_it_is_not_allowed_is_refused(device: Device) -> None:
    enrolled(device)
    save_alias(device.lab, "est", allowupdatewithsamekey="false")
    assert renewal(device, "--cert device-cert.pem --key device.key") == "400"
    _, reason, check = refusal(device, "answer")
    assert (reason, check) == (RefusalReason.RENEWAL_SAME_KEY, "key")
    device.run("openssl req -nodes -newkey rsa:2048 -keyout new.key -out new.der -outform DER -subj /CN=123456789")
    device.run("openssl base64 -in new.der -out new.b64 -e")
    assert renewal(device, "--cert device-cert.pem --key device.key", "new.b64") == "200"

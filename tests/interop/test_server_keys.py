"""The specification's workflow of server side key generation, as printed, with openssl, curl and its own script."""

from __future__ import annotations

import re

import pytest

from estconsole.domain.refusal import RefusalReason
from tests.interop.device import Device
from tests.interop.programs import needs
from tests.labs import save_alias

pytestmark = [needs("openssl", "curl", "bash")]

CSR = (
    "openssl req -nodes -newkey rsa:2048 -keyout device.key -out device.csr -outform DER -subj "
    '"/CN=registered_client" && openssl base64 -in device.csr -out device.b64 -e'
)


@pytest.fixture
def client(device: Device) -> Device:
    """`registered_client` before an alias that makes keys, with the printed CSR."""
    save_alias(device.lab, "est", severkeygenenabled="true")
    device.fetch_ca_certificate()
    device.run(CSR)
    return device


def code_of(device: Device) -> str:
    code = device.lab.administration.end_entities.code_of("registered_client")
    assert code is not None
    return code.reveal()


def why(device: Device) -> tuple[object, str]:
    row, check = device.last_row()
    return row.reason, check


def key_of_answer(device: Device, answer: str) -> str:
    """Split an answer with the printed script: the certificate is for the key that came, and not for the CSR's."""
    device.split_server_keygen(answer)
    words = device.unpack("device-p7.b64", "device-cert.pem")
    assert "Subject: CN = registered_client" in words
    assert "RSA key ok" in device.run("openssl rsa -in enrolled-key.key -check -noout")
    public = device.run("openssl x509 -in device-cert.pem -noout -pubkey")
    assert public == device.run("openssl rsa -in enrolled-key.key -pubout 2>/dev/null")
    assert public != device.run("openssl rsa -in device.key -pubout 2>/dev/null")
    return public


def test_the_printed_csr_carries_no_code_and_is_refused_with_that_remedy(client: Device) -> None:
    """B-22: it has no attributes at all, and the alias `est` looks for the code in one."""
    assert client.post("serverkeygen", "device.b64", "device-keypair") == "400"
    assert why(client) == (RefusalReason.CODE_ABSENT, "code in the CSR")
    assert "openssl req -config openssl.conf" in RefusalReason.CODE_ABSENT.value.remedy


def test_first_and_subsequent_keys_with_the_code_typed_at_the_prompts(client: Device) -> None:
    """The first key with the code; the next one on 8443 with the first certificate and key, and no code."""
    request = "openssl req -nodes -newkey rsa:2048 -keyout device.key -out device.csr -outform DER -config openssl.conf"
    client.run(request, answers=f"registered_client\n{code_of(client)}\n")
    client.run("openssl base64 -in device.csr -out device.b64 -e")
    assert client.post("serverkeygen", "device.b64", "device-keypair") == "200"
    first = key_of_answer(client, "device-keypair")

    client.run(CSR)
    client.run("cp device-cert.pem first-cert.pem; cp enrolled-key.key first-key.key")
    own = "--cert first-cert.pem --key first-key.key"
    port = client.urls.mtls
    assert client.post("serverkeygen", "device.b64", "device-keypair2", port=port, certificate=own) == "200"
    assert key_of_answer(client, "device-keypair2") != first
    entity = client.lab.administration.end_entities.get("registered_client")
    assert entity is not None
    assert entity.status.name == "GENERATED"


def test_the_printed_csr_unchanged_with_http_basic(client: Device) -> None:
    """B-16: curl -u; without it 401, and a wrong code is 401 as well."""
    save_alias(client.lab, "est", authenticationmodule="HttpBasicAuth")
    assert client.post("serverkeygen", "device.b64", "answer", certificate="-D headers") == "401"
    assert why(client) == (RefusalReason.BASIC_ABSENT, "HTTP Basic credentials")
    headers = (client.directory / "headers").read_text()
    assert re.search(r'^WWW-Authenticate: Basic realm="[^"]+"\r?$', headers, re.MULTILINE)
    with_wrong = "-u registered_client:wrong-code"
    assert client.post("serverkeygen", "device.b64", "answer", certificate=with_wrong) == "401"
    assert why(client) == (RefusalReason.WRONG_CODE, "code")
    with_code = f"-u registered_client:{code_of(client)}"
    assert client.post("serverkeygen", "device.b64", "device-keypair", certificate=with_code) == "200"
    key_of_answer(client, "device-keypair")


def test_the_code_in_a_dn_field(client: Device) -> None:
    """B-16, DnPartPwd: for a client that cannot make a challengePassword; the code goes into no certificate."""
    save_alias(client.lab, "est", authenticationmodule="DnPartPwd", extractdnpartpwdcomponent="OU")
    code = code_of(client)
    client.run(CSR.replace("/CN=registered_client", f"/CN=registered_client/OU={code}"))
    assert client.post("serverkeygen", "device.b64", "device-keypair") == "200"
    key_of_answer(client, "device-keypair")
    assert code not in client.run("openssl x509 -in device-cert.pem -text -noout")
    row, _ = client.last_row()
    detail = client.lab.administration.activities.detail(row.id)
    assert detail is not None
    assert code not in repr(detail)
    assert "registered_client" in detail.csr


def test_an_ec_key(client: Device) -> None:
    """B-22: the new key has the algorithm and size of the CSR's."""
    save_alias(client.lab, "est", authenticationmodule="HttpBasicAuth")
    client.run(
        "openssl req -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-384 -keyout device.key -out device.csr "
        '-outform DER -subj "/CN=registered_client" && openssl base64 -in device.csr -out device.b64 -e'
    )
    with_code = f"-u registered_client:{code_of(client)}"
    assert client.post("serverkeygen", "device.b64", "device-keypair", certificate=with_code) == "200"
    parts = (client.directory / "device-keypair").read_bytes().split(b"--CONTENTBOUNDARY\r\n")
    body = parts[1].partition(b"\r\n\r\n")[2]
    (client.directory / "key.b64").write_bytes(body)
    words = client.run("openssl base64 -d -in key.b64 | openssl pkey -inform DER -text -noout")
    assert "ASN1 OID: secp384r1" in words


def test_a_revoked_certificate_does_not_fall_through_to_a_good_code(client: Device) -> None:
    """B-22, B-44."""
    save_alias(client.lab, "est", authenticationmodule="HttpBasicAuth")
    entities = client.lab.administration.end_entities
    with_code = f"-u registered_client:{code_of(client)}"
    assert client.post("serverkeygen", "device.b64", "device-keypair", certificate=with_code) == "200"
    key_of_answer(client, "device-keypair")
    client.revoke("device-cert.pem")
    entities.set_new("registered_client")
    own = f"{with_code} --cert device-cert.pem --key enrolled-key.key"
    assert client.post("serverkeygen", "device.b64", "answer", port=client.urls.mtls, certificate=own) == "403"
    assert why(client) == (RefusalReason.CERTIFICATE_REVOKED, "certificate not revoked")

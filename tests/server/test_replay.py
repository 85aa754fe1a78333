"""libest's estclient, as it was recorded (B-33): its bytes are replayed, and its demands on the answer are kept."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID

from estconsole.domain.refusal import RefusalReason
from estconsole.lab import Lab
from estconsole.results import Conflict
from tests.server.devices import Identity, connected, exchange, read_to_end
from tests.server.served import Served, Watch, base64_csr
from tests.server.strict_reader import StrictAnswer, read_strictly
from tests.support import ec_key

RECORDINGS = Path(__file__).parent / "recordings"
TLS_1_2 = ssl.TLSVersion.TLSv1_2


def replay(served: Served, name: str, *, identity: Identity | None = None) -> StrictAnswer:
    port = served.mtls if identity else served.tls
    recording = (RECORDINGS / f"estclient-{name}.bin").read_bytes()
    return read_strictly(exchange(port, recording, served.context(identity, TLS_1_2)))


def reopen(lab: Lab) -> None:
    """The recorded device's entity, as the operator sets it back to NEW."""
    assert not isinstance(lab.administration.end_entities.set_new("123456789"), Conflict)


def certificates(answer: StrictAnswer) -> list[x509.Certificate]:
    return pkcs7.load_der_pkcs7_certificates(answer.certs_only())


@pytest.mark.parametrize("name", ["g", "g-label-est"])
def test_cacerts(served: Served, name: str) -> None:
    (certificate,) = certificates(replay(served, name))
    assert certificate.public_bytes(Encoding.PEM).decode() == served.ca_pem


@pytest.mark.parametrize("name", ["e", "e-label-est"])
def test_enroll(served: Served, name: str) -> None:
    reopen(served.lab)
    (certificate,) = certificates(replay(served, name))
    (common_name,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert common_name.value == "123456789"


def test_enroll_when_the_code_is_spent(served: Served) -> None:
    reopen(served.lab)
    assert replay(served, "e").status == 200
    answer = replay(served, "e")
    assert answer.status == 400
    assert answer.headers[b"Content-Type"] == b"text/plain; charset=utf-8"


def test_renew(served: Served) -> None:
    """The recorded CSR has another key than the certificate presented here: a renewal with a new key."""
    reopen(served.lab)
    key = ec_key()
    enrolled = served.post("/.well-known/est/simpleenroll", base64_csr("123456789", "password", key))
    (certificate,) = enrolled.certificates()
    answer = replay(served, "r", identity=Identity(certificate.public_bytes(Encoding.DER), key))
    (renewed,) = certificates(answer)
    assert renewed.subject == certificate.subject
    assert renewed.serial_number != certificate.serial_number


def test_renew_without_a_certificate(served: Served, watch: Watch) -> None:
    answer = replay(served, "r")
    assert answer.status == 401
    assert not answer.headers[b"WWW-Authenticate"].lower().startswith(b"basic")
    assert watch.wait_for(lambda row: row.reason is RefusalReason.NO_CLIENT_CERTIFICATE)


def test_the_stray_line_end_may_come_by_itself(served: Served) -> None:
    """estclient writes it apart from the body: often before the answer is there, in a TLS record of its own."""
    reopen(served.lab)
    request, stray = (RECORDINGS / "estclient-e.bin").read_bytes()[:-2], b"\r\n"
    with connected(served.tls, served.context(version=TLS_1_2)) as connection:
        connection.sendall(request)
        connection.sendall(stray)
        answer = read_strictly(read_to_end(connection))
    assert answer.status == 200

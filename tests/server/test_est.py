from __future__ import annotations

import base64
import concurrent.futures
import json
import socket
from email.utils import parsedate_to_datetime

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from estconsole.activity import Outcome
from estconsole.domain.refusal import RefusalReason
from server.wire import MAX_BODY
from tests.server.asking import fresh
from tests.server.devices import connected, http_request, read_answer, read_to_end
from tests.server.served import CSR_HEADERS, Served, Watch, base64_csr, refused_as
from tests.support import csr_der, ec_key, rsa_key

ENROLL = "/.well-known/est/simpleenroll"
ENROLL_TYPE = "application/pkcs7-mime; smime-type=certs-only"


def pem(der: bytes, label: str = "CERTIFICATE REQUEST") -> bytes:
    return f"-----BEGIN {label}-----\n".encode() + base64.encodebytes(der) + f"-----END {label}-----\n".encode()


# Answers as they are on the wire (B-28 to B-30, B-33)


def test_a_grant_on_the_wire(served: Served) -> None:
    served.register("on the wire")
    answer = served.post(ENROLL, base64_csr("on the wire"))
    assert answer.status == 200
    assert answer.header("Content-Type") == ENROLL_TYPE
    assert answer.header("Content-Transfer-Encoding") == "base64"
    assert answer.header("Content-Length") == str(len(answer.body))
    assert answer.header("Connection") == "close"
    assert {name for name, _ in answer.headers} == {
        "Date",
        "Content-Type",
        "Content-Transfer-Encoding",
        "Content-Length",
        "Connection",
    }
    assert len(answer.certificates()) == 1
    assert parsedate_to_datetime(answer.header("Date") or "").tzinfo is not None


def test_cacerts_takes_a_label_and_does_without(served: Served) -> None:
    for path in ("/.well-known/est/cacerts", "/.well-known/est/est/cacerts"):
        answer = served.get(path)
        assert answer.header("Content-Type") == ENROLL_TYPE
        assert [ca.public_bytes(Encoding.PEM).decode() for ca in answer.certificates()] == [served.ca_pem]


def test_lines_are_64_long_and_all_end(served: Served) -> None:
    lines = served.get("/.well-known/est/cacerts").body.split(b"\r\n")
    assert lines.pop() == b""
    assert {len(line) for line in lines[:-1]} == {64}


def test_a_client_without_user_agent_gets_one_line(served: Served) -> None:
    """strongSwan's pki sends none, and reads base64 that is not wrapped (B-28)."""
    served.register("strongswan")
    assert b"\n" not in served.send(http_request("GET", "/.well-known/est/cacerts", agent=False)).body
    answer = served.post(ENROLL, base64_csr("strongswan"), agent=False)
    assert b"\n" not in answer.body
    assert len(answer.certificates()) == 1


def test_a_connection_serves_several_requests(served: Served) -> None:
    request = b"GET /.well-known/est/cacerts HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with connected(served.tls, served.context()) as connection:
        lengths = set()
        for _ in range(3):
            connection.sendall(request)
            stream = b""
            while b"\r\n\r\n" not in stream:
                stream += connection.recv(65536)
            answer = read_answer(stream)
            body = answer.body
            while len(body) < int(answer.header("Content-Length") or 0):
                body += connection.recv(65536)
            lengths.add(len(body))
    assert len(lengths) == 1


def test_a_renewal_with_a_new_key(served: Served) -> None:
    device = served.enroll("to renew")
    answer = served.post("/.well-known/est/est/simplereenroll", base64_csr("to renew", None, ec_key()), identity=device)
    (renewed,) = answer.certificates()
    assert renewed.subject.rfc4514_string() == "CN=to renew"


def test_a_renewal_without_a_certificate(served: Served, watch: Watch) -> None:
    answer = served.post("/.well-known/est/simplereenroll", base64_csr("nobody", None))
    refused_as(answer, RefusalReason.NO_CLIENT_CERTIFICATE, watch)
    challenge = answer.header("WWW-Authenticate")
    assert challenge is not None
    assert "basic" not in challenge.lower()


def test_unknown_entity_and_wrong_code_are_one_answer(served: Served, watch: Watch) -> None:
    served.register("known")
    unknown = served.post(ENROLL, base64_csr("unknown"))
    wrong = served.post(ENROLL, base64_csr("known", "not the code"))
    refused_as(unknown, RefusalReason.ENTITY_UNKNOWN, watch)
    refused_as(wrong, RefusalReason.WRONG_CODE, watch)
    assert unknown.text.partition("(reference")[0] == wrong.text.partition("(reference")[0]
    assert unknown.status == wrong.status


# Bodies (B-25, B-27)


@pytest.mark.parametrize(
    "encode",
    [
        base64.encodebytes,
        base64.b64encode,
        lambda der: base64.encodebytes(der).replace(b"\n", b"\r\n"),
        lambda der: b"\r\n \t" + base64.encodebytes(der).replace(b"\n", b" ") + b"\n\n",
        lambda der: der,
        pem,
        lambda der: pem(der, "NEW CERTIFICATE REQUEST"),
    ],
    ids=["lines", "one line", "CRLF", "white space", "DER", "PEM", "new PEM"],
)
def test_bodies_that_are_taken(served: Served, encode: object, request: pytest.FixtureRequest) -> None:
    assert callable(encode)
    username = request.node.callspec.id
    served.register(username)
    answer = served.post(ENROLL, encode(csr_der(f"CN={username}", code="a code to enroll")))
    assert answer.status == 200, answer.text


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", RefusalReason.BODY_EMPTY),
        (b" \r\n\t ", RefusalReason.BODY_EMPTY),
        (b"this is no base64!", RefusalReason.BODY_NOT_BASE64),
        (b"MIIB", RefusalReason.CSR_UNDECODABLE),
        (base64.b64encode(pem(csr_der("CN=x"))), RefusalReason.BODY_BASE64_OF_PEM),
        (pem(b"abc", "PRIVATE KEY"), RefusalReason.CSR_UNDECODABLE),
        (b"\x30\x03\x02\x01\x01", RefusalReason.CSR_UNDECODABLE),
        (b"\x00" * 100, RefusalReason.BODY_NOT_BASE64),
    ],
)
def test_bodies_that_are_refused(served: Served, watch: Watch, body: bytes, reason: RefusalReason) -> None:
    refused_as(served.post(ENROLL, body), reason, watch)


def test_a_csr_with_a_broken_signature(served: Served, watch: Watch) -> None:
    der = bytearray(csr_der("CN=broken", code="a code"))
    der[-1] ^= 1
    refused_as(served.post(ENROLL, base64.b64encode(der)), RefusalReason.CSR_BAD_SIGNATURE, watch)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_csr_is_an_internal_fault(served: Served, data: st.DataObject) -> None:
    """A CSR with some bytes changed, so that most of it still looks like one."""
    der = bytearray(csr_der("CN=damaged", rsa_key(), "a code"))
    for _ in range(data.draw(st.integers(1, 3))):
        der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))
    answer = served.post(ENROLL, base64.b64encode(der))
    assert answer.status == 400


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(st.binary(max_size=300), st.binary(max_size=200).map(base64.b64encode), st.binary(max_size=99).map(pem))
)
def test_no_body_is_an_internal_fault(served: Served, body: bytes) -> None:
    answer = served.post(ENROLL, body)
    assert answer.status == 400
    assert "(reference " in answer.text


def test_a_body_over_the_limit(served: Served, watch: Watch) -> None:
    """It is answered at its end, not before: a client that sends first and reads then would lose the answer."""
    request = http_request("POST", ENROLL, b"A" * 2**20, CSR_HEADERS)
    with connected(served.tls, served.context()) as connection:
        connection.sendall(request[:-1])
        assert served.get("/.well-known/est/cacerts").status == 200
        assert [row.outcome for row in watch.rows] == [Outcome.GRANTED]
        connection.sendall(request[-1:])
        answer = read_answer(read_to_end(connection))
    refused_as(answer, RefusalReason.BODY_TOO_LARGE, watch)
    assert answer.header("Connection") == "close"


def test_a_body_over_the_limit_that_waits_for_leave_is_not_sent(served: Served, watch: Watch) -> None:
    request = http_request("POST", ENROLL, b"A" * 2**20, CSR_HEADERS | {"Expect": "100-continue"})
    head = request.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    refused_as(served.send(head), RefusalReason.BODY_TOO_LARGE, watch)


def test_a_body_that_waits_for_leave_is_let(served: Served) -> None:
    served.register("polite")
    request = http_request("POST", ENROLL, base64_csr("polite"), CSR_HEADERS | {"Expect": "100-continue"})
    head, separator, body = request.partition(b"\r\n\r\n")
    with connected(served.tls, served.context()) as connection:
        connection.sendall(head + separator)
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body)
        assert read_answer(read_to_end(connection)).status == 200


def test_a_chunked_body_over_the_limit(served: Served, watch: Watch) -> None:
    chunks = (b"4000\r\n" + b"A" * 0x4000 + b"\r\n") * 64 + b"0\r\n\r\n"
    request = http_request("POST", ENROLL, headers=CSR_HEADERS | {"Transfer-Encoding": "chunked"}) + chunks
    refused_as(served.send(request), RefusalReason.BODY_TOO_LARGE, watch)


def test_a_body_without_end_is_not_read_for_ever(served: Served) -> None:
    """A client that only sends is cut off; it may or may not come to read why."""
    with connected(served.tls, served.context()) as connection:
        connection.sendall(http_request("POST", ENROLL, headers=CSR_HEADERS | {"Content-Length": str(2**40)}))
        with pytest.raises(OSError):  # noqa: PT011 - reset or broken pipe, as the machine has it
            _send_for_ever(connection)


def _send_for_ever(connection: socket.socket) -> None:
    """Send until it fails, and not far past what the server drops and the machine buffers."""
    for _ in range(1_000):
        connection.sendall(b"A" * 65536)
    pytest.fail("64 MiB were taken")


def test_a_chunked_body(served: Served) -> None:
    served.register("chunked")
    body = base64_csr("chunked")
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(line), line) for line in body.splitlines(keepends=True))
    request = http_request("POST", ENROLL, headers=CSR_HEADERS | {"Transfer-Encoding": "chunked"})
    assert served.send(request + chunks + b"0\r\n\r\n").status == 200


def test_the_largest_body_that_is_taken(served: Served, watch: Watch) -> None:
    refused_as(served.post(ENROLL, b" " * MAX_BODY), RefusalReason.BODY_EMPTY, watch)
    refused_as(served.post(ENROLL, b" " * (MAX_BODY + 1)), RefusalReason.BODY_TOO_LARGE, watch)


def test_media_types(served: Served, watch: Watch) -> None:
    served.register("typed")
    wrong = served.post(ENROLL, base64_csr("typed"), {"Content-Type": "application/x-www-form-urlencoded"})
    refused_as(wrong, RefusalReason.WRONG_MEDIA_TYPE, watch)
    assert served.post(ENROLL, base64_csr("typed"), {"Content-Type": "APPLICATION/pkcs10; x=y"}).status == 200
    served.register("untyped")
    assert served.post(ENROLL, base64_csr("untyped"), {}).status == 200


# Paths and methods (B-2, B-25)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/.well-known/est/cacerts", "GET"),
        ("HEAD", "/.well-known/est/est/cacerts", "GET"),
        ("PROPFIND", "/.well-known/est/cacerts", "GET"),
        ("GET", ENROLL, "POST"),
        ("PUT", "/.well-known/est/est/simplereenroll", "POST"),
        ("GET", "/.well-known/est/serverkeygen", "POST"),
        ("POST", "/.well-known/est/est/csrattrs", "GET"),
        ("OPTIONS", ENROLL, "POST"),
    ],
)
def test_a_wrong_method(served: Served, watch: Watch, method: str, path: str, allowed: str) -> None:
    answer = served.send(http_request(method, path))
    assert answer.status == 405
    assert answer.header("Allow") == allowed
    row = watch.wait_for(lambda row: row.reason is RefusalReason.WRONG_METHOD)
    assert row.alias == "est"
    if method != "HEAD":
        refused_as(answer, RefusalReason.WRONG_METHOD, watch)


def test_what_is_not_http_gets_a_counted_line(served: Served) -> None:
    answer = served.send(b"\x00\x01 this is not HTTP\r\n\r\n")
    assert answer.status == 400
    assert answer.header("Content-Length") == str(len(answer.body))
    assert answer.header("Transfer-Encoding") is None


# Clients that go, and clients that come together


def test_a_client_that_goes_in_the_middle_of_its_body(
    served: Served, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    for path in (ENROLL, "/nowhere"):
        with connected(served.tls, served.context()) as connection:
            request = http_request("POST", path, b"A" * 1000, CSR_HEADERS)
            connection.sendall(request[:-500])
            connection.shutdown(socket.SHUT_RDWR)
    assert served.get("/.well-known/est/cacerts").status == 200
    watch.wait_for(lambda row: row.outcome is Outcome.GRANTED)
    assert [row.outcome for row in watch.rows] == [Outcome.GRANTED]
    assert not [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")]


def test_twenty_devices_at_once(served: Served) -> None:
    usernames = [fresh("device") for _ in range(20)]
    for username in usernames:
        served.register(username)
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda name: served.post(ENROLL, base64_csr(name)), usernames))
    subjects = [answer.certificates()[0].subject.rfc4514_string() for answer in answers]
    assert subjects == [f"CN={username}" for username in usernames]


def test_one_code_enrolls_one_of_many(served: Served) -> None:
    served.register("contested")
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        statuses = list(pool.map(lambda _: served.post(ENROLL, base64_csr("contested")).status, range(10)))
    assert sorted(statuses) == [200] + [400] * 9


def test_codes_are_in_no_log(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    served.register("discreet", "planted-code-1")
    body = base64_csr("discreet", "planted-code-1")
    assert served.post(ENROLL, body).status == 200
    assert served.post(ENROLL, body).status == 400
    basic = base64.b64encode(b"discreet:planted-code-2").decode()
    for path in ("/nowhere", ENROLL):
        assert served.send(http_request("POST", path, body, {"Authorization": f"Basic {basic}"})).status in (400, 404)
    logged = json.dumps([record.getMessage() for record in caplog.records])
    for secret in ("planted-code", base64.b64encode(b"planted-code-1").decode(), body[:40].decode(), basic):
        assert secret not in logged


def test_a_device_over_ipv6(served: Served) -> None:
    with connected(served.tls, served.context(), host="::1") as connection:
        connection.sendall(http_request("GET", "/.well-known/est/cacerts"))
        assert read_answer(read_to_end(connection)).status == 200


def test_cacerts_does_not_mind_a_certificate(served: Served) -> None:
    device = served.enroll("reader")
    assert served.send(http_request("GET", "/.well-known/est/cacerts"), identity=device).status == 200

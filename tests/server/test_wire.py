from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estconsole.activity import Activity, Outcome
from estconsole.domain.decision import Granted
from estconsole.domain.handshake import HandshakeFailure
from estconsole.domain.refusal import RefusalReason
from estconsole.engine import Enrollment
from estconsole.pki.cms import certs_only
from server.wire import Payload, answer_code, encode_base64, is_csr_type, payload_of, refusal_answer
from tests.server.authorities import Authority

R = RefusalReason

STATUSES = {
    404: {R.UNKNOWN_OPERATION},
    405: {R.WRONG_METHOD},
    413: {R.BODY_TOO_LARGE},
    415: {R.WRONG_MEDIA_TYPE},
    401: {R.NO_CLIENT_CERTIFICATE, R.BASIC_ABSENT},
    503: {R.KEYGEN_BUSY, R.SERVER_STOPPING},
    500: {R.INTERNAL_FAULT},
    501: {R.FULLCMC},
    403: {
        R.EST_SWITCHED_OFF,
        R.CERTIFICATE_FOREIGN,
        R.CERTIFICATE_NOT_END_ENTITY,
        R.CERTIFICATE_REVOKED,
        R.CERTIFICATE_NOT_IN_DATE,
        R.CERTIFICATE_PATH_INVALID,
        R.CERTIFICATE_WRONG_USAGE,
        R.REGISTRATION_GONE,
        R.REGISTRATION_CLOSED,
        R.CERTIFICATE_OTHER_ALIAS,
    },
}
"""B-25: what is not listed here is 400."""
ONE_ANSWER = {R.ENTITY_UNKNOWN, R.WRONG_CODE, R.ENTITY_NOT_OPEN, R.ENTITY_WITHOUT_CODE, R.ENTITY_OTHER_ALIAS}


def row(reason: RefusalReason | HandshakeFailure | None, *, http_basic: bool = False) -> Activity:
    outcome = Outcome.GRANTED if reason is None else Outcome.REFUSED
    return Activity(id=1, at=datetime.now(UTC), outcome=outcome, peer="", reason=reason, http_basic=http_basic)


def granted(**fields: object) -> Enrollment:
    return Enrollment(decision=Granted(trace=()), reference="7F3K2A", **fields)


def b64(der: bytes) -> str:
    return base64.b64encode(der).decode()


@pytest.fixture
def certificate() -> bytes:
    return Authority.named("a CA").der


@pytest.mark.parametrize("reason", RefusalReason, ids=lambda reason: reason.key)
def test_every_reason_has_its_status(reason: RefusalReason) -> None:
    expected = next((status for status, reasons in STATUSES.items() if reason in reasons), 400)
    assert answer_code(row(reason)) == expected


@pytest.mark.parametrize("reason", RefusalReason, ids=lambda reason: reason.key)
def test_every_refusal_is_one_ascii_line_that_ends_with_its_reference(reason: RefusalReason) -> None:
    line = refusal_answer(reason).line("7F3K2A")
    assert line.endswith(" (reference 7F3K2A)\n")
    assert line.count("\n") == 1
    assert line.isascii()
    assert len(line) > len(" (reference 7F3K2A)\n")


def test_a_grant_is_200() -> None:
    assert answer_code(row(None)) == 200


def test_a_handshake_had_no_answer() -> None:
    with pytest.raises(LookupError):
        answer_code(row(HandshakeFailure.SILENCE))


def test_who_is_registered_and_with_what_code_is_not_told_apart() -> None:
    assert len({refusal_answer(reason) for reason in ONE_ANSWER}) == 1


@pytest.mark.parametrize("reason", RefusalReason, ids=lambda reason: reason.key)
def test_http_basic_asks_again_for_what_is_wrong_with_the_code_alone(reason: RefusalReason) -> None:
    """B-25: on such an alias 401 with a Basic challenge stands for the one answer of 400, and for no other."""
    answer = refusal_answer(reason, http_basic=True)
    if reason in ONE_ANSWER:
        assert (answer.status, answer.headers) == (401, (("WWW-Authenticate", 'Basic realm="EST"'),))
        assert answer_code(row(reason, http_basic=True)) == 401
        assert answer.text == refusal_answer(reason).text
    else:
        assert answer == refusal_answer(reason)


def test_absent_credentials_are_asked_for() -> None:
    assert refusal_answer(R.BASIC_ABSENT).headers == (("WWW-Authenticate", 'Basic realm="EST"'),)


def test_a_busy_server_says_when_to_come_back() -> None:
    for reason in (R.KEYGEN_BUSY, R.SERVER_STOPPING):
        assert refusal_answer(reason).headers == (("Retry-After", "5"),)


def test_what_is_registered_for_a_vendors_device_is_not_told() -> None:
    texts = {refusal_answer(each).text for each in (R.VENDOR_OTHER_REGISTERED_SUBJECT, R.CHANGE_SUBJECT_NAME_OTHER)}
    assert texts == {refusal_answer(R.ENTITY_UNKNOWN).text}


def test_a_renewal_without_certificate_is_challenged_but_not_for_a_password() -> None:
    ((name, challenge),) = refusal_answer(R.NO_CLIENT_CERTIFICATE).headers
    assert name == "WWW-Authenticate"
    assert not challenge.lower().startswith("basic")


def test_what_is_wrong_with_a_certificate_is_not_told() -> None:
    assert len({refusal_answer(reason) for reason in STATUSES[403] - {R.EST_SWITCHED_OFF}}) == 1


# Grants (B-28 to B-32)


def test_a_key_with_its_certificate_to_the_byte(certificate: bytes) -> None:
    """B-31: no preamble, two headers a part, one blank line, none before the next boundary."""
    payload = payload_of(granted(certificates=(certificate,), private_key=b"k" * 50), has_user_agent=False)
    assert (payload.status, payload.media_type) == (200, "multipart/mixed; boundary=CONTENTBOUNDARY")
    assert payload.headers == ()
    assert payload.body == (
        b"--CONTENTBOUNDARY\r\n"
        b"Content-Type: application/pkcs8\r\n"
        b"Content-Transfer-Encoding: base64\r\n"
        b"\r\n" + encode_base64(b"k" * 50) + b"--CONTENTBOUNDARY\r\n"
        b"Content-Type: application/pkcs7-mime; smime-type=certs-only\r\n"
        b"Content-Transfer-Encoding: base64\r\n"
        b"\r\n" + encode_base64(certs_only((certificate,))) + b"--CONTENTBOUNDARY--\r\n"
    )
    assert "kkkk" not in repr(payload)
    assert b64(b"k" * 50)[:20] not in repr(payload)


@pytest.mark.parametrize("has_user_agent", [True, False])
def test_csr_attributes_are_always_in_lines(has_user_agent: bool) -> None:
    """B-28's exception is for cacerts and enrollments alone."""
    payload = payload_of(granted(csr_attributes=b"a" * 100), has_user_agent=has_user_agent)
    assert (payload.status, payload.media_type) == (200, "application/csrattrs")
    assert payload.headers == (("Content-Transfer-Encoding", "base64"),)
    assert payload.body == encode_base64(b"a" * 100)


def test_no_csr_attributes_are_no_content() -> None:
    assert payload_of(granted(csr_attributes=b""), has_user_agent=True) == Payload(204, None, b"")


@given(st.binary(max_size=500))
def test_wrapped_base64_has_lines_of_64_and_ends_every_one(der: bytes) -> None:
    text = encode_base64(der, wrapped=True)
    lines = text.split(b"\r\n")
    assert lines.pop() == b""
    assert all(len(line) == 64 for line in lines[:-1])
    assert all(0 < len(line) <= 64 for line in lines)
    assert base64.b64decode(text) == der


@given(st.binary(max_size=500))
def test_unwrapped_base64_is_one_line(der: bytes) -> None:
    assert encode_base64(der, wrapped=False) == base64.b64encode(der)


@pytest.mark.parametrize(
    ("content_type", "is_one"),
    [
        (None, True),
        ("application/pkcs10", True),
        ("Application/PKCS10; charset=utf-8", True),
        (" application/pkcs10 ;", True),
        ("application/x-www-form-urlencoded", False),
        ("application/pkcs10x", False),
        ("", False),
        ("text/plain; application/pkcs10", False),
    ],
)
def test_media_types_of_a_request(content_type: str | None, is_one: bool) -> None:
    assert is_csr_type(content_type) is is_one

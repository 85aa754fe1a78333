"""Bodies of EST requests, in every form that clients send (B-27)."""

from __future__ import annotations

import base64
import textwrap
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estconsole.domain.body import decode_body
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import Unreadable

# A DER SEQUENCE of 200 bytes: what a request looks like from outside.
DER = b"\x30\x81\xc8" + bytes(range(200))
ONE_LINE = base64.b64encode(DER)


def pem(label: str = "CERTIFICATE REQUEST", end: str = "\n") -> bytes:
    lines = [f"-----BEGIN {label}-----", *textwrap.wrap(ONE_LINE.decode(), 64), f"-----END {label}-----", ""]
    return end.join(lines).encode()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(ONE_LINE, id="one line"),
        pytest.param(base64.encodebytes(DER), id="lines"),
        pytest.param(base64.encodebytes(DER).replace(b"\n", b"\r\n"), id="lines with CRLF"),
        pytest.param(b" \t\r\n" + ONE_LINE + b"\n\n", id="white space around"),
        pytest.param(b" ".join(ONE_LINE[at : at + 3] for at in range(0, len(ONE_LINE), 3)), id="white space inside"),
        pytest.param(DER, id="raw DER"),
        pytest.param(pem(), id="PEM"),
        pytest.param(pem("NEW CERTIFICATE REQUEST", "\r\n"), id="PEM of another label, with CRLF"),
        pytest.param(b"\n" + pem() + b"\n", id="PEM with white space around"),
        pytest.param(pem("CERTIFICATE") + pem(), id="PEM after another"),
        pytest.param(b"Certificate Request:\n    Data:\n" + pem(), id="PEM after the words of openssl req -text"),
    ],
)
def test_forms_that_are_taken(body: bytes) -> None:
    """B-27, RFC 8951 2.1."""
    assert decode_body(body) == DER


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", RefusalReason.BODY_EMPTY),
        (b" \r\n", RefusalReason.BODY_EMPTY),
        (b"no base64!", RefusalReason.BODY_NOT_BASE64),
        (ONE_LINE[:-1], RefusalReason.BODY_NOT_BASE64),
        (ONE_LINE.replace(b"A", b"-"), RefusalReason.BODY_NOT_BASE64),
        (b"\xff\xfe" + ONE_LINE, RefusalReason.BODY_NOT_BASE64),
        (b"YQ==" + ONE_LINE, RefusalReason.BODY_NOT_BASE64),
        (base64.b64encode(pem()), RefusalReason.BODY_BASE64_OF_PEM),
        (base64.encodebytes(b"\n" + pem()), RefusalReason.BODY_BASE64_OF_PEM),
        (pem("CERTIFICATE"), RefusalReason.CSR_UNDECODABLE),
        (pem()[:-30], RefusalReason.CSR_UNDECODABLE),
        (b"-----BEGIN CERTIFICATE REQUEST-----" * 2, RefusalReason.CSR_UNDECODABLE),
        (pem().replace(ONE_LINE[:4], b"!!!!", 1), RefusalReason.BODY_NOT_BASE64),
    ],
)
def test_what_is_refused(body: bytes, reason: RefusalReason) -> None:
    """B-25, B-27."""
    answer = decode_body(body)

    assert isinstance(answer, Unreadable)
    assert answer.reason is reason


@given(st.binary(max_size=200) | st.binary(max_size=200).map(base64.b64encode))
def test_whatever_comes_is_answered_without_a_word_of_it(body: bytes) -> None:
    """B-45: a body may hold a code, so what is said of it does not quote it."""
    answer = decode_body(body)

    assert isinstance(answer, bytes) or answer.came in (
        "no body",
        "a PEM text of another kind",
        "base64 of a PEM text",
        f"{len(body)} bytes that are no base64",
    )


@given(st.binary(min_size=1, max_size=300).map(b"\x30".__add__))
def test_base64_is_read_back(der: bytes) -> None:
    assert decode_body(base64.b64encode(der)) == der
    assert decode_body(base64.encodebytes(der)) == der


def test_a_hostile_body_takes_no_time_to_speak_of() -> None:
    """64 KiB (B-25) of openings without an end: the work grows with the size, not with its square."""
    opening = b"-----BEGIN CERTIFICATE REQUEST-----"
    started = time.process_time()

    answer = decode_body(opening * (64 * 1024 // len(opening)))

    assert isinstance(answer, Unreadable)
    assert time.process_time() - started < 0.5

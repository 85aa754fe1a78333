"""That the reader in libest's place is as strict: what it lets pass, no client would be the wiser for."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from estconsole.pki.cms import certs_only
from server.wire import encode_base64
from tests.server.authorities import Authority
from tests.server.strict_reader import StrictAnswer, UnacceptableAnswerError, read_strictly
from tests.support import Key, ec_key, rsa_key


@pytest.mark.parametrize(
    ("stream", "complaint"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", "Content-Length"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", "Content-Type"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", "Content-Length"),
        (b"HTTP/1.1 204 No Content\r\n\r\nab", "no content"),
        (b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nWww-Authenticate: Basic\r\n\r\n", "WWW-Authenticate"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n", "chunked"),
        (b"HTTP/1.1 299 OK\r\nContent-Length: 0\r\n\r\n", "status"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 16 + b"Content-Length: 0\r\n\r\n", "headers"),
        (b"HTTP/1.1 200 OK\r\n", "end of the headers"),
    ],
)
def test_answers_that_are_not_taken(stream: bytes, complaint: str) -> None:
    with pytest.raises(UnacceptableAnswerError, match=complaint):
        read_strictly(stream)


def pkcs8(key: Key) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def body_of(key: Key, certificates: bytes) -> bytes:
    """A serverkeygen answer's body as B-31 has it, made apart from the server."""
    head = b"--B\r\nContent-Type: %s\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    parts = (
        head % b"application/pkcs8" + encode_base64(pkcs8(key)),
        head % b"application/pkcs7-mime; smime-type=certs-only" + encode_base64(certificates),
    )
    return b"".join(parts) + b"--B--\r\n"


def multipart(body: bytes, media_type: bytes = b"multipart/mixed; boundary=B") -> StrictAnswer:
    return StrictAnswer(200, {b"Content-Type": media_type}, body)


def test_a_key_and_its_certificate_are_taken() -> None:
    certificates = certs_only((Authority.named("a CA").der,))
    key, taken = multipart(body_of(rsa_key(), certificates)).server_key()
    assert (key.private_numbers(), taken) == (rsa_key().private_numbers(), certificates)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (b"--B\r\nContent-Type: application/pkcs8", b"\r\n--B\r\nContent-Type: application/pkcs8", "preamble"),
        (b"--B--\r\n", b"", "two parts"),
        (b"--B--\r\n", b"--C--\r\n", "two parts"),
        (b"application/pkcs8", b"application/pkcs8; charset=utf-8", "headers"),
        (b"application/pkcs7-mime; smime-type=certs-only", b"application/pkcs7-mime", "headers"),
        (b"Content-Type", b"content-type", "headers"),
        (b"Content-Transfer-Encoding: base64\r\n", b"", "headers"),
        (b"base64\r\n\r\n", b"base64\r\nContent-Length: 5\r\n\r\n", "headers"),
        (b"base64\r\n\r\n", b"base64\r\n", "end of a part's headers|headers"),
        (b"\r\n--B--", b"\r\n\r\n--B--", "not wrapped"),
        (b"\r\n--B--", b"--B--", "final newline"),
        (b"\r\n--B--", b"\n--B--", "CRLF"),
        (b"\r\n--B--", b"\r\n" + (b"A" * 64 + b"\r\n") * 130 + b"--B--", "8 KiB"),
    ],
)
def test_multiparts_that_are_not_taken(old: bytes, new: bytes, complaint: str) -> None:
    body = body_of(rsa_key(), b"a message")
    assert old in body
    with pytest.raises(UnacceptableAnswerError, match=complaint):
        multipart(body.replace(old, new)).server_key()


def test_keys_and_types_that_are_not_taken() -> None:
    with pytest.raises(UnacceptableAnswerError, match="RSA"):
        multipart(body_of(ec_key(), b"a message")).server_key()
    with pytest.raises(UnacceptableAnswerError, match="type"):
        multipart(body_of(rsa_key(), b"a message"), b'multipart/mixed; boundary="B"').server_key()

"""libest's recorded serverkeygen requests (`estclient -q`), and answers that it takes (B-22, B-31)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID

from estconsole.domain.model import EntityStatus
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import Operation
from estconsole.results import Saved
from tests.labs import add, save_alias
from tests.server.devices import Identity
from tests.server.served import Served, Watch, serve
from tests.server.test_replay import replay

CODE = "code1234567"


@pytest.fixture(scope="module")
def keygen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A lab whose alias `est` makes keys for devices, and whose `registered_client` has the recording's code."""
    directory: Path = tmp_path_factory.mktemp("keygen") / "lab"
    with serve(directory) as served:
        save_alias(served.lab, "est", severkeygenenabled="true", authenticationmodule="HttpBasicAuth")
        entities = served.lab.administration.end_entities
        known = entities.get("registered_client")
        assert known is not None
        assert isinstance(entities.delete(known.username, known.revision), Saved)
        add(served.lab, known.username, CODE)
        yield served


def reopen(keygen: Served) -> None:
    assert isinstance(keygen.lab.administration.end_entities.set_new("registered_client"), Saved)


@pytest.fixture
def rows(keygen: Served) -> Iterator[Watch]:
    watching = Watch(keygen.lab)
    yield watching
    watching.close()


def test_without_credentials_it_is_asked_for_them(keygen: Served, rows: Watch) -> None:
    """estclient comes back with its credentials after this answer, and only after one like it."""
    answer = replay(keygen, "q")
    assert (answer.status, answer.headers[b"WWW-Authenticate"]) == (401, b'Basic realm="EST"')
    row = rows.wait_for(lambda row: row.reason is RefusalReason.BASIC_ABSENT)
    assert row.operation == Operation.SERVERKEYGEN


def test_with_credentials_it_gets_a_key_and_the_certificate_for_it(keygen: Served) -> None:
    reopen(keygen)
    key, message = replay(keygen, "q-basic").server_key()
    (certificate,) = pkcs7.load_der_pkcs7_certificates(message)
    assert certificate.public_key() == key.public_key()
    (common_name,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert common_name.value == "registered_client"
    assert key.key_size == 2048  # the CSR's


def test_a_subsequent_key_needs_the_certificate_and_no_credentials(keygen: Served) -> None:
    """B-22: the specification's second `estclient -q`, on the port that asks for a certificate."""
    reopen(keygen)
    key, message = replay(keygen, "q-basic").server_key()
    (first,) = pkcs7.load_der_pkcs7_certificates(message)
    identity = Identity(first.public_bytes(Encoding.DER), key)
    another, message = replay(keygen, "q", identity=identity).server_key()
    (second,) = pkcs7.load_der_pkcs7_certificates(message)
    assert second.public_key() == another.public_key() != key.public_key()
    assert second.subject == first.subject
    entity = keygen.lab.administration.end_entities.get("registered_client")
    assert entity is not None
    assert entity.status is EntityStatus.GENERATED


def test_with_credentials_that_are_spent_it_is_asked_again(keygen: Served, rows: Watch) -> None:
    reopen(keygen)
    assert replay(keygen, "q-basic").status == 200
    answer = replay(keygen, "q-basic")
    assert (answer.status, answer.headers[b"WWW-Authenticate"]) == (401, b'Basic realm="EST"')
    rows.wait_for(lambda row: row.reason is RefusalReason.ENTITY_NOT_OPEN and row.http_basic)


def test_a_csr_without_a_code_on_an_alias_that_wants_one_in_it(keygen: Served, rows: Watch) -> None:
    """B-22: the specification's printed CSR has no attributes."""
    save_alias(keygen.lab, "est", authenticationmodule="ChallengePwd")
    try:
        assert replay(keygen, "q").status == 400
        rows.wait_for(lambda row: row.reason is RefusalReason.CODE_ABSENT)
    finally:
        save_alias(keygen.lab, "est", authenticationmodule="HttpBasicAuth")


def test_an_alias_that_makes_no_keys(keygen: Served, rows: Watch) -> None:
    save_alias(keygen.lab, "est", severkeygenenabled="false")
    try:
        assert replay(keygen, "q-basic").status == 400
        rows.wait_for(lambda row: row.reason is RefusalReason.SERVERKEYGEN_DISABLED)
    finally:
        save_alias(keygen.lab, "est", severkeygenenabled="true")

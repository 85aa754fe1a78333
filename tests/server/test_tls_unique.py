"""Requests that are linked to their TLS session, with a client that puts its own tls-unique into the CSR (B-23)."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Callable

import pytest

from estconsole.domain.refusal import RefusalReason
from tests.labs import add, save_alias
from tests.server.asking import ENROLL, KEYGEN, RENEW, fresh, granted, over_tls_1_2, path_of, refusal, request_for
from tests.server.devices import Answer, Identity, connected, http_request, read_answer, read_to_end
from tests.server.own_devices import CODE, certify_by_hand
from tests.server.served import Served
from tests.support import csr_der, ec_key

ALIAS = "linked-to-tls"
CHALLENGE_PASSWORD = bytes.fromhex("06092a864886f70d010907")


@pytest.fixture(scope="module", autouse=True)
def _alias(served: Served) -> None:
    save_alias(
        served.lab,
        ALIAS,
        authenticationmodule="HttpBasicAuth",
        tlsunique="required",
        severkeygenenabled="true",
        acceptotheraliases="true",
    )


def linked(username: str, operation: str = ENROLL) -> Callable[[bytes], bytes]:
    """The request whose challengePassword is the tls-unique of the connection, as RFC 7030 3.5 has it."""

    def request(unique: bytes) -> bytes:
        csr = csr_der(f"CN={username}", ec_key(), base64.b64encode(unique).decode())
        return request_for(operation, csr, alias=ALIAS, basic=(username, CODE))

    return request


def test_a_request_of_its_own_session(served: Served) -> None:
    username = add(served.lab, fresh("device"), CODE).username
    granted(over_tls_1_2(served, linked(username)))


def test_server_keys_for_a_request_of_its_own_session(served: Served) -> None:
    username = add(served.lab, fresh("device"), CODE).username
    assert over_tls_1_2(served, linked(username, KEYGEN)).status == 200


def test_a_request_of_another_session(served: Served) -> None:
    """Whoever relays a CSR, and the credentials with it, gets nothing for it; the code is not even looked at."""
    entity = add(served.lab, fresh("device"), CODE)
    with connected(served.tls, served.context(version=ssl.TLSVersion.TLSv1_2)) as other:
        assert isinstance(other, ssl.SSLSocket)
        unique = other.get_channel_binding("tls-unique")
        assert unique
        answer = over_tls_1_2(served, lambda _: linked(entity.username)(unique))
    assert refusal(served, answer) == (400, RefusalReason.TLS_UNIQUE_WRONG)
    assert served.lab.administration.end_entities.get(entity.username) == entity


def test_tls_1_3_has_none(served: Served) -> None:
    """Though Python's ssl tells of one there, RFC 5929 defines none."""
    username = add(served.lab, fresh("device"), CODE).username
    with connected(served.tls, served.context(version=ssl.TLSVersion.TLSv1_3)) as connection:
        assert isinstance(connection, ssl.SSLSocket)
        unique = connection.get_channel_binding("tls-unique")
        connection.sendall(linked(username)(unique or b"none"))
        answer = read_answer(read_to_end(connection))
    assert refusal(served, answer) == (400, RefusalReason.TLS_UNIQUE_ABSENT)


def test_a_csr_without_one(served: Served) -> None:
    def unlinked(_: bytes) -> bytes:
        return request_for(ENROLL, csr_der("CN=device"), alias=ALIAS, basic=("device", CODE))

    assert refusal(served, over_tls_1_2(served, unlinked)) == (400, RefusalReason.TLS_UNIQUE_ABSENT)


def test_a_renewal_is_linked_too(served: Served) -> None:
    entity = add(served.lab, fresh("device"), CODE)
    device = certify_by_hand(served, entity)

    def unlinked(_: bytes) -> bytes:
        return request_for(RENEW, csr_der(f"CN={entity.username}", code=CODE), alias=ALIAS)

    assert refusal(served, over_tls_1_2(served, unlinked, device)) == (400, RefusalReason.TLS_UNIQUE_WRONG)
    granted(renewed(served, entity.username, device))


def renewed(served: Served, username: str, device: Identity) -> Answer:
    return over_tls_1_2(served, linked(username, RENEW), device)


def test_csr_attributes_say_so(served: Served) -> None:
    answer = served.send(http_request("GET", path_of("csrattrs", ALIAS)))
    assert CHALLENGE_PASSWORD in base64.b64decode(answer.body)
    assert CHALLENGE_PASSWORD not in base64.b64decode(served.get(path_of("csrattrs")).body)

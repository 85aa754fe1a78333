"""Trust that changes while connections live: they go on, and each next request is decided anew (B-39, B-43, B-44)."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from estconsole.domain.handshake import HandshakeFailure
from estconsole.domain.model import EntityStatus
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.revocation import RevocationReason
from estconsole.results import Saved
from tests.labs import add, entity_of, save_alias
from tests.server.asking import ENROLL, RENEW, fresh, granted, refusal, request_for, shut_out
from tests.server.devices import Answer, Identity, connected, read_answer
from tests.server.own_devices import (
    CODE,
    create_authority,
    enroll_as,
    enrolled,
    release,
    renew,
    renewal_csr,
    revoke,
)
from tests.server.served import Served, Watch
from tests.server.vendors import Vendor, import_vendor
from tests.support import csr_der

HOLD = RevocationReason.CERTIFICATE_HOLD


class Line:
    """A connection that stays open from one request to the next."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def ask(self, operation: str, csr: bytes, alias: str = "est") -> Answer:
        self._connection.sendall(request_for(operation, csr, alias=alias, keep_alive=True))
        stream = b""
        while b"\r\n\r\n" not in stream:
            stream += self._receive()
        head, _, body = stream.partition(b"\r\n\r\n")
        answer = read_answer(head + b"\r\n\r\n")
        length = int(answer.header("Content-Length") or 0)
        while len(body) < length:
            body += self._receive()
        assert answer.header("Connection") is None
        return Answer(answer.status, answer.headers, body)

    def _receive(self) -> bytes:
        block = self._connection.recv(65536)
        assert block, "the server closed the connection"
        return block


@contextmanager
def line(served: Served, identity: Identity | None = None) -> Iterator[Line]:
    """An open line to the port that asks for certificates."""
    with connected(served.mtls, served.context(identity)) as connection:
        yield Line(connection)


@pytest.fixture
def vendor(served: Served) -> Vendor:
    return Vendor.listed(served)


def by_vendor(vendor: Vendor, device: Identity, on: Line) -> Answer:
    return on.ask(ENROLL, renewal_csr(device), vendor.name)


# Trust in a vendor (B-39)


def test_trust_that_is_added(served: Served, watch: Watch, vendor: Vendor) -> None:
    device, (own, _) = vendor.device(fresh("device")), enrolled(served)
    vendor.forget()
    shut_out(served, watch, device, HandshakeFailure.UNKNOWN_ISSUER)
    with line(served, own) as before:
        granted(before.ask(RENEW, renewal_csr(own)))
        import_vendor(served, vendor.sub, f"{vendor.name} Sub CA")
        granted(vendor.enroll(device))
        granted(before.ask(RENEW, renewal_csr(own)))


def test_a_ca_that_is_deleted_and_comes_back(served: Served, watch: Watch, vendor: Vendor) -> None:
    device = vendor.device(fresh("device"))
    with line(served, device) as before:
        assert refusal(served, before.ask(RENEW, renewal_csr(device))) == (403, RefusalReason.CERTIFICATE_FOREIGN)
        vendor.forget()
        answer = by_vendor(vendor, device, before)
        assert refusal(served, answer) == (400, RefusalReason.VENDOR_CERTIFICATE_FOREIGN)
        shut_out(served, watch, device, HandshakeFailure.UNKNOWN_ISSUER)
        import_vendor(served, vendor.sub, f"{vendor.name} Sub CA")
        granted(by_vendor(vendor, device, before))


def test_trust_that_is_switched_off_and_on(served: Served, watch: Watch, vendor: Vendor) -> None:
    device = vendor.device(fresh("device"))
    with line(served, device) as before:
        vendor.trust(False)
        assert refusal(served, by_vendor(vendor, device, before)) == (400, RefusalReason.VENDOR_PATH_INVALID)
        shut_out(served, watch, device, HandshakeFailure.UNKNOWN_ISSUER)
        vendor.trust(True)
        granted(by_vendor(vendor, device, before))
    assert refusal(served, vendor.enroll(device)) == (400, RefusalReason.ENTITY_NOT_OPEN)


def test_a_ca_that_leaves_the_list_and_comes_back(served: Served, vendor: Vendor) -> None:
    """The alias's list is no part of TLS: new connections come through, and are decided like the old one."""
    device = vendor.device(fresh("device"))
    with line(served, device) as before:
        save_alias(served.lab, vendor.name, vendorcaids=f"{vendor.name} Root CA")
        for answer in (by_vendor(vendor, device, before), vendor.enroll(device)):
            assert refusal(served, answer) == (400, RefusalReason.VENDOR_CERTIFICATE_FOREIGN)
        save_alias(served.lab, vendor.name, vendorcaids=f"{vendor.name} Root CA;{vendor.name} Sub CA")
        granted(by_vendor(vendor, device, before))


def test_a_crl_that_comes_and_goes(served: Served, vendor: Vendor) -> None:
    device = vendor.device(fresh("device"))
    cas = served.lab.administration.vendor_cas
    with line(served, device) as before:
        vendor.take_crl(vendor.sub.crl(device.certificate))
        for answer in (by_vendor(vendor, device, before), vendor.enroll(device)):
            assert refusal(served, answer) == (400, RefusalReason.VENDOR_CERTIFICATE_REVOKED)
        known = cas.get(f"{vendor.name} Sub CA")
        assert known is not None
        assert isinstance(cas.remove_crl(known.name, known.revision), Saved)
        granted(by_vendor(vendor, device, before))


def test_a_line_without_a_certificate_gets_none_by_trust(served: Served, vendor: Vendor) -> None:
    """Who connected without a certificate stays without one, whatever is trusted meanwhile."""
    with line(served) as before:
        answer = before.ask(ENROLL, csr_der("CN=device"), vendor.name)
        assert refusal(served, answer) == (400, RefusalReason.VENDOR_CERTIFICATE_ABSENT)
        Vendor.listed(served)
        answer = before.ask(RENEW, csr_der("CN=device"), vendor.name)
        assert refusal(served, answer) == (401, RefusalReason.NO_CLIENT_CERTIFICATE)


# Own certificates (B-20, B-43, B-44)


def test_revoke_then_renew(served: Served) -> None:
    device, _ = enrolled(served)
    with line(served, device) as before:
        granted(before.ask(RENEW, renewal_csr(device)))
        revoke(served, device)
        for answer in (before.ask(RENEW, renewal_csr(device)), renew(served, device)):
            assert refusal(served, answer) == (403, RefusalReason.CERTIFICATE_REVOKED)


def test_hold_then_release(served: Served) -> None:
    device, _ = enrolled(served)
    with line(served, device) as before:
        revoke(served, device, HOLD)
        for answer in (before.ask(RENEW, renewal_csr(device)), renew(served, device)):
            assert refusal(served, answer) == (403, RefusalReason.CERTIFICATE_REVOKED)
        release(served, device)
        granted(before.ask(RENEW, renewal_csr(device)))
        granted(renew(served, device))


def test_an_entity_on_hold_and_released(served: Served) -> None:
    device, entity = enrolled(served)
    administration = served.lab.administration.end_entities
    assert isinstance(administration.revoke(entity.username, HOLD), Saved)
    assert refusal(served, renew(served, device)) == (403, RefusalReason.CERTIFICATE_REVOKED)
    assert isinstance(administration.release(entity.username), Saved)
    assert entity_of(served.lab, entity.username).status is EntityStatus.GENERATED
    granted(renew(served, device))


def test_an_entity_that_is_revoked_and_opened_again(served: Served) -> None:
    """B-10: that un-revokes no certificate; the device enrolls anew with its code."""
    device, entity = enrolled(served)
    administration = served.lab.administration.end_entities
    assert isinstance(administration.revoke(entity.username, RevocationReason.KEY_COMPROMISE), Saved)
    answer = served.send(request_for(ENROLL, csr_der(str(entity.subject), code=CODE)))
    assert refusal(served, answer) == (400, RefusalReason.ENTITY_NOT_OPEN)
    assert isinstance(administration.set_new(entity.username), Saved)
    again = enroll_as(served, entity)
    assert refusal(served, renew(served, device)) == (403, RefusalReason.CERTIFICATE_REVOKED)
    granted(renew(served, again))


def test_a_renewed_certificate_outlives_the_revocation_of_the_old_one(served: Served) -> None:
    """B-20: a renewal leaves the old certificate live, and each is revoked by itself."""
    device, _ = enrolled(served)
    renewed = granted(renew(served, device, renewal_csr(device, key=device.key)))
    new = Identity(renewed.public_bytes(Encoding.DER), device.key)
    granted(renew(served, device))
    revoke(served, device)
    assert refusal(served, renew(served, device)) == (403, RefusalReason.CERTIFICATE_REVOKED)
    granted(renew(served, new))


def test_a_sub_ca_that_is_revoked_while_its_device_is_connected(served: Served) -> None:
    sub = create_authority(served, fresh("Sub CA"), signed_by="ManagementCA")
    device, _ = enrolled(served, issuing_ca=sub.name)
    with line(served, device) as before:
        granted(before.ask(RENEW, renewal_csr(device)))
        revoke(served, Identity(sub.certificate, device.key), RevocationReason.CA_COMPROMISE)
        for answer in (before.ask(RENEW, renewal_csr(device)), renew(served, device)):
            assert refusal(served, answer) == (403, RefusalReason.CERTIFICATE_REVOKED)


def test_a_ca_of_the_lab_that_is_new_lets_its_devices_in_at_once(served: Served) -> None:
    name = create_authority(served, fresh("New CA")).name
    entity = add(served.lab, fresh("device"), CODE, issuing_ca=name)
    granted(renew(served, enroll_as(served, entity)))

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import Operation, Unreadable
from server.arrival import Arrival, shown
from server.protocol import TlsFacts


def arrival(client_certificate: bytes | None) -> Arrival:
    return Arrival(
        peer="192.0.2.7",
        label="est",
        at=datetime.now(UTC),
        reading=0.0,
        content_type=None,
        tls=TlsFacts(client_certificate, "TLSv1.2", b"the binding"),
        body=b"MIIB",
    )


def test_a_certificate_that_cannot_be_read_renews_nothing() -> None:
    request = arrival(b"\x30\x00").enrollment_request(Operation.SIMPLEREENROLL)
    assert isinstance(request.csr, Unreadable)
    assert request.csr.reason is RefusalReason.CERTIFICATE_FOREIGN
    assert request.presented is None


@pytest.mark.parametrize(
    "operation", [Operation.CACERTS, Operation.CSRATTRS, Operation.SIMPLEENROLL, Operation.SERVERKEYGEN]
)
def test_a_certificate_that_cannot_be_read_stops_nothing_else(operation: Operation) -> None:
    request = arrival(b"\x30\x00").enrollment_request(operation)
    assert request.csr is None or isinstance(request.csr, Unreadable)
    assert not isinstance(request.csr, Unreadable) or request.csr.reason is RefusalReason.CSR_UNDECODABLE


def test_a_stray_request_is_recorded_with_its_body() -> None:
    request = arrival(b"\x30\x00").stray_request(RefusalReason.UNKNOWN_OPERATION, "GET /")
    assert (request.operation, request.raw_body) == (None, b"MIIB")
    assert request.csr == Unreadable(RefusalReason.UNKNOWN_OPERATION, "GET /")


def test_an_arrival_does_not_show_its_body_nor_its_session() -> None:
    assert "MIIB" not in repr(arrival(None))
    assert "the binding" not in repr(arrival(None))


@pytest.mark.parametrize("operation", [Operation.CACERTS, Operation.CSRATTRS])
def test_what_is_read_with_get_has_no_csr(operation: Operation) -> None:
    assert arrival(None).enrollment_request(operation).csr is None


def test_a_request_knows_its_tls_session() -> None:
    request = arrival(None).enrollment_request(Operation.SIMPLEENROLL)
    assert (request.tls_version, request.tls_unique) == ("TLSv1.2", b"the binding")


def test_what_is_shown_is_bounded_and_printable() -> None:
    assert shown("plant\n\x1b[2J\u202e") == "plant��[2J�"
    assert len(shown("x" * 1_000)) == 64

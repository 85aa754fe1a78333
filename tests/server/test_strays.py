"""Requests on the TLS ports that no operation takes: recorded and refused like any other (B-25)."""

from __future__ import annotations

import pytest

from estconsole.domain.refusal import RefusalReason
from tests.server.served import Served, Watch, refused_as


@pytest.mark.parametrize(
    ("path", "alias"),
    [
        ("/.well-known/est/simplerenroll", "est"),
        ("/.well-known/est/plant/serverkeygeneration", "plant"),
        ("/.well-known/est/cacerts/", "cacerts"),
        ("/.well-known/est/", "est"),
        ("/.well-known/est", ""),
        ("/.well-known/est/a%2Fb/cacerts", "a"),
        ("/", ""),
        ("/docs", ""),
        ("/redoc", ""),
        ("/openapi.json", ""),
        ("/healthz", ""),
        ("/ca/ManagementCA.cacert.pem", ""),
        ("/.well-known/est/%ff%00/x", "��"),
    ],
)
def test_an_unknown_path(served: Served, watch: Watch, path: str, alias: str) -> None:
    row = refused_as(served.get(path), RefusalReason.UNKNOWN_OPERATION, watch)
    assert row.alias == alias
    detail = served.lab.administration.activities.detail(row.id)
    assert detail is not None
    assert any(check.came.startswith("GET /") for check in detail.checks)


@pytest.mark.parametrize("path", ["/.well-known/est/fullcmc", "/.well-known/est/plant/fullcmc"])
def test_full_cmc_is_not_served(served: Served, watch: Watch, path: str) -> None:
    """B-25, B-34."""
    refused_as(served.post(path, b""), RefusalReason.FULLCMC, watch)


def test_an_unknown_label(served: Served, watch: Watch) -> None:
    row = refused_as(served.get("/.well-known/est/plant/cacerts"), RefusalReason.UNKNOWN_ALIAS, watch)
    assert row.alias == "plant"


def test_a_label_from_the_wire_is_bounded_and_moves_no_cursor(served: Served, watch: Watch) -> None:
    label = "%1b[2J%E2%80%AE" + "x" * 500
    row = refused_as(served.get(f"/.well-known/est/{label}/cacerts"), RefusalReason.UNKNOWN_ALIAS, watch)
    assert row.alias == "�[2J�" + "x" * 59


def test_a_host_that_is_no_host_does_no_harm(served: Served) -> None:
    request = b"GET /.well-known/est/cacerts HTTP/1.1\r\nHost: [\r\nConnection: close\r\n\r\n"
    assert served.send(request).status == 200

"""The port layouts as clients meet them (B-36)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from estconsole.domain.refusal import RefusalReason
from estconsole.settings import PortLayout
from tests.labs import ANY_PORTS
from tests.server.devices import connected, exchange, http_request, read_answer
from tests.server.served import Served, Watch, base64_csr, refused_as, serve
from tests.support import ec_key

RENEW = "/.well-known/est/simplereenroll"


@pytest.fixture(scope="module", params=[PortLayout.TWO, PortLayout.SINGLE])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    directory: Path = tmp_path_factory.mktemp("layout") / "lab"
    with serve(directory, replace(ANY_PORTS, layout=request.param)) as shared:
        yield shared


def test_one_tls_port_serves_everything(served: Served) -> None:
    assert served.tls == served.mtls
    assert served.get("/.well-known/est/cacerts").status == 200
    device = served.enroll("a device")
    renewed = served.post(RENEW, base64_csr("a device", None, ec_key()), identity=device)
    assert renewed.status == 200


def test_a_renewal_without_a_certificate(served: Served) -> None:
    watch = Watch(served.lab)
    refused_as(served.post(RENEW, base64_csr("nobody", None)), RefusalReason.NO_CLIENT_CERTIFICATE, watch)
    watch.close()


def test_what_is_public_is_somewhere(served: Served) -> None:
    urls = served.service.state.urls
    assert urls is not None
    assert urls.layout is served.service.settings.layout
    plain = urls.http is not None
    for path, media_type in (
        ("/healthz", "application/json"),
        ("/ca/ManagementCA.cacert.pem", "application/x-pem-file"),
        ("/crl/ManagementCA.crl", "application/pkix-crl"),
    ):
        request = http_request("GET", path)
        answer = read_answer(exchange(served.http, request)) if plain else served.send(request)
        assert (answer.status, answer.header("Content-Type")) == (200, media_type)
        if plain:
            assert served.send(request).status == 404  # on the TLS port of such a layout
    if not plain:
        assert json.loads(served.get("/healthz").body) == {"status": "ok"}
        assert served.get("/ca/Nobody.cacert.pem").status == 404


def test_plain_http_on_the_tls_port_is_no_est(served: Served) -> None:
    with connected(served.mtls) as connection:
        connection.sendall(http_request("GET", "/healthz"))
        assert not connection.recv(65536).startswith(b"HTTP/1.1 200")

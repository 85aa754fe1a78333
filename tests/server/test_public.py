from __future__ import annotations

import json

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from estconsole.domain.ca_drafts import AuthorityDraft
from tests.server.devices import Answer, exchange, http_request, read_answer
from tests.server.served import Served


def get(served: Served, path: str, method: str = "GET") -> Answer:
    return read_answer(exchange(served.http, http_request(method, path)))


def test_a_cas_certificate_in_pem(served: Served) -> None:
    answer = get(served, "/ca/ManagementCA.cacert.pem")
    assert answer.status == 200
    assert answer.header("Content-Type") == "application/x-pem-file"
    assert answer.text == served.ca_pem


def test_a_cas_certificate_in_der(served: Served) -> None:
    answer = get(served, "/ca/ManagementCA.cacert.der")
    assert answer.header("Content-Type") == "application/pkix-cert"
    assert x509.load_der_x509_certificate(answer.body).public_bytes(Encoding.PEM).decode() == served.ca_pem


def test_a_cas_name_may_hold_what_a_path_cannot(served: Served) -> None:
    served.lab.administration.authorities.create(AuthorityDraft(name="Plant 7/Süd Root", subject="CN=Plant 7"))
    answer = get(served, "/ca/Plant%207%2FS%C3%BCd%20Root.cacert.pem")
    assert answer.text == served.lab.administration.authorities.pem("Plant 7/Süd Root")


def test_a_cas_crl(served: Served) -> None:
    answer = get(served, "/crl/ManagementCA.crl")
    assert (answer.status, answer.header("Content-Type")) == (200, "application/pkix-crl")
    assert answer.body == served.lab.administration.authorities.crl("ManagementCA")


def test_health(served: Served) -> None:
    answer = get(served, "/healthz")
    assert answer.header("Content-Type") == "application/json"
    assert json.loads(answer.body) == {"status": "ok"}


def test_head_is_answered_without_a_body(served: Served) -> None:
    answer = get(served, "/ca/ManagementCA.cacert.pem", "HEAD")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.header("Content-Length") == str(len(served.ca_pem))


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/openapi.json", "/ca/Nobody.cacert.pem", "/ca/ManagementCA.pem", "/ca/", "/crl/Nobody.crl"]
)
def test_everything_else_is_not_there(served: Served, path: str) -> None:
    answer = get(served, path)
    assert answer.status == 404
    assert answer.header("Content-Type") == "text/plain; charset=utf-8"
    assert answer.text.count("\n") == 1


@pytest.mark.parametrize("operation", ["cacerts", "simpleenroll", "est/simplereenroll"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_est_is_on_the_tls_ports_only(served: Served, operation: str, method: str) -> None:
    answer = get(served, f"/.well-known/est/{operation}", method)
    assert answer.status == 404
    assert "TLS ports" in answer.text


def test_a_wrong_method(served: Served) -> None:
    answer = get(served, "/healthz", "DELETE")
    assert answer.status == 405
    assert set((answer.header("Allow") or "").split(", ")) == {"GET", "HEAD"}

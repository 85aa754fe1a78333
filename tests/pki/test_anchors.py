from __future__ import annotations

import pytest

from estconsole.domain.names import parse_dn
from estconsole.pki.anchors import anchor_problem
from estconsole.pki.certificates import read_certificate
from tests.server.authorities import Authority


def test_a_ca_that_openssl_takes() -> None:
    assert anchor_problem(Authority.named("Vendor Root CA").der) is None


def test_a_ca_that_only_cryptography_reads() -> None:
    """Its name has a value of a tag that names do not have."""
    certificate = Authority.unreadable_by_openssl("Odd CA").der
    assert read_certificate(certificate).subject == parse_dn("CN=Odd CA")
    assert "OpenSSL" in (anchor_problem(certificate) or "")


@pytest.mark.parametrize("certificate", [b"", b"no certificate"])
def test_what_is_no_certificate(certificate: bytes) -> None:
    assert anchor_problem(certificate)

"""A code in a DN field is nowhere in clear, also when it came to the wrong alias or met a fault (B-45)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files

import pytest

from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import BasicCredentials, Operation
from estconsole.domain.secret import Secret
from estconsole.engine import Enrollment
from estconsole.keyring import Keyring
from estconsole.lab import Lab
from estconsole.pki.bundles import read_certificates
from tests.labs import ANY_PORTS, add, reason_of, save_alias
from tests.support import csr_der, ec_key, request_of

CODE = "PlantedCodeZ9"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab in which some devices carry their code in OU, and others in their CN."""
    with Lab.open(tmp_path_factory.mktemp("masking") / "lab", owner="a test", settings=ANY_PORTS) as opened:
        save_alias(opened, "in-ou", authenticationmodule="DnPartPwd", extractdnpartpwdcomponent="OU")
        add(opened, "device", CODE, allowed_requests="100")
        yield opened


def asked(
    lab: Lab, alias: str, subject: str, *, basic: BasicCredentials | None = None, certificate: bytes | None = None
) -> tuple[Enrollment, str]:
    """Enroll, and all that is on record of it but for the sealed request."""
    csr = csr_der(subject, ec_key())
    request = request_of(Operation.SIMPLEENROLL, csr, alias=alias, certificate=certificate)
    enrollment = lab.engine.enroll(replace(request, basic=basic))
    row = lab.feed.recent()[-1]
    detail = lab.administration.activities.detail(row.id)
    assert detail is not None
    assert detail.csr
    return enrollment, repr((row, detail))


def test_at_the_right_alias_and_at_a_wrong_one(lab: Lab) -> None:
    for alias in ("in-ou", "est"):
        _, words = asked(lab, alias, f"CN=device,OU={CODE}")
        assert CODE not in words
        assert "username='device'" in words


def test_at_an_alias_that_nothing_bears(lab: Lab) -> None:
    enrollment, words = asked(lab, "typed-wrong", f"CN=device,OU={CODE}")
    assert reason_of(enrollment) is RefusalReason.UNKNOWN_ALIAS
    assert CODE not in words
    assert "username='device'" in words
    save_alias(
        lab,
        "in-cn",
        authenticationmodule="DnPartPwd",
        extractdnpartpwdcomponent="CN",
        extractusernamecomponent="serialNumber",
    )
    _, words = asked(lab, "typed-wrong", f"serialNumber=device,CN={CODE}")
    assert CODE not in words
    assert "username=''" in words


def test_where_the_username_is_the_whole_dn(lab: Lab) -> None:
    save_alias(lab, "whole", authenticationmodule="ChallengePwd", extractusernamecomponent="DN")
    for basic in (None, BasicCredentials("device", Secret("of no use here"))):
        _, words = asked(lab, "whole", f"CN=device,OU={CODE}", basic=basic)
        assert CODE not in words
        assert lab.feed.recent()[-1].username.endswith("OU=••••")


def test_a_row_of_a_vendors_device_names_it_as_its_certificate_does(lab: Lab) -> None:
    """B-14, B-18: the CSR may have the DN the other way round, and it is not what the end entity is looked up by."""
    save_alias(lab, "by-vendor", vendorcertificatemode="true", extractusernamecomponent="DN")
    (vendor,) = read_certificates(files("demo_data").joinpath("vendor-cert.pem").read_bytes())
    _, words = asked(lab, "by-vendor", "C=SE,O=PrimeKey,CN=1234.primekey.com", certificate=vendor)
    assert "username='CN=1234.primekey.com,O=PrimeKey,C=SE'" in words


def test_in_a_fault(lab: Lab, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """The CA's key cannot be opened: simulated, since a real vault opens what it sealed."""

    def fail(*_: object) -> None:
        raise RuntimeError("the vault does not open")

    monkeypatch.setattr(Keyring, "issuer", fail)
    with caplog.at_level(logging.DEBUG):
        enrollment, words = asked(lab, "in-ou", f"CN=device,OU={CODE}")
    assert reason_of(enrollment) is RefusalReason.INTERNAL_FAULT
    assert CODE not in words
    assert CODE not in caplog.text

"""What the demo holds."""

from __future__ import annotations

from pathlib import Path

from estconsole.domain.alias_options import alias_options
from estconsole.domain.secret import Secret
from tests.labs import demo_lab

EST = {
    "operationmode": "client",
    "extractusernamecomponent": "CN",
    "authenticationmodule": "ChallengePwd",
    "defaultca": "ManagementCA",
    "vendorcertificatemode": "false",
    "allowupdatewithsamekey": "true",
    "severkeygenenabled": "false",
}
"""The specification's settings of the alias `est`, by EJBCA's keys."""

ESTVENDOR = {
    "operationmode": "client",
    "extractusernamecomponent": "CN",
    "defaultca": "ManagementCA",
    "authenticationmodule": "",
    "vendorcertificatemode": "true",
    "vendorcaids": "Vendor Sub CA",
    "allowchangesubjectname": "true",
    "allowupdatewithsamekey": "false",
    "severkeygenenabled": "false",
}
"""And of `estvendor`."""


def test_the_demo_lab_is_as_the_specification_has_it(tmp_path: Path) -> None:
    """B-7, B-12."""
    with demo_lab(tmp_path / "lab") as lab:
        administration = lab.administration
        entities = {entity.username: entity for entity in administration.end_entities.all()}
        assert sorted(entities) == ["1234.primekey.com", "123456789", "registered_client"]
        assert {username: str(entity.subject) for username, entity in entities.items()} == {
            "123456789": "CN=123456789",
            "registered_client": "CN=registered_client",
            "1234.primekey.com": "CN=1234.primekey.com,O=PrimeKey,C=SE",
        }
        assert {
            (entity.end_entity_profile, entity.certificate_profile, entity.issuing_ca, entity.allowed_requests)
            for entity in entities.values()
        } == {("TLSClientEEProfile", "TLSEndEntityCertProfile", "ManagementCA", 1)}
        assert administration.end_entities.code_of("123456789") == Secret("password")
        assert administration.end_entities.code_of("registered_client")
        assert administration.end_entities.code_of("1234.primekey.com") is None
        for name, settings in (("est", EST), ("estvendor", ESTVENDOR)):
            alias = administration.aliases.get(name)
            assert alias is not None
            options = alias_options(alias)
            assert {key: options[key] for key in settings} == settings
        assert [(vendor.name, vendor.trusted) for vendor in administration.vendor_cas.all()] == [
            ("Vendor Root CA", True),
            ("Vendor Sub CA", True),
        ]

"""The command card's text, run as it stands by a real shell, openssl and curl against the real server."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

import demo_data
from estconsole.domain.model import EndEntity, EntityStatus
from estconsole.domain.names import DN_FIELDS, Attribute, DistinguishedName, same_name
from estconsole.domain.secret import Secret
from estconsole.lab import Lab
from estconsole.pki.requests import read_csr
from screens.alias_words import alias_urls
from screens.enrollment_commands import enrollment_commands
from server.service import EstService
from tests.interop.programs import needs
from tests.labs import add, entity_of, save_alias

HOSTILE = "a$b #c\"d'e\\f `id` $(id) ${HOME} 漢 1+1=2"
MODULES = {
    "challenge": {"authenticationmodule": "ChallengePwd"},
    "dnpart": {"authenticationmodule": "DnPartPwd", "extractdnpartpwdcomponent": "OU"},
    "basic": {"authenticationmodule": "HttpBasicAuth"},
}


def run(commands: str, directory: Path) -> None:
    """A shell takes the commands as they are, but for the kind of key: RSA keys take their time."""
    quicker = commands.replace("rsa:2048", "ec -pkeyopt ec_paramgen_curve:P-256")
    done = subprocess.run(["sh", "-e", "-c", quicker], cwd=directory, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def commands_of(lab: Lab, service: EstService, entity: EndEntity, alias: str, code: str) -> str:
    urls = service.state.urls
    assert urls is not None
    found = lab.administration.aliases.get(alias)
    assert found is not None
    authority = f"{urls.http}/ca/ManagementCA.cacert.pem"
    return enrollment_commands(entity, found, authority, alias_urls(urls, found), Secret(code))


@needs("openssl", "curl")
@pytest.mark.parametrize("module", MODULES)
def test_a_device_enrolls_and_renews_by_its_card(module: str, lab: Lab, service: EstService, tmp_path: Path) -> None:
    save_alias(lab, module, defaultca="ManagementCA", **MODULES[module])
    names = "dNSName=device.example, iPAddress=192.0.2.7"
    username, code = "pump's #7 (a@b/c)", " its $CODE's "
    add(lab, username, code, subject="CN=pump,O=Lab", subject_alt_names=names)
    service.start()
    directory = tmp_path / "device"
    directory.mkdir()
    run(commands_of(lab, service, entity_of(lab, username), module, code), directory)
    assert entity_of(lab, username).status is EntityStatus.GENERATED
    assert len(lab.administration.certificates.of_entity(username)) == 2


@needs("openssl", "curl")
def test_a_vendors_device_enrolls_and_renews_by_its_card(lab: Lab, service: EstService, tmp_path: Path) -> None:
    username = "1234.primekey.com"
    add(lab, username, None, subject=f"CN={username},O=PrimeKey,C=SE")
    for file in ("vendor-cert.pem", "vendor-key.pem"):
        shutil.copy(Path(demo_data.__file__).with_name(file), tmp_path)
    service.start()
    run(commands_of(lab, service, entity_of(lab, username), "estvendor", ""), tmp_path)
    assert entity_of(lab, username).status is EntityStatus.GENERATED
    assert len(lab.administration.certificates.of_entity(username)) == 2


def test_the_cas_certificate_is_fetched_unverified_where_there_is_no_plain_port(lab: Lab) -> None:
    alias, entity = lab.administration.aliases.get("est"), entity_of(lab, "123456789")
    assert alias is not None
    for url, fetching in (("http://lab/ca", "curl -o ca.cacert.pem "), ("https://lab/ca", "curl -k -o ca.cacert.pem ")):
        assert f"{fetching}{url}\n" in enrollment_commands(entity, alias, url, alias_urls(None, alias))


@needs("openssl")
def test_what_is_registered_reaches_the_request_letter_by_letter(lab: Lab, tmp_path: Path) -> None:
    entity = entity_of(lab, "123456789")
    for label in DN_FIELDS:
        value = {"C": "SE", "DC": "lab", "emailAddress": "a@lab.example", "serialNumber": "7", "dnQualifier": "8"}.get(
            label, HOSTILE
        )
        subject = DistinguishedName(
            (
                (Attribute(DN_FIELDS["OU"], "one"),),
                (Attribute(DN_FIELDS[label], value),),
                (Attribute(DN_FIELDS["OU"], "two"),),
            )
        )
        assert same_name(requested(lab, entity, subject, tmp_path), subject), label


def requested(lab: Lab, entity: EndEntity, subject: DistinguishedName, directory: Path) -> DistinguishedName:
    """The subject of the renewal's CSR that the card makes."""
    alias = lab.administration.aliases.get("est")
    assert alias is not None
    text = enrollment_commands(replace(entity, subject=subject), alias, "http://lab", alias_urls(None, alias))
    lines = text[text.index("cat > renewed.conf") :].splitlines()
    end = next(number for number, line in enumerate(lines) if line.startswith("openssl req"))
    run("\n".join(lines[: end + 1]), directory)
    return read_csr((directory / "renewed.csr").read_bytes()).subject

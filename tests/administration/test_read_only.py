"""A console that is read-only: every use case is a reading one, which goes on, or an act, of which none is open."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from estconsole.administration import Administration
from estconsole.administration.acts import Subject
from estconsole.administration.authorities import ExportForm
from estconsole.administration.certificates import CertificateSearch
from estconsole.administration.csv_import import ImportPlan
from estconsole.administration.first_run import default_alias, default_authority
from estconsole.domain.alias_options import AliasDraft
from estconsole.domain.ca_drafts import AuthorityDraft
from estconsole.domain.model import EndEntity, EstAlias, IssuedCertificate, VendorCa
from estconsole.domain.profiles import CertificateProfileDraft, EndEntityProfileDraft
from estconsole.domain.revocation import RevocationReason
from estconsole.domain.secret import Secret
from estconsole.domain.validation import EndEntityDraft
from estconsole.errors import ReadOnlyError
from estconsole.keyring import Keyring
from estconsole.results import Saved
from estconsole.settings import ServerSettings
from estconsole.vault import Vault
from tests.administration.outside import PASSPHRASE, Outsider
from tests.administration.site import CA, Site
from tests.labs import CODE, entity_of

VENDOR = Outsider.root("CN=Vendor")
CSV = b"username\nscanner\n"
HOLD = RevocationReason.CERTIFICATE_HOLD


@dataclass(frozen=True, slots=True)
class Known:
    """What is there when the console opens read-only."""

    entity: EndEntity
    certificate: IssuedCertificate
    alias: EstAlias
    vendor: VendorCa
    plan: ImportPlan


UseCase = Callable[[Any, Known], object]
"""A call that would do what it says on a console that is not read-only."""

READING: dict[str, dict[str, UseCase]] = {
    "end_entities": {
        "all": lambda it, _: it.all(),
        "usernames": lambda it, _: it.usernames(issuing_ca=CA),
        "get": lambda it, _: it.get("printer"),
        "generate_code": lambda it, _: it.generate_code(),
        "revocation_problem": lambda it, _: it.revocation_problem("printer", HOLD),
        "plan_import": lambda it, _: it.plan_import(CSV, issuing_ca=CA, generate_codes=True),
        "export_csv": lambda it, _: it.export_csv(),
    },
    "aliases": {
        "all": lambda it, _: it.all(),
        "get": lambda it, _: it.get("est"),
        "context": lambda it, _: it.context(),
        "bound": lambda it, _: it.bound(),
        "check": lambda it, known: it.check(AliasDraft(name="est"), known.alias.revision),
        "dependents": lambda it, _: it.dependents("est"),
    },
    "authorities": {
        "all": lambda it, _: it.all(),
        **{
            name: lambda it, _, name=name: getattr(it, name)(CA)  # type: ignore[misc]
            for name in (
                *("get", "certificate", "facts", "pem", "dependents"),
                *("crl", "describe_crl"),
            )
        },
        "overview": lambda it, _: it.overview(),
        "issuer_of": lambda it, known: it.issuer_of(known.certificate.der),
        "preview_import": lambda it, _: it.preview_import(VENDOR.p12(), PASSPHRASE),
        "export": lambda it, _: it.export(CA, ExportForm.CHAIN),
    },
    "vendor_cas": {
        "all": lambda it, _: it.all(),
        **{
            name: lambda it, _, name=name: getattr(it, name)("Vendor")  # type: ignore[misc]
            for name in ("get", "facts", "describe_crl", "distrust", "dependents")
        },
        "overview": lambda it, _: it.overview(),
        "preview": lambda it, _: it.preview(VENDOR.pem),
    },
    "certificates": {
        "all": lambda it, _: it.all(),
        "search": lambda it, _: it.search(CertificateSearch(text="printer")),
        "count": lambda it, _: it.count(CertificateSearch(text="printer")),
        "revocation_problem": lambda it, known: it.revocation_problem(known.certificate.sha256, HOLD),
        "of_entity": lambda it, _: it.of_entity("printer"),
        **{
            name: lambda it, known, name=name: getattr(it, name)(known.certificate.sha256)  # type: ignore[misc]
            for name in ("get", "pem", "chain_pem")
        },
    },
    **{
        kind: {
            "all": lambda it, _: it.all(),
            **{
                name: lambda it, _, name=name: getattr(it, name)("Mine")  # type: ignore[misc]
                for name in ("get", "is_built_in", "users")
            },
        }
        for kind in ("certificate_profiles", "end_entity_profiles")
    },
    "server": {
        name: lambda it, _, name=name: getattr(it, name)()  # type: ignore[misc]
        for name in ("certificate_facts", "issuing_ca", "settings", "est_is_on")
    },
    "activities": {
        "detail": lambda it, _: it.detail(1),
        "search": lambda it, _: it.search(lambda _: True),
        "of_entity": lambda it, _: it.of_entity("printer"),
    },
    "first_run": {"is_due": lambda it, _: it.is_due()},
}

ACTS: dict[str, dict[str, UseCase]] = {
    "end_entities": {
        "add": lambda it, _: it.add(EndEntityDraft(username="scanner", subject="CN=scanner", issuing_ca=CA)),
        "edit": lambda it, known: it.edit(
            EndEntityDraft(username="printer", subject="CN=other", issuing_ca=CA), known.entity.revision
        ),
        "set_new": lambda it, _: it.set_new("printer"),
        "restore": lambda it, known: it.restore(known.entity, known.entity.revision),
        "delete": lambda it, known: it.delete("printer", known.entity.revision),
        "revoke": lambda it, _: it.revoke("printer", HOLD),
        "release": lambda it, _: it.release("printer"),
        "code_of": lambda it, _: it.code_of("printer"),
        "import_all": lambda it, known: it.import_all(known.plan),
        "export_csv": lambda it, _: it.export_csv(with_codes=True),
    },
    "aliases": {
        "save": lambda it, _: it.save(AliasDraft(name="plant")),
        "rename": lambda it, known: it.rename("est", "plant", known.alias.revision),
        "restore": lambda it, known: it.restore(known.alias, known.alias.revision),
        "remove": lambda it, known: it.remove("est", known.alias.revision),
    },
    "authorities": {
        "create": lambda it, _: it.create(AuthorityDraft(name="Sub", subject="CN=Sub", signed_by=CA)),
        "import_with_key": lambda it, _: it.import_with_key("Vendor CA", b"no file"),
        "renew": lambda it, _: it.renew(CA, "10y", 0),
        "export": lambda it, _: it.export(CA, ExportForm.PKCS12, Secret("passphrase")),
        "set_crl_url": lambda it, _: it.set_crl_url(CA, "http://lab.example/crl", 0),
        "delete": lambda it, _: it.delete(CA, 0),
        "import_crl": lambda it, _: it.import_crl(CA, b"no CRL"),
        "issue_crl": lambda it, _: it.issue_crl(CA),
    },
    "vendor_cas": {
        "import_": lambda it, _: it.import_(Outsider.root("CN=Other").pem),
        "set_trusted": lambda it, known: it.set_trusted("Vendor", False, known.vendor.revision),
        "restore": lambda it, known: it.restore(known.vendor, known.vendor.revision),
        "import_crl": lambda it, _: it.import_crl("Vendor", VENDOR.crl(1)),
        "remove_crl": lambda it, known: it.remove_crl("Vendor", known.vendor.revision),
        "delete": lambda it, known: it.delete("Vendor", known.vendor.revision),
    },
    "certificates": {
        "revoke": lambda it, known: it.revoke(known.certificate.sha256, HOLD),
        "release": lambda it, known: it.release(known.certificate.sha256),
    },
    **{
        kind: {
            "save": lambda it, _, draft=draft: it.save(draft),  # type: ignore[misc]
            "restore": lambda it, _: it.restore(it.get("Mine"), 1),
            "delete": lambda it, _: it.delete("Mine", 1),
        }
        for kind, draft in (
            ("certificate_profiles", CertificateProfileDraft(name="Other")),
            ("end_entity_profiles", EndEntityProfileDraft(name="Other")),
        )
    },
    "server": {
        "change_settings": lambda it, _: it.change_settings(ServerSettings(), None),
        "switch_est": lambda it, _: it.switch_est(on=False),
    },
    "activities": {"raw_request": lambda it, _: it.raw_request(1)},
    "first_run": {"make": lambda it, _: it.make(default_authority(), default_alias())},
}

TELLS_A_SECRET_WITH_SOME_ARGUMENTS = {("authorities", "export"), ("end_entities", "export_csv")}


def subjects_of(administration: Administration) -> dict[str, Subject]:
    return {name: each for name, each in vars(administration).items() if isinstance(each, Subject)}


def use_cases_of(subject: Subject) -> set[str]:
    methods = inspect.getmembers(type(subject), inspect.isfunction)
    return {name for name, _ in methods if not name.startswith("_") and not hasattr(Subject, name)}


@pytest.fixture
def known(site: Site) -> Known:
    certificate = site.device("printer")
    administration = site.administration
    imported = administration.vendor_cas.import_(VENDOR.pem, ["Vendor"])
    assert isinstance(imported, Saved)
    assert isinstance(administration.certificate_profiles.save(CertificateProfileDraft(name="Mine")), Saved)
    assert isinstance(administration.end_entity_profiles.save(EndEntityProfileDraft(name="Mine")), Saved)
    alias = administration.aliases.get("est")
    plan = administration.end_entities.plan_import(CSV, issuing_ca=CA, generate_codes=True)
    assert alias is not None
    assert isinstance(plan, ImportPlan)
    return Known(entity_of(site, "printer"), certificate, alias, imported.record[0], plan)


@pytest.fixture
def looking(site: Site, tmp_path: Path) -> Administration:
    """The administration of the same lab, read-only."""
    vault = Vault.open(tmp_path / "vault.key", create=False)
    return Administration(site.store, vault, Keyring(vault), site.identity, site.crls, site.clock, read_only=True)


def test_every_use_case_is_known_to_be_a_reading_one_or_an_act(looking: Administration) -> None:
    known = {subject: READING[subject].keys() | ACTS[subject].keys() for subject in READING | ACTS}
    assert {name: use_cases_of(subject) for name, subject in subjects_of(looking).items()} == known
    both = {(subject, name) for subject in READING for name in READING[subject].keys() & ACTS[subject].keys()}
    assert both == TELLS_A_SECRET_WITH_SOME_ARGUMENTS
    assert {name for name in vars(Administration) if not name.startswith("_")} == {"subscribe"}


def test_no_act_is_open_in_a_console_that_is_read_only_and_reading_goes_on(
    site: Site, looking: Administration, known: Known
) -> None:
    assert looking.read_only
    assert not site.administration.read_only

    def rows() -> dict[str, dict[str, object]]:
        database = site.store._database
        return {name: dict(database.table(name).rows()) for name in database.tables()}

    before = rows()
    for subject, acts in ACTS.items():
        for name, act in acts.items():
            with pytest.raises(ReadOnlyError, match=r"without --read-only"):
                act(getattr(looking, subject), known)
            assert rows() == before, f"{subject}.{name}"
    for subject, reading in READING.items():
        for name, read in reading.items():
            read(getattr(looking, subject), known)
            assert rows() == before, f"{subject}.{name}"
    assert CODE.encode() not in looking.end_entities.export_csv()


def test_devices_enroll_while_the_console_is_read_only(site: Site, looking: Administration) -> None:
    certificate = site.device("scanner")
    assert [each.sha256 for each in looking.certificates.of_entity("scanner")] == [certificate.sha256]
    assert [row.username for row in looking.activities.of_entity("scanner")] == ["scanner"]

"""CAs that come with their keys, and CAs that are handed out (B-42, B-45)."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from estconsole.administration.authorities import ExportedFile, ExportForm
from estconsole.domain.names import parse_dn
from estconsole.domain.request import Operation
from estconsole.domain.revocation import RevocationReason
from estconsole.domain.secret import Secret
from estconsole.pki.bundles import read_certificates, read_key_bundle
from estconsole.pki.certificates import issue_root, read_certificate
from estconsole.pki.crls import read_crl
from estconsole.results import Saved
from tests.administration.outside import PASSPHRASE, YEAR, Outsider
from tests.administration.site import CA, DAY, Site, problem_of
from tests.interop.programs import needs
from tests.labs import save_alias, unregister
from tests.server.authorities import Authority
from tests.support import request_of


def test_a_ca_that_moves_in_issues_at_once_and_brings_its_chain_for_cacerts(site: Site) -> None:
    root = Outsider.root("CN=Old Root")
    sub = root.sub("CN=Old CA,O=Lab")
    result = site.administration.authorities.import_with_key("Old CA", sub.p12(), PASSPHRASE)
    assert isinstance(result, Saved)
    assert result.record.chain == (root.certificate,)
    assert len(result.warnings) == 1
    assert "import its last CRL" in result.warnings[0]
    assert "sealed" not in repr(result)
    crl = site.administration.authorities.crl("Old CA")
    assert crl is not None
    assert read_crl(crl).number == 1
    device = site.device("printer", issuing_ca="Old CA")
    assert read_certificate(device.der).issuer == parse_dn("CN=Old CA,O=Lab")
    save_alias(site, "old", defaultca="Old CA")
    answer = site.engine.enroll(request_of(Operation.CACERTS, alias="old"))
    assert answer.certificates == (sub.certificate, root.certificate)


def test_a_chain_that_ends_before_a_root_and_an_expired_ca_are_told(site: Site) -> None:
    sub = Outsider.root("CN=Old Root").sub("CN=Old CA")
    alone = Outsider(sub.certificate, sub.key)
    result = site.administration.authorities.import_with_key("Old CA", alone.p12(), PASSPHRASE)
    assert isinstance(result, Saved)
    assert result.record.chain == ()
    assert "CN=Old Root" in result.warnings[0]
    expired = Outsider.root("CN=Gone", validity=DAY, made=datetime.now(UTC) - 9 * DAY)
    result = site.administration.authorities.import_with_key("Gone", expired.p12(), PASSPHRASE)
    assert isinstance(result, Saved)
    assert "expired" in result.warnings[0]


def test_a_ca_that_may_not_sign_crls_is_taken_with_a_warning_and_one_that_may_sign_nothing_is_not(site: Site) -> None:
    import_with_key = site.administration.authorities.import_with_key
    result = import_with_key("Old CA", Outsider.careless("Old CA").p12(), PASSPHRASE)
    assert isinstance(result, Saved)
    assert "sign CRLs" in result.warnings[0]
    useless = Outsider.careless("Useless", signs_certificates=False)
    assert "key usage" in problem_of(import_with_key("Useless", useless.p12(), PASSPHRASE), "data")
    assert "key usage" in problem_of(site.administration.vendor_cas.import_(useless.pem), "data")


def test_a_sub_ca_below_a_ca_of_the_lab_can_be_revoked_whichever_came_first(site: Site) -> None:
    root = Outsider.root("CN=Old Root")
    sub = root.sub("CN=Old CA")
    for name, outsider in (("Old CA", sub), ("Old Root", root)):
        assert isinstance(site.administration.authorities.import_with_key(name, outsider.p12(), PASSPHRASE), Saved)
    assert isinstance(site.revoke(sub.certificate), Saved)
    assert read_crl(site.crl("Old Root").der).revoked.keys() == {read_certificate(sub.certificate).serial}


def test_what_does_not_fit_in_is_refused(site: Site) -> None:
    """B-19."""
    import_with_key = site.administration.authorities.import_with_key
    vendor, own = Outsider.root("CN=Vendor"), Outsider.root("CN=Own")
    assert isinstance(site.administration.vendor_cas.import_(vendor.pem), Saved)
    assert isinstance(import_with_key("Own", own.p12(), PASSPHRASE), Saved)
    before = site.administration.authorities.all(), site.administration.certificates.all()
    assert "wrong" in problem_of(import_with_key("New", own.p12(), Secret("other")), "passphrase")
    assert "no CA's" in problem_of(import_with_key("New", own.device("CN=device").p12(), PASSPHRASE), "data")
    assert "that of the CA Own" in problem_of(import_with_key("New", own.p12(), PASSPHRASE), "data")
    again = Outsider(issue_root(own.key, parse_dn("CN=Own"), site.clock(), YEAR), own.key)
    assert "that of the CA Own" in problem_of(import_with_key("New", again.p12(), PASSPHRASE), "data")
    assert "has this subject" in problem_of(import_with_key("New", Outsider.root("CN=OWN").p12(), PASSPHRASE), "data")
    assert "vendor CA Vendor" in problem_of(import_with_key("New", vendor.p12(), PASSPHRASE), "data")
    assert "there already" in problem_of(import_with_key(CA, Outsider.root("CN=x").p12(), PASSPHRASE), "name")
    assert (site.administration.authorities.all(), site.administration.certificates.all()) == before


@needs("openssl")
@pytest.mark.parametrize("form", ["chain", "PEM", "DER", "P7"])
def test_a_certificate_is_exported_in_each_form_as_openssl_reads_it(site: Site, form: str, tmp_path: Path) -> None:
    root = site.create("Plant 7/Süd Root")
    sub = site.create("Sub", signed_by="Plant 7/Süd Root")
    exported = site.administration.authorities.export("Sub", ExportForm(form))
    assert isinstance(exported, ExportedFile)
    chain = (sub.certificate, root.certificate) if form in ("chain", "P7") else (sub.certificate,)
    assert set(read_certificates(exported.content)) == set(chain)
    file = tmp_path / exported.name
    file.write_bytes(exported.content)
    command = (
        ["pkcs7", "-print_certs"] if form == "P7" else ["x509", "-subject", *(["-inform", "DER"] * (form == "DER"))]
    )
    printed = subprocess.run(["openssl", *command, "-in", file], capture_output=True, check=True, text=True).stdout
    assert "CN = Sub" in printed or "CN=Sub" in printed


def test_a_files_name_is_one_that_every_disk_takes(site: Site) -> None:
    site.create("Plant 7/Süd Root")
    exported = site.administration.authorities.export("Plant 7/Süd Root", ExportForm.PEM)
    assert isinstance(exported, ExportedFile)
    assert exported.name == "Plant_7_Süd_Root.cacert.pem"


def test_a_key_leaves_behind_a_passphrase_and_can_come_back(site: Site) -> None:
    site.create("Root")
    plant = site.create("Plant CA", signed_by="Root")
    authorities = site.administration.authorities
    for none in (None, Secret("")):
        assert "needed" in problem_of(authorities.export("Plant CA", ExportForm.PKCS12, none), "passphrase")
    assert "no CA" in problem_of(authorities.export("Nobody", ExportForm.PEM), "name")
    half = authorities.export("Plant CA", ExportForm.PKCS12, Secret("planted-\ud800"))
    words = problem_of(half, "passphrase")
    assert "lone surrogate" in words
    assert "planted" not in words
    exported = authorities.export("Plant CA", ExportForm.PKCS12, PASSPHRASE)
    assert isinstance(exported, ExportedFile)
    assert "content" not in repr(exported)
    held = read_key_bundle(exported.content, PASSPHRASE)
    assert held.certificate == plant.certificate
    assert isinstance(authorities.delete("Plant CA", plant.revision), Saved)
    assert isinstance(authorities.import_with_key("Again", exported.content, PASSPHRASE), Saved)


def test_a_ca_that_comes_back_goes_on_with_its_numbers_and_its_revocations(site: Site) -> None:
    """RFC 5280 5.2.3."""
    plant = site.create("Plant CA")
    authorities = site.administration.authorities
    device = site.device("printer", issuing_ca="Plant CA")
    assert isinstance(site.administration.end_entities.revoke("printer", RevocationReason.SUPERSEDED), Saved)
    assert site.crl("Plant CA").number == 2
    exported = authorities.export("Plant CA", ExportForm.PKCS12, PASSPHRASE)
    assert isinstance(exported, ExportedFile)
    unregister(site, "printer")
    assert isinstance(authorities.delete("Plant CA", plant.revision), Saved)
    site.clock.turn(DAY)
    assert isinstance(authorities.import_with_key("Plant CA", exported.content, PASSPHRASE), Saved)
    assert site.crl("Plant CA").number == 3
    assert read_crl(site.crl("Plant CA").der).revoked.keys() == {device.serial}


def test_a_namesake_of_a_ca_that_was_here_does_not_list_what_that_one_issued(site: Site) -> None:
    plant = site.create("Plant CA")
    site.device("printer", issuing_ca="Plant CA")
    assert isinstance(site.administration.end_entities.revoke("printer", RevocationReason.SUPERSEDED), Saved)
    unregister(site, "printer")
    assert isinstance(site.administration.authorities.delete("Plant CA", plant.revision), Saved)
    site.clock.turn(DAY)
    site.create("Plant CA")
    assert not read_crl(site.crl("Plant CA").der).revoked


def test_a_deleted_ca_leaves_certificates_that_are_revoked_without_a_crl(site: Site) -> None:
    plant = site.create("Plant CA")
    device = site.device("printer", issuing_ca="Plant CA")
    unregister(site, "printer")
    assert isinstance(site.administration.authorities.delete("Plant CA", plant.revision), Saved)
    result = site.revoke(device.der)
    assert isinstance(result, Saved)
    assert "no longer in this lab" in result.warnings[0]


def test_a_ca_that_openssl_cannot_read_stays_out_be_it_the_cas_own_certificate_or_one_above(site: Site) -> None:
    """B-39, B-41: TLS could check no client by it, and no client could read cacerts."""
    import_with_key, odd = site.administration.authorities.import_with_key, Authority.unreadable_by_openssl("Odd CA")
    assert "CN=Odd CA: OpenSSL" in problem_of(import_with_key("Odd", odd.pem_with_key), "data")
    below = odd.sub_authority("Sub").pem_with_key + odd.pem
    assert "CN=Odd CA: OpenSSL" in problem_of(import_with_key("Sub", below), "data")

"""CAs that come with their keys, and with what they revoked elsewhere (B-19, B-43, B-44)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from estconsole.administration.authorities import ExportedFile, ExportForm
from estconsole.domain.decision import Refused
from estconsole.domain.model import CertificationAuthority
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import Operation
from estconsole.domain.revocation import RevocationReason
from estconsole.pki.certificates import read_certificate
from estconsole.pki.crls import read_crl
from estconsole.results import Conflict, Saved
from tests.administration.outside import PASSPHRASE, Outsider
from tests.administration.site import CA, DAY, Site, problem_of
from tests.labs import add, save_alias
from tests.support import csr_der, ec_key, request_of

HOUR = timedelta(hours=1)


def moved_in(site: Site, outsider: Outsider, name: str = "Old CA") -> Saved[CertificationAuthority]:
    result = site.administration.authorities.import_with_key(name, outsider.p12(), PASSPHRASE)
    assert isinstance(result, Saved), result
    return result


def taken(site: Site, crl: bytes, name: str = "Old CA") -> Saved[CertificationAuthority]:
    result = site.administration.authorities.import_crl(name, crl)
    assert isinstance(result, Saved), result
    return result


def refusal_of(site: Site, device: Outsider, username: str) -> RefusalReason | None:
    """Why a device that the CA certified elsewhere cannot enroll with that certificate; None when it can."""
    add(site, username, code=None)
    csr = csr_der(f"CN={username}", ec_key())
    request = request_of(Operation.SIMPLEENROLL, csr, alias="plant", certificate=device.certificate)
    decision = site.engine.enroll(request).decision
    return decision.reason if isinstance(decision, Refused) else None


def serial_of(outsider: Outsider) -> int:
    return read_certificate(outsider.certificate).serial


def test_what_a_ca_revoked_elsewhere_stays_revoked_for_requests_and_for_clients(site: Site) -> None:
    """Also after the end of that CRL: this console carries it on."""
    root = Outsider.root("CN=Old CA")
    bad, good = root.device("CN=bad"), root.device("CN=good")
    assert "import its last CRL" in moved_in(site, root).warnings[-1]
    save_alias(site, "plant", vendorcertificatemode="true", vendorcaids="Old CA", defaultca=CA)
    assert refusal_of(site, bad, "bad") is None
    here = site.device("printer", issuing_ca="Old CA")
    result = taken(site, root.crl(57, serial_of(bad), here.serial, at=site.clock() - DAY, validity=DAY + HOUR))
    assert (result.warnings, result.record.revision) == ((), 1)
    site.clock.turn(2 * HOUR)
    assert refusal_of(site, bad, "again") is RefusalReason.VENDOR_CERTIFICATE_REVOKED
    assert refusal_of(site, good, "good") is None
    crl = read_crl(site.crl("Old CA").der)
    assert (crl.number, crl.revoked.keys()) == (58, {serial_of(bad)})  # what was issued here tells by its record
    assert crl.revoked[serial_of(bad)].reason is RevocationReason.KEY_COMPROMISE
    assert isinstance(site.revoke(here.der), Saved)
    assert read_crl(site.crl("Old CA").der).revoked.keys() == {serial_of(bad), here.serial}
    assert site.crl("Old CA").number == 59


def test_a_crash_before_its_crl_is_made_up_for(site: Site) -> None:
    root = Outsider.root("CN=Old CA")
    authority = moved_in(site, root).record
    site.store.authorities.put(replace(authority, foreign_crl=root.crl(9, 7)))
    site.crls.renew_due()
    site.crls.renew_due()
    assert (site.crl("Old CA").number, list(read_crl(site.crl("Old CA").der).revoked)) == (10, [7])


def test_only_the_cas_own_whole_crl_that_is_no_older_is_taken_in(site: Site) -> None:
    root, import_crl = Outsider.root("CN=Old CA"), site.administration.authorities.import_crl
    moved_in(site, root)
    assert import_crl("Nobody", root.crl(1)) == Conflict(None)
    assert "PEM" in problem_of(import_crl("Old CA", b"nothing"), "data")
    assert "another key" in problem_of(import_crl("Old CA", Outsider.root("CN=Old CA").crl(1)), "data")
    assert "future" in problem_of(import_crl("Old CA", root.crl(1, at=site.clock() + DAY)), "data")
    taken(site, root.crl(9, 7, 8, at=site.clock() - DAY))
    assert "older" in problem_of(import_crl("Old CA", root.crl(10, at=site.clock() - 2 * DAY)), "data")
    assert "1 certificate that this one does not list" in taken(site, root.crl(1, 7)).warnings[0]
    with site.store.transaction(), pytest.raises(RuntimeError, match="end the transaction first"):
        import_crl("Old CA", root.crl(11))


def test_a_ca_that_comes_back_under_another_name_knows_what_it_revoked(site: Site) -> None:
    root, authorities = Outsider.root("CN=Old CA"), site.administration.authorities
    moved_in(site, root)
    revision = taken(site, root.crl(57, 7)).record.revision
    exported = authorities.export("Old CA", ExportForm.PKCS12, PASSPHRASE)
    assert isinstance(exported, ExportedFile)
    assert isinstance(authorities.delete("Old CA", revision), Saved)
    again = authorities.import_with_key("Again", exported.content, PASSPHRASE)
    assert isinstance(again, Saved)
    assert again.warnings == ()
    assert (site.crl("Again").number, list(read_crl(site.crl("Again").der).revoked)) == (59, [7])


def test_what_a_vendors_crl_told_is_known_when_the_ca_comes_with_its_key(site: Site) -> None:
    """B-19: the vendor CA is another certificate of the same CA."""
    root = Outsider.root("CN=Old CA")
    assert isinstance(site.administration.vendor_cas.import_(root.renewed().pem, ["Vendor"]), Saved)
    assert isinstance(site.administration.vendor_cas.import_crl("Vendor", root.crl(3, 7)), Saved)
    assert moved_in(site, root).warnings == ()
    assert (site.crl("Old CA").number, list(read_crl(site.crl("Old CA").der).revoked)) == (4, [7])


@pytest.mark.parametrize("crl_first", [True, False])
def test_a_sub_ca_that_was_revoked_elsewhere_issues_nothing_here(site: Site, crl_first: bool) -> None:
    """B-44: that it is on record here, for it came with its key, is no evidence against its root's CRL."""
    root = Outsider.root("CN=Old Root")
    sub = root.sub("CN=Old CA")
    crl = root.crl(9, serial_of(sub))
    moved_in(site, root, "Old Root")
    if crl_first:
        taken(site, crl, "Old Root")
        assert "Old CA was revoked" in moved_in(site, sub).warnings[0]
    else:
        moved_in(site, sub)
        assert "It revokes CN=Old CA" in taken(site, crl, "Old Root").warnings[0]
    assert read_crl(site.crl("Old Root").der).revoked.keys() == {serial_of(sub)}
    with pytest.raises(AssertionError, match="ISSUING_CA_REVOKED"):
        site.device("printer", issuing_ca="Old CA")


def test_a_crl_in_short_and_the_ca_above(site: Site) -> None:
    authorities = site.administration.authorities
    root = Outsider.root("CN=Old Root")
    moved_in(site, root.sub("CN=Old CA"))
    site.create("Sub", signed_by="Old CA")
    above = {each.name: (each.parent, each.vendor, str(each.facts.issuer)) for each in authorities.overview()}
    assert above["Sub"] == ("Old CA", "", "CN=Old CA")
    assert above["Old CA"] == ("", "", "CN=Old Root")
    assert above[CA][:2] == ("", "")
    assert isinstance(site.administration.vendor_cas.import_(root.pem, ["Vendor Root"]), Saved)
    assert {each.name: each.vendor for each in authorities.overview()}["Old CA"] == "Vendor Root"
    facts = site.administration.vendor_cas.facts("Vendor Root")
    assert facts == read_certificate(root.certificate)
    assert site.administration.vendor_cas.facts("Nobody") is None
    assert isinstance(site.revoke(site.device("printer").der), Saved)
    summary, crl = {each.name: each.crl for each in authorities.overview()}[CA], site.crl()
    assert summary is not None
    assert (summary.number, summary.revoked) == (2, 1)
    assert (summary.this_update, summary.next_update) == (crl.this_update, crl.next_update)


def test_a_vendors_root_that_an_own_ca_needs_for_its_chain_is_deleted_with_a_warning(site: Site) -> None:
    """B-29: unless the chain goes on without it."""
    vendor_cas, root = site.administration.vendor_cas, Outsider.root("CN=Old Root")
    sub = root.sub("CN=Old CA")
    moved_in(site, Outsider(sub.certificate, sub.key))
    assert isinstance(vendor_cas.import_(root.pem, ["Root"]), Saved)
    assert vendor_cas.dependents("Root") == ("the CA Old CA (chain to its root)",)
    assert isinstance(vendor_cas.import_(root.renewed().pem, ["Renewal"]), Saved)
    assert vendor_cas.dependents("Root") == ()
    assert isinstance(vendor_cas.delete("Renewal", 0), Saved)
    gone = vendor_cas.delete("Root", 0)
    assert isinstance(gone, Saved)
    assert "The chain of Old CA ends before its root" in gone.warnings[0]

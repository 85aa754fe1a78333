"""Vendor CAs: imported whole or not at all, trusted or not, with their CRLs (B-19, B-39, B-42)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from estconsole.administration.vendor_preview import Preview
from estconsole.domain.model import VendorCa
from estconsole.pki.certificates import certificate_pem
from estconsole.pki.cms import certs_only
from estconsole.results import Conflict, Rejected, Saved
from tests.administration.outside import YEAR, Outsider, bundle
from tests.administration.site import CA, DAY, Site, problem_of
from tests.labs import save_alias


def imported(site: Site, outsider: Outsider, name: str) -> VendorCa:
    result = site.administration.vendor_cas.import_(outsider.pem, [name])
    assert isinstance(result, Saved), result
    return result.record[0]


def test_a_bundle_is_shown_before_it_is_imported_and_changes_nothing(site: Site) -> None:
    root = Outsider.root("CN=Vendor Root,O=Vendor")
    sub = root.sub("CN=Vendor Sub,O=Vendor")
    device = sub.device("CN=device")
    preview = site.administration.vendor_cas.preview(bundle(sub, root, device))
    assert isinstance(preview, Preview)
    assert [each.name for each in preview.certificates] == ["Vendor Sub", "Vendor Root", "device"]
    assert [each.issued_by for each in preview.certificates] == ["Vendor Root", "", "Vendor Sub"]
    assert [each.is_self_signed for each in preview.certificates] == [False, True, False]
    assert [bool(each.problem) for each in preview.certificates] == [False, False, True]
    assert not preview.is_importable
    alone = site.administration.vendor_cas.preview(sub.pem)
    assert isinstance(alone, Preview)
    assert str(alone.certificates[0].missing) == "CN=Vendor Root,O=Vendor"
    imported(site, root, "Root of all")
    alone = site.administration.vendor_cas.preview(sub.pem)
    assert isinstance(alone, Preview)
    assert (alone.certificates[0].issued_by, alone.certificates[0].missing) == ("Root of all", None)
    assert "PEM or DER" in problem_of(site.administration.vendor_cas.preview(b"nothing"), "data")
    assert len(site.administration.vendor_cas.all()) == 1


@pytest.mark.parametrize("form", ["PEM", "DER", "PKCS7"])
def test_a_file_in_each_form_is_imported_under_names_that_are_free(site: Site, form: str) -> None:
    root = Outsider.root("CN=ManagementCA,O=Vendor")
    data = {"PEM": root.pem, "DER": root.certificate, "PKCS7": certs_only([root.certificate])}[form]
    result = site.administration.vendor_cas.import_(data)
    assert isinstance(result, Saved)
    assert [vendor.name for vendor in result.record] == ["ManagementCA 2"]
    assert site.administration.vendor_cas.pem("ManagementCA 2") == certificate_pem(root.certificate)
    assert "ManagementCA" in (site.administration.vendor_cas.describe("ManagementCA 2") or "")


def test_two_cas_of_one_subject_are_both_imported_and_told_apart(site: Site) -> None:
    """B-19."""
    result = site.administration.vendor_cas.import_(bundle(Outsider.root("CN=V"), Outsider.root("CN=V")))
    assert isinstance(result, Saved)
    assert [vendor.name for vendor in result.record] == ["V", "V 2"]


def test_what_is_wrong_with_one_of_a_bundle_keeps_all_of_it_out(site: Site) -> None:
    import_ = site.administration.vendor_cas.import_
    good = Outsider.root("CN=Good")
    own = site.administration.authorities.pem(CA)
    assert own is not None
    assert "no CA's" in problem_of(import_(bundle(good, good.device("CN=device"))), "data")
    assert "of this lab" in problem_of(import_(good.pem + own.encode()), "data")
    assert "another key" in problem_of(import_(bundle(good, Outsider.root("CN=managementca"))), "data")
    assert "as many names" in problem_of(import_(good.pem, []), "names")
    assert "there already" in problem_of(import_(good.pem, [CA]), "names")
    assert "needed" in problem_of(import_(good.pem, [""]), "names")
    assert "the same" in problem_of(import_(bundle(good, Outsider.root("CN=Other")), ["x", "x"]), "names")
    assert site.administration.vendor_cas.all() == ()
    imported(site, good, "First")
    assert "under the name First" in problem_of(import_(good.pem), "data")


def test_a_ca_that_is_not_in_date_is_imported_with_a_warning(site: Site) -> None:
    expired = Outsider.root("CN=Old", validity=DAY, made=site.clock() - 9 * DAY)
    early = Outsider.root("CN=Early", made=site.clock() + 9 * DAY)
    result = site.administration.vendor_cas.import_(bundle(expired, early), ["Old Vendor", "New Vendor"])
    assert isinstance(result, Saved)
    assert result.warnings[0].startswith("Old Vendor: it expired")
    assert result.warnings[1].startswith("New Vendor: it is in date from")


def test_trust_is_switched_and_aliases_that_list_the_ca_are_told(site: Site) -> None:
    """B-39."""
    vendor = imported(site, Outsider.root("CN=Vendor"), "Vendor")
    save_alias(site, "plant", vendorcertificatemode="true", vendorcaids="Vendor")
    vendor_cas = site.administration.vendor_cas
    off = vendor_cas.set_trusted("Vendor", False, vendor.revision)
    assert isinstance(off, Saved)
    assert "plant" in off.warnings[0]
    assert isinstance(vendor_cas.set_trusted("Vendor", True, vendor.revision), Conflict)
    on = vendor_cas.set_trusted("Vendor", True, off.record.revision)
    assert isinstance(on, Saved)
    assert (on.record.trusted, on.warnings) == (True, ())
    assert vendor_cas.dependents("Vendor") == ("plant",)
    assert isinstance(vendor_cas.delete("Vendor", vendor.revision), Conflict)
    gone = vendor_cas.delete("Vendor", on.record.revision)
    assert isinstance(gone, Saved)
    assert "plant" in gone.warnings[0]
    assert vendor_cas.get("Vendor") is None
    assert (site.administration.aliases.options("plant") or {})["vendorcaids"] == "Vendor"


def test_a_crl_is_taken_in_if_it_is_the_cas_own_whole_and_no_older(site: Site) -> None:
    """B-19."""
    root = Outsider.root("CN=Vendor")
    imported(site, root, "Vendor")
    import_crl = site.administration.vendor_cas.import_crl
    now = site.clock()
    assert import_crl("Nobody", root.crl(1)) == Conflict(None)
    assert "PEM" in problem_of(import_crl("Vendor", b"nothing"), "data")
    assert "another key" in problem_of(import_crl("Vendor", Outsider.root("CN=Vendor").crl(1)), "data")
    assert "CN=Stranger's" in problem_of(import_crl("Vendor", Outsider.root("CN=Stranger").crl(1)), "data")
    assert "future" in problem_of(import_crl("Vendor", root.crl(1, at=now + DAY)), "data")
    result = import_crl("Vendor", root.crl(5, 0xABC, at=now - DAY))
    assert isinstance(result, Saved)
    assert result.warnings == ()
    assert "0A:BC" in (site.administration.vendor_cas.describe("Vendor") or "")
    assert "older" in problem_of(import_crl("Vendor", root.crl(4, at=now)), "data")
    assert "older" in problem_of(import_crl("Vendor", root.crl(6, at=now - 2 * DAY)), "data")
    stale = import_crl("Vendor", root.crl(6, at=now - timedelta(hours=2), validity=timedelta(hours=1)))
    assert isinstance(stale, Saved)
    assert "every device of Vendor is shut out" in stale.warnings[0]


def test_a_crl_can_be_forgotten(site: Site) -> None:
    root = Outsider.root("CN=Vendor")
    imported(site, root, "Vendor")
    with_crl = site.administration.vendor_cas.import_crl("Vendor", root.crl(1, 7, 8, validity=YEAR))
    assert isinstance(with_crl, Saved)
    assert isinstance(site.administration.vendor_cas.remove_crl("Vendor", 0), Conflict)
    without = site.administration.vendor_cas.remove_crl("Vendor", with_crl.record.revision)
    assert isinstance(without, Saved)
    assert "(2)" in without.warnings[0]
    again = site.administration.vendor_cas.import_crl("Vendor", root.crl(1))
    assert not isinstance(again, Rejected)


def test_trust_that_is_switched_off_below_a_trusted_ca_warns_that_it_shuts_nobody_out(site: Site) -> None:
    """B-19: a path may end at the CA above, as on EJBCA."""
    root = Outsider.root("CN=Vendor Root")
    sub = root.sub("CN=Vendor Sub")
    above, below = imported(site, root, "Root"), imported(site, sub, "Sub")
    off = site.administration.vendor_cas.set_trusted("Sub", False, below.revision)
    assert isinstance(off, Saved)
    (warning,) = off.warnings
    assert "Root above it is still trusted" in warning
    assert isinstance(site.administration.vendor_cas.set_trusted("Root", False, above.revision), Saved)
    again = site.administration.vendor_cas.set_trusted("Sub", False, off.record.revision)
    assert isinstance(again, Saved)
    assert not any("still trusted" in warning for warning in again.warnings)


def test_a_namesake_with_another_key_warns_of_what_tls_makes_of_it(site: Site) -> None:
    imported(site, Outsider.root("CN=V"), "First")
    result = site.administration.vendor_cas.import_(Outsider.root("CN=V").pem, ["Second"])
    assert isinstance(result, Saved)
    assert "key identifier" in result.warnings[0]

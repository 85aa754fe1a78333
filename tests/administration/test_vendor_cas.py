"""Vendor CAs: imported whole or not at all, trusted or not, with their CRLs (B-19, B-39, B-42)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from estconsole.administration.vendor_preview import Preview
from estconsole.domain.decision import Refused
from estconsole.domain.model import VendorCa
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import Operation
from estconsole.pki.cms import certs_only
from estconsole.results import Conflict, Rejected, Saved
from tests.administration.outside import YEAR, Outsider, bundle
from tests.administration.site import CA, DAY, Site, problem_of
from tests.labs import add, save_alias
from tests.server.authorities import Authority
from tests.support import csr_der, ec_key, request_of


def imported(site: Site, outsider: Outsider, name: str) -> VendorCa:
    result = site.administration.vendor_cas.import_(outsider.pem, [name])
    assert isinstance(result, Saved), result
    return result.record[0]


def enrolled_with(site: Site, vendor: Outsider, username: str) -> RefusalReason | None:
    """Why a vendor's device cannot enroll on `plant`; None when it can."""
    add(site, username, code=None)
    device, csr = vendor.device(f"CN={username}"), csr_der(f"CN={username}", ec_key())
    request = request_of(Operation.SIMPLEENROLL, csr, alias="plant", certificate=device.certificate)
    decision = site.engine.enroll(request).decision
    return decision.reason if isinstance(decision, Refused) else None


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
    assert result.record[0].certificate == root.certificate
    assert result.record == (site.administration.vendor_cas.get("ManagementCA 2"),)


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
    assert vendor_cas.dependents("Vendor") == ("the alias plant (List of Vendor CAs)",)
    assert isinstance(vendor_cas.delete("Vendor", vendor.revision), Conflict)
    gone = vendor_cas.delete("Vendor", on.record.revision)
    assert isinstance(gone, Saved)
    assert "plant" in gone.warnings[0]
    assert vendor_cas.get("Vendor") is None
    assert [alias.vendor_cas for alias in site.administration.aliases.all() if alias.name == "plant"] == [("Vendor",)]


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
    assert "0A:BC" in (site.administration.vendor_cas.describe_crl("Vendor") or "")
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
    assert isinstance(again, Saved)


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


def test_a_name_outlives_its_ca_in_aliases_and_no_other_ca_takes_it_unasked(site: Site) -> None:
    """B-3, B-17."""
    vendor_cas = site.administration.vendor_cas
    imported(site, Outsider.root("CN=Vendor Sub CA"), "Vendor Sub CA")
    save_alias(site, "plant", vendorcertificatemode="true", vendorcaids="Vendor Sub CA", defaultca=CA)
    assert isinstance(vendor_cas.delete("Vendor Sub CA", 0), Saved)
    other = Outsider.root("CN=Vendor Sub CA,O=Other")
    preview = vendor_cas.preview(other.pem)
    assert isinstance(preview, Preview)
    assert preview.certificates[0].name == "Vendor Sub CA 2"
    unasked = vendor_cas.import_(other.pem)
    assert isinstance(unasked, Saved)
    assert (unasked.record[0].name, unasked.warnings) == ("Vendor Sub CA 2", ())
    assert enrolled_with(site, other, "printer") is RefusalReason.VENDOR_CERTIFICATE_FOREIGN
    assert isinstance(vendor_cas.delete("Vendor Sub CA 2", 0), Saved)
    asked = vendor_cas.import_(other.pem, ["Vendor Sub CA"])
    assert isinstance(asked, Saved)
    assert asked.warnings == ("Vendor Sub CA: plant lists this name: devices of this CA enroll there from now on.",)
    assert enrolled_with(site, other, "scanner") is None


def test_a_ca_that_openssl_cannot_read_stays_out(site: Site) -> None:
    """B-39, B-41: TLS would let none of its devices in, nor perhaps anybody."""
    odd = Authority.unreadable_by_openssl("Odd CA")
    preview = site.administration.vendor_cas.preview(odd.der)
    assert isinstance(preview, Preview)
    assert "OpenSSL" in preview.certificates[0].problem
    assert "CN=Odd CA: OpenSSL" in problem_of(site.administration.vendor_cas.import_(odd.pem), "data")
    assert site.administration.vendor_cas.all() == ()


def test_a_renewal_is_told_and_is_one_ca_with_what_it_renews(site: Site) -> None:
    """B-19: its devices come in by either, and are shut out when neither is trusted, listed or there."""
    vendor_cas, first = site.administration.vendor_cas, Outsider.root("CN=Vendor")
    imported(site, first, "First")
    save_alias(site, "plant", vendorcertificatemode="true", vendorcaids="First", defaultca=CA)
    result = vendor_cas.import_(first.renewed().pem, ["Second"])
    assert isinstance(result, Saved)
    assert "it is a renewal of First: same subject and key" in result.warnings[0]
    earlier = vendor_cas.preview(first.renewed(age=DAY).pem)
    assert isinstance(earlier, Preview)
    assert "First is a renewal of it" in earlier.certificates[0].warnings[0]
    off = vendor_cas.set_trusted("First", False, 0)
    assert isinstance(off, Saved)
    assert "Second has its subject and key, and is still trusted" in off.warnings[0]
    assert enrolled_with(site, first, "printer") is None
    both_off = vendor_cas.set_trusted("Second", False, 0)
    assert isinstance(both_off, Saved)
    assert "enroll no more on plant" in both_off.warnings[0]
    assert enrolled_with(site, first, "scanner") is RefusalReason.VENDOR_PATH_INVALID
    save_alias(site, "plant", vendorcaids="First;Second")
    on = vendor_cas.set_trusted("Second", True, 1)
    assert isinstance(on, Saved)
    gone = vendor_cas.delete("First", off.record.revision)
    assert isinstance(gone, Saved)
    assert gone.warnings == ()
    all_gone = vendor_cas.delete("Second", on.record.revision)
    assert isinstance(all_gone, Saved)
    assert "enroll no more on plant" in all_gone.warnings[0]


def test_a_crl_is_of_a_ca_and_of_its_renewals(site: Site) -> None:
    """B-19: either takes it in, and the newest counts for both."""
    vendor_cas, root = site.administration.vendor_cas, Outsider.root("CN=Vendor")
    imported(site, root, "First")
    imported(site, root.renewed(), "Second")
    assert isinstance(vendor_cas.import_crl("First", root.crl(1, at=site.clock() - DAY)), Saved)
    second = vendor_cas.import_crl("Second", root.renewed().crl(2, 7))
    assert isinstance(second, Saved)
    assert "that Second has" in problem_of(vendor_cas.import_crl("First", root.crl(1)), "data")
    without = vendor_cas.remove_crl("Second", second.record.revision)
    assert isinstance(without, Saved)
    assert "The CRL of First" in without.warnings[0]


def test_an_edit_of_trust_and_a_removed_crl_are_taken_back_and_an_import_of_one_is_not(site: Site) -> None:
    vendors, vendor = site.administration.vendor_cas, Outsider.root("CN=Vendor")
    before = imported(site, vendor, "Vendor")
    save_alias(site, "plant", vendorcertificatemode="true", vendorcaids="Vendor", defaultca=CA)
    distrusted = vendors.set_trusted("Vendor", False, before.revision)
    assert isinstance(distrusted, Saved)
    assert vendors.restore(before, before.revision) == Conflict(distrusted.record)
    back = vendors.restore(before, distrusted.record.revision)
    assert isinstance(back, Saved)
    assert (back.record, back.warnings) == (replace(before, revision=distrusted.record.revision + 1), ())
    assert enrolled_with(site, vendor, "device") is None
    again = vendors.restore(distrusted.record, back.record.revision)
    assert isinstance(again, Saved)
    assert "enroll no more on plant" in again.warnings[0]
    with_crl = vendors.import_crl("Vendor", vendor.crl(1))
    assert isinstance(with_crl, Saved)
    assert "not taken back" in problem_of(vendors.restore(again.record, with_crl.record.revision), "crl")
    without = vendors.remove_crl("Vendor", with_crl.record.revision)
    assert isinstance(without, Saved)
    with_it = vendors.restore(with_crl.record, without.record.revision)
    assert isinstance(with_it, Saved)
    assert with_it.record.crl == with_crl.record.crl is not None
    assert isinstance(vendors.delete("Vendor", with_it.record.revision), Saved)
    assert vendors.restore(before, with_it.record.revision) == Conflict(None)


def test_what_is_left_out_of_a_bundle_stays_out_whatever_is_wrong_with_it(site: Site) -> None:
    root, other = Outsider.root("CN=Root"), Outsider.root("CN=Other")
    data = bundle(root, other, root.device("CN=device"))
    vendor_cas = site.administration.vendor_cas
    assert isinstance(vendor_cas.import_(data, ["Root", None, "device"]), Rejected)
    assert vendor_cas.all() == ()
    result = vendor_cas.import_(data, [None, "Mine", None])
    assert isinstance(result, Saved)
    assert [(each.name, each.certificate) for each in result.record] == [("Mine", other.certificate)]
    assert vendor_cas.all() == result.record


def test_an_overview_tells_what_stands_above_each_its_crl_and_its_aliases(site: Site) -> None:
    root = Outsider.root("CN=Root")
    middle = root.sub("CN=Middle")
    sub = middle.sub("CN=Sub")
    for outsider, name in ((sub, "Sub"), (middle, "Middle"), (root, "Root")):
        imported(site, outsider, name)
    save_alias(site, "plant", vendorcertificatemode="true", vendorcaids="Sub;Root")
    vendor_cas = site.administration.vendor_cas
    assert isinstance(vendor_cas.import_crl("Root", root.crl(7, 1, 2)), Saved)
    seen = {row.vendor.name: row for row in vendor_cas.overview()}
    assert list(seen) == ["Middle", "Root", "Sub"]
    assert (seen["Sub"].above, seen["Sub"].missing) == (("Middle", "Root"), None)
    assert (seen["Root"].above, seen["Root"].missing, seen["Root"].facts.is_root) == ((), None, True)
    assert {name: row.aliases for name, row in seen.items()} == {"Middle": (), "Root": ("plant",), "Sub": ("plant",)}
    assert seen["Sub"].crl is None
    assert (crl := seen["Root"].crl) is not None
    assert (crl.number, crl.revoked) == (7, 2)
    assert "crl number" in (vendor_cas.describe_crl("Root") or "").lower()
    assert vendor_cas.describe_crl("Sub") is vendor_cas.describe_crl("Nobody") is None
    vendor = vendor_cas.get("Root")
    assert vendor is not None
    assert vendor_cas.distrust("Root") == vendor_cas.distrust("Nobody") == ()
    assert isinstance(vendor_cas.set_trusted("Root", False, vendor.revision), Saved)
    assert "plant" in vendor_cas.distrust("Root")[0]
    assert isinstance(vendor_cas.delete("Root", vendor.revision + 1), Saved)
    seen = {row.vendor.name: row for row in vendor_cas.overview()}
    assert (seen["Sub"].above, str(seen["Sub"].missing)) == (("Middle",), "CN=Root")

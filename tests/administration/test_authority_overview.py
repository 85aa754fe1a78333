"""What the list of CAs shows, what an import with a key would bring, and which CA here issued a certificate."""

from __future__ import annotations

from datetime import UTC, datetime

from estconsole.administration.certificate_words import KnownIssuer
from estconsole.administration.key_import import PreviewedKey
from estconsole.domain.names import parse_dn
from estconsole.domain.revocation import RevocationReason
from estconsole.domain.secret import Secret
from estconsole.results import Saved
from tests.administration.outside import PASSPHRASE, Outsider
from tests.administration.site import CA, DAY, Site, problem_of
from tests.labs import save_alias


def test_each_ca_is_shown_with_what_is_above_it_and_what_depends_on_it(site: Site) -> None:
    root, vendor = Outsider.root("CN=Old Root"), Outsider.root("CN=Vendor")
    authorities = site.administration.authorities
    sub = site.create("Sub", signed_by=CA)
    moved, under_vendor = root.sub("CN=Moved"), vendor.sub("CN=Under")
    assert isinstance(site.administration.vendor_cas.import_(vendor.pem), Saved)
    for name, outsider in (("Moved", moved), ("Under", under_vendor)):
        assert isinstance(authorities.import_with_key(name, outsider.p12(), PASSPHRASE), Saved)
    site.device("printer")
    save_alias(site, "subs", defaultca="Sub")
    save_alias(site, "moved", vendorcertificatemode="true", vendorcaids="Moved")
    assert isinstance(site.revoke(sub.certificate, RevocationReason.SUPERSEDED), Saved)
    shown = {each.name: each for each in authorities.overview()}
    assert list(shown) == [CA, "Moved", "Sub", "Under"]
    assert {name: (each.parent, each.vendor) for name, each in shown.items()} == {
        CA: ("", ""),
        "Sub": (CA, ""),
        "Moved": ("", ""),
        "Under": ("", "Vendor"),
    }
    management, revoked = shown[CA], shown["Sub"]
    assert (management.certificates, management.end_entities, management.aliases) == (2, 1, ("est",))
    assert management.crl is not None
    assert (management.crl.number, management.crl.revoked) == (2, 1)
    assert revoked.revocation is not None
    assert (revoked.certificates, revoked.aliases) == (0, ("subs",))
    assert management.revocation is None
    assert shown["Moved"].aliases == ("moved",)


def test_the_ca_that_issued_a_certificate_is_found_here_or_among_the_vendors(site: Site) -> None:
    vendor = Outsider.root("CN=Vendor")
    assert isinstance(site.administration.vendor_cas.import_(vendor.pem), Saved)
    issuer_of = site.administration.authorities.issuer_of
    assert issuer_of(site.device("printer").der) == KnownIssuer(CA, own=True)
    assert issuer_of(vendor.device("CN=device").certificate) == KnownIssuer("Vendor", own=False)
    assert issuer_of(Outsider.root("CN=Stranger").device("CN=device").certificate) is None
    assert issuer_of(vendor.certificate) is None


def test_a_preview_of_a_key_tells_all_that_the_import_would_and_changes_nothing(site: Site) -> None:
    preview = site.administration.authorities.preview_import
    before = site.administration.authorities.all()
    moved = Outsider.root("CN=Old Root").sub(f"CN={CA},O=Elsewhere")
    assert "give its passphrase" in problem_of(preview(moved.p12()), "passphrase")
    assert "wrong" in problem_of(preview(moved.p12(), Secret("other")), "passphrase")
    assert "neither" in problem_of(preview(b"nothing"), "data")
    found = preview(moved.p12(), PASSPHRASE)
    assert isinstance(found, PreviewedKey)
    assert found.name == f"{CA} 2"
    assert found.facts.subject == parse_dn(f"CN={CA},O=Elsewhere")
    assert found.others == (parse_dn("CN=Old Root"),)
    assert (found.problems, found.warnings) == ((), ())
    expired = Outsider.root("CN=Gone", validity=DAY, made=datetime.now(UTC) - 9 * DAY)
    found = preview(expired.p12(), PASSPHRASE)
    assert isinstance(found, PreviewedKey)
    assert "expired" in found.warnings[0]
    vendor = Outsider.root("CN=Kept")
    assert isinstance(site.administration.vendor_cas.import_(vendor.pem), Saved)
    save_alias(site, "vendors", vendorcertificatemode="true", vendorcaids="Kept")
    assert isinstance(site.administration.vendor_cas.delete("Kept", 0), Saved)
    found = preview(Outsider.root("CN=Kept").p12(), PASSPHRASE)
    assert isinstance(found, PreviewedKey)
    assert found.name == "Kept 2"
    useless = preview(Outsider.careless("Useless", signs_certificates=False).p12(), PASSPHRASE)
    assert isinstance(useless, PreviewedKey)
    assert "key usage" in useless.problems[0]
    assert site.administration.authorities.all() == before

"""CAs of the lab: made with every kind of key, below one another, and deleted when nothing needs them (B-42)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from estconsole.domain.ca_drafts import AuthorityDraft
from estconsole.domain.certificate import CA_KEY_KINDS, KeyKind
from estconsole.domain.model import CertificatePurpose
from estconsole.domain.revocation import RevocationReason
from estconsole.pki.chains import path_above
from estconsole.pki.crls import is_crl_of, read_crl
from estconsole.pki.describe import describe_certificate
from estconsole.pki.keys import SigningKey, generate_key
from estconsole.results import Conflict, Rejected, Saved
from tests.administration.outside import PASSPHRASE, Outsider
from tests.administration.site import CA, DAY, Site, problem_of
from tests.labs import add, save_alias, unregister

DRAFT = AuthorityDraft(name="Plant CA", subject="CN=Plant CA,O=Lab")


@pytest.mark.parametrize("kind", [str(kind) for kind in CA_KEY_KINDS if str(kind) not in ("RSA 3072", "RSA 4096")])
def test_a_root_can_have_each_kind_of_key_and_has_its_first_crl(site: Site, kind: str) -> None:
    """The two that are left out are RSA as well, and take seconds to make."""
    authority = site.create("Plant CA", key=kind, validity="5y")
    facts = site.administration.authorities.facts("Plant CA")
    assert facts is not None
    assert (str(facts.key), facts.is_ca) == (kind, True)
    assert facts.not_after - site.clock() == pytest.approx(timedelta(days=5 * 365), abs=timedelta(seconds=1))
    crl = site.administration.authorities.crl("Plant CA")
    assert crl is not None
    assert is_crl_of(crl, authority.certificate)
    assert (read_crl(crl).number, dict(read_crl(crl).revoked)) == (1, {})


def test_a_sub_ca_is_issued_by_its_parent_and_carries_where_that_ones_crl_is(site: Site) -> None:
    root = site.create("Root", crl_url="http://host:8080/crl/Root.crl")
    sub = site.create("Sub", signed_by="Root")
    assert path_above(sub.certificate, [root.certificate]) == (root.certificate,)
    assert "http://host:8080/crl/Root.crl" in describe_certificate(sub.certificate)
    facts = site.administration.authorities.facts("Sub")
    record = site.administration.certificates.get(facts.sha256 if facts else "")
    assert record is not None
    assert (record.issuing_ca, record.purpose) == ("Root", CertificatePurpose.CA)


def test_a_sub_ca_of_a_parent_that_became_another_meanwhile_is_not_made(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key is made outside the lock, and takes a second: here the parent is deleted and made anew in that time."""
    parent = site.create("Root")

    def meanwhile(kind: KeyKind) -> SigningKey:
        monkeypatch.undo()
        assert isinstance(site.administration.authorities.delete("Root", parent.revision), Saved)
        site.create("Root")
        return generate_key(kind)

    monkeypatch.setattr("estconsole.administration.new_authority.generate_key", meanwhile)
    result = site.administration.authorities.create(replace(DRAFT, signed_by="Root"))
    assert "changed meanwhile" in problem_of(result, "signed_by")
    assert site.administration.authorities.get("Plant CA") is None


def test_a_sub_ca_ends_with_its_parent_and_that_is_said(site: Site) -> None:
    site.create("Root", validity="1y")
    result = site.administration.authorities.create(replace(DRAFT, signed_by="Root", validity="2y"))
    assert isinstance(result, Saved)
    root, sub = (site.administration.authorities.facts(name) for name in ("Root", "Plant CA"))
    assert root is not None
    assert sub is not None
    assert sub.not_after == root.not_after
    assert "with Root" in result.warnings[0]


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"name": " "}, "name", "needed"),
        ({"name": "a;b"}, "name", "';'"),
        ({"name": "x" * 65}, "name", "at most 64"),
        ({"name": CA}, "name", "there already"),
        ({"subject": "Plant"}, "subject", "CN=device"),
        ({"subject": "cn=managementca"}, "subject", "has this subject"),
        ({"key": "RSA 1024"}, "key", "RSA 2048"),
        ({"validity": "ten years"}, "validity", "2y"),
        ({"validity": "101y"}, "validity", "hundred"),
        ({"signed_by": "Nobody"}, "signed_by", CA),
        ({"crl_url": "ldap://host/x"}, "crl_url", "http://"),
        ({"crl_url": "http://host/a b"}, "crl_url", "%20"),
    ],
)
def test_what_is_wrong_with_a_draft_is_said_and_nothing_is_made(
    site: Site, change: dict[str, str], field: str, words: str
) -> None:
    assert words in problem_of(site.administration.authorities.create(replace(DRAFT, **change)), field)  # type: ignore[arg-type]
    assert [authority.name for authority in site.administration.authorities.all()] == [CA]
    assert len(site.administration.certificates.all()) == 2


def test_a_ca_does_not_take_a_vendors_name_or_subject(site: Site) -> None:
    """B-19."""
    vendor = Outsider.root("CN=Vendor")
    assert isinstance(site.administration.vendor_cas.import_(vendor.pem), Saved)
    assert "there already" in problem_of(site.administration.authorities.create(replace(DRAFT, name="Vendor")), "name")
    result = site.administration.authorities.create(replace(DRAFT, subject="CN=vendor"))
    assert "has this subject" in problem_of(result, "subject")


def test_an_expired_or_revoked_parent_signs_nothing(site: Site) -> None:
    site.create("Short", validity="1d")
    sub = site.create("Sub", signed_by=CA)
    site.create("Below", signed_by="Sub")
    assert isinstance(site.revoke(sub.certificate, RevocationReason.CA_COMPROMISE), Saved)
    for name in ("Sub", "Below"):
        result = site.administration.authorities.create(replace(DRAFT, signed_by=name))
        assert "revoked" in problem_of(result, "signed_by")
    site.clock.turn(2 * DAY)
    result = site.administration.authorities.create(replace(DRAFT, signed_by="Short"))
    assert "not in date" in problem_of(result, "signed_by")


def test_a_ca_is_not_made_where_a_path_length_above_its_parent_forbids_it(site: Site) -> None:
    """Every device below it would fail `openssl verify`."""
    root = Outsider.careless("Old Root", path_length=1)
    assert isinstance(site.administration.authorities.import_with_key("Old Root", root.p12(), PASSPHRASE), Saved)
    site.create("Sub", signed_by="Old Root")
    result = site.administration.authorities.create(replace(DRAFT, signed_by="Sub"))
    assert "allows no CA below it" in problem_of(result, "signed_by")


def test_a_crl_url_is_set_and_taken_out(site: Site) -> None:
    """B-43."""
    authorities = site.administration.authorities
    revision = site.create("Plant CA").revision
    url = "http://host:8080/crl/Plant%20CA.crl"
    assert "http://" in problem_of(authorities.set_crl_url("Plant CA", "crl", revision), "crl_url")
    result = authorities.set_crl_url("Plant CA", url, revision)
    assert isinstance(result, Saved)
    assert result.record.crl_url == url
    assert isinstance(authorities.set_crl_url("Plant CA", "", revision), Conflict)
    assert isinstance(authorities.set_crl_url("Plant CA", "", result.record.revision), Saved)


def test_a_ca_that_something_needs_is_not_deleted(site: Site) -> None:
    root = site.create("Root")
    site.create("Sub", signed_by="Root")
    add(site, "printer")
    entity = site.administration.end_entities.get("printer")
    assert entity is not None
    site.store.end_entities.put(replace(entity, issuing_ca="Root"))
    save_alias(site, "plant", defaultca="Root", vendorcertificatemode="true", vendorcaids="Root")
    words = problem_of(site.administration.authorities.delete("Root", root.revision), "name")
    for dependent in ("CA Name", "List of Vendor CAs", "1 end entity", "the sub CA Sub"):
        assert dependent in words
    management = site.administration.authorities.get(CA)
    assert management is not None
    assert "the server's certificate" in problem_of(
        site.administration.authorities.delete(CA, management.revision), "name"
    )
    assert {authority.name for authority in site.administration.authorities.all()} == {CA, "Root", "Sub"}


def test_a_ca_that_nothing_needs_is_deleted_and_its_live_certificates_are_told(site: Site) -> None:
    plant = site.create("Plant CA")
    add(site, "printer", issuing_ca="Plant CA")
    site.enrolled("printer")
    assert isinstance(site.administration.authorities.delete("Plant CA", plant.revision), Rejected)
    unregister(site, "printer")
    assert isinstance(site.administration.authorities.delete("Plant CA", plant.revision + 1), Conflict)
    result = site.administration.authorities.delete("Plant CA", plant.revision)
    assert isinstance(result, Saved)
    assert "1 certificate that it issued is still in date" in result.warnings[0]
    assert site.administration.authorities.get("Plant CA") is None
    assert site.administration.authorities.crl("Plant CA") is None
    assert "no CA" in problem_of(site.administration.authorities.issue_crl("Plant CA"), "name")


def test_a_name_that_aliases_kept_from_a_ca_that_is_gone_is_taken_with_a_warning(site: Site) -> None:
    """B-3, B-17: made here, and imported with its key."""
    for vendor in (Outsider.root("CN=Gone"), Outsider.root("CN=Away")):
        assert isinstance(site.administration.vendor_cas.import_(vendor.pem), Saved)
    alias = save_alias(site, "plant", vendorcertificatemode="true", vendorcaids="Gone;Away")
    site.store.aliases.put(replace(alias, default_ca="Gone"))
    for name in ("Gone", "Away"):
        assert isinstance(site.administration.vendor_cas.delete(name, 0), Saved)
    made = site.administration.authorities.create(replace(DRAFT, name="Gone"))
    assert isinstance(made, Saved)
    assert made.warnings == (
        "Gone: plant lists this name: devices of this CA enroll there from now on.",
        "Gone: the CA Name of plant is this one: cacerts returns this CA there from now on.",
    )
    moved_in = site.administration.authorities.import_with_key("Away", Outsider.root("CN=New").p12(), PASSPHRASE)
    assert isinstance(moved_in, Saved)
    assert moved_in.warnings[0] == "Away: plant lists this name: devices of this CA enroll there from now on."

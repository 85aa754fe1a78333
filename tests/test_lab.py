"""A lab as a whole: made once, opened again unchanged, with a server certificate that fits where it listens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from estconsole.domain.ca_drafts import AuthorityDraft
from estconsole.domain.certificate import SERVER_AUTH
from estconsole.domain.names import SanKind
from estconsole.errors import DataDirectoryUnusableError
from estconsole.lab import Lab
from estconsole.pki.certificates import read_certificate
from estconsole.results import Saved
from estconsole.settings import ServerSettings
from tests.labs import ANY_PORTS, add, certificate_of, demo_lab, enroll, unregister


def test_opening_the_demo_twice_changes_nothing_that_was_made_or_spent(tmp_path: Path) -> None:
    """B-7."""
    with demo_lab(tmp_path / "lab") as lab:
        certificate_of(enroll(lab))
        unregister(lab, "registered_client")
        authority, material = lab.administration.authorities.certificate("ManagementCA"), lab.tls.material()
        entities, aliases = lab.administration.end_entities.all(), lab.administration.aliases.all()
    with demo_lab(tmp_path / "lab") as lab:
        assert lab.administration.authorities.certificate("ManagementCA") == authority
        assert lab.tls.material() == material
        assert lab.administration.end_entities.all() == entities
        assert lab.administration.aliases.all() == aliases


def test_a_lab_that_is_no_demo_has_a_ca_and_an_alias_and_no_entities(tmp_path: Path) -> None:
    with Lab.open(tmp_path / "mine", owner="a test", settings=ANY_PORTS) as lab:
        assert lab.name == "mine"
        assert [authority.name for authority in lab.administration.authorities.all()] == ["ManagementCA"]
        assert [alias.name for alias in lab.administration.aliases.all()] == ["est"]
        assert lab.administration.end_entities.all() == ()


def test_each_lab_has_a_management_ca_of_its_own(tmp_path: Path) -> None:
    """B-7: made for each lab, never shipped."""
    with demo_lab(tmp_path / "one") as one, demo_lab(tmp_path / "two") as two:
        first, second = (lab.administration.authorities.facts("ManagementCA") for lab in (one, two))
        assert first is not None
        assert second is not None
        assert first.key != second.key
        assert str(first.key) == "RSA 2048"


def test_the_server_certificate_names_where_it_listens(tmp_path: Path) -> None:
    """B-37."""
    with Lab.open(tmp_path / "lab", owner="a test", settings=ServerSettings(hosts=("192.0.2.7",))) as lab:
        facts = read_certificate(lab.tls.material().certificate_chain[0])
    names = {(name.kind, name.value) for name in facts.subject_alt_names}
    assert {
        (SanKind.DNS_NAME, "localhost"),
        (SanKind.IP_ADDRESS, "127.0.0.1"),
        (SanKind.IP_ADDRESS, "::1"),
        (SanKind.IP_ADDRESS, "192.0.2.7"),
    } <= names
    assert facts.extended_key_usages is not None
    assert SERVER_AUTH in facts.extended_key_usages


def test_other_addresses_make_another_server_certificate_and_the_same_ones_none(tmp_path: Path) -> None:
    def certificate(*hosts: str) -> bytes:
        with Lab.open(tmp_path / "lab", owner="a test", settings=ServerSettings(hosts=hosts)) as lab:
            return lab.tls.material().certificate_chain[0]

    first = certificate("127.0.0.1", "::1")
    assert certificate("127.0.0.1", "::1") == first
    assert certificate("192.0.2.7") != first


def test_a_server_certificate_from_a_clock_that_was_ahead_is_replaced(tmp_path: Path) -> None:
    """Else every client would refuse it until its time comes."""
    with demo_lab(tmp_path / "lab") as lab:
        names = ANY_PORTS.certificate_names()
        before = lab.tls.material().certificate_chain[0]
        lab._identity._clock = lambda: datetime.now(UTC) + timedelta(days=70)
        lab._identity.ensure(names)
        ahead = lab.tls.material().certificate_chain[0]
        lab._identity._clock = lambda: datetime.now(UTC)
        lab._identity.ensure(names)
        assert len({before, ahead, lab.tls.material().certificate_chain[0]}) == 3


def test_a_lab_of_ones_own_is_not_made_a_demo(tmp_path: Path) -> None:
    """The demo's code is published: it has no place in a lab that is used."""
    with Lab.open(tmp_path / "mine", owner="a test", settings=ANY_PORTS):
        pass
    with pytest.raises(DataDirectoryUnusableError, match="of your own"), demo_lab(tmp_path / "mine"):
        pass
    with Lab.open(tmp_path / "mine", owner="a test", settings=ANY_PORTS) as lab:
        assert lab.administration.end_entities.all() == ()


def test_trust_grows_a_revision_when_a_ca_is_added_and_not_when_a_device_enrolls(tmp_path: Path) -> None:
    """B-39."""
    with demo_lab(tmp_path / "lab") as lab:
        before, anchors = lab.tls.revision, lab.tls.material().trust_anchors
        enroll(lab)
        assert lab.tls.revision == before
        lab.administration.authorities.create(AuthorityDraft(name="Other CA", subject="CN=Other CA"))
        assert lab.tls.revision > before
        assert len(lab.tls.material().trust_anchors) == len(anchors) + 1


def test_a_demo_of_an_earlier_version_gets_the_vendor_and_keeps_what_the_operator_made(tmp_path: Path) -> None:
    """B-7: an earlier version had no vendor; this operator registered its device by hand, with a code."""
    with demo_lab(tmp_path / "lab") as lab:
        known = lab.administration
        for vendor in known.vendor_cas.all():
            assert isinstance(known.vendor_cas.delete(vendor.name, vendor.revision), Saved)
        alias = known.aliases.get("estvendor")
        assert alias is not None
        assert isinstance(known.aliases.remove("estvendor", alias.revision), Saved)
        unregister(lab, "1234.primekey.com")
        mine = add(lab, "1234.primekey.com", "a code of mine")
        with lab._store.transaction():
            lab._store.table("settings").remove(doc_ids=["demo_vendor_made"])
    with demo_lab(tmp_path / "lab") as lab:
        assert lab.administration.end_entities.get("1234.primekey.com") == mine
        assert [vendor.name for vendor in lab.administration.vendor_cas.all()] == ["Vendor Root CA", "Vendor Sub CA"]
        assert lab.administration.aliases.get("estvendor") is not None

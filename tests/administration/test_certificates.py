"""The register of certificates: found, revoked, put on hold and released, with the CRL there at once (B-43, B-44)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from estconsole.administration.certificate_words import words_of
from estconsole.administration.certificates import CertificateSearch
from estconsole.domain.model import CertificatePurpose, EntityStatus
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.revocation import Revocation, RevocationReason
from estconsole.pki.crls import read_crl
from estconsole.results import Conflict, Saved
from tests.administration.site import CA, DAY, Site, problem_of
from tests.labs import add, entity_of, reason_of, renew, unregister

HOLD = RevocationReason.CERTIFICATE_HOLD


def listed(site: Site, serial: int) -> RevocationReason | None:
    entry = read_crl(site.crl().der).revoked.get(serial)
    return None if entry is None else entry.reason


def test_certificates_are_found_by_what_is_known_of_them(site: Site) -> None:
    printer, scanner = site.device("printer", subject="CN=Big Printer,O=Lab"), site.device("scanner")
    search = site.administration.certificates.search

    def names(**by: object) -> list[str]:
        return [str(found.subject) for found in search(CertificateSearch(**by))]  # type: ignore[arg-type]

    both = ["CN=scanner", "CN=Big Printer,O=Lab"]
    assert names(purpose=CertificatePurpose.END_ENTITY) == both
    assert names(text="big p") == names(text="PRINTER") == both[1:]
    assert names(text=f"{scanner.serial:x}") == names(text=f"0{scanner.serial:X}") == both[:1]
    assert names(text=printer.sha256[:10]) == names(text=bytes.fromhex(printer.sha256).hex(":").upper()) == both[1:]
    assert names(text=printer.sha256, username="scanner") == []
    assert names(text=":") == names(text="nothing of the kind") == names(issuing_ca="Nobody") == []
    assert names(issuing_ca=CA, limit=2) == both
    assert names(limit=0) == []
    ends = printer.not_after
    server = ["CN=localhost"]  # which lasts 90 days
    assert names(expires_before=ends) == server
    assert names(expires_before=ends + timedelta(microseconds=1)) == [*both, *server]
    east = timezone(timedelta(hours=9))
    for by in ({"username": "printer"}, {"text": printer.sha256}):
        assert names(expires_before=ends.astimezone(east), **by) == []
        assert names(expires_before=(ends + DAY).astimezone(east), **by) == both[1:]
    assert site.administration.certificates.of_entity("printer") == (printer,)
    assert len(site.administration.certificates.all()) == len(names(limit=9)) == 4
    assert site.administration.certificates.get(printer.sha256) == printer
    assert "Big Printer" in str(words_of(printer.der).facts.subject)
    assert "BEGIN CERTIFICATE" in (site.administration.certificates.pem(printer.sha256) or "")


def test_a_revoked_certificate_is_on_the_crl_when_the_call_returns_and_renews_no_more(site: Site) -> None:
    """B-44."""
    device = site.device("printer")
    result = site.revoke(device.der)
    assert isinstance(result, Saved)
    assert result.record.revocation is not None
    assert result.warnings == ()
    assert (site.crl().number, listed(site, device.serial)) == (2, RevocationReason.KEY_COMPROMISE)
    assert reason_of(renew(site, device.der, "printer")) is RefusalReason.CERTIFICATE_REVOKED
    revoked = site.administration.certificates.search(CertificateSearch(revoked=True))
    assert [found.sha256 for found in revoked] == [device.sha256]
    assert "revoked on" in problem_of(site.revoke(device.der), "sha256")
    assert site.crl().number == 2


def test_a_hold_is_lifted_or_becomes_final_from_when_it_began(site: Site) -> None:
    lifted, final = site.device("lifted"), site.device("final")
    for device in (lifted, final):
        assert isinstance(site.revoke(device.der, HOLD), Saved)
        assert listed(site, device.serial) is HOLD
    began = site.clock()
    assert "certificate hold" in problem_of(site.revoke(lifted.der, HOLD), "sha256")
    site.clock.turn(DAY)
    assert isinstance(site.administration.certificates.release(lifted.sha256), Saved)
    assert listed(site, lifted.serial) is None
    assert renew(site, lifted.der, "lifted").certificates
    result = site.revoke(final.der, RevocationReason.SUPERSEDED)
    assert isinstance(result, Saved)
    assert result.record.revocation is not None
    assert result.record.revocation.at == began
    assert listed(site, final.serial) is RevocationReason.SUPERSEDED
    for device in (lifted, final):
        assert "not on hold" in problem_of(site.administration.certificates.release(device.sha256), "sha256")


def test_what_no_crl_could_say_is_refused_with_what_to_do_instead(site: Site) -> None:
    management = site.administration.authorities.certificate(CA)
    server = site.administration.server.certificate_facts()
    assert management is not None
    assert server is not None
    assert "delete the CA" in problem_of(site.revoke(management), "sha256")
    words = problem_of(site.administration.certificates.revoke(server.sha256, HOLD), "sha256")
    assert "renews by itself" in words
    device = site.device("printer")
    assert "release" in problem_of(site.revoke(device.der, RevocationReason.REMOVE_FROM_CRL), "reason")
    assert site.administration.certificates.revoke("no such certificate", HOLD) == Conflict(None)
    assert site.administration.certificates.release("no such certificate") == Conflict(None)
    assert site.crl().number == 1


def test_a_server_certificate_that_was_replaced_can_be_revoked(site: Site) -> None:
    before = site.administration.server.certificate_facts()
    assert before is not None
    site.identity.ensure(("another.example",))
    assert isinstance(site.administration.certificates.revoke(before.sha256, RevocationReason.SUPERSEDED), Saved)


def test_revoking_a_sub_ca_says_what_it_shuts_out(site: Site) -> None:
    sub = site.create("Sub", signed_by=CA)
    device = site.device("printer", issuing_ca="Sub")
    result = site.revoke(sub.certificate, RevocationReason.CA_COMPROMISE)
    assert isinstance(result, Saved)
    assert "1 end entity can enroll no more, and 1 certificate authenticate" in result.warnings[0]
    assert not renew(site, device.der, "printer").certificates


def test_revoking_what_has_expired_changes_little_and_says_so(site: Site) -> None:
    device = site.device("printer")
    site.clock.turn(device.not_after - site.clock() + DAY)
    result = site.revoke(device.der)
    assert isinstance(result, Saved)
    assert "expired" in result.warnings[0]


def test_what_a_namesake_of_the_ca_cannot_list_is_said(site: Site) -> None:
    """B-43: the CA was deleted, and another has its name."""
    old = site.create("Plant CA")
    device = site.device("printer", issuing_ca="Plant CA")
    unregister(site, "printer")
    assert isinstance(site.administration.authorities.delete("Plant CA", old.revision), Saved)
    site.clock.turn(DAY)
    site.create("Plant CA")
    newer = site.device("printer", issuing_ca="Plant CA")
    result = site.revoke(device.der)
    assert isinstance(result, Saved)
    assert "1 certificate of these is no longer in this lab, and another has its name" in result.warnings[0]
    final = site.revoke(newer.der, HOLD)
    assert isinstance(final, Saved)
    assert read_crl(site.crl("Plant CA").der).revoked.keys() == {newer.serial}
    lifted = site.administration.certificates.release(newer.sha256)
    assert isinstance(lifted, Saved)
    assert final.warnings == lifted.warnings == ()


def test_an_act_on_what_another_changed_meanwhile_is_a_conflict(site: Site) -> None:
    seen = site.device("printer")
    certificates, end_entities = site.administration.certificates, site.administration.end_entities
    held = certificates.revoke(seen.sha256, HOLD, seen)
    assert isinstance(held, Saved)
    assert certificates.revoke(seen.sha256, RevocationReason.SUPERSEDED, seen) == Conflict(held.record)
    assert certificates.release(seen.sha256, seen) == Conflict(held.record)
    assert isinstance(certificates.release(seen.sha256, held.record), Saved)
    assert certificates.revoke(seen.sha256, RevocationReason.SUPERSEDED, held.record) == Conflict(seen)

    entity = entity_of(site, "printer")
    opened = end_entities.set_new("printer", entity.revision)
    assert isinstance(opened, Saved)
    assert end_entities.set_new("printer", entity.revision) == Conflict(opened.record)
    on_hold = end_entities.revoke("printer", HOLD, opened.record.revision)
    assert isinstance(on_hold, Saved)
    assert end_entities.release("printer", opened.record.revision) == Conflict(on_hold.record)
    assert isinstance(end_entities.release("printer", on_hold.record.revision), Saved)


def test_an_end_entity_is_revoked_with_its_live_certificates_and_one_crl(site: Site) -> None:
    first = site.device("printer", allowed_requests="2")
    second, other = site.enrolled("printer"), site.device("other")
    entity = site.administration.end_entities.get("printer")
    assert entity is not None
    revoke = site.administration.end_entities.revoke
    assert isinstance(revoke("printer", HOLD, entity.revision + 1), Conflict)
    assert revoke("nobody", HOLD) == Conflict(None)
    assert "release" in problem_of(revoke("printer", RevocationReason.REMOVE_FROM_CRL), "reason")
    result = revoke("printer", RevocationReason.CESSATION_OF_OPERATION, entity.revision)
    assert isinstance(result, Saved)
    assert result.record.status.name == "REVOKED"
    assert site.crl().number == 2
    assert {listed(site, device.serial) for device in (first, second)} == {RevocationReason.CESSATION_OF_OPERATION}
    assert listed(site, other.serial) is None
    assert "revoked already" in problem_of(revoke("printer", RevocationReason.SUPERSEDED), "username")


@pytest.mark.parametrize("finally_revoked", [True, False])
def test_an_end_entity_on_hold_is_released_or_revoked_for_good(site: Site, *, finally_revoked: bool) -> None:
    device = site.device("printer")
    end_entities = site.administration.end_entities
    assert "on hold" in problem_of(end_entities.release("printer"), "username")
    assert end_entities.release("nobody") == Conflict(None)
    assert isinstance(end_entities.revoke("printer", HOLD), Saved)
    assert "revoked already" in problem_of(end_entities.revoke("printer", HOLD), "username")
    if finally_revoked:
        assert isinstance(end_entities.revoke("printer", RevocationReason.SUPERSEDED), Saved)
        assert listed(site, device.serial) is RevocationReason.SUPERSEDED
        assert "on hold" in problem_of(end_entities.release("printer"), "username")
    else:
        result = end_entities.release("printer")
        assert isinstance(result, Saved)
        assert result.record.status.name == "GENERATED"
        assert listed(site, device.serial) is None


def test_certificates_of_a_registration_that_is_gone_stay_as_they_are(site: Site) -> None:
    """B-8: the same username makes another registration."""
    before = site.device("printer")
    unregister(site, "printer")
    after = site.device("printer")
    assert isinstance(site.administration.end_entities.revoke("printer", RevocationReason.SUPERSEDED), Saved)
    assert listed(site, before.serial) is None
    assert listed(site, after.serial) is RevocationReason.SUPERSEDED
    assert site.administration.certificates.of_entity("printer")[1] == before


def test_an_end_entity_that_was_opened_anew_stays_open_when_its_old_certificate_is_released(site: Site) -> None:
    """B-10."""
    site.device("printer")
    end_entities = site.administration.end_entities
    assert isinstance(end_entities.revoke("printer", HOLD), Saved)
    assert isinstance(end_entities.set_new("printer"), Saved)
    result = end_entities.release("printer")
    assert isinstance(result, Saved)
    assert result.record.status.name == "NEW"


def test_what_has_expired_on_hold_is_not_released_nor_its_end_entity_that_was_revoked_for_good(site: Site) -> None:
    """B-9, B-43."""
    device = site.device("printer")
    end_entities = site.administration.end_entities
    assert isinstance(site.revoke(device.der, HOLD), Saved)
    site.clock.turn(device.not_after - site.clock())
    assert "on hold" in problem_of(end_entities.release("printer"), "username")
    assert isinstance(end_entities.revoke("printer", RevocationReason.KEY_COMPROMISE), Saved)
    assert "on hold" in problem_of(end_entities.release("printer"), "username")
    assert entity_of(site, "printer").status is EntityStatus.REVOKED


def test_a_certificate_that_is_released_does_not_bring_back_an_end_entity_that_was_revoked_for_good(site: Site) -> None:
    """B-9: as a hold that another act set between the two."""
    device = site.device("printer")
    end_entities = site.administration.end_entities
    assert isinstance(end_entities.revoke("printer", RevocationReason.KEY_COMPROMISE), Saved)
    site.store.certificates.put(replace(device, revocation=Revocation(site.clock(), HOLD)))
    assert end_entities.release("printer") == Saved(entity_of(site, "printer"))
    assert listed(site, device.serial) is None
    assert entity_of(site, "printer").status is EntityStatus.REVOKED


def test_an_end_entity_without_certificates_is_put_on_hold_and_released_or_revoked_for_good(site: Site) -> None:
    """B-9, B-43; when the hold began stays known, as of a certificate."""
    add(site, "printer")
    end_entities, began = site.administration.end_entities, site.clock()
    assert isinstance(end_entities.revoke("printer", HOLD), Saved)
    assert isinstance(end_entities.release("printer"), Saved)
    assert (entity_of(site, "printer").status, entity_of(site, "printer").revocation) == (EntityStatus.GENERATED, None)
    assert isinstance(end_entities.revoke("printer", HOLD), Saved)
    site.clock.turn(DAY)
    assert isinstance(end_entities.revoke("printer", RevocationReason.SUPERSEDED), Saved)
    assert entity_of(site, "printer").revocation == Revocation(began, RevocationReason.SUPERSEDED)
    assert "revoked already" in problem_of(end_entities.revoke("printer", HOLD), "username")
    assert "on hold" in problem_of(end_entities.release("printer"), "username")


def test_a_search_takes_each_word_and_knows_why_and_until_when(site: Site) -> None:
    printer, scanner = site.device("printer", subject="CN=Big Printer,O=Lab"), site.device("scanner")
    certificates = site.administration.certificates

    def names(**by: object) -> list[str]:
        search = CertificateSearch(**by)  # type: ignore[arg-type]
        assert certificates.count(search) == len(certificates.search(search))
        return [each.username for each in certificates.search(search) if each.username]

    assert names(text="o=lab  PRINT") == names(text=f"big {printer.serial:x}") == ["printer"]
    assert names(text="big scanner") == []
    assert names(text=CA.lower()) == ["scanner", "printer"]
    assert names(expires_after=printer.not_after) == ["scanner", "printer"]
    assert names(expires_after=printer.not_after + timedelta(days=1)) == []
    assert isinstance(certificates.revoke(scanner.sha256, HOLD), Saved)
    assert names(reason=HOLD) == names(revoked=True) == ["scanner"]
    assert names(reason=RevocationReason.SUPERSEDED) == []
    assert certificates.count(CertificateSearch(limit=1)) == 4


def test_a_chain_is_the_certificate_and_what_stands_above_it(site: Site) -> None:
    site.create("Sub", signed_by=CA)
    device = site.device("printer", issuing_ca="Sub")
    authorities, certificates = site.administration.authorities, site.administration.certificates
    own = certificates.pem(device.sha256)
    chain = certificates.chain_pem(device.sha256)
    assert own is not None
    assert chain == own + str(authorities.pem("Sub")) + str(authorities.pem(CA))
    assert certificates.chain_pem("00") is None


def test_what_cannot_be_revoked_is_known_before_anybody_is_asked(site: Site) -> None:
    device, problem = site.device("printer"), site.administration.certificates.revocation_problem
    entity_problem = site.administration.end_entities.revocation_problem
    assert problem(device.sha256, HOLD) is problem("00", HOLD) is None
    root = site.administration.authorities.facts(CA)
    assert root is not None
    assert "a root is revoked by nobody" in (problem(root.sha256, HOLD) or "")
    site.revoke(device.der)
    assert "already" in (problem(device.sha256, HOLD) or "")

    assert entity_problem("printer", HOLD) is entity_problem("nobody", HOLD) is None
    assert isinstance(site.administration.end_entities.revoke("printer", HOLD), Saved)
    assert "already" in (entity_problem("printer", HOLD) or "")
    assert entity_problem("printer", RevocationReason.SUPERSEDED) is None
    assert isinstance(site.administration.end_entities.revoke("printer", RevocationReason.SUPERSEDED), Saved)
    assert "already" in (entity_problem("printer", RevocationReason.SUPERSEDED) or "")

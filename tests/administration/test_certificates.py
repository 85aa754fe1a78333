"""The register of certificates: found, revoked, put on hold and released, with the CRL there at once (B-43, B-44)."""

from __future__ import annotations

import pytest

from estconsole.administration.certificates import CertificateSearch
from estconsole.domain.model import CertificatePurpose
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.revocation import RevocationReason
from estconsole.pki.crls import read_crl
from estconsole.results import Conflict, Saved
from tests.administration.site import CA, DAY, Site, problem_of
from tests.labs import reason_of, renew

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
    assert site.administration.certificates.of_entity("printer") == (printer,)
    assert len(site.administration.certificates.all()) == len(names(limit=9)) == 4
    assert site.administration.certificates.get(printer.sha256) == printer
    assert "Big Printer" in (site.administration.certificates.describe(printer.sha256) or "")
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
    entity = site.administration.end_entities.get("printer")
    assert entity is not None
    site.administration.end_entities.delete("printer", entity.revision)
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

"""CRLs: numbered, in time, and complete whatever happened between a revocation and its CRL (B-43)."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from estconsole import crls
from estconsole.crls import CRL_VALIDITY
from estconsole.domain.model import IssuedCertificate
from estconsole.domain.revocation import Revocation, RevocationReason
from estconsole.pki.certificates import certificate_pem
from estconsole.pki.crls import is_crl_of, read_crl
from estconsole.results import Saved
from estconsole.store.documents import Document, RevokedCertificate, revoked_of
from estconsole.store.store import Store
from tests.administration.site import CA, DAY, Site
from tests.interop.programs import needs


def test_numbers_ascend_from_one_and_a_crl_lasts_a_day(site: Site) -> None:
    numbers = [site.crl().number]
    for _ in range(2):
        site.clock.turn(timedelta(minutes=1))
        numbers.append(site.crls.issue(CA).number)
    facts = read_crl(site.crl().der)
    assert (numbers, facts.number) == ([1, 2, 3], 3)
    assert facts.next_update == facts.this_update + CRL_VALIDITY
    assert facts.this_update == site.clock().replace(microsecond=0)


def test_a_crl_is_renewed_when_half_of_its_life_is_over(site: Site) -> None:
    site.clock.turn(CRL_VALIDITY / 2 - timedelta(minutes=1))
    site.crls.renew_due()
    assert site.crl().number == 1
    site.clock.turn(timedelta(minutes=2))
    site.crls.renew_due()
    site.crls.renew_due()
    assert site.crl().number == 2


def test_what_a_crash_left_off_the_crl_is_made_up_for(site: Site) -> None:
    """A revocation that is on disk without its CRL, and a release."""
    device = site.device("printer")
    site.crls.renew_due()
    assert site.crl().number == 1
    hold = Revocation(site.clock(), RevocationReason.CERTIFICATE_HOLD)
    site.store.certificates.put(replace(device, revocation=hold))
    site.crls.renew_due()
    assert read_crl(site.crl().der).revoked.keys() == {device.serial}
    site.store.certificates.put(replace(device, revocation=replace(hold, reason=RevocationReason.SUPERSEDED)))
    site.crls.renew_due()
    assert read_crl(site.crl().der).revoked[device.serial].reason is RevocationReason.SUPERSEDED
    site.store.certificates.put(device)
    site.crls.renew_due()
    site.crls.renew_due()
    assert (site.crl().number, dict(read_crl(site.crl().der).revoked)) == (4, {})


def test_a_crl_is_read_again_only_where_a_revocation_or_a_release_is_not_known_to_be_on_it(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large one takes seconds, and an enrollment changes none."""
    read: list[bytes] = []
    monkeypatch.setattr(crls, "read_crl", lambda der: read.append(der) or read_crl(der))
    device = site.device("printer")
    site.crls.renew_due()
    assert read == [site.crl().der]
    site.device("scanner")
    site.crls.renew_due()
    assert isinstance(site.revoke(device.der), Saved)
    site.crls.renew_due()
    assert len(read) == 1
    site.store.certificates.put(device)
    site.crls.renew_due()
    assert (len(read), site.crl().number) == (2, 3)


def is_free(store: Store) -> bool:
    """Whether another thread gets the store's lock at once."""

    def take() -> bool:
        taken = store.lock.acquire(blocking=False)
        if taken:
            store.lock.release()
        return taken

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(take).result()


def test_nobody_waits_for_the_store_while_many_rows_are_gone_through(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = site.device("printer")
    free: list[bool] = []

    def read(row: Document) -> RevokedCertificate:
        free.append(is_free(site.store))
        return revoked_of(row)

    monkeypatch.setattr(crls, "revoked_of", read)
    assert isinstance(site.revoke(device.der), Saved)
    assert free == [True]
    assert site.store.certificates.matching(lambda *_: is_free(site.store)) == site.store.certificates.values()


def test_a_crl_inside_a_transaction_is_an_error_and_no_deadlock(site: Site) -> None:
    """Another thread may have its turn to issue, and wait for the store."""
    device = site.device("printer")
    administration = site.administration
    with site.store.transaction(), ThreadPoolExecutor(1) as pool:
        assert not pool.submit(lambda: site.store.in_transaction).result()
        with site.store.transaction():
            pass  # one that joins it, and does not end it
        for act in (
            lambda: site.crls.issue(CA),
            site.crls.renew_due,
            lambda: site.revoke(device.der),
            lambda: administration.certificates.release(device.sha256),
            lambda: administration.end_entities.revoke("printer", RevocationReason.SUPERSEDED),
            lambda: administration.end_entities.release("printer"),
        ):
            with pytest.raises(RuntimeError, match="end the transaction first"):
                act()
    assert site.store.certificates.get(device.sha256) == device
    assert site.crls.issue(CA).number == 2


def test_an_expired_ca_issues_no_more_by_itself_and_a_broken_one_holds_up_nobody(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.create("Short", validity="1d")
    broken = site.create("Broken")
    broken = replace(broken, sealed_key="torn", certificate=site.create("Other").certificate)
    for name in ("Broken", "Torn\x1b[31m\u202e"):
        site.store.authorities.put(replace(broken, name=name))
    site.clock.turn(2 * DAY)
    site.crls.renew_due()
    assert [site.crl(name).number for name in ("Short", "Broken", CA)] == [1, 1, 2]
    assert "the CRL of 'Broken' could not" in caplog.text
    assert r"the CRL of 'Torn\x1b[31m\u202e' could not" in caplog.text


def test_an_expired_certificate_stays_on_a_crl_that_is_issued_after_its_life(site: Site) -> None:
    """RFC 5280 3.3."""
    device = site.device("printer")
    assert isinstance(site.revoke(device.der), Saved)
    site.clock.turn(device.not_after - site.clock() + timedelta(hours=1))
    listed = []
    for _ in range(4):
        site.crls.issue(CA)
        listed.append(device.serial in read_crl(site.crl().der).revoked)
        site.clock.turn(CRL_VALIDITY / 2)
    assert listed == [True, True, False, False]


def test_a_ca_that_changes_while_its_crl_is_signed_gets_one_of_its_own(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deleted and made anew under the same name, between the look and the commit."""
    old = site.create("Plant CA")
    signed = site.crls._signed
    times = []

    def signed_meanwhile(sources: object) -> object:
        crl = signed(sources)  # type: ignore[arg-type]
        if not times:
            times.append(1)
            site.administration.authorities.delete("Plant CA", old.revision)
            site.create("Plant CA")
        return crl

    monkeypatch.setattr(site.crls, "_signed", signed_meanwhile)
    crl = site.crls.issue("Plant CA")
    now_there = site.administration.authorities.get("Plant CA")
    assert now_there is not None
    assert is_crl_of(crl.der, now_there.certificate)
    assert site.crl("Plant CA") == crl


def test_revocations_side_by_side_are_each_on_the_crl_when_they_return(site: Site) -> None:
    """While enrollments go on, none waits for another for good."""
    devices = [site.device(f"device-{number}") for number in range(8)]

    def revoked_and_listed(device: IssuedCertificate) -> bool:
        assert isinstance(site.revoke(device.der), Saved)
        return device.serial in read_crl(site.crl().der).revoked

    with ThreadPoolExecutor(8) as pool:
        others = pool.map(lambda number: site.device(f"other-{number}").sha256, range(8))
        assert all(pool.map(revoked_and_listed, devices))
        assert len(set(others)) == 8
    assert site.crl().number == 9


@needs("openssl")
def test_openssl_takes_the_crl_and_refuses_what_it_lists(site: Site, tmp_path: Path) -> None:
    good, bad = site.device("good"), site.device("bad")
    assert isinstance(site.revoke(bad.der), Saved)
    ca = site.administration.authorities.pem(CA)
    assert ca is not None
    files = {"ca.pem": ca, "good.pem": certificate_pem(good.der), "bad.pem": certificate_pem(bad.der)}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "ca.crl").write_bytes(site.crl().der)

    def verify(name: str) -> str:
        command = ["openssl", "verify", "-crl_check", "-CAfile", "ca.pem", "-CRLfile", "ca.crl", f"{name}.pem"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    assert verify("good").strip() == "good.pem: OK"
    assert "certificate revoked" in verify("bad")

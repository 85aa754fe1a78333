"""CAs whose certificates are renewed: same subject and key, and what they issued goes on (B-42)."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from estconsole.domain.certificate import CertificateFacts
from estconsole.domain.revocation import RevocationReason
from estconsole.pki.certificates import certificate_pem, read_certificate
from estconsole.pki.crls import read_crl
from estconsole.pki.describe import describe_certificate
from estconsole.results import Conflict, Saved
from tests.administration.outside import PASSPHRASE, Outsider
from tests.administration.site import CA, DAY, Site, problem_of
from tests.interop.programs import needs
from tests.labs import certificate_of, renew

YEAR = 365 * DAY

pytestmark = needs("openssl")


def renewed(site: Site, name: str, validity: str) -> Saved[object]:
    authority = site.administration.authorities.get(name)
    assert authority is not None
    result = site.administration.authorities.renew(name, validity, authority.revision)
    assert isinstance(result, Saved), result
    return result


def facts_of(site: Site, name: str) -> CertificateFacts:
    facts = site.administration.authorities.facts(name)
    assert facts is not None
    return facts


def openssl_verify(directory: Path, root: bytes, chain: Sequence[bytes], crl: bytes | None = None) -> None:
    """Verify a certificate, the first of a chain, as a client does that trusts a root."""
    (directory / "root.pem").write_text(certificate_pem(root))
    (directory / "leaf.pem").write_text(certificate_pem(chain[0]))
    (directory / "chain.pem").write_text("".join(map(certificate_pem, chain)))
    command = ["openssl", "verify", "-x509_strict", "-CAfile", "root.pem", "-untrusted", "chain.pem"]
    if crl is not None:
        (directory / "root.crl").write_bytes(crl)
        command += ["-crl_check", "-CRLfile", "root.crl"]
    done = subprocess.run([*command, "leaf.pem"], cwd=directory, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "leaf.pem: OK", done.stderr


def test_a_renewed_root_goes_on_with_all_that_it_issued(site: Site, tmp_path: Path) -> None:
    authority = site.administration.authorities.get(CA)
    assert authority is not None
    old, device, revision = authority.certificate, site.device("printer"), site.identity.revision
    assert renewed(site, CA, "20y").warnings == ()
    new = site.administration.authorities.certificate(CA)
    assert new is not None
    before, after = read_certificate(old), facts_of(site, CA)
    assert (after.subject, after.key) == (before.subject, before.key)
    assert after.not_after - site.clock() == pytest.approx(20 * YEAR, abs=timedelta(seconds=1))
    assert {before.sha256, after.sha256} <= set(site.store.certificates.keys())
    assert site.crl().number == 2
    assert site.identity.revision > revision
    later = site.device("scanner")
    for root in (old, new):  # clients that know the earlier one, and clients that fetched the new one
        openssl_verify(tmp_path, root, site.identity.material().certificate_chain)
        for leaf in (device, later):
            openssl_verify(tmp_path, root, [leaf.der], site.crl().der)
    assert certificate_of(renew(site, device.der, "printer"))
    assert isinstance(site.revoke(device.der), Saved)
    assert read_crl(site.crl().der).revoked.keys() == {device.serial}


def test_the_servers_certificate_renews_with_its_ca_that_was_about_to_end(site: Site) -> None:
    site.clock.turn(facts_of(site, CA).not_after - site.clock() - DAY)
    site.identity.renew_due()
    short = site.identity.certificate()
    assert short is not None
    assert read_certificate(short).not_after == facts_of(site, CA).not_after
    renewed(site, CA, "10y")
    site.identity.renew_due()
    (certificate,) = site.identity.material().certificate_chain
    assert read_certificate(certificate).not_after > read_certificate(short).not_after


def test_a_sub_ca_is_renewed_by_its_parent_and_ends_with_it_at_the_latest(site: Site, tmp_path: Path) -> None:
    root = site.create("Root", validity="4y", crl_url="http://host:8080/crl/Root.crl")
    old = site.create("Sub", signed_by="Root", validity="1y")
    device = site.device("printer", issuing_ca="Sub")
    assert renewed(site, "Sub", "2y").warnings == ()
    new = site.administration.authorities.certificate("Sub")
    assert new is not None
    for sub in (old.certificate, new):
        openssl_verify(tmp_path, root.certificate, [device.der, sub])
    record = site.store.certificates.get(facts_of(site, "Sub").sha256)
    assert record is not None
    assert record.issuing_ca == "Root"
    assert describe_certificate(new).count("http://host:8080/crl/Root.crl") == 1
    assert "with Root" in renewed(site, "Sub", "10y").warnings[0]
    assert facts_of(site, "Sub").not_after == facts_of(site, "Root").not_after


def test_what_keeps_a_ca_from_being_renewed_is_said(site: Site) -> None:
    authorities = site.administration.authorities
    sub = site.create("Sub", signed_by=CA, validity="1y")
    foreign = Outsider.root("CN=Old Root").sub("CN=Old CA")
    assert isinstance(authorities.import_with_key("Old CA", foreign.p12(), PASSPHRASE), Saved)
    assert isinstance(authorities.renew("Sub", "2y", 1), Conflict)
    assert authorities.renew("Nobody", "2y", 0) == Conflict(None)
    assert "2y" in problem_of(authorities.renew("Sub", "soon", 0), "validity")
    assert "longer period" in problem_of(authorities.renew("Sub", "30d", 0), "validity")
    assert "CN=Old Root signed it" in problem_of(authorities.renew("Old CA", "2y", 0), "name")
    assert isinstance(site.revoke(sub.certificate, RevocationReason.CA_COMPROMISE), Saved)
    assert "is revoked" in problem_of(authorities.renew("Sub", "2y", 0), "name")
    with site.store.transaction(), pytest.raises(RuntimeError, match="end the transaction first"):
        authorities.renew(CA, "20y", 0)
    assert site.crl("Sub").number == 1


def test_an_expired_root_is_renewed_and_then_what_is_below_it(site: Site) -> None:
    site.create("Root", validity="2d")
    site.create("Sub", signed_by="Root", validity="1d")
    site.clock.turn(3 * DAY)
    authorities = site.administration.authorities
    assert "not in date" in problem_of(authorities.renew("Sub", "1y", 0), "name")
    renewed(site, "Root", "2y")
    renewed(site, "Sub", "1y")
    assert facts_of(site, "Sub").in_date(site.clock())


def test_revoking_what_a_renewed_ca_went_by_before_shuts_nobody_out(site: Site) -> None:
    before = site.create("Sub", signed_by=CA)
    renewed(site, "Sub", "10y")
    result = site.administration.certificates.revoke(
        read_certificate(before.certificate).sha256, RevocationReason.SUPERSEDED
    )
    assert isinstance(result, Saved)
    assert result.warnings == ("No CA goes by this certificate any more, so that nothing is shut out.",)
    assert site.device("printer", issuing_ca="Sub").issuing_ca == "Sub"

"""What is on record of a request, with its secrets masked wherever they stood (B-45)."""

from __future__ import annotations

from estconsole.activity import Outcome
from estconsole.domain.request import Operation
from tests.administration.site import CA, Site
from tests.labs import add, certificate_of, enroll, reason_of, renew, save_alias
from tests.support import csr_der, request_of


def test_a_code_in_a_dn_field_is_masked_and_stands_in_the_raw_request_alone(site: Site) -> None:
    save_alias(site, "plant", authenticationmodule="DnPartPwd", extractdnpartpwdcomponent="OU", defaultca=CA)
    add(site, "printer", "s3cret-code")
    csr = csr_der("CN=printer,OU=s3cret-code")
    certificate_of(site.engine.enroll(request_of(Operation.SIMPLEENROLL, csr, alias="plant")))
    number = site.store.log.next_number - 1
    detail = site.administration.activities.detail(number)
    assert detail is not None
    assert "printer" in detail.csr
    assert "s3cret-code" not in repr(detail)
    assert "CN=printer" in detail.issued_certificate
    assert detail.has_raw_request
    assert "s3cret-code" in (site.administration.activities.raw_request(number) or "")
    assert site.administration.activities.detail(number + 1) is None
    assert site.administration.activities.raw_request(number + 1) is None


def test_what_is_on_disk_is_found_by_a_test_and_by_the_username(site: Site) -> None:
    certificate = site.device("printer")
    certificate_of(renew(site, certificate.der, "printer"))
    reason_of(enroll(site, "printer", "wrong"))
    reason_of(enroll(site, "nobody"))
    activities = site.administration.activities
    history = activities.of_entity("printer")
    assert [row.operation for row in history] == ["simpleenroll", "simplereenroll", "simpleenroll"]
    assert activities.of_entity("printer", 1) == history[-1:]
    refused = activities.search(lambda row: row.outcome is Outcome.REFUSED)
    assert [row.username for row in refused] == ["printer", "nobody"]
    assert activities.search(lambda _: True, before=refused[0].id, limit=1) == history[1:2]
    details = [activities.detail(row.id) for row in history]
    assert activities.search(lambda _: True, stop=lambda: True) == ()
    issued = [each.sha256 for each in site.administration.certificates.of_entity("printer")]
    assert [detail and (detail.issued_sha256, detail.presented_sha256) for detail in details] == [
        (issued[1], ""),
        (issued[0], issued[1]),
        ("", ""),
    ]

"""What is on record of a request, with its secrets masked wherever they stood (B-45)."""

from __future__ import annotations

from estconsole.domain.request import Operation
from tests.administration.site import CA, Site
from tests.labs import add, certificate_of, save_alias
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

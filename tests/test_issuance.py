"""What the engine puts into a certificate: names, usages, dates and where its CA's CRL is (B-12, B-15, B-43)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography import x509

from estconsole.domain.names import parse_sans
from estconsole.domain.profiles import EXTENDED_KEY_USAGES, CertificateProfileDraft
from estconsole.domain.request import Operation
from estconsole.pki.certificates import BACKDATE, read_certificate
from estconsole.results import Saved
from tests.administration.site import CA, Site
from tests.labs import CODE, add, certificate_of, enroll
from tests.support import Key, csr_der, ec_key, request_of, rsa_key

URL = "http://lab.example:8080/crl/ManagementCA.crl"


def register(site: Site, username: str, profile: dict[str, object], **fields: str) -> None:
    """An end entity with a certificate profile of its own."""
    draft = CertificateProfileDraft(name=username, **profile)  # type: ignore[arg-type]
    assert isinstance(site.administration.certificate_profiles.save(draft), Saved)
    add(site, username, certificate_profile=username, **fields)


def extensions(certificate: bytes) -> dict[type[x509.ExtensionType], x509.ExtensionType]:
    return {type(each.value): each.value for each in x509.load_der_x509_certificate(certificate).extensions}


@pytest.mark.parametrize(
    ("san_from_request", "names"), [(True, "dNSName=asked.example"), (False, "dNSName=ours.example")]
)
def test_alternative_names_are_the_csrs_only_where_the_profile_takes_them(
    site: Site, *, san_from_request: bool, names: str
) -> None:
    """B-12; the subject is the registered one in any case."""
    profile = {"san_from_request": san_from_request}
    register(site, "printer", profile, subject="CN=printer,O=Lab", subject_alt_names="dNSName=ours.example")
    csr = csr_der("CN=printer", ec_key(), CODE, [x509.DNSName("asked.example")])
    facts = read_certificate(certificate_of(site.engine.enroll(request_of(Operation.SIMPLEENROLL, csr))))
    assert (str(facts.subject), facts.subject_alt_names) == ("CN=printer,O=Lab", parse_sans(names))


@pytest.mark.parametrize("wanted", [True, False])
def test_the_url_of_the_cas_crl_is_in_where_the_profile_wants_it(site: Site, *, wanted: bool) -> None:
    """B-43."""
    authority = site.administration.authorities.get(CA)
    assert authority is not None
    assert isinstance(site.administration.authorities.set_crl_url(CA, URL, authority.revision), Saved)
    register(site, "printer", {"crl_distribution_point": wanted})
    points = extensions(certificate_of(enroll(site, "printer"))).get(x509.CRLDistributionPoints)
    expected = x509.CRLDistributionPoints(
        [x509.DistributionPoint([x509.UniformResourceIdentifier(URL)], None, None, None)]
    )
    assert points == (expected if wanted else None)


@pytest.mark.parametrize(
    ("key", "usages"), [(rsa_key, {"content_commitment", "key_encipherment"}), (ec_key, {"content_commitment"})]
)
def test_usages_and_a_validity_of_minutes_are_the_profiles(
    site: Site, key: Callable[[], Key], usages: set[str]
) -> None:
    """B-15: and of the usages those that the key is capable of."""
    purposes = ("serverAuth", "1.3.6.1.5.5.7.3.17")
    profile = {"validity": "45m", "key_usages": ("nonRepudiation", "keyEncipherment"), "extended_key_usages": purposes}
    register(site, "printer", profile)
    certificate = certificate_of(enroll(site, "printer", key=key()))
    found = extensions(certificate)
    usage = found[x509.KeyUsage]
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    assert {name for name in names if getattr(usage, name)} == usages
    oids = [EXTENDED_KEY_USAGES["serverAuth"], purposes[1]]
    assert found[x509.ExtendedKeyUsage] == x509.ExtendedKeyUsage([x509.ObjectIdentifier(oid) for oid in oids])
    facts = read_certificate(certificate)
    assert facts.not_after - facts.not_before == timedelta(minutes=45) + BACKDATE
    assert facts.not_after == site.clock().replace(microsecond=0) + timedelta(minutes=45)

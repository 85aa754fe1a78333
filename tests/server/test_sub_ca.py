"""A sub CA as the issuing CA: cacerts gives the chain to the root, by which a device's certificate verifies (B-29)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store

from estconsole.domain.refusal import RefusalReason
from estconsole.domain.revocation import RevocationReason
from estconsole.pki.certificates import read_certificate
from estconsole.results import Saved
from tests.labs import add, save_alias
from tests.server.asking import ask, fresh, granted, path_of
from tests.server.authorities import DAY, MONTH, Authority
from tests.server.own_devices import CODE, create_authority, enrolled, import_own, renew, renewal_csr
from tests.server.served import Served, Watch, refused_as
from tests.server.vendors import import_vendor, take_crl
from tests.support import csr_der, ec_key


def cacerts(served: Served, alias: str) -> dict[str, x509.Certificate]:
    """What an alias hands out, by subject: a SET OF in DER has no order of its own."""
    answer = served.get(path_of("cacerts", alias))
    return {certificate.subject.rfc4514_string(): certificate for certificate in answer.certificates()}


def verify(device: bytes, handed_out: dict[str, x509.Certificate]) -> None:
    """Build the path of a device's certificate to the root that cacerts gave. Raises VerificationError."""
    (root,) = (certificate for certificate in handed_out.values() if certificate.subject == certificate.issuer)
    between = [certificate for certificate in handed_out.values() if certificate is not root]
    builder = PolicyBuilder().store(Store([root])).time(datetime.now(UTC))
    builder.build_client_verifier().verify(x509.load_der_x509_certificate(device), between)


@pytest.mark.parametrize("depth", [1, 2])
def test_cacerts_of_a_sub_ca(served: Served, depth: int) -> None:
    names = [create_authority(served, fresh("Lab Root CA")).name]
    for _ in range(depth):
        names.append(create_authority(served, fresh("Lab Sub CA"), signed_by=names[-1]).name)
    alias = fresh("sub-ca").replace(" ", "-")
    save_alias(served.lab, alias, authenticationmodule="ChallengePwd", defaultca=names[-1])
    handed_out = cacerts(served, alias)
    assert set(handed_out) == {f"CN={name}" for name in names}
    device, _ = enrolled(served, alias, issuing_ca=names[-1], subject_alt_names="dNSName=device.example")
    verify(device.certificate, handed_out)
    granted(renew(served, device, renewal_csr(device, sans=[x509.DNSName("device.example")]), alias=alias))


def test_cacerts_of_a_sub_ca_whose_root_is_a_vendors(served: Served) -> None:
    """It moved in with its key; the root above it is known, though its key is elsewhere."""
    above, name = fresh("Outer Root CA"), fresh("Moved Sub CA")
    root = Authority.named(above)
    sub = root.sub_authority(name)
    import_vendor(served, root, above)
    import_own(served, sub, name)
    alias = fresh("sub-ca").replace(" ", "-")
    save_alias(served.lab, alias, authenticationmodule="ChallengePwd", defaultca=name)
    assert cacerts(served, alias) == {f"CN={name}": sub.certificate, f"CN={above}": root.certificate}
    device, _ = enrolled(served, alias, issuing_ca=name)
    assert str(read_certificate(device.certificate).issuer) == f"CN={name}"
    granted(renew(served, device, alias=alias))


def test_a_ca_whose_root_is_revoked_issues_nothing(served: Served, watch: Watch) -> None:
    """B-44: what stands above the issuing CA brings it down, for the first certificate as for its renewal."""
    root = create_authority(served, fresh("Lab Root CA")).name
    middle = create_authority(served, fresh("Lab Sub CA"), signed_by=root)
    bottom = create_authority(served, fresh("Lab Sub CA"), signed_by=middle.name).name
    device, _ = enrolled(served, issuing_ca=bottom)
    other = add(served.lab, fresh("device"), CODE, issuing_ca=bottom).username
    sha256 = read_certificate(middle.certificate).sha256
    certificates = served.lab.administration.certificates
    assert isinstance(certificates.revoke(sha256, RevocationReason.CA_COMPROMISE), Saved)
    refused_as(renew(served, device), RefusalReason.CERTIFICATE_REVOKED, watch)
    refused_as(
        ask(served, "simpleenroll", csr_der(f"CN={other}", ec_key(), CODE)), RefusalReason.ISSUING_CA_REVOKED, watch
    )


def test_a_moved_in_ca_that_its_vendors_root_revokes_issues_nothing(served: Served, watch: Watch) -> None:
    """B-19, B-44: the imported CRL of the root above it tells, and a stale one leaves nobody to tell."""
    above, name = fresh("Outer Root CA"), fresh("Moved Sub CA")
    root = Authority.named(above)
    sub = root.sub_authority(name)
    import_vendor(served, root, above)
    import_own(served, sub, name)
    device, _ = enrolled(served, issuing_ca=name)
    other = add(served.lab, fresh("device"), CODE, issuing_ca=name).username
    take_crl(served, above, root.crl(sub.der))
    refused_as(renew(served, device), RefusalReason.CERTIFICATE_REVOKED, watch)
    refused_as(
        ask(served, "simpleenroll", csr_der(f"CN={other}", ec_key(), CODE)), RefusalReason.ISSUING_CA_REVOKED, watch
    )


def test_cacerts_goes_by_the_renewal_of_a_root_and_not_by_what_it_renews(served: Served) -> None:
    """B-29: the expired certificate came first, and a client could not verify with it."""
    above, name = fresh("Outer Root CA"), fresh("Moved Sub CA")
    expired = Authority.named(above, ends=-DAY / 2)
    renewal = expired.renewal(expired, MONTH)
    sub = expired.sub_authority(name)
    import_vendor(served, expired, above)
    import_vendor(served, renewal, f"{above} renewed")
    import_own(served, sub, name)
    alias = fresh("sub-ca").replace(" ", "-")
    save_alias(served.lab, alias, authenticationmodule="ChallengePwd", defaultca=name)
    assert cacerts(served, alias)[f"CN={above}"] == renewal.certificate

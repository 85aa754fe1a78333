"""Nobody gets another's identity, or more than its own: what thieves try over TLS, and what is on record of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import DNSName

from estconsole.domain.handshake import HandshakeFailure
from estconsole.domain.model import CertificatePurpose, EndEntity
from estconsole.domain.refusal import RefusalReason
from estconsole.results import Rejected
from tests.labs import add, entity_of, save_alias, unregister
from tests.server.asking import ENROLL, KEYGEN, RENEW, ask, ask_the_application, fresh, granted, refusal, shut_out
from tests.server.authorities import DAY, Authority
from tests.server.devices import Identity
from tests.server.own_devices import (
    CODE,
    certify_by_hand,
    enroll_as,
    enrolled,
    import_own,
    renew,
    renewal_csr,
    revoke,
    the_server,
)
from tests.server.served import Served, Watch
from tests.server.vendors import Vendor, change_of_name, import_vendor, name_change_csr
from tests.support import csr_der

BY_CERTIFICATE = pytest.mark.parametrize("operation", [RENEW, KEYGEN])


@pytest.fixture(scope="module")
def keys(served: Served) -> str:
    """An alias that takes codes and makes keys."""
    return save_alias(served.lab, "keys", authenticationmodule="ChallengePwd", severkeygenenabled="true").name


@pytest.fixture(scope="module")
def vendor(served: Served) -> Vendor:
    return Vendor.listed(served, allowchangesubjectname="true", severkeygenenabled="true")


def is_untouched(served: Served, entity: EndEntity) -> bool:
    """Whether nothing was issued to an end entity, and nothing of it was spent."""
    issued = served.lab.administration.certificates.of_entity(entity.username)
    return entity_of(served.lab, entity.username) == entity and not issued


def name_of(identity: Identity) -> str:
    return Authority.of(identity).certificate.subject.rfc4514_string()


# Another's name


def test_another_entitys_csr_at_renewal(served: Served) -> None:
    """B-20; the thief's certificate is good, and so is the victim's code."""
    victim = add(served.lab, fresh("victim"), CODE)
    thief, _ = enrolled(served)
    answer = renew(served, thief, csr_der(str(victim.subject), code=CODE))
    assert refusal(served, answer) == (400, RefusalReason.RENEWAL_OTHER_SUBJECT)
    assert is_untouched(served, victim)


def test_another_devices_csr_under_a_valid_vendor_certificate(served: Served, vendor: Vendor) -> None:
    """B-17."""
    thief = vendor.device(fresh("thief"))
    victim = add(served.lab, fresh("victim"), CODE)
    answer = vendor.enroll(thief, csr_der(str(victim.subject), code=CODE))
    assert refusal(served, answer) == (400, RefusalReason.VENDOR_OTHER_SUBJECT)
    assert is_untouched(served, victim)


def test_another_devices_name_by_change_subject_name(served: Served, vendor: Vendor) -> None:
    """B-17: the name that is asked for must be the one registered for the certificate's own username."""
    username = fresh("thief")
    thief = vendor.device(username)
    victim = add(served.lab, fresh("victim"), CODE)
    answer = vendor.enroll(thief, name_change_csr(f"CN={username}", change_of_name(str(victim.subject))))
    assert refusal(served, answer) == (400, RefusalReason.CHANGE_SUBJECT_NAME_OTHER)
    assert is_untouched(served, victim)


@pytest.mark.parametrize("claimed", [["other.example"], [], ["own.example", "other.example"]], ids=str)
def test_alternative_names_that_differ_at_renewal(served: Served, claimed: list[str]) -> None:
    """B-20."""
    device, _ = enrolled(served, subject_alt_names="dNSName=own.example")
    answer = renew(served, device, renewal_csr(device, sans=[DNSName(name) for name in claimed]))
    assert refusal(served, answer) == (400, RefusalReason.RENEWAL_OTHER_SANS)


def test_alternative_names_are_equal_as_sets_at_renewal(served: Served) -> None:
    """B-18."""
    device, _ = enrolled(served, subject_alt_names="dNSName=a.example, dNSName=b.example")
    granted(renew(served, device, renewal_csr(device, sans=[DNSName("b.example"), DNSName("a.example")])))


# A certificate that never renews


def a_ca(served: Served) -> Identity:
    authority = Authority.named(fresh("Own CA"))
    import_own(served, authority, fresh("Own CA"))
    return authority.identity


def an_administrator(served: Served) -> Identity:
    """There is no use case that issues one yet: its record is put into the store by hand."""
    return certify_by_hand(served, purpose=CertificatePurpose.ADMINISTRATOR)


def an_administrator_of_an_entitys_name(served: Served) -> Identity:
    entity = add(served.lab, fresh("device"), CODE)
    return certify_by_hand(served, entity, purpose=CertificatePurpose.ADMINISTRATOR)


@BY_CERTIFICATE
@pytest.mark.parametrize("make", [the_server, an_administrator, an_administrator_of_an_entitys_name, a_ca])
def test_no_certificate_but_an_end_entitys_renews(
    served: Served, keys: str, make: Callable[[Served], Identity], operation: str
) -> None:
    """B-20, and B-22: at serverkeygen it does not fall through to the code, which is a good one."""
    victim = add(served.lab, fresh("victim"), CODE)
    identity = make(served)
    for csr in (renewal_csr(identity), csr_der(str(victim.subject), code=CODE)):
        answer = ask(served, operation, csr, alias=keys, identity=identity)
        assert refusal(served, answer) == (403, RefusalReason.CERTIFICATE_NOT_END_ENTITY)
    assert is_untouched(served, victim)


@pytest.mark.parametrize("label", ["est", "vendor"])
def test_a_vendor_certificate_at_renewal(served: Served, vendor: Vendor, label: str) -> None:
    """B-17, B-20; the device has a certificate of this console as well, and of the same name."""
    device = vendor.device(fresh("device"))
    granted(vendor.enroll(device))
    answer = renew(served, device, alias=vendor.name if label == "vendor" else label)
    assert refusal(served, answer) == (403, RefusalReason.CERTIFICATE_FOREIGN)


def test_a_vendor_certificate_is_no_code(served: Served, vendor: Vendor, keys: str) -> None:
    """B-16: on an alias that takes codes it counts for nothing."""
    device = vendor.device(fresh("device"))
    for operation in (ENROLL, KEYGEN):
        answer = vendor.enroll(device, operation=operation, alias=keys)
        assert refusal(served, answer) == (400, RefusalReason.CODE_ABSENT)


def test_an_own_certificate_is_no_vendors(served: Served, vendor: Vendor) -> None:
    """B-17."""
    device, entity = enrolled(served, allowed_requests="2")
    answer = vendor.enroll(device)
    assert refusal(served, answer) == (400, RefusalReason.VENDOR_CERTIFICATE_FOREIGN)
    assert entity_of(served.lab, entity.username) == entity


# A good code beside a certificate that fails


@BY_CERTIFICATE
def test_a_revoked_certificate_and_a_good_code(served: Served, keys: str, operation: str) -> None:
    """B-22, B-44; without the certificate the code is taken."""
    device, entity = enrolled(served, keys, allowed_requests="2")
    revoke(served, device)
    csr = renewal_csr(device, code=CODE)
    answer = ask(served, operation, csr, alias=keys, identity=device)
    assert refusal(served, answer) == (403, RefusalReason.CERTIFICATE_REVOKED)
    assert entity_of(served.lab, entity.username) == entity
    assert ask(served, KEYGEN, csr, alias=keys).status == 200


@BY_CERTIFICATE
def test_an_expired_certificate_and_a_good_code(served: Served, operation: str) -> None:
    """B-19, B-41: TLS lets it through. It was issued long ago, which is put into the store by hand."""
    save_alias(served.lab, "est", severkeygenenabled="true")
    try:
        entity = add(served.lab, fresh("device"), CODE)
        device = certify_by_hand(served, entity, age=3 * 365 * DAY)
        answer = ask(served, operation, renewal_csr(device, code=CODE), identity=device)
    finally:
        save_alias(served.lab, "est", severkeygenenabled="false")
    assert refusal(served, answer) == (403, RefusalReason.CERTIFICATE_NOT_IN_DATE)
    assert entity_of(served.lab, entity.username) == entity


@BY_CERTIFICATE
def test_a_deleted_and_re_added_entity(served: Served, keys: str, operation: str) -> None:
    """B-8: the certificate of the first registration does not authenticate the second."""
    device, entity = enrolled(served, keys)
    unregister(served.lab, entity.username)
    again = add(served.lab, entity.username, CODE)
    answer = ask(served, operation, renewal_csr(device, code=CODE), alias=keys, identity=device)
    assert refusal(served, answer) == (403, RefusalReason.REGISTRATION_GONE)
    assert entity_of(served.lab, entity.username) == again
    enroll_as(served, again, keys)


@BY_CERTIFICATE
def test_a_certificate_that_a_ca_of_this_lab_signed_elsewhere(served: Served, keys: str, operation: str) -> None:
    """B-20, B-22: it moved in with its key, and what it signed before is not on record; the code does not help."""
    authority = Authority.named(fresh("Moved CA"))
    import_own(served, authority, fresh("Moved CA"))
    entity = add(served.lab, fresh("device"), CODE)
    device = authority.issue(str(entity.subject))
    answer = ask(served, operation, renewal_csr(device, code=CODE), alias=keys, identity=device)
    assert refusal(served, answer) == (403, RefusalReason.CERTIFICATE_FOREIGN)
    assert is_untouched(served, entity)


# An alias of another policy


def test_a_code_through_an_alias_that_the_entity_may_not_use(served: Served, vendor: Vendor, keys: str) -> None:
    """B-8: a vendor's device cannot be taken over by a code through another alias, nor closed by guesses there."""
    entity = add(served.lab, fresh("device"), CODE, aliases=(vendor.name,))
    for code in (CODE, "a guess"):
        for operation in (ENROLL, KEYGEN):
            answer = ask(served, operation, csr_der(str(entity.subject), code=code), alias=keys)
            assert refusal(served, answer) == (400, RefusalReason.ENTITY_OTHER_ALIAS)
    assert is_untouched(served, entity)
    granted(vendor.enroll(vendor.sub.issue(str(entity.subject))))


def test_a_renewal_through_an_alias_that_the_entity_may_not_use(served: Served, keys: str) -> None:
    """B-8: also where the alias serves certificates of others."""
    save_alias(served.lab, "open", authenticationmodule="ChallengePwd", acceptotheraliases="true")
    device, _ = enrolled(served, keys, aliases=(keys,))
    assert refusal(served, renew(served, device, alias="open")) == (400, RefusalReason.ENTITY_OTHER_ALIAS)
    granted(renew(served, device, alias=keys))


@BY_CERTIFICATE
def test_a_renewal_through_an_alias_of_another_policy(served: Served, keys: str, operation: str) -> None:
    """B-21."""
    strict = {"authenticationmodule": "HttpBasicAuth", "severkeygenenabled": "true"}
    save_alias(served.lab, "strict", **strict, acceptotheraliases="false")
    device, _ = enrolled(served, keys)
    answer = ask(served, operation, renewal_csr(device), alias="strict", identity=device)
    assert refusal(served, answer) == (403, RefusalReason.CERTIFICATE_OTHER_ALIAS)
    save_alias(served.lab, "strict", **strict, acceptotheraliases="true")
    assert ask(served, operation, renewal_csr(device), alias="strict", identity=device).status == 200


# Issuers that are none


def test_a_second_vendor_ca_of_the_same_subject(served: Served, watch: Watch, vendor: Vendor) -> None:
    """B-19: two CAs of one subject are told apart by key, by TLS and by the decision."""
    device = vendor.device(fresh("device"))
    second = Authority.named(name_of(vendor.sub.identity))
    double = second.issue(name_of(device))
    shut_out(served, watch, double, HandshakeFailure.UNKNOWN_ISSUER)
    import_vendor(served, second, f"{vendor.name} Second CA")
    assert refusal(served, vendor.enroll(double)) == (400, RefusalReason.VENDOR_CERTIFICATE_FOREIGN)
    granted(vendor.enroll(device))


def test_a_vendor_ca_of_an_own_cas_subject_is_not_imported(served: Served) -> None:
    """B-19."""
    impostor = Authority.named("CN=ManagementCA,O=estconsole")
    assert isinstance(served.lab.administration.vendor_cas.import_(impostor.pem), Rejected)


def test_a_leaf_that_signed_another_leaf(served: Served, watch: Watch) -> None:
    """B-19: both are sent. TLS refuses the path, and so does the decision where TLS is passed by."""
    victim, entity = enrolled(served)
    thief, _ = enrolled(served)
    stolen = Authority.of(thief).issue(str(entity.subject), chain=(thief.certificate,))
    shut_out(served, watch, stolen, HandshakeFailure.INVALID_CERTIFICATE)
    answer = ask_the_application(served, RENEW, renewal_csr(stolen), stolen.certificate)
    assert refusal(served, answer) == (403, RefusalReason.CERTIFICATE_FOREIGN)
    granted(renew(served, victim))


def test_a_vendors_leaf_that_signed_another_leaf(served: Served, watch: Watch, vendor: Vendor) -> None:
    """B-17, B-19."""
    victim, thief = vendor.device(fresh("victim")), vendor.device(fresh("thief"))
    stolen = Authority.of(thief).issue(name_of(victim), chain=(thief.certificate, vendor.sub.der))
    shut_out(served, watch, stolen, HandshakeFailure.INVALID_CERTIFICATE)
    answer = ask_the_application(served, ENROLL, renewal_csr(stolen), stolen.certificate, alias=vendor.name)
    assert refusal(served, answer) == (400, RefusalReason.VENDOR_CERTIFICATE_FOREIGN)
    granted(vendor.enroll(victim))


def test_the_same_name_and_serial_from_a_vendor(served: Served, vendor: Vendor) -> None:
    """B-20: a certificate is found by its SHA-256, never by name or serial."""
    own, entity = enrolled(served)
    copy = vendor.sub.issue(str(entity.subject), serial=Authority.of(own).certificate.serial_number)
    assert refusal(served, renew(served, copy)) == (403, RefusalReason.CERTIFICATE_FOREIGN)
    assert granted(renew(served, own)).public_bytes(Encoding.DER) != own.certificate

"""Which names a vendor's device may have: its certificate's, or by ChangeSubjectName the registered ones (B-17)."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.x509 import DNSName

from estconsole.domain.names import parse_dn
from estconsole.domain.profiles import EndEntityProfileDraft
from estconsole.domain.refusal import RefusalReason
from estconsole.pki.attributes import CHANGE_SUBJECT_NAME
from estconsole.pki.names import to_x509_name
from estconsole.results import Saved
from tests.labs import add, save_alias
from tests.pki.damage import tlv
from tests.server.asking import fresh, granted, refusal
from tests.server.devices import Answer
from tests.server.own_devices import CODE, enrolled, renew, renewal_csr
from tests.server.served import Served
from tests.server.vendors import Vendor, change_of_name, name_change_csr
from tests.support import crafted_csr_der, csr_der, ec_key

SANS = [DNSName("a.example"), DNSName("b.example")]
SANS_TEXT = "dNSName=b.example, dNSName=a.example"
SUBJECT = to_x509_name(parse_dn("CN=device")).public_bytes()
OID = CHANGE_SUBJECT_NAME.dotted_string


@pytest.fixture(scope="module")
def vendor(served: Served) -> Vendor:
    return Vendor.listed(served, allowchangesubjectname="true")


@pytest.fixture(scope="module")
def domains(served: Served) -> str:
    """A profile whose end entities may have DC in their subject."""
    draft = EndEntityProfileDraft(name="Domains", allowed_fields=("DC", "OU", "O", "C"))
    assert isinstance(served.lab.administration.end_entity_profiles.save(draft), Saved)
    return draft.name


def asked(vendor: Vendor, username: str, *values: bytes, **registration: object) -> Answer:
    """A device that is `CN=<username>` to its vendor, and asks to be called otherwise."""
    add(vendor.served.lab, username, None, **registration)
    device = vendor.sub.issue(f"CN={username}", sans=[DNSName("vendor.example")])
    return vendor.enroll(device, name_change_csr(f"CN={username}", *values))


def names_of(certificate: x509.Certificate) -> tuple[str, set[str]]:
    """Its subject, as RFC 4514 has it, and its DNS names."""
    try:
        sans = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return certificate.subject.rfc4514_string(), set()
    return certificate.subject.rfc4514_string(), set(sans.get_values_for_type(DNSName))


# ChangeSubjectName


def test_the_registered_subject_is_asked_for_and_given(vendor: Vendor) -> None:
    username = fresh("device")
    registered = f"CN={username},O=Operator,C=SE"
    value = change_of_name(f"C=SE,O=Operator,CN={username}")
    certificate = granted(asked(vendor, username, value, subject=registered))
    assert names_of(certificate) == (registered, set())  # the vendor certificate's own SANs go nowhere


def test_the_registered_subject_and_alternative_names_are_asked_for_and_given(vendor: Vendor) -> None:
    username = fresh("device")
    registered = f"CN={username},O=Operator"
    value = change_of_name(registered, SANS)
    certificate = granted(asked(vendor, username, value, subject=registered, subject_alt_names=SANS_TEXT))
    assert names_of(certificate) == (registered, {"a.example", "b.example"})


def test_alternative_names_alone_leave_the_vendors_subject(vendor: Vendor) -> None:
    username = fresh("device")
    certificate = granted(asked(vendor, username, change_of_name(sans=SANS), subject_alt_names=SANS_TEXT))
    assert names_of(certificate) == (f"CN={username}", {"a.example", "b.example"})


def test_alternative_names_alone_do_not_ask_for_a_registered_subject(vendor: Vendor) -> None:
    username = fresh("device")
    registration = {"subject": f"CN={username},O=Operator", "subject_alt_names": SANS_TEXT}
    answer = asked(vendor, username, change_of_name(sans=SANS), **registration)
    assert refusal(vendor.served, answer) == (400, RefusalReason.VENDOR_OTHER_REGISTERED_SUBJECT)


@pytest.mark.parametrize("with_subject", [True, False])
@pytest.mark.parametrize("registered", ["", "dNSName=a.example"])
def test_other_alternative_names_than_the_registered_ones(vendor: Vendor, registered: str, with_subject: bool) -> None:
    username = fresh("device")
    value = change_of_name(f"CN={username}" if with_subject else "", SANS)
    answer = asked(vendor, username, value, subject_alt_names=registered)
    assert refusal(vendor.served, answer) == (400, RefusalReason.CHANGE_SUBJECT_NAME_OTHER)


def test_what_is_not_allowed_is_refused_though_it_asks_for_the_registered_name(vendor: Vendor) -> None:
    username = fresh("device")
    save_alias(vendor.served.lab, vendor.name, allowchangesubjectname="false")
    try:
        answer = asked(vendor, username, change_of_name(f"CN={username}"))
    finally:
        save_alias(vendor.served.lab, vendor.name, allowchangesubjectname="true")
    assert refusal(vendor.served, answer) == (400, RefusalReason.CHANGE_SUBJECT_NAME_NOT_ALLOWED)


@pytest.mark.parametrize(
    "value",
    {
        "empty SEQUENCE": tlv(0x30),
        "no SEQUENCE": tlv(0x0C, b"CN=device"),
        "bare subject": SUBJECT,
        "subject twice": tlv(0x30, SUBJECT, SUBJECT),
        "names first": tlv(0x30, x509.SubjectAlternativeName(SANS).public_bytes(), SUBJECT),
        "something after": tlv(0x30, SUBJECT, x509.SubjectAlternativeName(SANS).public_bytes(), tlv(0x05)),
    }.items(),
    ids=lambda item: item[0],
)
def test_a_malformed_change_subject_name(vendor: Vendor, value: tuple[str, bytes]) -> None:
    answer = asked(vendor, fresh("device"), value[1])
    assert refusal(vendor.served, answer) == (400, RefusalReason.CHANGE_SUBJECT_NAME_MALFORMED)


@pytest.mark.parametrize("apart", [True, False], ids=["two attributes", "two values"])
def test_a_doubled_change_subject_name(vendor: Vendor, apart: bool) -> None:
    """Though both ask for the same, and it is the registered name."""
    username = fresh("device")
    value, other = change_of_name(f"CN={username}"), change_of_name(f"CN={username}", SANS)
    attributes = [(OID, [value]), (OID, [other])] if apart else [(OID, [value, other])]
    csr = crafted_csr_der(to_x509_name(parse_dn(f"CN={username}")), ec_key(), attributes)
    answer = vendor.enroll(vendor.device(username), csr)
    assert refusal(vendor.served, answer) == (400, RefusalReason.CHANGE_SUBJECT_NAME_REPEATED)


def test_a_csr_in_the_registered_name_without_asking_for_it(vendor: Vendor) -> None:
    """Its subject must be the vendor certificate's: another name goes into the attribute."""
    username = fresh("device")
    add(vendor.served.lab, username, None, subject=f"CN={username},O=Operator")
    device = vendor.sub.issue(f"CN={username}")
    answer = vendor.enroll(device, csr_der(f"CN={username},O=Operator"))
    assert refusal(vendor.served, answer) == (400, RefusalReason.VENDOR_OTHER_SUBJECT)


# The order of a name's attributes (B-18)


def test_a_name_that_is_turned_around_is_the_same(vendor: Vendor) -> None:
    """The vendor certificate, the CSR and the registration have an order each."""
    username = fresh("device")
    add(vendor.served.lab, username, None, subject=f"CN={username},O=Lab,C=SE")
    device = vendor.sub.issue(f"C=SE,O=Lab,CN={username}")
    certificate = granted(vendor.enroll(device, csr_der(f"O=lab,CN={username},C=SE")))
    assert names_of(certificate)[0] == f"CN={username},O=Lab,C=SE"


@pytest.mark.parametrize("label", ["DC", "OU"])
def test_attributes_of_one_type_keep_their_order(vendor: Vendor, domains: str, label: str) -> None:
    username = fresh("device")
    one, other = (f"CN={username},{label}={a},{label}={b}" for a, b in ("xy", "yx"))
    add(vendor.served.lab, username, None, subject=one, end_entity_profile=domains)
    in_csr = vendor.enroll(vendor.sub.issue(one), csr_der(other))
    assert refusal(vendor.served, in_csr) == (400, RefusalReason.VENDOR_OTHER_SUBJECT)
    in_both = vendor.enroll(vendor.sub.issue(other), csr_der(other))
    assert refusal(vendor.served, in_both) == (400, RefusalReason.VENDOR_OTHER_REGISTERED_SUBJECT)
    granted(vendor.enroll(vendor.sub.issue(one), csr_der(f"{label}=x,CN={username},{label}=y")))


def test_order_at_renewal(served: Served, domains: str) -> None:
    username = fresh("device")
    subject = f"CN={username},O=Lab,DC=x,DC=y"
    device, _ = enrolled(served, username=username, subject=subject, end_entity_profile=domains)
    granted(renew(served, device, renewal_csr(device, subject=f"DC=x,DC=y,CN={username},O=Lab")))
    answer = renew(served, device, renewal_csr(device, subject=f"CN={username},O=Lab,DC=y,DC=x", code=CODE))
    assert refusal(served, answer) == (400, RefusalReason.RENEWAL_OTHER_SUBJECT)

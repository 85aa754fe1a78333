"""Whom a change of an alias shuts out: held against what the decision would say, and against names as they are read."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from estconsole.domain.alias_changes import carries_username, change_warnings, obstacle, shut_out_because
from estconsole.domain.authorisation import claimed_usernames
from estconsole.domain.decision import Granted, decide
from estconsole.domain.model import AuthenticationModule, EstAlias
from estconsole.domain.names import DN_FIELDS, WHOLE_DN, Attribute, DistinguishedName, parse_dn, username_in
from estconsole.domain.request import ChangeSubjectName, EnrollmentRequest
from estconsole.domain.secret import Secret
from tests.domain.builders import (
    CODE,
    NOW,
    alias,
    basic,
    csr,
    enroll_request,
    entity,
    vendor_alias,
    vendor_certificate,
    vendor_request,
    vendor_situation,
)

REGISTERED = "CN=device"
BOTH = "CN=device,serialNumber=device"
VALUES = st.text(st.sampled_from('aB1 ,+=\\#"\u202eS'), max_size=4)
NAMES = st.lists(
    st.lists(
        st.builds(Attribute, st.sampled_from([DN_FIELDS["C"], DN_FIELDS["DC"], DN_FIELDS["CN"]]), VALUES), min_size=1
    ),
    max_size=3,
).map(lambda rdns: DistinguishedName(tuple(map(tuple, rdns))))


def all_that_a_device_may_send() -> list[EnrollmentRequest]:
    """With the right code wherever one may stand, or with a vendor's certificate of either name, and a change of it."""
    coded = replace(enroll_request(csr(f"{BOTH},OU={CODE}")), basic=basic())
    change = (ChangeSubjectName(parse_dn(REGISTERED), None),)
    vendors = [
        vendor_request(csr(subject, codes=(), change_subject_names=changes), vendor_certificate(subject))
        for subject, changes in product((REGISTERED, BOTH), ((), change))
    ]
    return [coded, *vendors]


ALIASES = [
    *(alias(authentication_module=module) for module in (None, *AuthenticationModule)),
    vendor_alias(vendor_cas=()),
    *(vendor_alias(allow_change_subject_name=allowed) for allowed in (True, False)),
]


@pytest.mark.parametrize("has_code", [True, False])
@pytest.mark.parametrize("field", ["CN", "serialNumber"])
@pytest.mark.parametrize("of", ALIASES)
def test_an_obstacle_is_one_that_no_request_gets_past_and_there_are_no_others(
    of: EstAlias, field: str, has_code: bool
) -> None:
    here = replace(of, extract_username_component=field)
    situation = vendor_situation(
        alias=here,
        entity=entity(REGISTERED, sealed_code="sealed" if has_code else None),
        code=Secret(CODE) if has_code else None,
    )
    granted = any(
        isinstance(decide(request, situation, NOW), Granted)
        for request in all_that_a_device_may_send()
        if claimed_usernames(request, here) == ("device",)
    )
    is_named = carries_username(REGISTERED, field, "device")
    assert (obstacle(here, has_code=has_code, is_named=is_named) is None) is granted


@given(NAMES, st.sampled_from(["C", "CN"]), VALUES)
@example(parse_dn("DC=x,C=y"), "C", "y")
@example(parse_dn("CN=x+C=y"), "C", "Y")
@example(parse_dn("CN=x,CN=x"), "CN", "x")
@example(parse_dn("O=DC=x"), "C", "x")
def test_a_subject_has_the_username_that_would_be_read_in_it(
    subject: DistinguishedName, field: str, username: str
) -> None:
    read = username_in(subject, field)
    for candidate in (username, *read):
        expected = len(read) == 1 and read[0].casefold() == candidate.casefold()
        assert carries_username(str(subject), field, candidate) is expected


def test_a_whole_dn_is_the_username_in_any_order_of_its_fields() -> None:
    """B-18: the username is the vendor's DN as it is written there."""
    assert carries_username("CN=device,O=Lab", WHOLE_DN, "O=Lab,CN=device")
    assert not carries_username("CN=device,O=Lab", WHOLE_DN, "O=Lab,=")


CODED = alias()
VENDOR = vendor_alias()
BASIC = alias(authentication_module=AuthenticationModule.HTTP_BASIC_AUTH)
BY_SERIAL = alias(extract_username_component="serialNumber")


@pytest.mark.parametrize(
    ("before", "after", "has_code", "names", "because"),
    [
        (CODED, alias(authentication_module=None), True, (True, True), "neither an authentication module"),
        (CODED, alias(authentication_module=None), False, (True, True), None),
        (CODED, VENDOR, True, (True, True), "where the code was enough"),
        (CODED, vendor_alias(vendor_cas=()), True, (True, True), "lists no vendor CA"),
        (VENDOR, CODED, False, (True, True), "no code is registered"),
        (VENDOR, CODED, True, (True, True), None),
        (VENDOR, CODED, True, (True, False), "username in the CN"),
        (VENDOR, vendor_alias(allow_change_subject_name=False), False, (False, False), "must be the registered one"),
        (CODED, BY_SERIAL, True, (True, False), "username in the serialNumber"),
        (CODED, BY_SERIAL, True, (False, False), None),
        (CODED, alias(extract_username_component=WHOLE_DN), True, (True, False), "username as the whole DN"),
        (BASIC, CODED, True, (False, False), "username in the CN"),
        (CODED, BASIC, True, (True, False), None),
        (CODED, alias(allow_update_with_same_key=False), True, (False, False), None),
    ],
)
def test_a_change_shuts_out_whom_only_the_alias_before_would_let_in(
    before: EstAlias, after: EstAlias, has_code: bool, names: tuple[bool, bool], because: str | None
) -> None:
    said = shut_out_because(before, after, has_code=has_code, was_named=names[0], is_named=names[1])
    assert said is None if because is None else because in (said or "")


@pytest.mark.parametrize(
    ("before", "after", "dropped", "words"),
    [
        (CODED, alias(allow_update_with_same_key=False), (), "same key"),
        (alias(server_key_generation=True), CODED, (), "key of the server's"),
        (BASIC, replace(BASIC, tls_unique_required=True), (), "link their request to TLS"),
        (VENDOR, vendor_alias(allow_change_subject_name=False), (), "another name than is registered"),
        (VENDOR, vendor_alias(extract_username_component=WHOLE_DN), (), "as the whole DN of the vendor's"),
        (VENDOR, CODED, (), "need their code"),
        (VENDOR, VENDOR, ("Acme",), "Devices of Acme"),
        (CODED, BASIC, (), "by HttpBasicAuth from now on"),
        (CODED, alias(authentication_module=AuthenticationModule.DN_PART_PWD), (), "by DnPartPwd (OU)"),
    ],
)
def test_what_only_the_devices_know_is_a_warning_of_the_change_alone(
    before: EstAlias, after: EstAlias, dropped: tuple[str, ...], words: str
) -> None:
    (warning,) = change_warnings(before, after, dropped)
    assert words in warning
    assert change_warnings(before, before, ()) == ()
    assert change_warnings(after, after, ()) == ()

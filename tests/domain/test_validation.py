"""What an operator may type, and what is said of the rest."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estconsole.domain.model import CERTIFICATE_PROFILES, END_ENTITY_PROFILES, TLS_CLIENT_EE_PROFILE, EndEntityProfile
from estconsole.domain.names import parse_dn, parse_sans
from estconsole.domain.problems import FieldProblem
from estconsole.domain.secret import Secret
from estconsole.domain.validation import (
    EndEntityDraft,
    EndEntityTerms,
    RegistrationContext,
    check_end_entity,
    code_problem,
    code_warning,
    is_no_code,
    subject_problem,
    username_problem,
)

OWN_PROFILE = EndEntityProfile(
    name="OwnProfile",
    required_fields=frozenset({"CN", "O"}),
    allowed_fields=frozenset({"CN", "O", "L"}),
    subject_alt_names_allowed=False,
    code_required=True,
    allowed_requests=4,
    max_failed_logins=-1,
)
LAB = RegistrationContext(
    issuing_cas=("ManagementCA", "OtherCA"),
    certificate_profiles=CERTIFICATE_PROFILES,
    end_entity_profiles={TLS_CLIENT_EE_PROFILE.name: TLS_CLIENT_EE_PROFILE, OWN_PROFILE.name: OWN_PROFILE},
)
DRAFT = EndEntityDraft(username="device", subject="CN=device", issuing_ca="ManagementCA")
OWN_DRAFT = replace(DRAFT, subject="CN=device,O=Lab", end_entity_profile="OwnProfile", code=Secret("a-code"))
TEXT = st.text() | st.text(' \\,+=#"CNOdNSName:1-0.\x00\u202e', max_size=12)


def problems(draft: EndEntityDraft, *, has_code: bool = False) -> dict[str, str]:
    found = check_end_entity(draft, LAB, has_code=has_code)
    assert not isinstance(found, EndEntityTerms)
    assert all(isinstance(problem, FieldProblem) for problem in found)
    return {problem.field: problem.message for problem in found}


class TestEndEntity:
    def test_a_draft_that_holds(self) -> None:
        """B-8."""
        draft = replace(
            DRAFT,
            subject="CN=device,O=Lab,C=SE",
            subject_alt_names="dNSName=a.example",
            code=Secret("a-code"),
            allowed_requests=" 3 ",
            max_failed_logins="-1",
        )
        assert check_end_entity(draft, LAB) == EndEntityTerms(
            username="device",
            subject=parse_dn("CN=device,O=Lab,C=SE"),
            subject_alt_names=parse_sans("dNSName=a.example"),
            allowed_requests=3,
            max_failed_logins=-1,
        )

    def test_the_defaults(self) -> None:
        """B-8: one allowed request, ten failed logins, no alternative names."""
        terms = check_end_entity(DRAFT, LAB)

        assert isinstance(terms, EndEntityTerms)
        assert (terms.allowed_requests, terms.max_failed_logins, terms.subject_alt_names) == (1, 10, frozenset())

    @pytest.mark.parametrize(
        ("field", "value", "message"),
        [
            ("username", "", "a username is needed; it is what the device's CSR names"),
            ("username", " device", "leave out the white space around the username"),
            ("username", "dev\x00ice", "leave out control and invisible characters"),
            ("username", "dev\u202eice", "leave out control and invisible characters"),
            ("username", "x" * 256, "at most 255 characters; this has 256"),
            ("subject", "", "a subject DN is needed, as in CN=device,O=Lab,C=SE"),
            ("subject", "device", "a DN is written as in CN=device,O=Lab,C=SE"),
            ("subject", "O=Lab", "TLSClientEEProfile requires CN"),
            ("subject", "CN=device,L=x", "does not allow L; it allows C, CN, O, OU, serialNumber"),
            ("subject_alt_names", "a.example", "write dNSName=host.example"),
            ("issuing_ca", "GoneCA", "no CA of this lab is named 'GoneCA'; there is ManagementCA, OtherCA"),
            ("end_entity_profile", "EMPTY", "choose one of TLSClientEEProfile, OwnProfile"),
            ("certificate_profile", "ENDUSER", "choose one of TLSEndEntityCertProfile"),
            ("code", Secret("x" * 256), "at most 255 bytes"),
            ("allowed_requests", "0", "a whole number from 1 to 1000000"),
            ("allowed_requests", "-1", "a whole number from 1 to 1000000"),
            ("allowed_requests", "1000001", "a whole number from 1 to 1000000"),
            ("allowed_requests", "1.5", "a whole number from 1 to 1000000"),
            ("allowed_requests", "\u0663", "a whole number from 1 to 1000000"),
            ("max_failed_logins", "0", "a whole number from 1 to 1000000, or -1 for no limit"),
            ("max_failed_logins", "-2", "a whole number from 1 to 1000000, or -1 for no limit"),
            ("max_failed_logins", "9" * 5000, "a whole number from 1 to 1000000, or -1 for no limit"),
        ],
    )
    def test_a_problem_says_what_would_be_right(self, field: str, value: object, message: str) -> None:
        changes: dict[str, Any] = {field: value}
        found = problems(replace(DRAFT, **changes))

        assert list(found) == [field]
        assert message in found[field]

    def test_every_problem_at_once_in_the_forms_order(self) -> None:
        draft = EndEntityDraft(
            username="",
            subject="",
            issuing_ca="",
            subject_alt_names="x",
            end_entity_profile="",
            certificate_profile="",
            code=Secret("a\tb"),
            allowed_requests="x",
            max_failed_logins="x",
        )
        assert list(problems(draft)) == [
            "username",
            "subject",
            "subject_alt_names",
            "issuing_ca",
            "certificate_profile",
            "end_entity_profile",
            "code",
            "allowed_requests",
            "max_failed_logins",
        ]

    def test_a_lab_without_cas(self) -> None:
        found = check_end_entity(DRAFT, replace(LAB, issuing_cas=()))

        assert found == (FieldProblem("issuing_ca", "no CA of this lab is named 'ManagementCA'; there is none"),)

    @given(
        st.builds(
            EndEntityDraft,
            username=TEXT,
            subject=TEXT | TEXT.map("CN=".__add__),
            issuing_ca=TEXT,
            subject_alt_names=TEXT | TEXT.map("dNSName=".__add__),
            end_entity_profile=TEXT | st.sampled_from(["TLSClientEEProfile", "OwnProfile"]),
            certificate_profile=TEXT,
            code=st.none() | TEXT.map(Secret),
            allowed_requests=TEXT,
            max_failed_logins=TEXT,
        )
    )
    def test_any_text_is_answered(self, draft: EndEntityDraft) -> None:
        found = check_end_entity(draft, LAB)

        assert isinstance(found, EndEntityTerms) or all(problem.message for problem in found)

    def test_no_problem_quotes_the_code(self) -> None:
        """B-45."""
        found = problems(replace(DRAFT, code=Secret("se\x00cret-code")))

        assert "cret-code" not in repr(found)


class TestProfiles:
    """What a profile of the operator's own makes of a registration (B-8, B-15)."""

    @pytest.mark.parametrize(
        ("draft", "counts"),
        [
            (OWN_DRAFT, (4, -1)),
            (replace(OWN_DRAFT, allowed_requests=" ", max_failed_logins="\t"), (4, -1)),
            (replace(OWN_DRAFT, allowed_requests="2"), (2, -1)),
            (replace(OWN_DRAFT, allowed_requests="\x1f2 \u2003"), (2, -1)),  # whitespace to strip(), and not to int()
            (replace(OWN_DRAFT, max_failed_logins="5"), (4, 5)),
        ],
    )
    def test_counts_that_are_left_out_are_the_profiles(self, draft: EndEntityDraft, counts: tuple[int, int]) -> None:
        terms = check_end_entity(draft, LAB)

        assert isinstance(terms, EndEntityTerms)
        assert (terms.allowed_requests, terms.max_failed_logins) == counts

    @pytest.mark.parametrize(
        ("subject", "message"),
        [
            ("CN=device", "OwnProfile requires O"),
            ("O=Lab", "OwnProfile requires CN"),
            ("CN=device,O=Lab,OU=x,C=SE", "OwnProfile does not allow C, OU; it allows CN, L, O"),
        ],
    )
    def test_fields(self, subject: str, message: str) -> None:
        assert problems(replace(OWN_DRAFT, subject=subject)) == {"subject": message}

    def test_alternative_names_that_are_not_allowed(self) -> None:
        found = problems(replace(OWN_DRAFT, subject_alt_names="dNSName=a.example"))

        assert found == {"subject_alt_names": "OwnProfile allows no alternative names; leave them out"}

    @pytest.mark.parametrize("code", [None, Secret(""), Secret("null"), Secret("NULL")])
    def test_a_code_is_required(self, code: Secret | None) -> None:
        """B-14: nothing, and what means nothing."""
        assert problems(replace(OWN_DRAFT, code=code)) == {"code": "OwnProfile requires a code; generate one"}

    def test_a_code_that_is_stored_already_is_enough(self) -> None:
        """A draft without one leaves it as it is; an empty one would remove it."""
        assert isinstance(check_end_entity(replace(OWN_DRAFT, code=None), LAB, has_code=True), EndEntityTerms)
        assert "code" in problems(replace(OWN_DRAFT, code=Secret("")), has_code=True)

    @pytest.mark.parametrize("code", [None, Secret(""), Secret("null")])
    @pytest.mark.parametrize("has_code", [True, False])
    def test_no_code_where_none_is_required(self, code: Secret | None, has_code: bool) -> None:
        """B-14, B-15: the built-in profile's code is optional; the specification's vendor device has none."""
        assert isinstance(check_end_entity(replace(DRAFT, code=code), LAB, has_code=has_code), EndEntityTerms)

    def test_a_lab_with_the_built_in_profiles_alone(self) -> None:
        """B-15."""
        built_in = replace(LAB, end_entity_profiles=END_ENTITY_PROFILES)

        assert isinstance(check_end_entity(DRAFT, built_in), EndEntityTerms)
        assert check_end_entity(OWN_DRAFT, built_in) == (
            FieldProblem("end_entity_profile", "choose one of TLSClientEEProfile"),
        )


class TestSubject:
    @pytest.mark.parametrize(
        "text",
        [
            "CN=device",
            "CN=device,OU=a,OU=b,O=Lab\\, Inc,C=se,serialNumber=12-34",
            "CN=a+serialNumber=1,O=Lab",
            "CN=[bold]not markup[/]",
            "CN=" + "x" * 64,
            "CN=" + "\u00e9" * 32,
            "emailAddress=me@example.org,DC=example,DC=org",
        ],
    )
    def test_good(self, text: str) -> None:
        assert subject_problem(text) is None

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("CN=", "CN has no value; give it one or leave it out"),
            ("CN=a\\0Ab", "leave control and invisible characters out of CN"),
            ("CN=a\u202eb", "leave control and invisible characters out of CN"),
            ("C=Sweden", "C takes a country code of two letters, as in C=SE"),
            ("C=\u00e5\u00e4", "two letters"),
            ("serialNumber=\u00e9", "serialNumber takes letters, digits, space and '()+,-./:=? only"),
            ("SN=a@b", "serialNumber takes letters"),
            ("DC=b\u00fccher", "DC takes ASCII only"),
            ("CN=" + "x" * 65, "CN takes at most 64 characters; this has 65"),
            ("CN=" + "\u00e9" * 33, "CN takes at most 64 bytes in UTF-8; this has 66"),
            ("L=" + "x" * 129, "L takes at most 128 characters; this has 129"),
            ("2.999.1=x", "2.999.1 is no DN field that an end entity can have; use one of CN"),
            ("CN=a+CN=b", "CN+CN has one field twice; put a comma between them"),
            ("CN=a;O=b", "commas stand between the fields"),
        ],
    )
    def test_a_problem_says_what_would_be_right(self, text: str, message: str) -> None:
        """B-12 and the bounds of RFC 5280 appendix A.1, as far as a certificate can be encoded."""
        problem = subject_problem(text)

        assert problem is not None
        assert message in problem


class TestUsername:
    @pytest.mark.parametrize("text", ["123456789", "1234.primekey.com", "a b", "CN=a,O=b", "b\u00fccher", "x" * 255])
    def test_good(self, text: str) -> None:
        """B-8: compared exactly, so nothing is changed; the whole DN may be one (B-3)."""
        assert username_problem(text) is None

    @given(st.text())
    def test_is_one_that_a_row_can_show(self, text: str) -> None:
        if username_problem(text) is None:
            assert text.isprintable()
            assert text == text.strip()


class TestCode:
    @pytest.mark.parametrize("text", ["", "password", "a b", "nullable", "\u00e9" * 127, "x" * 255])
    def test_good(self, text: str) -> None:
        """B-14: an empty one is none."""
        assert code_problem(Secret(text)) is None

    @pytest.mark.parametrize("text", ["", "null", "NULL", "Null"])
    def test_null_is_no_code(self, text: str) -> None:
        """B-14: in any case."""
        assert is_no_code(Secret(text))
        assert code_problem(Secret(text)) is None
        assert code_warning(Secret(text)) is None

    def test_what_only_holds_null_is_a_code(self) -> None:
        assert not is_no_code(Secret("nullable"))

    @pytest.mark.parametrize(("text", "message"), [("\u00e9" * 128, "at most 255 bytes"), ("a\tb", "control")])
    def test_a_problem_says_what_would_be_right(self, text: str, message: str) -> None:
        problem = code_problem(Secret(text))

        assert problem is not None
        assert message in problem

    @pytest.mark.parametrize("text", ["", "four", "x" * 20, "\u00e9\u00e9"])
    def test_no_warning(self, text: str) -> None:
        """B-14: the specification's openssl.conf takes 4 to 20 bytes."""
        assert code_warning(Secret(text)) is None

    @pytest.mark.parametrize(("text", "length"), [("abc", 3), ("x" * 21, 21), ("\u00e9" * 11, 22)])
    def test_a_warning_says_how_long(self, text: str, length: int) -> None:
        """B-14: a warning, not a problem."""
        assert code_problem(Secret(text)) is None
        assert code_warning(Secret(text)) == (
            f"the specification's openssl.conf takes codes of 4 to 20 bytes; this has {length}"
        )

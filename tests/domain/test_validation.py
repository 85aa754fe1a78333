"""What an operator may type, and what is said of the rest."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estconsole.domain.model import AuthenticationModule
from estconsole.domain.names import parse_dn, parse_sans
from estconsole.domain.request import OPERATION_NAMES
from estconsole.domain.secret import Secret
from estconsole.domain.validation import (
    AliasDraft,
    AliasTerms,
    EndEntityDraft,
    EndEntityTerms,
    FieldProblem,
    alias_name_problem,
    check_alias,
    check_end_entity,
    code_problem,
    code_warning,
    is_no_code,
    subject_problem,
    username_problem,
)

CAS = ("ManagementCA", "OtherCA")
DRAFT = EndEntityDraft(username="device", subject="CN=device", issuing_ca="ManagementCA")
TEXT = st.text() | st.text(' \\,+=#"CNOdNSName:1-0.\x00\u202e', max_size=12)


def problems(draft: EndEntityDraft) -> dict[str, str]:
    found = check_end_entity(draft, CAS)
    assert not isinstance(found, EndEntityTerms)
    assert all(isinstance(problem, FieldProblem) for problem in found)
    return {problem.field: problem.message for problem in found}


def alias_problems(name: str = "est", **options: str) -> dict[str, str]:
    found = check_alias(AliasDraft(name=name, options=options), CAS)
    assert not isinstance(found, AliasTerms)
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
        assert check_end_entity(draft, CAS) == EndEntityTerms(
            username="device",
            subject=parse_dn("CN=device,O=Lab,C=SE"),
            subject_alt_names=parse_sans("dNSName=a.example"),
            allowed_requests=3,
            max_failed_logins=-1,
        )

    def test_the_defaults(self) -> None:
        """B-8: one allowed request, ten failed logins, no alternative names."""
        terms = check_end_entity(DRAFT, CAS)

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
            ("end_entity_profile", "EMPTY", "choose one of TLSClientEEProfile"),
            ("certificate_profile", "ENDUSER", "choose one of TLSEndEntityCertProfile"),
            ("code", Secret("x" * 256), "at most 255 bytes"),
            ("allowed_requests", "0", "a whole number from 1 to 1000000"),
            ("allowed_requests", "-1", "a whole number from 1 to 1000000"),
            ("allowed_requests", "1000001", "a whole number from 1 to 1000000"),
            ("allowed_requests", "1.5", "a whole number from 1 to 1000000"),
            ("allowed_requests", "\u0663", "a whole number from 1 to 1000000"),
            ("allowed_requests", "", "a whole number from 1 to 1000000"),
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
            allowed_requests="",
            max_failed_logins="",
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
        found = check_end_entity(DRAFT, ())

        assert found == (FieldProblem("issuing_ca", "no CA of this lab is named 'ManagementCA'; there is none"),)

    @given(
        st.builds(
            EndEntityDraft,
            username=TEXT,
            subject=TEXT | TEXT.map("CN=".__add__),
            issuing_ca=TEXT,
            subject_alt_names=TEXT | TEXT.map("dNSName=".__add__),
            end_entity_profile=TEXT | st.just("TLSClientEEProfile"),
            certificate_profile=TEXT,
            code=st.none() | TEXT.map(Secret),
            allowed_requests=TEXT,
            max_failed_logins=TEXT,
        )
    )
    def test_any_text_is_answered(self, draft: EndEntityDraft) -> None:
        found = check_end_entity(draft, CAS)

        assert isinstance(found, EndEntityTerms) or all(problem.message for problem in found)

    def test_no_problem_quotes_the_code(self) -> None:
        """B-45."""
        found = problems(replace(DRAFT, code=Secret("se\x00cret-code")))

        assert "cret-code" not in repr(found)


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
    @pytest.mark.parametrize("text", ["", "password", "a b", "nullable", "\u00e9" * 127])
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


class TestAlias:
    @pytest.mark.parametrize("name", ["est", "a", "A.b-c_9", "x" * 32, "cacerts2", "Cacerts", "...", "-"])
    def test_good_names(self, name: str) -> None:
        """B-1."""
        assert alias_name_problem(name) is None

    @pytest.mark.parametrize("name", ["", "x" * 33, "a b", "a/b", "\u00e9", "est\n", "a%2f", " est"])
    def test_bad_names(self, name: str) -> None:
        """B-1."""
        assert alias_name_problem(name) == "1 to 32 letters, digits, '-', '_' or '.'"

    @pytest.mark.parametrize("name", sorted(OPERATION_NAMES))
    def test_no_operation_is_an_alias(self, name: str) -> None:
        """B-1: also those that are not served yet."""
        assert len(OPERATION_NAMES) == 6
        assert f"{name} is an EST operation" in str(alias_name_problem(name))

    @pytest.mark.parametrize("name", [".", ".."])
    def test_a_name_that_a_url_cannot_carry(self, name: str) -> None:
        """RFC 3986 5.2.4: clients remove dot segments."""
        assert "use letters or digits" in str(alias_name_problem(name))

    def test_every_option(self) -> None:
        """B-3."""
        draft = AliasDraft(
            name="est",
            options={
                "extractusernamecomponent": " sn ",
                "authenticationmodule": "ChallengePwd",
                "defaultca": "OtherCA",
                "allowupdatewithsamekey": "False",
                "acceptotheraliases": "true",
            },
        )
        assert check_alias(draft, CAS) == AliasTerms(
            extract_username_component="serialNumber",
            authentication_module=AuthenticationModule.CHALLENGE_PWD,
            sets_authentication_module=True,
            default_ca="OtherCA",
            allow_update_with_same_key=False,
            accept_other_aliases=True,
        )

    def test_an_option_left_out_stays_as_it_is(self) -> None:
        assert check_alias(AliasDraft(name="est"), CAS) == AliasTerms()

    @pytest.mark.parametrize("value", ["", "none", "None"])
    def test_no_module(self, value: str) -> None:
        """B-5: an alias may be incomplete."""
        terms = check_alias(AliasDraft(name="est", options={"authenticationmodule": value}), CAS)

        assert terms == AliasTerms(authentication_module=None, sets_authentication_module=True)

    @pytest.mark.parametrize("value", ["DN", "dn"])
    def test_the_whole_dn(self, value: str) -> None:
        """B-3."""
        terms = check_alias(AliasDraft(name="est", options={"extractusernamecomponent": value}), CAS)

        assert terms == AliasTerms(extract_username_component="DN")

    def test_no_ca_for_cacerts(self) -> None:
        """B-6: an empty CA Name is none, which is not the same as leaving it."""
        assert check_alias(AliasDraft(name="est", options={"defaultca": ""}), CAS) == AliasTerms(default_ca="")

    @pytest.mark.parametrize(
        ("key", "accepted", "refused"),
        [
            ("operationmode", ["client", "Client"], ["ra", ""]),
            ("vendorcertificatemode", ["false", "FALSE"], ["true"]),
            ("vendorcaids", [""], ["Vendor Root CA"]),
            ("allowchangesubjectname", ["false"], ["true"]),
            ("severkeygenenabled", ["false"], ["true"]),
            ("extractdnpartpwdcomponent", ["OU", "ou"], ["CN"]),
            ("tlsunique", ["off"], ["required"]),
        ],
    )
    def test_what_is_not_implemented_is_refused_when_it_is_set(
        self, key: str, accepted: list[str], refused: list[str]
    ) -> None:
        """B-3: never ignored; the default may be said."""
        for value in accepted:
            assert check_alias(AliasDraft(name="est", options={key: value}), CAS) == AliasTerms()
        for value in refused:
            assert f"{value!r} is not available in this version; leave it at" in alias_problems(**{key: value})[key]

    @pytest.mark.parametrize(
        ("key", "value", "message"),
        [
            ("authenticationmodule", "DnPartPwd", "not available in this version; use ChallengePwd or none"),
            ("authenticationmodule", "HttpBasicAuth", "not available in this version; use ChallengePwd or none"),
            ("extractusernamecomponent", "XX", "'XX' is no DN field; use one of CN, UID"),
            ("extractusernamecomponent", "", "or DN for the whole DN"),
            ("defaultca", "GoneCA", "no CA of this lab is named 'GoneCA'; there is ManagementCA, OtherCA"),
            ("allowupdatewithsamekey", "yes", "true or false"),
            ("acceptotheraliases", "", "true or false"),
            ("serverkeygenenabled", "false", "no EST alias has this option; there is extractusernamecomponent"),
            ("OperationMode", "client", "no EST alias has this option"),
        ],
    )
    def test_a_problem_says_what_would_be_right(self, key: str, value: str, message: str) -> None:
        found = alias_problems(**{key: value})

        assert list(found) == [key]
        assert message in found[key]

    def test_the_list_of_options_is_b_3s(self) -> None:
        """B-3: every key of the table is known, those that are not implemented too."""
        known = alias_problems(nosuchoption="x")["nosuchoption"].partition("there is ")[2].split(", ")

        assert sorted(known) == [
            "acceptotheraliases",
            "allowchangesubjectname",
            "allowupdatewithsamekey",
            "authenticationmodule",
            "defaultca",
            "extractdnpartpwdcomponent",
            "extractusernamecomponent",
            "operationmode",
            "severkeygenenabled",
            "tlsunique",
            "vendorcaids",
            "vendorcertificatemode",
        ]
        for key in known:
            assert "no EST alias has this option" not in str(
                check_alias(AliasDraft(name="est", options={key: "\x00"}), CAS)
            )

    def test_every_problem_at_once(self) -> None:
        assert list(alias_problems("cacerts", defaultca="x", tlsunique="required")) == [
            "name",
            "defaultca",
            "tlsunique",
        ]

    @given(
        st.text(), st.dictionaries(st.text() | st.sampled_from(["defaultca", "extractusernamecomponent"]), st.text())
    )
    def test_any_text_is_answered(self, name: str, options: dict[str, str]) -> None:
        found = check_alias(AliasDraft(name=name, options=options), CAS)

        assert isinstance(found, AliasTerms) or all(problem.message for problem in found)

"""The options of an alias: what EJBCA's keys take, what they become, and what is said of the rest (B-1, B-3)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from estconsole.domain.alias_options import (
    OPTION_KEYS,
    AliasContext,
    AliasDraft,
    alias_name_problem,
    alias_options,
    alias_warnings,
    check_alias_options,
)
from estconsole.domain.model import AuthenticationModule, EstAlias
from estconsole.domain.names import DN_FIELDS, parse_dn
from estconsole.domain.problems import FieldProblem
from estconsole.domain.request import OPERATION_NAMES
from tests.domain.builders import alias, vendor_alias

LAB = AliasContext(
    own_cas={"ManagementCA": parse_dn("CN=ManagementCA"), "Other CA": parse_dn("CN=Other,O=Lab")},
    vendor_cas={
        "Vendor Root CA": parse_dn("CN=Vendor Root CA EC384,O=PrimeKey Factory,C=SE"),
        "Vendor Sub CA": parse_dn("CN=Vendor SubCA EC384,O=PrimeKey Factory,C=SE"),
        "Acme; Inc \\ CA": parse_dn("CN=Acme"),
    },
    certificate_profiles=("TLSEndEntityCertProfile", "Short"),
)
BARE = EstAlias(uid="alias-est", name="est")


def changed(start: EstAlias = BARE, /, **options: str) -> EstAlias:
    """The alias with these options, which must be good."""
    found = check_alias_options(start, AliasDraft(name=start.name, options=options), LAB)
    assert isinstance(found, EstAlias)
    return found


def problems(name: str = "est", start: EstAlias = BARE, /, **options: str) -> dict[str, str]:
    found = check_alias_options(start, AliasDraft(name=name, options=options), LAB)
    assert not isinstance(found, EstAlias)
    assert all(isinstance(problem, FieldProblem) for problem in found)
    return {problem.field: problem.message for problem in found}


def test_the_name_of_a_ca_that_is_gone_stays_and_no_other_comes_in() -> None:
    """An alias can be changed whatever became of its CAs; what it lacks is said."""
    start = vendor_alias(vendor_cas=("Gone", "Vendor Sub CA"), default_ca="Away")
    assert changed(start, **alias_options(start)) == start
    assert len([words for words in alias_warnings(start, LAB) if "not in this lab" in words]) == 2
    assert "no CA of this lab" in problems("est", start, vendorcaids="Gone;Away")["vendorcaids"]
    assert "no CA of this lab" in problems("est", start, defaultca="Gone")["defaultca"]


class TestName:
    @pytest.mark.parametrize("name", ["est", "a", "A.b-c_9", "x" * 32, "cacerts2", "Cacerts", "...", "-"])
    def test_good(self, name: str) -> None:
        """B-1."""
        assert alias_name_problem(name) is None

    @pytest.mark.parametrize("name", ["", "x" * 33, "a b", "a/b", "\u00e9", "est\n", "a%2f", " est"])
    def test_bad(self, name: str) -> None:
        """B-1."""
        assert alias_name_problem(name) == "1 to 32 letters, digits, '-', '_' or '.'"

    @pytest.mark.parametrize("name", sorted(OPERATION_NAMES))
    def test_no_operation_is_an_alias(self, name: str) -> None:
        """B-1."""
        assert len(OPERATION_NAMES) == 6
        assert f"{name} is an EST operation" in str(alias_name_problem(name))

    @pytest.mark.parametrize("name", [".", ".."])
    def test_that_a_url_cannot_carry(self, name: str) -> None:
        """RFC 3986 5.2.4: clients remove dot segments."""
        assert "use letters or digits" in str(alias_name_problem(name))

    def test_the_draft_renames(self) -> None:
        """B-1: an alias keeps its identity through a rename."""
        found = check_alias_options(alias(), AliasDraft(name="renamed"), LAB)

        assert found == alias(name="renamed")


class TestOptions:
    def test_every_option_at_once(self) -> None:
        """B-3; white space around a value is none of it."""
        assert changed(
            operationmode="client",
            extractusernamecomponent=" sn ",
            authenticationmodule="DnPartPwd",
            extractdnpartpwdcomponent="title",
            defaultca="Other CA",
            vendorcertificatemode="FALSE",
            vendorcaids="Vendor Sub CA; Vendor Root CA",
            allowchangesubjectname="true",
            allowupdatewithsamekey="False",
            severkeygenenabled="true",
            acceptotheraliases="true",
            tlsunique="required",
            certprofile="Short",
        ) == EstAlias(
            uid="alias-est",
            name="est",
            extract_username_component="serialNumber",
            authentication_module=AuthenticationModule.DN_PART_PWD,
            extract_dn_part_pwd_component="title",
            default_ca="Other CA",
            vendor_certificate_mode=False,
            vendor_cas=("Vendor Sub CA", "Vendor Root CA"),
            allow_change_subject_name=True,
            allow_update_with_same_key=False,
            server_key_generation=True,
            accept_other_aliases=True,
            tls_unique_required=True,
            certificate_profile="Short",
        )

    def test_the_keys_are_b_3s_and_certprofile(self) -> None:
        """B-3, with EJBCA's spelling of severkeygenenabled; each is read, and each is written."""
        assert sorted(OPTION_KEYS) == [
            "acceptotheraliases",
            "allowchangesubjectname",
            "allowupdatewithsamekey",
            "authenticationmodule",
            "certprofile",
            "defaultca",
            "extractdnpartpwdcomponent",
            "extractusernamecomponent",
            "operationmode",
            "severkeygenenabled",
            "tlsunique",
            "vendorcaids",
            "vendorcertificatemode",
        ]
        assert tuple(alias_options(BARE)) == OPTION_KEYS
        assert set(problems(**dict.fromkeys(OPTION_KEYS, "\x00"))) == set(OPTION_KEYS)
        assert "no EST alias has this option" not in str(problems(**dict.fromkeys(OPTION_KEYS, "\x00")))

    def test_the_defaults_are_b_3s(self) -> None:
        """B-3; an alias is told of as EJBCA's `dumpalias` would."""
        assert alias_options(BARE) == {
            "operationmode": "client",
            "extractusernamecomponent": "CN",
            "authenticationmodule": "",
            "extractdnpartpwdcomponent": "OU",
            "defaultca": "",
            "vendorcertificatemode": "false",
            "vendorcaids": "",
            "allowchangesubjectname": "false",
            "allowupdatewithsamekey": "true",
            "severkeygenenabled": "false",
            "acceptotheraliases": "false",
            "tlsunique": "off",
            "certprofile": "TLSEndEntityCertProfile",
        }

    def test_an_option_left_out_stays_as_it_is(self) -> None:
        full = vendor_alias(default_ca="Other CA", server_key_generation=True, tls_unique_required=True)

        assert changed(full) == full

    @pytest.mark.parametrize("value", ["", "none", "None"])
    def test_no_module(self, value: str) -> None:
        """B-5: an alias may be incomplete."""
        assert changed(alias(), authenticationmodule=value).authentication_module is None

    @pytest.mark.parametrize("module", AuthenticationModule)
    def test_modules(self, module: AuthenticationModule) -> None:
        """B-3: in any case."""
        assert changed(authenticationmodule=module.value).authentication_module is module
        assert changed(authenticationmodule=module.value.lower()).authentication_module is module

    @pytest.mark.parametrize("field", [*DN_FIELDS, "DN", "dn", "e"])
    def test_dn_fields(self, field: str) -> None:
        """B-4: every field; and the whole DN for the username alone (B-3)."""
        component = changed(extractusernamecomponent=field).extract_username_component
        assert component in (*DN_FIELDS, "DN")
        if component != "DN":
            assert changed(extractdnpartpwdcomponent=field).extract_dn_part_pwd_component == component

    @pytest.mark.parametrize(
        ("key", "attribute"), [("defaultca", "default_ca"), ("certprofile", "certificate_profile")]
    )
    def test_what_is_emptied_is_none(self, key: str, attribute: str) -> None:
        """B-6, B-32."""
        assert getattr(changed(alias(default_ca="ManagementCA"), **{key: ""}), attribute) is None

    @pytest.mark.parametrize(
        ("key", "value", "message"),
        [
            ("operationmode", "ra", "'ra' is not available; this console knows client mode only"),
            ("operationmode", "", "not available"),
            ("extractusernamecomponent", "XX", "'XX' is no DN field; use one of CN, UID"),
            ("extractusernamecomponent", "", "or DN for the whole DN"),
            ("authenticationmodule", "ClientCertificate", "use ChallengePwd, DnPartPwd, HttpBasicAuth or none"),
            ("extractdnpartpwdcomponent", "DN", "'DN' is no DN field; use one of CN"),
            ("extractdnpartpwdcomponent", "", "no DN field"),
            ("defaultca", "Gone CA", "no CA of this lab is named 'Gone CA'; there is ManagementCA, Other CA"),
            ("defaultca", "managementca", "no CA of this lab"),
            ("defaultca", "Vendor Sub CA", "no CA of this lab is named 'Vendor Sub CA'"),
            ("defaultca", "1", "no CA of this lab is named '1'"),
            ("vendorcaids", "Vendor Sub CA;Gone CA", "no CA of this lab is named 'Gone CA'"),
            ("vendorcertificatemode", "yes", "true or false"),
            ("allowchangesubjectname", "1", "true or false"),
            ("allowupdatewithsamekey", "", "true or false"),
            ("severkeygenenabled", "on", "true or false"),
            ("acceptotheraliases", "", "true or false"),
            ("tlsunique", "true", "off or required"),
            ("certprofile", "ENDUSER", "named 'ENDUSER'; there is TLSEndEntityCertProfile, Short"),
            ("serverkeygenenabled", "false", "no EST alias has this option; there is operationmode"),
            ("OperationMode", "client", "no EST alias has this option"),
            ("requirecert", "false", "no EST alias has this option"),
        ],
    )
    def test_a_problem_says_what_would_be_right(self, key: str, value: str, message: str) -> None:
        """B-3: what is not implemented is refused when it is set, never ignored; RA mode's keys too."""
        found = problems(**{key: value})

        assert list(found) == [key]
        assert message in found[key]

    def test_every_problem_at_once(self) -> None:
        assert list(problems("cacerts", defaultca="x", tlsunique="x")) == ["name", "defaultca", "tlsunique"]

    @pytest.mark.parametrize(
        ("start", "options", "field"),
        [
            pytest.param(alias(), {"tlsunique": "required"}, "tlsunique", id="B-23: ChallengePwd and tls-unique"),
            pytest.param(
                BARE, {"tlsunique": "required", "authenticationmodule": "ChallengePwd"}, "tlsunique", id="both at once"
            ),
            pytest.param(
                alias(tls_unique_required=True, vendor_certificate_mode=True),
                {"vendorcertificatemode": "false"},
                "tlsunique",
                id="vendor mode, which hid it, goes",
            ),
            *(
                pytest.param(
                    BARE,
                    {"authenticationmodule": "DnPartPwd", "extractusernamecomponent": field},
                    "extractdnpartpwdcomponent",
                    id=f"B-45: the code in the username, {field}",
                )
                for field in ("OU", "DN")
            ),
        ],
    )
    def test_options_that_contradict_each_other(self, start: EstAlias, options: dict[str, str], field: str) -> None:
        assert list(problems("est", start, **options)) == [field]

    @pytest.mark.parametrize(
        "options",
        [
            {"tlsunique": "required", "authenticationmodule": "HttpBasicAuth"},
            {"tlsunique": "required", "authenticationmodule": "DnPartPwd"},
            {"tlsunique": "required"},
            {"tlsunique": "required", "authenticationmodule": "ChallengePwd", "vendorcertificatemode": "true"},
            {"extractusernamecomponent": "OU", "authenticationmodule": "HttpBasicAuth"},
            {
                "extractusernamecomponent": "DN",
                "authenticationmodule": "DnPartPwd",
                "vendorcertificatemode": "true",
            },
        ],
        ids=str,
    )
    def test_options_that_go_together(self, options: dict[str, str]) -> None:
        changed(**options)

    @given(st.text(), st.dictionaries(st.text() | st.sampled_from(OPTION_KEYS), st.text() | st.just("true")))
    def test_any_text_is_answered(self, name: str, options: dict[str, str]) -> None:
        found = check_alias_options(BARE, AliasDraft(name=name, options=options), LAB)

        assert isinstance(found, EstAlias) or all(problem.message for problem in found)


CA_NAMES = st.text(
    st.sampled_from("aB1 \\-") | st.characters(exclude_categories=["Cs"], exclude_characters=";"), min_size=1
).map(str.strip)
ALIASES = st.builds(
    EstAlias,
    uid=st.just("uid"),
    name=st.from_regex(r"[A-Za-z0-9_-]{1,32}", fullmatch=True).filter(lambda name: name not in OPERATION_NAMES),
    extract_username_component=st.sampled_from([*DN_FIELDS, "DN"]),
    authentication_module=st.none() | st.sampled_from(AuthenticationModule),
    extract_dn_part_pwd_component=st.sampled_from([*DN_FIELDS]),
    default_ca=st.none() | CA_NAMES.filter(bool),
    vendor_certificate_mode=st.booleans(),
    vendor_cas=st.lists(CA_NAMES.filter(bool), unique=True, max_size=4).map(tuple),
    allow_change_subject_name=st.booleans(),
    allow_update_with_same_key=st.booleans(),
    server_key_generation=st.booleans(),
    accept_other_aliases=st.booleans(),
    tls_unique_required=st.booleans(),
    certificate_profile=st.sampled_from([None, "TLSEndEntityCertProfile", "Short"]),
)


class TestReadBack:
    @given(ALIASES)
    @example(vendor_alias(vendor_cas=("Acme, Inc \\ CA", "\\", "a\\\\b", "C\\")))
    def test_what_is_written_is_read_back_as_it_was(self, before: EstAlias) -> None:
        """B-3: into an alias whose every option differs where it can; a CA's name may end in a backslash."""
        lab = replace(
            LAB,
            own_cas={before.default_ca or "CA": parse_dn("CN=own")},
            vendor_cas={name: parse_dn("CN=vendor") for name in before.vendor_cas},
        )
        other = EstAlias(
            uid=before.uid,
            name="other",
            extract_username_component="role",
            authentication_module=AuthenticationModule.CHALLENGE_PWD,
            default_ca="another",
            vendor_certificate_mode=not before.vendor_certificate_mode,
            vendor_cas=("another",),
            allow_change_subject_name=not before.allow_change_subject_name,
            allow_update_with_same_key=not before.allow_update_with_same_key,
            server_key_generation=not before.server_key_generation,
            accept_other_aliases=not before.accept_other_aliases,
            tls_unique_required=not before.tls_unique_required,
            certificate_profile="another",
        )
        found = check_alias_options(other, AliasDraft(name=before.name, options=alias_options(before)), lab)

        if isinstance(found, EstAlias):
            assert found == before
        else:
            assert {problem.field for problem in found} <= {"tlsunique", "extractdnpartpwdcomponent"}
            assert not before.vendor_certificate_mode


class TestWarnings:
    def test_nothing_odd(self) -> None:
        assert alias_warnings(alias(default_ca="ManagementCA"), LAB) == ()
        assert alias_warnings(vendor_alias(default_ca="ManagementCA"), LAB) == ()

    @pytest.mark.parametrize(
        ("odd", "warning"),
        [
            (alias(authentication_module=None), "neither an authentication module nor vendor mode"),
            (alias(allow_change_subject_name=True), "no effect without vendor mode"),
            (alias(default_ca=None), "est names no CA: cacerts is refused on it."),
            (alias(default_ca="Gone CA"), "est names the CA Gone CA, which is not in this lab."),
            (vendor_alias(vendor_cas=()), "est lists no vendor CA: every initial request on it is refused."),
            (vendor_alias(vendor_cas=("Vendor Sub CA", "Gone CA")), "est lists Gone CA, which is not in this lab."),
            (
                vendor_alias(authentication_module=AuthenticationModule.DN_PART_PWD),
                "Vendor mode is used instead of DnPartPwd, which has no effect.",
            ),
        ],
    )
    def test_what_is_legal_and_odd(self, odd: EstAlias, warning: str) -> None:
        """B-5, B-6: saving it warns."""
        if odd.default_ca is None and "names no CA" not in warning:
            odd = replace(odd, default_ca="ManagementCA")
        (said,) = alias_warnings(odd, LAB)

        assert warning in said

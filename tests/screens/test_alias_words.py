"""An alias in plain words: true to every option, and what can be copied of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from estconsole.domain.alias_options import AliasContext, AliasDraft, alias_options, ca_id, check_alias_options
from estconsole.domain.model import AuthenticationModule, EstAlias
from estconsole.domain.names import DN_FIELDS, WHOLE_DN, parse_dn
from estconsole.server_control import ServerUrls
from screens.alias_copying import config_est, copied_texts
from screens.alias_words import (
    INCOMPLETE,
    OPTION_NAMES,
    alias_urls,
    authentication,
    in_words,
    option_texts,
    without_effect,
)

URLS = ServerUrls("http://lab:8080", "https://lab:8442", "https://lab:8443")
CONTEXT = AliasContext(
    own_cas={"ManagementCA": parse_dn("CN=ManagementCA"), "Other CA": parse_dn("CN=Other CA,O=Lab")},
    vendor_cas={"Vendor Sub CA": parse_dn("CN=Vendor SubCA,O=Vendor,C=SE")},
    certificate_profiles=("TLSEndEntityCertProfile", "Mine"),
)
OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    "extract_username_component": st.sampled_from([*DN_FIELDS, WHOLE_DN]),
    "authentication_module": st.sampled_from([None, *AuthenticationModule]),
    "extract_dn_part_pwd_component": st.sampled_from([*DN_FIELDS]),
    "default_ca": st.sampled_from([None, *CONTEXT.own_cas]),
    "vendor_certificate_mode": st.booleans(),
    "vendor_cas": st.lists(st.sampled_from(["Vendor Sub CA", "ManagementCA"]), unique=True).map(tuple),
    "allow_change_subject_name": st.booleans(),
    "allow_update_with_same_key": st.booleans(),
    "server_key_generation": st.booleans(),
    "accept_other_aliases": st.booleans(),
    "tls_unique_required": st.booleans(),
    "certificate_profile": st.sampled_from([None, "TLSEndEntityCertProfile", "Mine"]),
}
KEY_OF = dict(zip(OPTIONS, [*OPTION_NAMES][1:], strict=True))
ALIASES = st.fixed_dictionaries(OPTIONS).map(lambda options: EstAlias(uid="1", name="est", **options))
EST = EstAlias(uid="1", name="est", authentication_module=AuthenticationModule.CHALLENGE_PWD, default_ca="ManagementCA")
VENDOR = EstAlias(
    uid="2",
    name="estvendor",
    default_ca="ManagementCA",
    vendor_certificate_mode=True,
    vendor_cas=("Vendor Sub CA",),
    allow_change_subject_name=True,
    allow_update_with_same_key=False,
)


def words(alias: EstAlias) -> str:
    return " ".join(in_words(alias, alias_urls(URLS, alias)))


def holds_together(alias: EstAlias) -> bool:
    return isinstance(check_alias_options(alias, AliasDraft(name=alias.name), CONTEXT), EstAlias)


@given(ALIASES, st.data())
def test_an_option_changes_the_words_just_where_it_has_an_effect(alias: EstAlias, data: st.DataObject) -> None:
    """What the form greys is what changes nothing in the words, and the other way round."""
    name = data.draw(st.sampled_from([*OPTIONS]))
    other = replace(alias, **{name: data.draw(OPTIONS[name])})
    assume(other != alias)
    assume(holds_together(alias))
    assume(holds_together(other))
    has_effect = KEY_OF[name] not in without_effect(alias)
    assert (words(alias) != words(other)) == has_effect
    assert has_effect or authentication(alias) == authentication(other)


def test_every_option_stands_under_the_specifications_name_in_its_order() -> None:
    assert list(OPTION_NAMES) == list(alias_options(VENDOR))
    texts = option_texts(VENDOR)
    assert list(texts)[:3] == ["EST Operational Mode", "Extract Username Component", "Authentication Module"]
    assert texts["Authentication Module"] == "none"
    assert texts["Vendor Certificate Mode"] == "yes"
    assert texts["List of Vendor CAs"] == "Vendor Sub CA"


def test_a_vendors_alias_says_what_its_devices_do() -> None:
    assert words(VENDOR).startswith(
        "Devices call https://lab:8443/.well-known/est/estvendor/simpleenroll with a certificate from Vendor Sub CA. "
        "The end entity is found by the CN of the vendor's certificate. A device may ask for another subject than its "
        "vendor's certificate has. Renewal, at https://lab:8443/.well-known/est/estvendor/simplereenroll, needs a new "
        "key."
    )
    assert alias_urls(None, VENDOR).enroll == "/.well-known/est/estvendor/simpleenroll"


@pytest.mark.parametrize(
    ("alias", "brought"),
    [
        (EST, "code in CSR"),
        (replace(EST, authentication_module=AuthenticationModule.DN_PART_PWD), "code in OU"),
        (replace(EST, authentication_module=AuthenticationModule.HTTP_BASIC_AUTH), "HTTP Basic"),
        (replace(EST, authentication_module=None), INCOMPLETE),
        (VENDOR, "vendor certificate"),
        (replace(VENDOR, vendor_cas=()), INCOMPLETE),
    ],
)
def test_what_devices_bring(alias: EstAlias, brought: str) -> None:
    assert authentication(alias) == brought
    assert ("initial request is refused" in words(alias)) == (brought == INCOMPLETE)


def test_commands_and_options_can_be_copied() -> None:
    texts = {each.key: each.text for each in copied_texts(VENDOR, URLS, CONTEXT)}
    assert "--cert vendor-cert.pem --key vendor-key.pem" in texts["E"]
    assert texts["E"].endswith("https://lab:8443/.well-known/est/estvendor/simpleenroll")
    basic = replace(EST, authentication_module=AuthenticationModule.HTTP_BASIC_AUTH)
    assert " -u USERNAME " in next(each.text for each in copied_texts(basic, URLS, CONTEXT) if each.key == "E")
    assert [each.key for each in copied_texts(EST, None, CONTEXT)] == ["n", "j"]


def test_ejbcas_commands_name_cas_by_their_ids_and_leave_this_consoles_own_options_out() -> None:
    commands = config_est(replace(VENDOR, vendor_cas=("Vendor Sub CA", "gone")), CONTEXT).splitlines()
    assert commands[0] == "bin/ejbca.sh config est addalias --alias estvendor"
    management, sub = (
        str(ca_id(subject)) for subject in (parse_dn("CN=ManagementCA"), CONTEXT.vendor_cas["Vendor Sub CA"])
    )
    update = "bin/ejbca.sh config est updatealias --alias estvendor"
    assert f"{update} --key defaultca --value {management}" in commands
    assert f"{update} --key vendorcaids --value {sub}" in commands
    assert f"{update} --key allowupdatewithsamekey --value false" in commands
    assert not any(own in "\n".join(commands) for own in ("tlsunique", "acceptotheraliases", "certprofile"))

"""Aliases: options by EJBCA's keys, names that URLs can tell, and warnings for what is legal and odd."""

from __future__ import annotations

import pytest

from estconsole.administration import aliases
from estconsole.domain.alias_options import AliasDraft, alias_options
from estconsole.domain.model import AuthenticationModule
from estconsole.domain.profiles import CertificateProfileDraft
from estconsole.domain.secret import Secret
from estconsole.domain.validation import EndEntityDraft
from estconsole.results import Conflict, Rejected, Saved
from tests.administration.outside import Outsider
from tests.administration.site import CA, Site, problem_of
from tests.labs import add, enroll, save_alias, unregister


def test_an_alias_keeps_what_a_draft_leaves_out(site: Site) -> None:
    first = save_alias(site, "lab", authenticationmodule="ChallengePwd", extractusernamecomponent="UID")
    second = save_alias(site, "lab", allowupdatewithsamekey="false")
    assert second.uid == first.uid
    assert second.authentication_module is AuthenticationModule.CHALLENGE_PWD
    assert second.extract_username_component == "UID"
    assert second.allow_update_with_same_key is False


def test_what_is_legal_but_odd_about_an_alias_is_said(site: Site) -> None:
    """B-5, B-6."""
    result = site.administration.aliases.save(AliasDraft(name="bare"))
    assert isinstance(result, Saved)
    assert len(result.warnings) == 2


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("operationmode", "ra"),
        ("vendorcaids", "Nobody"),
        ("certprofile", "Nothing"),
        ("nosuchoption", "x"),
        ("allowupdatewithsamekey", "maybe"),
        ("defaultca", "Nobody"),
    ],
)
def test_an_option_that_is_not_available_is_refused_when_it_is_set(site: Site, key: str, value: str) -> None:
    """B-3: never ignored."""
    result = site.administration.aliases.save(AliasDraft(name="other", options={key: value}))
    assert isinstance(result, Rejected)
    assert [problem.field for problem in result.problems] == [key]
    assert [alias.name for alias in site.administration.aliases.all()] == ["est"]


@pytest.mark.parametrize("name", ["simpleenroll", "", "with space", "x" * 33, "a/b", "ümlaut"])
def test_an_alias_name_is_one_that_a_url_can_tell(site: Site, name: str) -> None:
    """B-1."""
    assert isinstance(site.administration.aliases.save(AliasDraft(name=name)), Rejected)


def test_adding_an_alias_that_is_there_or_changing_one_that_moved_on_fails(site: Site) -> None:
    assert isinstance(site.administration.aliases.save(AliasDraft(name="est")), Rejected)
    alias = save_alias(site, "est", allowupdatewithsamekey="false")
    assert isinstance(site.administration.aliases.save(AliasDraft(name="est"), alias.revision - 1), Conflict)


def test_an_option_names_cas_and_profiles_that_are_here(site: Site) -> None:
    """B-3: vendor CAs and the lab's own share one list."""
    assert isinstance(site.administration.vendor_cas.import_(Outsider.root("CN=Vendor").pem), Saved)
    assert isinstance(site.administration.certificate_profiles.save(CertificateProfileDraft(name="Short")), Saved)
    alias = save_alias(
        site, "plant", vendorcertificatemode="true", vendorcaids=f"Vendor;{CA}", defaultca=CA, certprofile="Short"
    )
    assert (alias.vendor_cas, alias.certificate_profile) == (("Vendor", CA), "Short")
    assert alias_options(alias)["vendorcaids"] == f"Vendor;{CA}"
    assert site.administration.aliases.get("plant") == alias
    assert site.administration.aliases.get("nowhere") is None


def test_a_renamed_alias_keeps_its_identity_and_its_end_entities(site: Site) -> None:
    """B-1."""
    alias = save_alias(site, "plant", authenticationmodule="ChallengePwd", defaultca=CA)
    add(site, "printer", aliases=("plant",))
    rename = site.administration.aliases.rename
    assert "EST operation" in problem_of(rename("plant", "cacerts", alias.revision), "name")
    assert "there already" in problem_of(rename("plant", "est", alias.revision), "name")
    assert isinstance(rename("plant", "factory", alias.revision + 1), Conflict)
    assert rename("nowhere", "factory", 1) == Conflict(None)
    result = rename("plant", "factory", alias.revision)
    assert isinstance(result, Saved)
    assert (result.record.uid, result.record.name, result.warnings) == (alias.uid, "factory", ())
    assert site.administration.aliases.get("plant") is None
    assert enroll(site, "printer", alias="factory").certificates
    default = site.administration.aliases.get("est")
    assert default is not None
    renamed = rename("est", "other", default.revision)
    assert isinstance(renamed, Saved)
    assert "without a label" in renamed.warnings[0]


def test_an_alias_is_removed_unless_end_entities_are_bound_to_it_alone(site: Site) -> None:
    """B-8: without it, an edit of theirs would let them loose on every alias."""
    alias = save_alias(site, "plant", authenticationmodule="ChallengePwd", defaultca=CA)
    add(site, "printer", aliases=("plant",))
    add(site, "scanner", aliases=("plant", "est"))
    remove = site.administration.aliases.remove
    assert "1 end entity may use no other" in problem_of(remove("plant", alias.revision), "name")
    unregister(site, "printer")
    assert isinstance(remove("plant", alias.revision + 1), Conflict)
    assert remove("nowhere", 1) == Conflict(None)
    result = remove("plant", alias.revision)
    assert isinstance(result, Saved)
    assert result.warnings == ()
    assert enroll(site, "scanner").certificates


def test_the_last_alias_that_end_entities_are_bound_to_stays(site: Site) -> None:
    """B-8: those that are gone already count for nothing."""
    first, last = (save_alias(site, name, authenticationmodule="ChallengePwd", defaultca=CA) for name in ("aa", "bb"))
    add(site, "printer", aliases=("aa", "bb"))
    remove = site.administration.aliases.remove
    assert isinstance(remove("aa", first.revision), Saved)
    assert "1 end entity may use no other" in problem_of(remove("bb", last.revision), "name")


def test_without_the_default_alias_urls_without_a_label_are_refused(site: Site) -> None:
    """B-2."""
    default = site.administration.aliases.get("est")
    assert default is not None
    gone = site.administration.aliases.remove("est", default.revision)
    assert isinstance(gone, Saved)
    assert "without a label" in gone.warnings[0]


def test_a_ca_name_that_some_end_entities_are_not_issued_by_is_said(site: Site) -> None:
    """B-6."""
    site.create("Plant CA")
    save_alias(site, "plant", authenticationmodule="ChallengePwd", defaultca="Plant CA")
    draft = AliasDraft(name="plant")
    alias = site.administration.aliases.get("plant")
    assert alias is not None
    add(site, "elsewhere", aliases=("est",))
    fitting = site.administration.aliases.save(draft, alias.revision)
    assert isinstance(fitting, Saved)
    assert fitting.warnings == ()
    add(site, "anywhere")
    odd = site.administration.aliases.save(draft, fitting.record.revision)
    assert isinstance(odd, Saved)
    assert "issued by another CA" in odd.warnings[0]


def test_many_end_entities_are_weighed_as_rows_and_while_nobody_waits(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To read a hundred thousand DNs takes seconds, in which no request would get the store."""
    add(site, "printer")
    site.store.table("end_entities").update({"subject": "no DN", "issuing_ca": "Other"})
    inside: list[bool] = []
    monkeypatch.setattr(aliases, "alias_warnings", lambda *_: inside.append(site.store.in_transaction) or ())
    result = site.administration.aliases.save(AliasDraft(name="plant", options={"defaultca": CA}))
    assert isinstance(result, Saved)
    assert "issued by another CA" in result.warnings[0]
    assert inside == [False]


def test_a_code_that_opens_another_alias_to_a_vendors_device_is_said(site: Site) -> None:
    """B-8: on both sides, and not where the device is bound to the vendor alias alone."""
    assert isinstance(site.administration.vendor_cas.import_(Outsider.root("CN=Vendor").pem), Saved)
    options = {"vendorcertificatemode": "true", "vendorcaids": "Vendor", "defaultca": CA}
    alias = save_alias(site, "plant", **options)
    add(site, "bound", aliases=("plant",))
    add(site, "without", code=None)
    quiet = site.administration.aliases.save(AliasDraft(name="plant"), alias.revision)
    assert isinstance(quiet, Saved)
    assert quiet.warnings == ()
    draft = EndEntityDraft(
        username="both", subject="CN=both", issuing_ca=CA, code=Secret("password"), aliases=("plant", "est")
    )
    both = site.administration.end_entities.add(draft)
    assert isinstance(both, Saved)
    assert "its code alone opens est" in both.warnings[0]
    said = site.administration.aliases.save(AliasDraft(name="plant"), quiet.record.revision)
    assert isinstance(said, Saved)
    assert "1 end entity that may use it has a code (both), which opens est" in said.warnings[0]


def test_a_certificate_profile_that_cannot_renew_is_said_where_csrattrs_tells_of_it(site: Site) -> None:
    """B-15, B-32."""
    draft = CertificateProfileDraft(name="Server only", extended_key_usages=("serverAuth",))
    assert isinstance(site.administration.certificate_profiles.save(draft), Saved)
    options = {"authenticationmodule": "ChallengePwd", "defaultca": CA, "certprofile": "Server only"}
    result = site.administration.aliases.save(AliasDraft(name="plant", options=options))
    assert isinstance(result, Saved)
    assert "lack clientAuth" in result.warnings[0]

"""What a change of an alias would do, told before it is saved, and taken back after it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estconsole.administration.alias_effects import FIRST_USERNAMES, AliasPreview
from estconsole.domain.alias_options import AliasDraft
from estconsole.domain.decision import Granted
from estconsole.domain.profiles import CertificateProfileDraft
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import Operation
from estconsole.domain.revocation import RevocationReason
from estconsole.domain.validation import EndEntityDraft
from estconsole.results import Conflict, Rejected, Saved
from tests.administration.outside import Outsider
from tests.administration.site import CA, DAY, Site, problem_of
from tests.labs import CODE, add, certificate_of, enroll, entity_of, reason_of, renew, save_alias, unregister
from tests.support import csr_der, request_of


def checked(site: Site, name: str, **options: str) -> AliasPreview:
    """What a change of an alias would do, which its save must then say too."""
    alias = site.administration.aliases.get(name)
    assert alias is not None
    preview = site.administration.aliases.check(AliasDraft(name=name, options=options), alias.revision)
    assert isinstance(preview, AliasPreview), preview
    assert site.administration.aliases.get(name) == alias
    saved = site.administration.aliases.save(AliasDraft(name=name, options=options), alias.revision)
    assert isinstance(saved, Saved), saved
    assert saved.warnings == preview.warnings
    assert saved.record.revision == preview.alias.revision + 1
    return preview


def granted(site: Site, username: str) -> bool:
    """Whether a device enrolls on `plant`, whose CSR has its username in two fields."""
    csr = csr_der(f"CN={username},serialNumber={username}", code=CODE)
    return isinstance(site.engine.enroll(request_of(Operation.SIMPLEENROLL, csr, alias="plant")).decision, Granted)


@pytest.mark.parametrize(
    ("options", "shut_out", "because"),
    [
        ({"authenticationmodule": ""}, {"anywhere", "bound", "named"}, "neither an authentication module"),
        ({"extractusernamecomponent": "SN"}, {"anywhere", "bound"}, "username in the serialNumber"),
        (
            {"vendorcertificatemode": "true", "vendorcaids": "Vendor"},
            {"anywhere", "bound", "named"},
            "where the code was enough",
        ),
        ({"severkeygenenabled": "true"}, set(), ""),
    ],
)
def test_whom_a_change_shuts_out_is_told_before_it_is_saved(
    site: Site, options: dict[str, str], shut_out: set[str], because: str
) -> None:
    """B-5, B-16, B-17: those that are open, may use the alias, and could enroll there."""
    assert isinstance(site.administration.vendor_cas.import_(Outsider.root("CN=Vendor").pem), Saved)
    save_alias(site, "plant", authenticationmodule="ChallengePwd", defaultca=CA)
    add(site, "bound", aliases=("plant",))
    add(site, "anywhere")
    add(site, "named", subject="CN=named,serialNumber=named")
    add(site, "codeless", code=None)
    add(site, "elsewhere", aliases=("est",))
    site.device("closed")
    preview = checked(site, "plant", **options)
    assert {username for group in preview.shut_out for username in group.usernames} == shut_out
    assert sum(group.count for group in preview.shut_out) == len(shut_out)
    assert all(because in group.because for group in preview.shut_out)
    if "extractusernamecomponent" not in options:  # there it is by what devices carry that are set up as registered
        assert {name for name in ("anywhere", "bound", "named") if not granted(site, name)} == shut_out


def test_many_that_are_shut_out_are_counted_and_the_first_named_without_reading_their_names(site: Site) -> None:
    for number in range(FIRST_USERNAMES + 5):
        add(site, f"device-{number:02}", aliases=("est",))
    site.store.table("end_entities").update({"subject": "no DN"})
    (group,) = checked(site, "est", authenticationmodule="").shut_out
    assert group.count == FIRST_USERNAMES + 5
    assert group.usernames == tuple(f"device-{number:02}" for number in range(FIRST_USERNAMES))
    assert site.administration.aliases.dependents("est") == (
        "25 end entities that may use no other alias: device-00, device-01, device-02 and 22 more",
    )


def test_renewals_that_an_alias_takes_no_more_are_told(site: Site) -> None:
    """B-21: by the last certificate, and whether it renews elsewhere."""
    save_alias(site, "plant", authenticationmodule="ChallengePwd", defaultca=CA, acceptotheraliases="true")
    certificates = {name: site.device(name) for name in ("free", "bound", "revoked", "held", "moved", "gone", "again")}
    site.revoke(certificates["revoked"].der)
    entities = site.administration.end_entities
    assert isinstance(entities.revoke("held", RevocationReason.CERTIFICATE_HOLD), Saved)
    assert isinstance(site.administration.certificates.release(certificates["held"].sha256), Saved)
    unregister(site, "again")
    add(site, "again", aliases=("est",))
    add(site, "both", aliases=("est", "plant"))
    for name, aliases in (("bound", ("plant",)), ("gone", ("est",))):
        draft = EndEntityDraft(username=name, subject=f"CN={name}", issuing_ca=CA, aliases=aliases)
        assert isinstance(entities.edit(draft, entity_of(site, name).revision), Saved)
    certificate_of(renew(site, certificates["moved"].der, "moved", alias="plant"))
    add(site, "fresh", aliases=("plant",))
    assert enroll(site, "fresh", alias="plant").certificates
    assert site.administration.aliases.dependents("est") == (
        "2 end entities that may use no other alias: again, gone",
        "1 end entity that may use others too: both",
        "1 certificate that was issued through it, and renews nowhere then",
    )
    assert checked(site, "plant", severkeygenenabled="true").shut_out == ()
    preview = checked(site, "plant", acceptotheraliases="false")
    assert [(group.usernames, group.because.rpartition(", and ")[2]) for group in preview.shut_out] == [
        (("free",), "renews on others alone then"),
        (("bound",), "renews nowhere then"),
    ]
    assert reason_of(renew(site, certificates["bound"].der, "bound", alias="plant")) is (
        RefusalReason.CERTIFICATE_OTHER_ALIAS
    )
    bound = (
        "2 end entities that may use no other alias: bound, fresh",
        "1 end entity that may use others too: both",
    )
    assert site.administration.aliases.dependents("plant") == (
        *bound,
        "2 certificates that were issued through it, and renew nowhere then",
    )
    assert "3 certificates" in site.administration.aliases.dependents("est")[2]  # of free, gone and moved
    site.clock.turn(3 * 365 * DAY)
    assert site.administration.aliases.dependents("plant") == bound
    assert site.administration.aliases.dependents("nowhere") == ()


def test_a_vendor_ca_that_is_listed_no_more_is_named_unless_its_renewal_is_listed(site: Site) -> None:
    """B-17, B-19: whose certificate a device has that never came, nothing on record tells."""
    vendor, other = Outsider.root("CN=Vendor"), Outsider.root("CN=Other")
    for outsider, name in ((vendor, "Vendor"), (vendor.renewed(), "Renewed"), (other, "Other")):
        assert isinstance(site.administration.vendor_cas.import_(outsider.pem, [name]), Saved)
    save_alias(site, "plant", vendorcertificatemode="true", vendorcaids="Vendor;Other", defaultca=CA)
    assert checked(site, "plant", vendorcaids="Renewed;Other").warnings == ()
    assert checked(site, "plant", vendorcaids="Renewed").warnings == ("Devices of Other enroll here no more.",)


def test_what_would_be_rejected_is_said_before_and_a_new_alias_shuts_out_nobody(site: Site) -> None:
    check = site.administration.aliases.check
    add(site, "printer")
    new = check(AliasDraft(name="plant"))
    assert isinstance(new, AliasPreview)
    assert (len(new.warnings), new.shut_out) == (2, ())
    assert site.administration.aliases.get("plant") is None
    assert "there already" in problem_of(check(AliasDraft(name="est")), "name")
    assert "no alias plant any more" in problem_of(check(AliasDraft(name="plant"), 1), "name")
    assert "no EST alias" in problem_of(check(AliasDraft(name="est", options={"x": "y"}), 7), "x")


def test_an_edit_and_a_rename_are_taken_back_unless_something_changed_since(site: Site) -> None:
    aliases = site.administration.aliases
    assert isinstance(site.administration.certificate_profiles.save(CertificateProfileDraft(name="Short")), Saved)
    before = save_alias(site, "plant", authenticationmodule="ChallengePwd", defaultca=CA, certprofile="Short")
    edited = save_alias(site, "plant", authenticationmodule="HttpBasicAuth", certprofile="")
    renamed = aliases.rename("plant", "factory", edited.revision)
    assert isinstance(renamed, Saved)
    back = aliases.restore(edited, renamed.record.revision)
    assert isinstance(back, Saved)
    assert aliases.get("factory") is None
    restored = aliases.restore(before, back.record.revision)
    assert isinstance(restored, Saved)
    assert restored.record == replace(before, revision=back.record.revision + 1)
    assert restored.warnings == (
        "The code is looked for by ChallengePwd from now on: devices that carry it elsewhere are refused.",
    )
    assert aliases.restore(edited, back.record.revision) == Conflict(restored.record)
    assert isinstance(aliases.rename("plant", "factory", restored.record.revision), Saved)
    save_alias(site, "plant")
    taken = aliases.restore(before, restored.record.revision + 1)
    assert "there already" in problem_of(taken, "name")
    changed = save_alias(site, "factory", certprofile="")
    assert isinstance(site.administration.certificate_profiles.delete("Short", 1), Saved)
    plant = aliases.get("plant")
    assert plant is not None
    assert isinstance(aliases.remove("plant", plant.revision), Saved)
    gone = aliases.restore(before, changed.revision)
    assert "no certificate profile" in problem_of(gone, "certprofile")
    assert isinstance(gone, Rejected)
    assert isinstance(aliases.remove("factory", changed.revision), Saved)
    assert aliases.restore(before, changed.revision) == Conflict(None)

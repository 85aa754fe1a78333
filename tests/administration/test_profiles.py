"""Profiles: the built-in ones stay, the operator's come and go while nothing names them (B-15)."""

from __future__ import annotations

from dataclasses import replace

from estconsole.domain.model import TLS_CLIENT_EE_PROFILE, TLS_END_ENTITY_CERT_PROFILE
from estconsole.domain.profiles import (
    CertificateProfileDraft,
    EndEntityProfileDraft,
    certificate_profile_draft,
    end_entity_profile_draft,
)
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.secret import Secret
from estconsole.domain.validation import EndEntityDraft
from estconsole.pki.certificates import read_certificate
from estconsole.results import Conflict, Rejected, Saved
from tests.administration.site import CA, Site, problem_of
from tests.labs import add, certificate_of, enroll, reason_of, save_alias, unregister

SHORT = CertificateProfileDraft(name="Short", key_rules="EC P-256", validity="12h", extended_key_usages=("serverAuth",))
STRICT = EndEntityProfileDraft(name="Strict", allowed_fields=("O",), code_required=True, allowed_requests="3")


def test_the_built_in_profiles_are_there_and_stay(site: Site) -> None:
    for profiles, built_in, draft in (
        (site.administration.certificate_profiles, TLS_END_ENTITY_CERT_PROFILE, certificate_profile_draft),
        (site.administration.end_entity_profiles, TLS_CLIENT_EE_PROFILE, end_entity_profile_draft),
    ):
        assert profiles.all() == (built_in,)
        assert profiles.get(built_in.name) == built_in
        assert profiles.is_built_in(built_in.name)
        assert "another name" in problem_of(profiles.save(draft(built_in), None), "name")  # type: ignore[operator]
        assert "built in" in problem_of(profiles.delete(built_in.name, 0), "name")


def test_a_certificate_profile_is_saved_edited_and_decides_what_is_issued(site: Site) -> None:
    profiles = site.administration.certificate_profiles
    made = profiles.save(SHORT)
    assert isinstance(made, Saved)
    assert "cannot renew" in made.warnings[0]
    assert "there already" in problem_of(profiles.save(SHORT), "name")
    assert isinstance(profiles.save(SHORT, made.record.revision + 1), Conflict)
    add(site, "printer", certificate_profile="Short")
    issued = read_certificate(certificate_of(enroll(site, "printer")))
    assert issued.not_after <= site.clock().replace(microsecond=0) + made.record.validity
    edited = profiles.save(CertificateProfileDraft(name="Short", key_rules="RSA"), made.record.revision)
    assert isinstance(edited, Saved)
    assert [profile.name for profile in profiles.all()] == [TLS_END_ENTITY_CERT_PROFILE.name, "Short"]
    site.administration.end_entities.set_new("printer")
    assert reason_of(enroll(site, "printer")) is RefusalReason.KEY_NOT_ALLOWED


def test_a_profile_that_is_in_use_is_not_deleted(site: Site) -> None:
    certificate_profiles = site.administration.certificate_profiles
    end_entity_profiles = site.administration.end_entity_profiles
    assert isinstance(certificate_profiles.save(SHORT), Saved)
    assert isinstance(end_entity_profiles.save(STRICT), Saved)
    add(site, "printer", certificate_profile="Short", end_entity_profile="Strict")
    alias = save_alias(site, "short", certprofile="Short")
    words = problem_of(certificate_profiles.delete("Short", 1), "name")
    assert "1 end entity" in words
    assert "the alias short" in words
    assert "1 end entity" in problem_of(end_entity_profiles.delete("Strict", 1), "name")
    unregister(site, "printer")
    site.administration.aliases.remove("short", alias.revision)
    assert isinstance(certificate_profiles.delete("Short", 2), Conflict)
    assert isinstance(certificate_profiles.delete("Short", 1), Saved)
    assert isinstance(end_entity_profiles.delete("Strict", 1), Saved)
    assert certificate_profiles.get("Short") is None


def test_an_end_entity_profile_decides_what_is_registered(site: Site) -> None:
    """Counts that a draft leaves open are the profile's."""
    assert isinstance(site.administration.end_entity_profiles.save(STRICT), Saved)
    draft = EndEntityDraft(username="printer", subject="CN=printer", issuing_ca=CA, end_entity_profile="Strict")
    assert "requires a code" in problem_of(site.administration.end_entities.add(draft), "code")
    assert add(site, "printer", end_entity_profile="Strict").allowed_requests == 3
    entity = site.administration.end_entities.get("printer")
    assert entity is not None
    kept = site.administration.end_entities.edit(draft, entity.revision)
    assert isinstance(kept, Saved)
    assert site.administration.end_entities.code_of("printer") == Secret("password")
    wrong = site.administration.end_entity_profiles.save(EndEntityProfileDraft(name="x", max_failed_logins="0"))
    assert isinstance(wrong, Rejected)


def test_an_edit_of_a_profile_is_taken_back_unless_something_changed_it_since(site: Site) -> None:
    for profiles, draft, other in (
        (site.administration.certificate_profiles, SHORT, replace(SHORT, validity="1d")),
        (site.administration.end_entity_profiles, STRICT, replace(STRICT, code_required=False)),
    ):
        made = profiles.save(draft, None)  # type: ignore[operator]
        edited = profiles.save(other, made.record.revision)  # type: ignore[operator]
        assert profiles.restore(made.record, made.record.revision) == Conflict(edited.record)
        back = profiles.restore(made.record, edited.record.revision)
        assert isinstance(back, Saved)
        assert back.record == replace(made.record, revision=edited.record.revision + 1) == profiles.get(draft.name)
        assert isinstance(profiles.delete(draft.name, back.record.revision), Saved)
        assert profiles.restore(made.record, edited.record.revision) == Conflict(None)

"""Registrations: saved, rejected with words that help, overtaken by another edit, or taken back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estconsole.administration.end_entities import CODE_ALPHABET, CODE_LENGTH
from estconsole.domain.model import EntityStatus
from estconsole.domain.profiles import CertificateProfileDraft
from estconsole.domain.secret import Secret
from estconsole.domain.validation import EndEntityDraft
from estconsole.results import Conflict, Rejected, Saved
from tests.administration.site import Site
from tests.labs import add, certificate_of, enroll, save_alias

DRAFT = EndEntityDraft(username="new", subject="CN=new,O=Lab", issuing_ca="ManagementCA", code=Secret("code1234"))


def test_an_added_entity_is_new_and_its_code_sealed(site: Site) -> None:
    result = site.administration.end_entities.add(DRAFT)
    assert isinstance(result, Saved)
    assert result.record.status is EntityStatus.NEW
    assert result.record.sealed_code is not None
    assert "code1234" not in repr(result) + result.record.sealed_code
    assert result.warnings == ()


def test_an_odd_code_warns_and_works(site: Site) -> None:
    """B-14."""
    result = site.administration.end_entities.add(replace(DRAFT, code=Secret("abc")))
    assert isinstance(result, Saved)
    assert "4 to 20" in result.warnings[0]


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"username": ""}, "username", "needed"),
        ({"username": "there"}, "username", "registered already"),
        ({"subject": "no equals sign"}, "subject", "CN=device"),
        ({"subject": "O=Lab"}, "subject", "requires CN"),
        ({"subject_alt_names": "dns:x"}, "subject_alt_names", "dNSName="),
        ({"issuing_ca": "Nobody"}, "issuing_ca", "ManagementCA"),
        ({"code": Secret("a\tb")}, "code", "control"),
        ({"subject_alt_names": "otherName=1.2.3:ff"}, "subject_alt_names", "encoded"),
        ({"allowed_requests": "0"}, "allowed_requests", "from 1"),
        ({"max_failed_logins": "x"}, "max_failed_logins", "-1"),
        ({"aliases": ("nowhere",)}, "aliases", "est"),
        ({"certificate_profile": "ENDUSER"}, "certificate_profile", "TLSEndEntityCertProfile"),
        ({"end_entity_profile": "EMPTY"}, "end_entity_profile", "TLSClientEEProfile"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_changes(
    site: Site, change: dict[str, object], field: str, words: str
) -> None:
    add(site, "there")
    before = site.administration.end_entities.all()
    result = site.administration.end_entities.add(replace(DRAFT, **change))  # type: ignore[arg-type]
    assert isinstance(result, Rejected)
    (problem,) = [problem for problem in result.problems if problem.field == field]
    assert words in problem.message
    assert site.administration.end_entities.all() == before


def test_usernames_are_those_of_a_ca_or_of_an_alias(site: Site) -> None:
    alias = save_alias(site, "plant")
    add(site, "b", aliases=("plant",))
    add(site, "a")
    end_entities = site.administration.end_entities
    assert end_entities.usernames() == ("a", "b")
    assert end_entities.usernames(issuing_ca="ManagementCA") == ("a", "b")
    assert end_entities.usernames(issuing_ca="another") == ()
    assert end_entities.usernames(alias=alias.uid) == ("b",)
    assert end_entities.usernames(alias="") == ("a",)


def test_an_edit_of_a_changed_record_is_a_conflict(site: Site) -> None:
    entity = add(site, "edited")
    draft = replace(DRAFT, username="edited", subject="CN=edited,O=Other")
    first = site.administration.end_entities.edit(draft, entity.revision)
    assert isinstance(first, Saved)
    second = site.administration.end_entities.edit(draft, entity.revision)
    assert isinstance(second, Conflict)
    assert second.current == first.record
    gone = site.administration.end_entities.delete("edited", entity.revision)
    assert isinstance(gone, Conflict)


def test_an_edit_keeps_the_code_unless_it_gives_another(site: Site) -> None:
    entity = add(site, "edited", "first-code")
    draft = EndEntityDraft(username="edited", subject="CN=edited", issuing_ca="ManagementCA", allowed_requests="3")
    kept = site.administration.end_entities.edit(draft, entity.revision)
    assert isinstance(kept, Saved)
    assert site.administration.end_entities.code_of("edited") == Secret("first-code")
    removed = site.administration.end_entities.edit(replace(draft, code=Secret("")), kept.record.revision)
    assert isinstance(removed, Saved)
    assert site.administration.end_entities.code_of("edited") is None


def test_what_was_spent_stays_spent_through_an_edit(site: Site) -> None:
    add(site, "edited", allowed_requests="2")
    certificate_of(enroll(site, "edited"))
    entity = site.administration.end_entities.get("edited")
    assert entity is not None
    draft = EndEntityDraft(username="edited", subject="CN=edited", issuing_ca="ManagementCA", allowed_requests="3")
    result = site.administration.end_entities.edit(draft, entity.revision)
    assert isinstance(result, Saved)
    assert (result.record.allowed_requests, result.record.remaining_requests) == (3, 2)


def test_an_edit_that_leaves_no_request_closes_the_entity(site: Site) -> None:
    """B-10."""
    add(site, "edited", allowed_requests="3")
    for _ in range(2):
        certificate_of(enroll(site, "edited"))
    entity = site.administration.end_entities.get("edited")
    assert entity is not None
    draft = EndEntityDraft(username="edited", subject="CN=edited", issuing_ca="ManagementCA", allowed_requests="2")
    result = site.administration.end_entities.edit(draft, entity.revision)
    assert isinstance(result, Saved)
    assert result.record.status is EntityStatus.GENERATED


def test_an_edit_taken_back_leaves_what_was_there_before_it(site: Site) -> None:
    """Status, counts and code too; and not over a later change."""
    add(site, "edited", "first-code", allowed_requests="3")
    certificate_of(enroll(site, "edited", "first-code"))
    enroll(site, "edited", "wrong-code")
    before = site.administration.end_entities.get("edited")
    assert before is not None
    draft = EndEntityDraft(
        username="edited",
        subject="CN=edited,O=Other",
        issuing_ca="ManagementCA",
        allowed_requests="1",
        max_failed_logins="5",
        code=Secret("other-code"),
    )
    edited = site.administration.end_entities.edit(draft, before.revision)
    assert isinstance(edited, Saved)
    restored = site.administration.end_entities.restore(before, edited.record.revision)
    assert isinstance(restored, Saved)
    assert restored.record == replace(before, revision=edited.record.revision + 1)
    assert site.administration.end_entities.code_of("edited") == Secret("first-code")
    assert isinstance(site.administration.end_entities.restore(before, edited.record.revision), Conflict)


def test_an_edit_is_not_taken_back_to_a_profile_that_is_gone(site: Site) -> None:
    profiles = site.administration.certificate_profiles
    assert isinstance(profiles.save(CertificateProfileDraft(name="Short", validity="12h")), Saved)
    before = add(site, "edited", certificate_profile="Short")
    edited = site.administration.end_entities.edit(replace(DRAFT, username="edited"), before.revision)
    assert isinstance(edited, Saved)
    assert isinstance(profiles.delete("Short", 1), Saved)
    assert site.administration.end_entities.restore(before, edited.record.revision) == Conflict(edited.record)


def test_null_is_no_code(site: Site) -> None:
    """B-14: EJBCA's scripts give it for an entity without a code."""
    add(site, "vendors", "NULL")
    assert site.administration.end_entities.code_of("vendors") is None


def test_an_entity_that_is_gone_is_not_set_new(site: Site) -> None:
    assert site.administration.end_entities.set_new("nobody") == Conflict(None)


def test_generated_codes_are_long_clear_and_different(site: Site) -> None:
    """B-14."""
    codes = {site.administration.end_entities.generate_code().reveal() for _ in range(50)}
    assert len(codes) == 50
    assert all(len(code) == CODE_LENGTH and set(code) <= set(CODE_ALPHABET) for code in codes)
    assert not set(CODE_ALPHABET) & set("0O1lI")


def test_changes_are_announced_with_their_tables(site: Site) -> None:
    seen: list[frozenset[str]] = []
    with site.administration.subscribe(seen.append):
        add(site, "announced")
        site.administration.end_entities.add(replace(DRAFT, username=""))
    assert seen == [frozenset({"end_entities"})]

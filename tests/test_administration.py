"""What an operator does, with a real store: saved, rejected with words that help, or overtaken by another edit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from estconsole.administration import CODE_ALPHABET, CODE_LENGTH
from estconsole.domain.model import AuthenticationModule, EntityStatus
from estconsole.domain.secret import Secret
from estconsole.domain.validation import AliasDraft, EndEntityDraft
from estconsole.lab import EST_ALIAS_OPTIONS, Lab
from estconsole.results import Conflict, Rejected, Saved
from tests.labs import add, certificate_of, demo_lab, enroll, save_alias

DRAFT = EndEntityDraft(username="new", subject="CN=new,O=Lab", issuing_ca="ManagementCA", code=Secret("code1234"))


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with demo_lab(tmp_path / "lab") as opened:
        yield opened


def test_the_demo_lab_is_as_the_specification_has_it(lab: Lab) -> None:
    """B-7, B-12."""
    entities = {entity.username: entity for entity in lab.administration.end_entities()}
    assert sorted(entities) == ["123456789", "registered_client"]
    assert str(entities["123456789"].subject) == "CN=123456789"
    code = lab.administration.code_of("123456789")
    assert code is not None
    assert code.reveal() == "password"
    assert lab.administration.code_of("registered_client")
    options = lab.administration.alias_options("est")
    assert options is not None
    assert options["authenticationmodule"] == EST_ALIAS_OPTIONS["authenticationmodule"]
    assert options["allowupdatewithsamekey"] == "true"


def test_an_added_entity_is_new_and_its_code_sealed(lab: Lab) -> None:
    result = lab.administration.add_end_entity(DRAFT)
    assert isinstance(result, Saved)
    assert result.record.status is EntityStatus.NEW
    assert result.record.sealed_code is not None
    assert "code1234" not in repr(result) + result.record.sealed_code
    assert result.warnings == ()


def test_an_odd_code_warns_and_works(lab: Lab) -> None:
    """B-14."""
    result = lab.administration.add_end_entity(replace(DRAFT, code=Secret("abc")))
    assert isinstance(result, Saved)
    assert "4 to 20" in result.warnings[0]


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"username": ""}, "username", "needed"),
        ({"username": "123456789"}, "username", "registered already"),
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
    lab: Lab, change: dict[str, object], field: str, words: str
) -> None:
    before = lab.administration.end_entities()
    result = lab.administration.add_end_entity(replace(DRAFT, **change))  # type: ignore[arg-type]
    assert isinstance(result, Rejected)
    (problem,) = [problem for problem in result.problems if problem.field == field]
    assert words in problem.message
    assert lab.administration.end_entities() == before


def test_an_edit_of_a_changed_record_is_a_conflict(lab: Lab) -> None:
    entity = add(lab, "edited")
    draft = replace(DRAFT, username="edited", subject="CN=edited,O=Other")
    first = lab.administration.edit_end_entity(draft, entity.revision)
    assert isinstance(first, Saved)
    second = lab.administration.edit_end_entity(draft, entity.revision)
    assert isinstance(second, Conflict)
    assert second.current == first.record
    gone = lab.administration.delete_end_entity("edited", entity.revision)
    assert isinstance(gone, Conflict)


def test_an_edit_keeps_the_code_unless_it_gives_another(lab: Lab) -> None:
    entity = add(lab, "edited", "first-code")
    draft = EndEntityDraft(username="edited", subject="CN=edited", issuing_ca="ManagementCA", allowed_requests="3")
    kept = lab.administration.edit_end_entity(draft, entity.revision)
    assert isinstance(kept, Saved)
    assert lab.administration.code_of("edited") == Secret("first-code")
    removed = lab.administration.edit_end_entity(replace(draft, code=Secret("")), kept.record.revision)
    assert isinstance(removed, Saved)
    assert lab.administration.code_of("edited") is None


def test_what_was_spent_stays_spent_through_an_edit(lab: Lab) -> None:
    add(lab, "edited", allowed_requests="2")
    certificate_of(enroll(lab, "edited"))
    entity = lab.administration.end_entity("edited")
    assert entity is not None
    draft = EndEntityDraft(username="edited", subject="CN=edited", issuing_ca="ManagementCA", allowed_requests="3")
    result = lab.administration.edit_end_entity(draft, entity.revision)
    assert isinstance(result, Saved)
    assert (result.record.allowed_requests, result.record.remaining_requests) == (3, 2)


def test_an_edit_that_leaves_no_request_closes_the_entity(lab: Lab) -> None:
    """B-10."""
    add(lab, "edited", allowed_requests="3")
    for _ in range(2):
        certificate_of(enroll(lab, "edited"))
    entity = lab.administration.end_entity("edited")
    assert entity is not None
    draft = EndEntityDraft(username="edited", subject="CN=edited", issuing_ca="ManagementCA", allowed_requests="2")
    result = lab.administration.edit_end_entity(draft, entity.revision)
    assert isinstance(result, Saved)
    assert result.record.status is EntityStatus.GENERATED


def test_an_edit_taken_back_leaves_what_was_there_before_it(lab: Lab) -> None:
    """Status, counts and code too; and not over a later change."""
    add(lab, "edited", "first-code", allowed_requests="3")
    certificate_of(enroll(lab, "edited", "first-code"))
    enroll(lab, "edited", "wrong-code")
    before = lab.administration.end_entity("edited")
    assert before is not None
    draft = EndEntityDraft(
        username="edited",
        subject="CN=edited,O=Other",
        issuing_ca="ManagementCA",
        allowed_requests="1",
        max_failed_logins="5",
        code=Secret("other-code"),
    )
    edited = lab.administration.edit_end_entity(draft, before.revision)
    assert isinstance(edited, Saved)
    restored = lab.administration.restore_end_entity(before, edited.record.revision)
    assert isinstance(restored, Saved)
    assert restored.record == replace(before, revision=edited.record.revision + 1)
    assert lab.administration.code_of("edited") == Secret("first-code")
    assert isinstance(lab.administration.restore_end_entity(before, edited.record.revision), Conflict)


def test_null_is_no_code(lab: Lab) -> None:
    """B-14: EJBCA's scripts give it for an entity without a code."""
    add(lab, "vendors", "NULL")
    assert lab.administration.code_of("vendors") is None


def test_an_entity_that_is_gone_is_not_set_new(lab: Lab) -> None:
    assert lab.administration.set_new("nobody") == Conflict(None)


def test_generated_codes_are_long_clear_and_different(lab: Lab) -> None:
    """B-14."""
    codes = {lab.administration.generate_code().reveal() for _ in range(50)}
    assert len(codes) == 50
    assert all(len(code) == CODE_LENGTH and set(code) <= set(CODE_ALPHABET) for code in codes)
    assert not set(CODE_ALPHABET) & set("0O1lI")


def test_an_alias_keeps_what_a_draft_leaves_out(lab: Lab) -> None:
    first = save_alias(lab, "lab", authenticationmodule="ChallengePwd", extractusernamecomponent="UID")
    second = save_alias(lab, "lab", allowupdatewithsamekey="false")
    assert second.uid == first.uid
    assert second.authentication_module is AuthenticationModule.CHALLENGE_PWD
    assert second.extract_username_component == "UID"
    assert second.allow_update_with_same_key is False


def test_what_is_legal_but_odd_about_an_alias_is_said(lab: Lab) -> None:
    """B-5, B-6."""
    result = lab.administration.save_alias(AliasDraft(name="bare"))
    assert isinstance(result, Saved)
    assert len(result.warnings) == 2


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("operationmode", "ra"),
        ("authenticationmodule", "HttpBasicAuth"),
        ("vendorcertificatemode", "true"),
        ("severkeygenenabled", "true"),
        ("tlsunique", "required"),
        ("nosuchoption", "x"),
        ("allowupdatewithsamekey", "maybe"),
        ("defaultca", "Nobody"),
    ],
)
def test_an_option_that_is_not_available_is_refused_when_it_is_set(lab: Lab, key: str, value: str) -> None:
    """B-3: never ignored."""
    result = lab.administration.save_alias(AliasDraft(name="other", options={key: value}))
    assert isinstance(result, Rejected)
    assert [problem.field for problem in result.problems] == [key]
    assert [alias.name for alias in lab.administration.aliases()] == ["est"]


@pytest.mark.parametrize("name", ["simpleenroll", "", "with space", "x" * 33, "a/b", "ümlaut"])
def test_an_alias_name_is_one_that_a_url_can_tell(lab: Lab, name: str) -> None:
    """B-1."""
    assert isinstance(lab.administration.save_alias(AliasDraft(name=name)), Rejected)


def test_adding_an_alias_that_is_there_or_changing_one_that_moved_on_fails(lab: Lab) -> None:
    assert isinstance(lab.administration.save_alias(AliasDraft(name="est")), Rejected)
    alias = save_alias(lab, "est", allowupdatewithsamekey="false")
    assert isinstance(lab.administration.save_alias(AliasDraft(name="est"), alias.revision - 1), Conflict)


def test_changes_are_announced_with_their_tables(lab: Lab) -> None:
    seen: list[frozenset[str]] = []
    with lab.administration.subscribe(seen.append):
        add(lab, "announced")
        lab.administration.add_end_entity(replace(DRAFT, username=""))
    assert seen == [frozenset({"end_entities"})]

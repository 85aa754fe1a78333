"""The engine with a real store, vault and CA: what is granted, recorded, spent and kept secret."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from estconsole.activity import Activity, Outcome
from estconsole.domain.checks import CheckState
from estconsole.domain.model import EntityStatus
from estconsole.domain.names import same_name
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import Operation, Unreadable
from estconsole.errors import DataDirectoryUnusableError
from estconsole.lab import Lab
from estconsole.pki.certificates import read_certificate
from estconsole.store.table import JournalTable
from tests.labs import add, certificate_of, demo_lab, enroll, reason_of, renew, save_alias
from tests.support import csr_der, ec_key, request_of


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with demo_lab(tmp_path / "lab") as opened:
        yield opened


def entity_status(lab: Lab, username: str = "123456789") -> EntityStatus:
    entity = lab.administration.end_entities.get(username)
    assert entity is not None
    return entity.status


def failed_check(lab: Lab, enrollment_reference: str) -> str:
    """The check that the row of a reference names."""
    (row,) = [row for row in lab.feed.recent() if row.reference == enrollment_reference]
    detail = lab.administration.activities.detail(row.id)
    assert detail is not None
    (check,) = [check for check in detail.checks if check.state is CheckState.FAILED]
    return check.name


def test_a_device_enrolls_once_with_its_code(lab: Lab) -> None:
    """B-10, B-12."""
    certificate = certificate_of(enroll(lab))
    assert str(read_certificate(certificate).subject) == "CN=123456789"
    assert entity_status(lab) is EntityStatus.GENERATED
    again = enroll(lab)
    assert reason_of(again) is RefusalReason.ENTITY_NOT_OPEN
    assert failed_check(lab, again.reference) == "status"


def test_setting_new_opens_the_entity_with_the_same_code(lab: Lab) -> None:
    """B-10."""
    certificate_of(enroll(lab))
    lab.administration.end_entities.set_new("123456789")
    certificate_of(enroll(lab))


def test_more_than_one_allowed_request_is_counted_down(lab: Lab) -> None:
    """B-10: the specification's 'multiple times'."""
    add(lab, "many", allowed_requests="2")
    certificate_of(enroll(lab, "many"))
    assert entity_status(lab, "many") is EntityStatus.NEW
    certificate_of(enroll(lab, "many"))
    assert entity_status(lab, "many") is EntityStatus.GENERATED


def test_wrong_codes_count_down_close_the_entity_and_a_success_resets(lab: Lab) -> None:
    """B-11."""
    add(lab, "guessed", max_failed_logins="3")
    for _ in range(2):
        wrong = enroll(lab, "guessed", "wrong")
        assert reason_of(wrong) is RefusalReason.WRONG_CODE
        assert failed_check(lab, wrong.reference) == "code"
    entity = lab.administration.end_entities.get("guessed")
    assert entity is not None
    assert entity.remaining_logins == 1
    assert reason_of(enroll(lab, "guessed", "wrong")) is RefusalReason.WRONG_CODE
    assert reason_of(enroll(lab, "guessed")) is RefusalReason.ENTITY_NOT_OPEN


def test_an_unregistered_username_is_refused_and_shown(lab: Lab) -> None:
    refused = enroll(lab, "stranger")
    assert reason_of(refused) is RefusalReason.ENTITY_UNKNOWN
    assert lab.feed.recent()[-1].username == "stranger"


def test_an_entity_without_a_code_never_matches(lab: Lab) -> None:
    """B-14."""
    add(lab, "codeless", None)
    assert reason_of(enroll(lab, "codeless", "null")) is RefusalReason.ENTITY_WITHOUT_CODE


def test_an_entity_bound_to_another_alias_is_refused(lab: Lab) -> None:
    """B-8."""
    save_alias(lab, "other", authenticationmodule="ChallengePwd", defaultca="ManagementCA")
    add(lab, "bound", aliases=("other",))
    assert reason_of(enroll(lab, "bound")) is RefusalReason.ENTITY_OTHER_ALIAS
    certificate_of(enroll(lab, "bound", alias="other"))


def test_a_renewal_keeps_status_and_count_and_the_old_certificate_live(lab: Lab) -> None:
    """B-20."""
    first = certificate_of(enroll(lab))
    before = lab.administration.end_entities.get("123456789")
    second = certificate_of(renew(lab, first))
    assert lab.administration.end_entities.get("123456789") == before
    certificate_of(renew(lab, first))
    certificate_of(renew(lab, second))
    assert read_certificate(second).serial != read_certificate(first).serial
    assert same_name(read_certificate(second).subject, read_certificate(first).subject)


def test_a_renewal_needs_a_certificate_of_this_console(lab: Lab, tmp_path: Path) -> None:
    """B-20."""
    assert reason_of(renew(lab, None)) is RefusalReason.NO_CLIENT_CERTIFICATE
    with demo_lab(tmp_path / "elsewhere") as other:
        foreign = certificate_of(enroll(other))
    refused = renew(lab, foreign)
    assert reason_of(refused) is RefusalReason.CERTIFICATE_FOREIGN
    assert failed_check(lab, refused.reference) == "certificate issued here"


@pytest.mark.parametrize("whose", ["server", "ca"])
def test_neither_the_servers_nor_a_cas_certificate_renews(lab: Lab, whose: str) -> None:
    """B-20."""
    own = lab.tls.material().certificate_chain[0]
    authority = lab.administration.authorities.certificate("ManagementCA")
    assert authority is not None
    refused = renew(lab, own if whose == "server" else authority)
    assert reason_of(refused) is RefusalReason.CERTIFICATE_NOT_END_ENTITY
    assert failed_check(lab, refused.reference) == "certificate of an end entity"


def test_a_renewal_under_another_name_is_refused(lab: Lab) -> None:
    """RFC 7030 4.2.2: one device does not take the identity of another."""
    refused = renew(lab, certificate_of(enroll(lab)), "registered_client")
    assert reason_of(refused) is RefusalReason.RENEWAL_OTHER_SUBJECT
    assert failed_check(lab, refused.reference) == "subject as in the certificate"


def test_the_same_key_renews_only_where_the_alias_allows_it(lab: Lab) -> None:
    """B-20."""
    key = ec_key()
    certificate = certificate_of(enroll(lab, key=key))
    certificate_of(renew(lab, certificate, key=key))
    save_alias(lab, "est", allowupdatewithsamekey="false")
    refused = renew(lab, certificate, key=key)
    assert reason_of(refused) is RefusalReason.RENEWAL_SAME_KEY
    assert failed_check(lab, refused.reference) == "key"
    certificate_of(renew(lab, certificate))


def test_a_certificate_renews_only_on_its_alias_or_where_others_are_accepted(lab: Lab) -> None:
    """B-21: and a renewed certificate belongs to the alias it was renewed on."""
    save_alias(lab, "other", authenticationmodule="ChallengePwd")
    certificate = certificate_of(enroll(lab))
    assert reason_of(renew(lab, certificate, alias="other")) is RefusalReason.CERTIFICATE_OTHER_ALIAS
    save_alias(lab, "other", acceptotheraliases="true")
    certificate_of(renew(lab, certificate, alias="other"))


def test_a_deleted_and_added_username_is_another_registration(lab: Lab) -> None:
    """B-8, B-20."""
    certificate = certificate_of(enroll(lab))
    entity = lab.administration.end_entities.get("123456789")
    assert entity is not None
    lab.administration.end_entities.delete("123456789", entity.revision)
    assert reason_of(renew(lab, certificate)) is RefusalReason.REGISTRATION_GONE
    add(lab, "123456789")
    refused = renew(lab, certificate)
    assert reason_of(refused) is RefusalReason.REGISTRATION_GONE
    assert failed_check(lab, refused.reference) == "registration still there"


def test_taking_an_alias_away_ends_renewals_there(lab: Lab) -> None:
    """B-8: also where the alias accepts certificates of others."""
    save_alias(lab, "other", authenticationmodule="ChallengePwd", acceptotheraliases="true")
    add(lab, "bound", aliases=("est",))
    certificate = certificate_of(enroll(lab, "bound"))
    refused = renew(lab, certificate, "bound", alias="other")
    assert reason_of(refused) is RefusalReason.ENTITY_OTHER_ALIAS
    assert failed_check(lab, refused.reference) == "end entity may use the alias"
    certificate_of(renew(lab, certificate, "bound"))


def test_a_subscriber_that_fails_costs_no_device_its_certificate(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    """What is on disk as granted is answered as granted."""

    def gone(_: Activity) -> None:
        raise BrokenPipeError

    with lab.feed.subscribe(gone), caplog.at_level(logging.ERROR):
        certificate_of(enroll(lab))
    assert "a subscriber failed" in caplog.text


def test_a_reference_is_never_given_twice(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """B-24: not even by a fault that could not be recorded. The failing disk is simulated at the table's seam."""

    def full(*_: object) -> None:
        raise DataDirectoryUnusableError("No space left on device.", "Make room.")

    with monkeypatch.context() as patch:
        patch.setattr(JournalTable, "put", full)
        references = [enroll(lab).reference, enroll(lab).reference]
    references.append(enroll(lab).reference)
    assert len(set(references)) == 3
    assert [row.reference for row in lab.feed.recent()] == references


def test_cacerts_gives_the_aliass_ca(lab: Lab) -> None:
    """B-29."""
    answer = lab.engine.enroll(request_of(Operation.CACERTS))
    assert answer.certificates == (lab.administration.authorities.certificate("ManagementCA"),)
    save_alias(lab, "bare")
    assert reason_of(lab.engine.enroll(request_of(Operation.CACERTS, alias="bare"))) is RefusalReason.ALIAS_WITHOUT_CA
    assert reason_of(lab.engine.enroll(request_of(Operation.CACERTS, alias="none"))) is RefusalReason.UNKNOWN_ALIAS


def test_an_incomplete_alias_refuses_initial_requests(lab: Lab) -> None:
    """B-5."""
    save_alias(lab, "bare", defaultca="ManagementCA")
    assert reason_of(enroll(lab, alias="bare")) is RefusalReason.INCOMPLETE_ALIAS


def test_every_request_is_recorded_before_it_is_answered(lab: Lab) -> None:
    """B-46: also one that never was a CSR, and one whose path names no operation."""
    seen: list[Activity] = []
    with lab.feed.subscribe(seen.append):
        lab.engine.enroll(request_of(None, Unreadable(RefusalReason.UNKNOWN_OPERATION, "/.well-known/est/nothing")))
        lab.engine.enroll(request_of(Operation.SIMPLEENROLL, Unreadable(RefusalReason.BODY_NOT_BASE64, "12 bytes")))
        granted = enroll(lab)
    assert [row.outcome for row in seen] == [Outcome.REFUSED, Outcome.REFUSED, Outcome.GRANTED]
    assert seen[-1].reference == granted.reference
    assert [row.id for row in seen] == [1, 2, 3]
    assert seen == list(lab.feed.recent())


def test_the_details_of_a_row_show_everything_but_the_code(lab: Lab) -> None:
    """B-45."""
    csr = csr_der("CN=123456789", ec_key(), "password")
    granted = lab.engine.enroll(request_of(Operation.SIMPLEENROLL, csr))
    detail = lab.administration.activities.detail(lab.feed.recent()[-1].id)
    assert detail is not None
    assert all(check.state is CheckState.PASSED for check in detail.checks)
    assert "CN=123456789" in detail.csr
    assert "CN=ManagementCA" in detail.issued_certificate
    assert detail.client_certificate == ""
    assert detail.has_raw_request
    assert "password" not in repr(detail)
    renew(lab, certificate_of(granted))
    renewal = lab.administration.activities.detail(lab.feed.recent()[-1].id)
    assert renewal is not None
    assert "CN=123456789" in renewal.client_certificate


def test_requests_from_many_threads_spend_a_code_once(lab: Lab) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: enroll(lab), range(24)))
    granted = [answer for answer in answers if answer.certificates]
    assert len(granted) == 1
    assert {reason_of(answer) for answer in answers if not answer.certificates} == {RefusalReason.ENTITY_NOT_OPEN}
    assert [row.id for row in lab.feed.recent()] == list(range(1, 25))


def test_a_disk_that_takes_nothing_grants_nothing(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Fail closed: what cannot be recorded is not granted. The failing disk is simulated at the table's seam."""

    def full(*_: object) -> None:
        raise DataDirectoryUnusableError("No space left on device.", "Make room.")

    with monkeypatch.context() as patch, caplog.at_level(logging.ERROR):
        patch.setattr(JournalTable, "put", full)
        refused = enroll(lab)
        assert reason_of(refused) is RefusalReason.INTERNAL_FAULT
        assert lab.feed.recent()[-1].reason is RefusalReason.INTERNAL_FAULT
        assert refused.reference in caplog.text
        assert "password" not in caplog.text
    assert entity_status(lab) is EntityStatus.NEW
    certificate_of(enroll(lab))


def test_what_was_spent_and_recorded_is_there_after_a_restart(tmp_path: Path) -> None:
    with demo_lab(tmp_path / "lab") as lab:
        certificate = certificate_of(enroll(lab))
        rows = lab.feed.recent()
    with demo_lab(tmp_path / "lab") as lab:
        assert lab.feed.recent() == rows
        assert reason_of(enroll(lab)) is RefusalReason.ENTITY_NOT_OPEN
        certificate_of(renew(lab, certificate))

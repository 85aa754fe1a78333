"""The closed set of refusal reasons, its words, and that a test decides each of them."""

from __future__ import annotations

import re

import pytest

from estconsole.domain.handshake import HandshakeFailure
from estconsole.domain.refusal import RefusalReason
from tests.domain import (
    enroll_refusals,
    keygen_refusals,
    module_refusals,
    renew_refusals,
    test_decision_request,
    test_decision_tls_unique,
    vendor_refusals,
)

BY_THE_ENGINE = {RefusalReason.INTERNAL_FAULT, RefusalReason.KEYGEN_BUSY, RefusalReason.SERVER_STOPPING}
"""What no request brings about by itself: the engine says it of its own state."""


def test_every_reason_has_a_case() -> None:
    """B-24: `decide` is tested for each; a new reason fails here until it has its case."""
    tables = (
        test_decision_request,
        enroll_refusals,
        module_refusals,
        vendor_refusals,
        keygen_refusals,
        renew_refusals,
        test_decision_tls_unique,
    )
    cases = [case for table in tables for case in table.REFUSALS]

    assert {case.reason for case in cases} == set(RefusalReason) - BY_THE_ENGINE


def test_reasons_are_told_apart_by_their_words() -> None:
    """B-24. Members of one value would be aliases of each other, and vanish from the enum."""
    assert len({reason.value.label for reason in RefusalReason}) == len(RefusalReason) == len(RefusalReason.__members__)
    assert len({reason.value.sentence for reason in RefusalReason}) == len(RefusalReason)


@pytest.mark.parametrize("reason", [*RefusalReason, *HandshakeFailure], ids=lambda reason: reason.key)
def test_words(reason: RefusalReason | HandshakeFailure) -> None:
    """B-24: a label that fits a row, a sentence, what to do, and where the rule stands."""
    words = reason.value

    assert 0 < len(words.label) <= 24
    for sentence in (words.sentence, words.remedy):
        assert re.fullmatch(r"[A-Z].*\.", sentence)
    assert re.match(r"RFC \d{4} \d|EJBCA: |this console: ", words.source)


@pytest.mark.parametrize("reason", RefusalReason, ids=lambda reason: reason.key)
def test_keys_name_reasons(reason: RefusalReason) -> None:
    assert RefusalReason.of_key(reason.key) is reason


@pytest.mark.parametrize("failure", HandshakeFailure, ids=lambda failure: failure.key)
def test_keys_name_handshake_failures(failure: HandshakeFailure) -> None:
    assert HandshakeFailure.of_key(failure.key) is failure


@pytest.mark.parametrize("kind", [RefusalReason, HandshakeFailure])
def test_a_key_that_names_nothing(kind: type[RefusalReason] | type[HandshakeFailure]) -> None:
    with pytest.raises(KeyError):
        kind.of_key("no_such_reason")

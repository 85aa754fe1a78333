"""What is said of a row of Live in words: its operation, how it ended, and what the client was answered."""

from __future__ import annotations

from estconsole.activity import Activity, Outcome
from estconsole.domain.handshake import HandshakeFailure
from screens.lab_view import AnswerCode
from screens.text import NONE

_OPERATIONS = {"simpleenroll": "enroll", "simplereenroll": "renew", "serverkeygen": "keygen"}


def operation_name(activity: Activity) -> str:
    """The operation in the console's words: enroll, renew, keygen, cacerts, csrattrs, handshake."""
    if activity.outcome is Outcome.HANDSHAKE:
        return "handshake"
    return _OPERATIONS.get(activity.operation, activity.operation) or NONE


def result_text(activity: Activity) -> str:
    """How it ended, as a sign and a word; a repeated handshake failure with its count."""
    if activity.outcome is Outcome.GRANTED:
        return "✓ granted"
    label = activity.words.label if activity.words else "refused"
    return f"✗ {label}" + (f" ×{activity.count}" if activity.count > 1 else "")


def code_text(activity: Activity, answer_code: AnswerCode) -> str:
    """The HTTP status that the client was answered; a failed handshake had no answer."""
    if activity.outcome is Outcome.HANDSHAKE or isinstance(activity.reason, HandshakeFailure):
        return NONE
    return str(answer_code(activity))

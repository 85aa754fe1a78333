"""Why something is revoked, as the choices of a menu."""

from __future__ import annotations

from estconsole.domain.revocation import RevocationReason
from screens.dialogs import Choice

_KEYS: dict[RevocationReason, str] = {
    RevocationReason.UNSPECIFIED: "u",
    RevocationReason.KEY_COMPROMISE: "k",
    RevocationReason.CA_COMPROMISE: "m",
    RevocationReason.AFFILIATION_CHANGED: "a",
    RevocationReason.SUPERSEDED: "s",
    RevocationReason.CESSATION_OF_OPERATION: "c",
    RevocationReason.PRIVILEGE_WITHDRAWN: "p",
    RevocationReason.AA_COMPROMISE: "t",
    RevocationReason.CERTIFICATE_HOLD: "h",
}
"""The reasons in the menu's order, each with its key (RFC 5280 5.3.1): removeFromCRL revokes nothing."""


def reason_choices(*left_out: RevocationReason) -> list[Choice]:
    """A menu's choices, whose answers are the names of the reasons."""
    return [Choice(key, _label(reason), reason.name) for reason, key in _KEYS.items() if reason not in left_out]


def _label(reason: RevocationReason) -> str:
    return f"{reason}, which can be released" if reason is RevocationReason.CERTIFICATE_HOLD else str(reason)

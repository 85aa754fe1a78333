"""Which refusals the operator can put right from the row itself, and how."""

from __future__ import annotations

import enum

from estconsole.activity import Activity
from estconsole.domain.names import MASK
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.validation import username_problem


class Fix(enum.Enum):
    """What `x` does about a refusal."""

    SET_NEW = "set {username} back to NEW"
    REGISTER = "register {username}"
    EDIT_CODE = "set the code of {username}"


_FIXES: dict[RefusalReason, Fix] = {
    RefusalReason.ENTITY_NOT_OPEN: Fix.SET_NEW,
    RefusalReason.WRONG_CODE: Fix.EDIT_CODE,
    RefusalReason.CERTIFICATE_REVOKED: Fix.SET_NEW,
    RefusalReason.CERTIFICATE_NOT_IN_DATE: Fix.SET_NEW,
    RefusalReason.REGISTRATION_CLOSED: Fix.SET_NEW,
    RefusalReason.REGISTERED_NAME_CHANGED: Fix.SET_NEW,
    RefusalReason.ENTITY_UNKNOWN: Fix.REGISTER,
}


def fix_of(activity: Activity | None) -> Fix | None:
    """The fix for a row, None where there is none to offer from here."""
    if activity is None or not activity.username or not isinstance(activity.reason, RefusalReason):
        return None
    fix = _FIXES.get(activity.reason)
    if fix is Fix.REGISTER and (MASK in activity.username or username_problem(activity.username)):
        return None  # a name that was masked is not the one that the device claims
    return fix

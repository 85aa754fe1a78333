"""What the store keeps of one activity: the row, and all that its details are made from (B-46)."""

from __future__ import annotations

from dataclasses import dataclass, field

from estconsole.activity import Activity
from estconsole.domain.checks import Check

MAX_REQUEST_BYTES = 16 * 1024
"""How much of a request's body is kept, sealed: room for a CSR with an RSA 8192 key and long names (B-46)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRecord:
    """One record of the log. `sealed_request` is the vault's text, `presented` the client certificate's DER.

    `code_fields` are the DN fields in which the request may carry a code: they are masked (B-45).
    """

    activity: Activity
    trace: tuple[Check, ...] = ()
    sealed_request: str = field(default="", repr=False)
    presented: bytes = field(default=b"", repr=False)
    issued_sha256: str = ""
    code_fields: tuple[str, ...] = ()

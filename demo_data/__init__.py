"""What the demo lab holds (B-7): the end entities of the specification's walk through client mode."""

from __future__ import annotations

from collections.abc import Callable

from estconsole.domain.secret import Secret
from estconsole.domain.validation import EndEntityDraft

LAB_NAME = "demo lab"

SPECIFICATION_CODE = "password"
"""The code that the specification's commands type at openssl's prompt."""


def end_entities(generate_code: Callable[[], Secret]) -> tuple[EndEntityDraft, ...]:
    """The demo's end entities; `registered_client` gets a code of its own in each lab."""
    return (
        EndEntityDraft(
            username="123456789",
            subject="CN=123456789",
            issuing_ca="ManagementCA",
            code=Secret(SPECIFICATION_CODE),
        ),
        EndEntityDraft(
            username="registered_client",
            subject="CN=registered_client",
            issuing_ca="ManagementCA",
            code=generate_code(),
        ),
    )

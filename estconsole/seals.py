"""What each sealed value is sealed for: a value put in another's place does not open (B-45)."""

from __future__ import annotations


def code_purpose(registration: str) -> str:
    """An enrollment code belongs to one registration; deleting and adding the username again makes another (B-8)."""
    return f"code:{registration}"


def request_purpose(number: int) -> str:
    """A request's bytes belong to one record of the log."""
    return f"request:{number}"


def ca_key_purpose(name: str) -> str:
    """A CA's key belongs to the CA of that name."""
    return f"ca-key:{name}"


CHECK_PURPOSE = "check"
"""What a lab opens first, to know that its key file is the one that sealed it."""

SERVER_KEY_PURPOSE = "server-key"
"""The TLS server's key; there is one."""

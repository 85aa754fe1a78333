"""An EST request as the rules see it: what the wire said, already parsed."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime

from estconsole.domain.certificate import CertificateFacts, KeyFacts
from estconsole.domain.names import DistinguishedName, GeneralName
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.secret import Secret


class Operation(enum.StrEnum):
    """The EST operations (RFC 7030 3.2.2) that are served, by the last segment of their path."""

    CACERTS = "cacerts"
    SIMPLEENROLL = "simpleenroll"
    SIMPLEREENROLL = "simplereenroll"
    SERVERKEYGEN = "serverkeygen"
    CSRATTRS = "csrattrs"


OPERATION_NAMES = frozenset({*map(str, Operation), "fullcmc"})
"""Every operation name of RFC 7030: no alias may bear one (B-1)."""


@dataclass(frozen=True, slots=True)
class ChangeSubjectName:
    """The ChangeSubjectName attribute (RFC 6402 2.8): the names that a device asks for instead of its own (B-17)."""

    subject: DistinguishedName | None
    subject_alt_names: frozenset[GeneralName] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CsrFacts:
    """A decoded PKCS#10 request. `signature_valid` is its proof of possession (B-23).

    `change_subject_names` has an item for each value of that attribute, None for one that is malformed (B-17).
    `asks_for_key_encryption` is RFC 7030 4.4.1's wish to have a server-generated key enciphered for the client.
    """

    subject: DistinguishedName
    subject_alt_names: frozenset[GeneralName]
    key: KeyFacts
    challenge_passwords: tuple[Secret, ...]
    signature_valid: bool
    change_subject_names: tuple[ChangeSubjectName | None, ...] = ()
    asks_for_key_encryption: bool = False
    der: bytes = field(repr=False)
    """The request itself: it carries the code, and the public key that the certificate is made for."""


@dataclass(frozen=True, slots=True)
class BasicCredentials:
    """The user name and password of an Authorization header (RFC 7617)."""

    username: str
    password: Secret


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A request that never became a CSR: why, and what came, in words that hold nothing of its content."""

    reason: RefusalReason
    came: str


@dataclass(frozen=True, slots=True)
class PresentedCertificate:
    """The TLS client certificate of the connection: its facts, and its DER for the record."""

    facts: CertificateFacts
    der: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentRequest:
    """One EST request.

    `operation` is None where the path or the method names none. `alias_name` is the label as it came, or `est`. `csr`
    is None for cacerts and csrattrs. `raw_body` is what the record keeps sealed (B-45); `received` is a
    `time.perf_counter` reading. `tls_version` is as Python's ssl names it; `tls_unique` is there on TLS 1.2 alone.
    """

    operation: Operation | None
    alias_name: str
    peer: str
    received_at: datetime
    received: float
    csr: CsrFacts | Unreadable | None = None
    presented: PresentedCertificate | None = None
    basic: BasicCredentials | None = None
    tls_version: str = ""
    tls_unique: bytes | None = field(default=None, repr=False)
    raw_body: bytes = field(default=b"", repr=False)

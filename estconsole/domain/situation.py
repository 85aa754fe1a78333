"""What the console knows when a request comes: the half of a decision that the store supplies."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from estconsole.domain.certificate import CertificateFacts
from estconsole.domain.model import CertificateProfile, EndEntity, EndEntityProfile, EstAlias, IssuedCertificate
from estconsole.domain.request import EnrollmentRequest
from estconsole.domain.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerStep:
    """A CA above a certificate, found by name and signature, and whether the console trusts it as an end of a path."""

    facts: CertificateFacts
    trusted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What was looked up for one request, each part None where there is nothing.

    `entity` is, for an initial request, the end entity of the username that the CSR names; for a renewal, the one of
    the presented certificate's record. `code` is its enrollment code in clear; it lives as long as the decision.
    `presented` is the record of the presented certificate, `issuers` the CAs above it from its own issuer upwards.
    """

    alias: EstAlias | None = None
    cacerts_ca: CertificateFacts | None = None
    entity: EndEntity | None = None
    code: Secret | None = field(default=None, repr=False)
    certificate_profile: CertificateProfile | None = None
    end_entity_profile: EndEntityProfile | None = None
    issuing_ca: CertificateFacts | None = None
    presented: IssuedCertificate | None = None
    issuers: tuple[IssuerStep, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """What a rule examines: the request, the situation, and the time of the decision (aware UTC)."""

    request: EnrollmentRequest
    situation: Situation
    now: datetime

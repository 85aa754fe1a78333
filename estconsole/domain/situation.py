"""What the console knows when a request comes: the half of a decision that the store supplies."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from estconsole.domain.certificate import CertificateFacts
from estconsole.domain.model import CertificateProfile, EndEntity, EndEntityProfile, EstAlias, IssuedCertificate
from estconsole.domain.names import DistinguishedName
from estconsole.domain.request import EnrollmentRequest
from estconsole.domain.revocation import RevocationStatus, status_of
from estconsole.domain.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerStep:
    """A CA above a certificate, found by name and signature.

    `own` says that it is a CA of this lab, `trusted` that it may end a path; `status` is its own revocation. A CA that
    was renewed with its key is known by several certificates: `also` holds the names of the others.
    """

    name: str
    also: frozenset[str] = frozenset()
    facts: CertificateFacts
    own: bool
    trusted: bool
    status: RevocationStatus = field(default_factory=lambda: status_of(None))

    @property
    def names(self) -> frozenset[str]:
        """Every name under which the lab knows this CA."""
        return self.also | {self.name}


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What was looked up for one request, each part None where there is nothing.

    `entity` is, for an initial request, the end entity of the username that it claims; for one that a certificate of
    this console authorises, the one of that certificate's record. `code` is its enrollment code in clear; it lives as
    long as the decision. `presented` is the record of the presented certificate, `presented_status` its revocation, and
    `issuers` the CAs above it from its own issuer upwards. `code_fields` are the DN fields in which devices of this lab
    carry codes: a CSR that came to the wrong alias has one too, so they are masked wherever it is shown (B-45).
    """

    est_is_on: bool = True
    code_fields: tuple[str, ...] = ()
    alias: EstAlias | None = None
    cacerts_ca: CertificateFacts | None = None
    entity: EndEntity | None = None
    code: Secret | None = field(default=None, repr=False)
    certificate_profile: CertificateProfile | None = None
    end_entity_profile: EndEntityProfile | None = None
    issuing_ca: CertificateFacts | None = None
    issuing_ca_status: RevocationStatus = field(default_factory=lambda: status_of(None))
    presented: IssuedCertificate | None = None
    presented_status: RevocationStatus = field(default_factory=lambda: status_of(None))
    issuers: tuple[IssuerStep, ...] = ()

    @property
    def presented_is_own(self) -> bool:
        """Whether the presented certificate is this console's: it is on record, or a CA of this lab signed it."""
        return self.presented is not None or (bool(self.issuers) and self.issuers[0].own)


@dataclass(frozen=True, slots=True)
class Case:
    """What a rule examines: the request, the situation, and the time of the decision (aware UTC)."""

    request: EnrollmentRequest
    situation: Situation
    now: datetime

    @property
    def alias(self) -> EstAlias:
        """The alias, for the rules that stand after the one that finds it."""
        if self.situation.alias is None:
            raise TypeError("a rule that needs the alias stands before the one that finds it")
        return self.situation.alias

    def shown(self, subject: DistinguishedName) -> str:
        """A subject of the CSR as a trace may show it (B-45)."""
        return subject.masked(self.situation.code_fields) or "an empty subject"

    @property
    def entity(self) -> EndEntity:
        """The end entity, for the rules that stand after the one that finds it."""
        if self.situation.entity is None:
            raise TypeError("a rule that needs the end entity stands before the one that finds it")
        return self.situation.entity

    @property
    def presented(self) -> CertificateFacts:
        """The presented certificate, for the rules that stand after the one that asks for it."""
        if self.request.presented is None:
            raise TypeError("a rule that needs the certificate stands before the one that asks for it")
        return self.request.presented.facts

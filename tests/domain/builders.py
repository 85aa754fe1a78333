"""Requests and situations of a small lab, good unless a test says otherwise."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from estconsole.domain.certificate import CLIENT_AUTH, CertificateFacts, KeyAlgorithm, KeyFacts
from estconsole.domain.checks import CheckState
from estconsole.domain.decision import Decision, Granted, Refused, decide
from estconsole.domain.model import (
    TLS_CLIENT_EE_PROFILE,
    TLS_END_ENTITY_CERT_PROFILE,
    AuthenticationModule,
    CertificatePurpose,
    EndEntity,
    EstAlias,
    IssuedCertificate,
)
from estconsole.domain.names import parse_dn, parse_sans
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.registration import after_enrollment
from estconsole.domain.request import (
    BasicCredentials,
    CsrFacts,
    EnrollmentRequest,
    Operation,
    PresentedCertificate,
    Unreadable,
)
from estconsole.domain.revocation import Revocation, RevocationReason, RevocationState, RevocationStatus, status_of
from estconsole.domain.secret import Secret
from estconsole.domain.situation import IssuerStep, Situation

NOW = datetime(2030, 6, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
CODE = "k7Wn-registered-code"
OTHER_CODE = "Zq3x-typed-by-mistake"
TLS_UNIQUE = bytes(range(12))
"""Of the session over which a request comes, where it is TLS 1.2."""
TLS_UNIQUE_TEXT = base64.b64encode(TLS_UNIQUE).decode()
DEVICE_DN = "CN=1234.primekey.com,O=PrimeKey,C=SE"
"""The specification's device: its vendor certificate's subject, and its registered one."""

NOT_IN_CRL = RevocationStatus(RevocationState.GOOD, "not in its CA's CRL")
NO_CRL = RevocationStatus(RevocationState.NO_CRL, "not known: no CRL of its CA is imported")
STALE_CRL = RevocationStatus(RevocationState.STALE_CRL, "the CRL of its CA is stale")
REVOKED = status_of(Revocation(NOW - DAY, RevocationReason.KEY_COMPROMISE))


def rsa_key(name: str = "device", bits: int = 2048) -> KeyFacts:
    return KeyFacts(KeyAlgorithm.RSA, bits, "", f"spki of {name}")


def ec_key(curve: str, bits: int = 256) -> KeyFacts:
    return KeyFacts(KeyAlgorithm.EC, bits, curve, "spki of an EC key")


def csr(subject: str = "CN=device", sans: str = "", codes: Sequence[str] = (CODE,), **changes: Any) -> CsrFacts:
    """A signed CSR; `codes` become its challengePasswords."""
    facts = CsrFacts(
        subject=parse_dn(subject),
        subject_alt_names=parse_sans(sans),
        key=rsa_key(),
        challenge_passwords=tuple(Secret(code) for code in codes),
        signature_valid=True,
        der=f"a CSR with {codes}".encode(),
    )
    return replace(facts, **changes)


def alias(**changes: Any) -> EstAlias:
    complete = EstAlias(uid="alias-est", name="est", authentication_module=AuthenticationModule.CHALLENGE_PWD)
    return replace(complete, **changes)


def entity(subject: str = "CN=device", sans: str = "", **changes: Any) -> EndEntity:
    registered = EndEntity(
        username="device",
        registration="first registration",
        subject=parse_dn(subject),
        subject_alt_names=parse_sans(sans),
        issuing_ca="ManagementCA",
        end_entity_profile="TLSClientEEProfile",
        certificate_profile="TLSEndEntityCertProfile",
        sealed_code="sealed",
        max_failed_logins=3,
        remaining_logins=3,
        created_at=NOW - 9 * DAY,
        modified_at=NOW - 9 * DAY,
    )
    return replace(registered, **changes)


def certificate(subject: str = "CN=device", sans: str = "", **changes: Any) -> CertificateFacts:
    """A live end entity certificate under the management CA."""
    facts = CertificateFacts(
        sha256="ab" * 32,
        serial=0x1234,
        subject=parse_dn(subject),
        issuer=parse_dn("CN=ManagementCA"),
        subject_alt_names=parse_sans(sans),
        key=rsa_key("the enrolled key"),
        not_before=NOW - DAY,
        not_after=NOW + DAY,
        is_ca=False,
        may_sign_certificates=False,
        extended_key_usages=frozenset({CLIENT_AUTH}),
    )
    return replace(facts, **changes)


def authority(subject: str = "CN=ManagementCA", **changes: Any) -> CertificateFacts:
    return certificate(
        subject, **({"is_ca": True, "may_sign_certificates": True, "extended_key_usages": None} | changes)
    )


def step(
    subject: str = "CN=ManagementCA",
    *,
    name: str = "",
    own: bool = True,
    trusted: bool = True,
    status: RevocationStatus | None = None,
    **changes: Any,
) -> IssuerStep:
    """A CA above a certificate; its name is the CN of its subject unless a test says otherwise."""
    return IssuerStep(
        name=name or parse_dn(subject).values("CN")[0],
        facts=authority(subject, **changes),
        own=own,
        trusted=trusted,
        status=status or status_of(None),
    )


def vendor_step(subject: str = "CN=Vendor Sub CA", **changes: Any) -> IssuerStep:
    """A vendor's CA below its root, of which nothing says that it is revoked."""
    vendors: dict[str, Any] = {"own": False, "status": NOT_IN_CRL, "issuer": parse_dn("CN=Vendor Root CA")}
    return step(subject, **(vendors | changes))


def vendor_root(**changes: Any) -> IssuerStep:
    return vendor_step("CN=Vendor Root CA", **({"status": NO_CRL} | changes))


def record(**changes: Any) -> IssuedCertificate:
    """The store's record of `certificate()`."""
    issued = IssuedCertificate(
        sha256="ab" * 32,
        serial=0x1234,
        purpose=CertificatePurpose.END_ENTITY,
        subject=parse_dn("CN=device"),
        issuing_ca="ManagementCA",
        der=b"a certificate",
        not_before=NOW - DAY,
        not_after=NOW + DAY,
        username="device",
        registration="first registration",
        alias_uid="alias-est",
    )
    return replace(issued, **changes)


def request(
    operation: Operation | None,
    body: CsrFacts | Unreadable | None = None,
    presented: CertificateFacts | None = None,
    **changes: Any,
) -> EnrollmentRequest:
    complete = EnrollmentRequest(
        operation=operation,
        alias_name="est",
        peer="127.0.0.1",
        received_at=NOW,
        received=0.0,
        csr=body,
        presented=PresentedCertificate(presented, b"a certificate") if presented else None,
        tls_version="TLSv1.3",
        raw_body=f"a body with {CODE}".encode(),
    )
    return replace(complete, **changes)


def enroll_request(body: CsrFacts | Unreadable | None = None) -> EnrollmentRequest:
    return request(Operation.SIMPLEENROLL, body or csr())


def _completed(situation: Situation) -> Situation:
    """With the code's field of the alias among those that are masked, as the store knows it."""
    field = situation.alias.code_field if situation.alias else ""
    return replace(situation, code_fields=(*situation.code_fields, field)) if field else situation


def enroll_situation(**changes: Any) -> Situation:
    """What the store knows of a device that is registered under CODE and may enroll now."""
    known = Situation(
        alias=alias(),
        entity=entity(),
        code=Secret(CODE),
        certificate_profile=TLS_END_ENTITY_CERT_PROFILE,
        end_entity_profile=TLS_CLIENT_EE_PROFILE,
        issuing_ca=authority(),
    )
    return _completed(replace(known, **changes))


def renew_request(
    body: CsrFacts | Unreadable | None = None, presented: CertificateFacts | None = None
) -> EnrollmentRequest:
    """A renewal with a new key and no code, over a connection that presents a live certificate."""
    return request(Operation.SIMPLEREENROLL, body or csr(codes=()), presented or certificate())


def renew_situation(**changes: Any) -> Situation:
    """What the store knows of a device that enrolled once, and renews."""
    known = Situation(
        alias=alias(),
        entity=enrolled(),
        certificate_profile=TLS_END_ENTITY_CERT_PROFILE,
        end_entity_profile=TLS_CLIENT_EE_PROFILE,
        issuing_ca=authority(),
        presented=record(),
        issuers=(step(),),
    )
    return _completed(replace(known, **changes))


def vendor_alias(**changes: Any) -> EstAlias:
    """The specification's `estvendor`."""
    return alias(
        **(
            {
                "authentication_module": None,
                "vendor_certificate_mode": True,
                "vendor_cas": ("Vendor Sub CA",),
                "allow_change_subject_name": True,
                "allow_update_with_same_key": False,
            }
            | changes
        )
    )


def vendor_certificate(subject: str = DEVICE_DN, sans: str = "", **changes: Any) -> CertificateFacts:
    """The specification's vendor certificate: it has no extended key usage."""
    return certificate(
        subject, sans, **({"issuer": parse_dn("CN=Vendor Sub CA"), "extended_key_usages": None} | changes)
    )


def vendor_request(
    body: CsrFacts | Unreadable | None = None,
    presented: CertificateFacts | None = None,
    operation: Operation = Operation.SIMPLEENROLL,
) -> EnrollmentRequest:
    return request(operation, body or csr(DEVICE_DN, codes=()), presented or vendor_certificate())


def vendor_situation(**changes: Any) -> Situation:
    """What the store knows of the specification's device, which is registered without a code."""
    known = enroll_situation(
        alias=vendor_alias(),
        entity=vendor_entity(),
        code=None,
        presented_status=NOT_IN_CRL,
        issuers=(vendor_step(), vendor_root()),
    )
    return _completed(replace(known, **changes))


def vendor_entity(subject: str = DEVICE_DN, sans: str = "", **changes: Any) -> EndEntity:
    return entity(subject, sans, **({"username": "1234.primekey.com", "sealed_code": None} | changes))


def basic(code: str = CODE, username: str = "device") -> BasicCredentials:
    return BasicCredentials(username, Secret(code))


def enrolled(**changes: Any) -> EndEntity:
    """The end entity after its one allowed enrollment."""
    return replace(after_enrollment(entity(), NOW - DAY), **changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalCase:
    """One way to be refused: the request, what is known, and what must come of it."""

    title: str
    reason: RefusalReason
    check: str
    request: EnrollmentRequest
    situation: Situation
    entity_after: EndEntity | None = None


def decided(of: EnrollmentRequest, situation: Situation, now: datetime = NOW) -> Decision:
    """The decision, after a look that neither it nor its words hold a code (B-45)."""
    decision = decide(of, situation, now)
    for words in (repr(decision), str(decision)):
        assert CODE not in words
        assert OTHER_CODE not in words
    return decision


def came(decision: Decision, name: str) -> str:
    """What came, in the words of the check of this name (B-24)."""
    return next(check.came for check in decision.trace if check.name == name)


def granted(of: EnrollmentRequest, situation: Situation, checks: Sequence[str], now: datetime = NOW) -> Granted:
    """The grant, whose trace must be exactly these checks, all passed."""
    decision = decided(of, situation, now)
    assert isinstance(decision, Granted)
    assert [(check.name, check.state) for check in decision.trace] == [(name, CheckState.PASSED) for name in checks]
    assert all(check.expected and check.came for check in decision.trace)
    return decision


def refused(case: RefusalCase, checks: Sequence[str]) -> Refused:
    """The refusal, which must be the case's, fail at its check, and reach none of the checks after it."""
    decision = decided(case.request, case.situation)
    assert isinstance(decision, Refused)
    assert decision.reason is case.reason
    failing = checks.index(case.check)
    states = [CheckState.PASSED] * failing + [CheckState.FAILED]
    states += [CheckState.NOT_REACHED] * (len(checks) - len(states))
    assert [(check.name, check.state) for check in decision.trace] == list(zip(checks, states, strict=True))
    assert all(check.expected and check.came for check in decision.trace[: failing + 1])
    assert not any(check.expected or check.came for check in decision.trace[failing + 1 :])
    assert decision.entity_after == case.entity_after
    return decision

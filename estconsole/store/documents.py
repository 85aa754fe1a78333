"""Domain values to TinyDB documents and back: flat, so that a hundred thousand of them cost the collector nothing."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from estconsole.activity import Activity, Outcome
from estconsole.domain.checks import Check, CheckState
from estconsole.domain.handshake import HandshakeFailure
from estconsole.domain.model import (
    AuthenticationModule,
    CertificatePurpose,
    CertificationAuthority,
    EndEntity,
    EntityStatus,
    EstAlias,
    IssuedCertificate,
    Revocation,
    RevocationReason,
)
from estconsole.domain.names import format_sans, parse_dn, parse_sans
from estconsole.domain.refusal import RefusalReason
from estconsole.record import ActivityRecord

Document = Mapping[str, Any]
"""What a table holds: scalars by name, and nothing nested."""


def alias_document(alias: EstAlias) -> dict[str, Any]:
    """An alias without its uid, which is its key."""
    return {
        "name": alias.name,
        "extract_username_component": alias.extract_username_component,
        "authentication_module": alias.authentication_module,
        "default_ca": alias.default_ca,
        "allow_update_with_same_key": alias.allow_update_with_same_key,
        "accept_other_aliases": alias.accept_other_aliases,
        "revision": alias.revision,
    }


def alias_of(uid: str, document: Document) -> EstAlias:
    """The alias under a uid."""
    module = document["authentication_module"]
    return EstAlias(
        uid=uid,
        name=document["name"],
        extract_username_component=document["extract_username_component"],
        authentication_module=AuthenticationModule(module) if module else None,
        default_ca=document["default_ca"],
        allow_update_with_same_key=document["allow_update_with_same_key"],
        accept_other_aliases=document["accept_other_aliases"],
        revision=document["revision"],
    )


def end_entity_document(entity: EndEntity) -> dict[str, Any]:
    """An end entity without its username, which is its key; names as RFC 4514 text."""
    return {
        "registration": entity.registration,
        "subject": str(entity.subject),
        "subject_alt_names": format_sans(entity.subject_alt_names),
        "issuing_ca": entity.issuing_ca,
        "end_entity_profile": entity.end_entity_profile,
        "certificate_profile": entity.certificate_profile,
        "token": entity.token,
        "sealed_code": entity.sealed_code,
        "allowed_requests": entity.allowed_requests,
        "remaining_requests": entity.remaining_requests,
        "max_failed_logins": entity.max_failed_logins,
        "remaining_logins": entity.remaining_logins,
        "aliases": " ".join(sorted(entity.aliases)),
        "status": int(entity.status),
        "created_at": _moment(entity.created_at),
        "modified_at": _moment(entity.modified_at),
        "enrolled_at": _moment(entity.enrolled_at) if entity.enrolled_at else None,
        "revision": entity.revision,
    }


def end_entity_of(username: str, document: Document) -> EndEntity:
    """The end entity under a username."""
    enrolled_at = document["enrolled_at"]
    return EndEntity(
        username=username,
        registration=document["registration"],
        subject=parse_dn(document["subject"]),
        subject_alt_names=parse_sans(document["subject_alt_names"]),
        issuing_ca=document["issuing_ca"],
        end_entity_profile=document["end_entity_profile"],
        certificate_profile=document["certificate_profile"],
        token=document["token"],
        sealed_code=document["sealed_code"],
        allowed_requests=document["allowed_requests"],
        remaining_requests=document["remaining_requests"],
        max_failed_logins=document["max_failed_logins"],
        remaining_logins=document["remaining_logins"],
        aliases=frozenset(document["aliases"].split()),
        status=EntityStatus(document["status"]),
        created_at=datetime.fromisoformat(document["created_at"]),
        modified_at=datetime.fromisoformat(document["modified_at"]),
        enrolled_at=datetime.fromisoformat(enrolled_at) if enrolled_at else None,
        revision=document["revision"],
    )


def authority_document(authority: CertificationAuthority) -> dict[str, Any]:
    """A CA without its name, which is its key; its private key as it was sealed."""
    return {
        "certificate": _base64(authority.certificate),
        "sealed_key": authority.sealed_key,
        "created_at": _moment(authority.created_at),
        "revision": authority.revision,
    }


def authority_of(name: str, document: Document) -> CertificationAuthority:
    """The CA under a name."""
    return CertificationAuthority(
        name=name,
        certificate=base64.b64decode(document["certificate"]),
        sealed_key=document["sealed_key"],
        created_at=datetime.fromisoformat(document["created_at"]),
        revision=document["revision"],
    )


def issued_document(issued: IssuedCertificate) -> dict[str, Any]:
    """An issued certificate without its SHA-256, which is its key."""
    revocation = issued.revocation
    return {
        # A serial has up to 160 bits: as text it survives every JSON reader.
        "serial": f"{issued.serial:x}",
        "purpose": str(issued.purpose),
        "subject": str(issued.subject),
        "issuing_ca": issued.issuing_ca,
        "der": _base64(issued.der),
        "not_before": _moment(issued.not_before),
        "not_after": _moment(issued.not_after),
        "username": issued.username,
        "registration": issued.registration,
        "alias_uid": issued.alias_uid,
        "reference": issued.reference,
        "revoked_at": _moment(revocation.at) if revocation else None,
        "revocation_reason": int(revocation.reason) if revocation else None,
    }


def issued_of(sha256: str, document: Document) -> IssuedCertificate:
    """The issued certificate under a SHA-256."""
    revocation = None
    if document["revoked_at"]:
        reason = RevocationReason(document["revocation_reason"])
        revocation = Revocation(datetime.fromisoformat(document["revoked_at"]), reason)
    return IssuedCertificate(
        sha256=sha256,
        serial=int(document["serial"], 16),
        purpose=CertificatePurpose(document["purpose"]),
        subject=parse_dn(document["subject"]),
        issuing_ca=document["issuing_ca"],
        der=base64.b64decode(document["der"]),
        not_before=datetime.fromisoformat(document["not_before"]),
        not_after=datetime.fromisoformat(document["not_after"]),
        username=document["username"],
        registration=document["registration"],
        alias_uid=document["alias_uid"],
        reference=document["reference"],
        revocation=revocation,
    )


def record_document(record: ActivityRecord) -> dict[str, Any]:
    """A record of the log without its number, which is its key."""
    activity = record.activity
    return {
        "at": _moment(activity.at),
        "outcome": str(activity.outcome),
        "peer": activity.peer,
        "alias": activity.alias,
        "operation": activity.operation,
        "username": activity.username,
        "reason": activity.reason.key if activity.reason else None,
        "milliseconds": activity.milliseconds,
        "count": activity.count,
        "trace": _trace_text(record.trace),
        "sealed_request": record.sealed_request,
        "presented": _base64(record.presented),
        "issued_sha256": record.issued_sha256,
    }


def activity_of(number: str, document: Document) -> Activity:
    """The row alone: what the feed is filled with when a lab opens."""
    outcome = Outcome(document["outcome"])
    return Activity(
        id=int(number),
        at=datetime.fromisoformat(document["at"]),
        outcome=outcome,
        peer=document["peer"],
        alias=document["alias"],
        operation=document["operation"],
        username=document["username"],
        reason=_reason(outcome, document["reason"]),
        milliseconds=document["milliseconds"],
        count=document["count"],
    )


def record_of(number: str, document: Document) -> ActivityRecord:
    """The record under a number."""
    return ActivityRecord(
        activity=activity_of(number, document),
        trace=tuple(Check(name, CheckState(state), *rest) for name, state, *rest in json.loads(document["trace"])),
        sealed_request=document["sealed_request"],
        presented=base64.b64decode(document["presented"]),
        issued_sha256=document["issued_sha256"],
    )


def _reason(outcome: Outcome, key: str | None) -> RefusalReason | HandshakeFailure | None:
    if key is None:
        return None
    return HandshakeFailure.of_key(key) if outcome is Outcome.HANDSHAKE else RefusalReason.of_key(key)


def _trace_text(trace: tuple[Check, ...]) -> str:
    lines = [[check.name, str(check.state), check.expected, check.came] for check in trace]
    return json.dumps(lines, separators=(",", ":"))


def _moment(at: datetime) -> str:
    return at.isoformat()


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()

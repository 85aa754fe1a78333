"""Domain values to TinyDB documents and back: flat, so that a hundred thousand of them cost the collector nothing."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from estconsole.domain.certificate import KeyAlgorithm
from estconsole.domain.model import (
    AuthenticationModule,
    CertificateProfile,
    CertificatePurpose,
    CertificationAuthority,
    EndEntity,
    EndEntityProfile,
    EntityStatus,
    EstAlias,
    IssuedCertificate,
    IssuedCrl,
    KeyRule,
    KeyUsage,
    VendorCa,
)
from estconsole.domain.names import format_sans, parse_dn, parse_sans
from estconsole.domain.revocation import CrlEntry, Revocation, RevocationReason

Document = Mapping[str, Any]
"""What a table holds: scalars by name, and nothing nested."""


def alias_document(alias: EstAlias) -> dict[str, Any]:
    """An alias without its uid, which is its key."""
    return {
        "name": alias.name,
        "extract_username_component": alias.extract_username_component,
        "authentication_module": alias.authentication_module,
        "extract_dn_part_pwd_component": alias.extract_dn_part_pwd_component,
        "default_ca": alias.default_ca,
        "vendor_certificate_mode": alias.vendor_certificate_mode,
        "vendor_cas": _lines(alias.vendor_cas),
        "allow_change_subject_name": alias.allow_change_subject_name,
        "allow_update_with_same_key": alias.allow_update_with_same_key,
        "server_key_generation": alias.server_key_generation,
        "accept_other_aliases": alias.accept_other_aliases,
        "tls_unique_required": alias.tls_unique_required,
        "certificate_profile": alias.certificate_profile,
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
        extract_dn_part_pwd_component=document["extract_dn_part_pwd_component"],
        default_ca=document["default_ca"],
        vendor_certificate_mode=document["vendor_certificate_mode"],
        vendor_cas=_of_lines(document["vendor_cas"]),
        allow_change_subject_name=document["allow_change_subject_name"],
        allow_update_with_same_key=document["allow_update_with_same_key"],
        server_key_generation=document["server_key_generation"],
        accept_other_aliases=document["accept_other_aliases"],
        tls_unique_required=document["tls_unique_required"],
        certificate_profile=document["certificate_profile"],
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
        **_revocation_fields(entity.revocation),
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
        revocation=_revocation(document),
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
        "chain": _lines(map(_base64, authority.chain)),
        "crl_url": authority.crl_url,
        "foreign_crl": None if authority.foreign_crl is None else _base64(authority.foreign_crl),
        "created_at": _moment(authority.created_at),
        "revision": authority.revision,
    }


def authority_of(name: str, document: Document) -> CertificationAuthority:
    """The CA under a name."""
    foreign_crl = document["foreign_crl"]
    return CertificationAuthority(
        name=name,
        certificate=base64.b64decode(document["certificate"]),
        sealed_key=document["sealed_key"],
        chain=tuple(base64.b64decode(text) for text in _of_lines(document["chain"])),
        crl_url=document["crl_url"],
        foreign_crl=None if foreign_crl is None else base64.b64decode(foreign_crl),
        created_at=datetime.fromisoformat(document["created_at"]),
        revision=document["revision"],
    )


def vendor_ca_document(vendor: VendorCa) -> dict[str, Any]:
    """A vendor CA without its name, which is its key."""
    return {
        "certificate": _base64(vendor.certificate),
        "trusted": vendor.trusted,
        "crl": None if vendor.crl is None else _base64(vendor.crl),
        "imported_at": _moment(vendor.imported_at),
        "revision": vendor.revision,
    }


def vendor_ca_of(name: str, document: Document) -> VendorCa:
    """The vendor CA under a name."""
    crl = document["crl"]
    return VendorCa(
        name=name,
        certificate=base64.b64decode(document["certificate"]),
        trusted=document["trusted"],
        crl=None if crl is None else base64.b64decode(crl),
        imported_at=datetime.fromisoformat(document["imported_at"]),
        revision=document["revision"],
    )


def crl_document(crl: IssuedCrl) -> dict[str, Any]:
    """A CRL without the name of its CA, which is its key."""
    return {
        "number": crl.number,
        "der": _base64(crl.der),
        "this_update": _moment(crl.this_update),
        "next_update": _moment(crl.next_update),
    }


def crl_of(ca: str, document: Document) -> IssuedCrl:
    """The CRL of a CA."""
    return IssuedCrl(
        ca=ca,
        number=document["number"],
        der=base64.b64decode(document["der"]),
        this_update=datetime.fromisoformat(document["this_update"]),
        next_update=datetime.fromisoformat(document["next_update"]),
    )


def certificate_profile_document(profile: CertificateProfile) -> dict[str, Any]:
    """A certificate profile without its name, which is its key."""
    return {
        "key_rules": _lines(
            f"{rule.algorithm}|{rule.minimum_bits}|{rule.maximum_bits}|{' '.join(sorted(rule.curves))}"
            for rule in profile.key_rules
        ),
        "validity_seconds": int(profile.validity.total_seconds()),
        "key_usages": _lines(sorted(profile.key_usages)),
        "extended_key_usages": _lines(profile.extended_key_usages),
        "san_from_request": profile.san_from_request,
        "crl_distribution_point": profile.crl_distribution_point,
        "revision": profile.revision,
    }


def certificate_profile_of(name: str, document: Document) -> CertificateProfile:
    """The certificate profile under a name."""
    return CertificateProfile(
        name=name,
        key_rules=tuple(_key_rule(text) for text in _of_lines(document["key_rules"])),
        validity=timedelta(seconds=document["validity_seconds"]),
        key_usages=frozenset(KeyUsage(text) for text in _of_lines(document["key_usages"])),
        extended_key_usages=_of_lines(document["extended_key_usages"]),
        san_from_request=document["san_from_request"],
        crl_distribution_point=document["crl_distribution_point"],
        revision=document["revision"],
    )


def end_entity_profile_document(profile: EndEntityProfile) -> dict[str, Any]:
    """An end entity profile without its name, which is its key."""
    return {
        "required_fields": _lines(sorted(profile.required_fields)),
        "allowed_fields": _lines(sorted(profile.allowed_fields)),
        "subject_alt_names_allowed": profile.subject_alt_names_allowed,
        "code_required": profile.code_required,
        "allowed_requests": profile.allowed_requests,
        "max_failed_logins": profile.max_failed_logins,
        "revision": profile.revision,
    }


def end_entity_profile_of(name: str, document: Document) -> EndEntityProfile:
    """The end entity profile under a name."""
    return EndEntityProfile(
        name=name,
        required_fields=frozenset(_of_lines(document["required_fields"])),
        allowed_fields=frozenset(_of_lines(document["allowed_fields"])),
        subject_alt_names_allowed=document["subject_alt_names_allowed"],
        code_required=document["code_required"],
        allowed_requests=document["allowed_requests"],
        max_failed_logins=document["max_failed_logins"],
        revision=document["revision"],
    )


def issued_document(issued: IssuedCertificate) -> dict[str, Any]:
    """An issued certificate without its SHA-256, which is its key."""
    return {
        "serial": serial_text(issued.serial),
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
        **_revocation_fields(issued.revocation),
    }


def issued_of(sha256: str, document: Document) -> IssuedCertificate:
    """The issued certificate under a SHA-256."""
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
        revocation=_revocation(document),
    )


def serial_text(serial: int) -> str:
    """A serial number in a document: it has up to 160 bits, and as text it survives every JSON reader."""
    return f"{serial:x}"


@dataclass(frozen=True, slots=True)
class RevokedCertificate:
    """What a CRL needs of a revoked certificate: to make that of a hundred thousand takes a small part of a second."""

    entry: CrlEntry
    not_before: datetime
    not_after: datetime
    _der: str

    @property
    def der(self) -> bytes:
        return base64.b64decode(self._der)


def revoked_of(document: Document) -> RevokedCertificate:
    """The same of the document of an issued certificate that is revoked."""
    return RevokedCertificate(
        CrlEntry(
            serial=int(document["serial"], 16),
            at=datetime.fromisoformat(document["revoked_at"]),
            reason=RevocationReason(document["revocation_reason"]),
        ),
        datetime.fromisoformat(document["not_before"]),
        datetime.fromisoformat(document["not_after"]),
        document["der"],
    )


def _revocation_fields(revocation: Revocation | None) -> dict[str, Any]:
    return {
        "revoked_at": _moment(revocation.at) if revocation else None,
        "revocation_reason": int(revocation.reason) if revocation else None,
    }


def _revocation(document: Document) -> Revocation | None:
    if not document["revoked_at"]:
        return None
    reason = RevocationReason(document["revocation_reason"])
    return Revocation(datetime.fromisoformat(document["revoked_at"]), reason)


def _key_rule(text: str) -> KeyRule:
    algorithm, minimum, maximum, curves = text.split("|")
    return KeyRule(
        algorithm=KeyAlgorithm(algorithm),
        minimum_bits=int(minimum),
        maximum_bits=int(maximum),
        curves=frozenset(curves.split()),
    )


def _lines(texts: Iterable[str]) -> str:
    """A list in a flat document: none of its texts can hold a line's end."""
    return "\n".join(texts)


def _of_lines(text: str) -> tuple[str, ...]:
    return tuple(text.split("\n")) if text else ()


def _moment(at: datetime) -> str:
    return at.isoformat()


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()

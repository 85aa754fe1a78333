"""Certificates, requests and CRLs in words: as readable as openssl's text, with the secrets masked (B-45)."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable

from cryptography import x509

from estconsole.domain.certificate import grouped
from estconsole.domain.names import (
    MASK,
    format_sans,
)
from estconsole.domain.request import ChangeSubjectName, Unreadable
from estconsole.pki.certificates import certificate_pem, read_certificate
from estconsole.pki.crls import read_crl
from estconsole.pki.names import from_x509_name
from estconsole.pki.requests import read_csr

_SHOWN_ENTRIES = 50
"""How many lines of a CRL are shown: some have a hundred thousand."""


def describe_certificate(der: bytes) -> str:
    """Who, by whom, from and to, key, identifiers, extensions, and the PEM at the end."""
    facts = read_certificate(der)
    certificate = x509.load_der_x509_certificate(der)
    lines = _table(
        ("subject", str(facts.subject)),
        ("issuer", str(facts.issuer)),
        ("valid", f"{facts.not_before:%Y-%m-%d %H:%M:%S} to {facts.not_after:%Y-%m-%d %H:%M:%S} UTC"),
        ("key", str(facts.key)),
        ("alternative names", format_sans(facts.subject_alt_names)),
        ("serial", _serial(facts.serial)),
        ("SHA-256", grouped(facts.sha256)),
        ("signature", _algorithm(certificate.signature_algorithm_oid)),
    )
    return "\n".join([*lines, *_extensions(certificate.extensions), "", certificate_pem(der).strip()])


def describe_csr(der: bytes, masked_fields: Collection[str] = ()) -> str:
    """Subject, key, signature and attributes of a request.

    A challengePassword is shown as dots, and so is the value of the DN field that carries the code, where one is given.
    """
    facts = read_csr(der)
    if isinstance(facts, Unreadable):
        return facts.came
    csr = x509.load_der_x509_csr(der)
    lines = _table(
        ("subject", facts.subject.masked(masked_fields)),
        ("key", str(facts.key)),
        ("alternative names", format_sans(facts.subject_alt_names, masked_fields)),
        ("signature", _algorithm(csr.signature_algorithm_oid) + ("" if facts.signature_valid else ", NOT VALID")),
        ("challengePassword", ", ".join(MASK for _ in facts.challenge_passwords)),
        *(("ChangeSubjectName", _change(change, masked_fields)) for change in facts.change_subject_names),
        ("key encryption", "asked for" if facts.asks_for_key_encryption else ""),
    )
    return "\n".join([*lines, *_extensions(csr.extensions)])


def describe_crl(der: bytes) -> str:
    """Whose, its number and dates, the extensions, and the first certificates that it lists."""
    facts = read_crl(der)
    crl = x509.load_der_x509_crl(der)
    lines = _table(
        ("issuer", str(facts.issuer)),
        ("number", "" if facts.number is None else str(facts.number)),
        ("this update", f"{facts.this_update:%Y-%m-%d %H:%M:%S} UTC"),
        ("next update", f"{facts.next_update:%Y-%m-%d %H:%M:%S} UTC" if facts.next_update else "not said"),
        ("scope", facts.partial or "every certificate of its CA"),
        ("signature", _algorithm(crl.signature_algorithm_oid)),
        ("revoked", f"{len(facts.revoked)} certificates" if len(facts.revoked) != 1 else "1 certificate"),
    )
    entries = [
        f"  {_serial(serial)}  {revocation.at:%Y-%m-%d %H:%M:%S} UTC  {revocation.reason}"
        for serial, revocation in itertools.islice(facts.revoked.items(), _SHOWN_ENTRIES)
    ]
    if (more := len(facts.revoked) - len(entries)) > 0:
        entries.append(f"  and {more} more")
    return "\n".join([*lines, *_extensions(crl.extensions), *entries])


def _table(*rows: tuple[str, str]) -> list[str]:
    return [f"{label:<18} {value}" for label, value in rows if value]


def _serial(number: int) -> str:
    """A serial number as openssl groups it; those that RFC 5280 forbids, zero and negative ones, are seen too."""
    digits = abs(number).to_bytes(max(1, (number.bit_length() + 7) // 8)).hex(":").upper()
    return f"-{digits}" if number < 0 else digits


def _change(change: ChangeSubjectName | None, fields: Collection[str]) -> str:
    if change is None:
        return "malformed"
    subject = "the subject as it is" if change.subject is None else change.subject.masked(fields)
    if change.subject_alt_names is None:
        return subject
    return f"{subject}; {format_sans(change.subject_alt_names, fields)}"


def _algorithm(oid: x509.ObjectIdentifier) -> str:
    # The registry's names are the only place where cryptography keeps them; an unknown OID prints as itself.
    return getattr(oid, "_name", oid.dotted_string)


def _extensions(extensions: Iterable[x509.Extension[x509.ExtensionType]]) -> list[str]:
    return _table(
        *(
            (
                _algorithm(extension.oid),
                _extension_text(extension.value) + (" (critical)" if extension.critical else ""),
            )
            for extension in extensions
            if not isinstance(extension.value, x509.SubjectAlternativeName)
        )
    )


def _extension_text(value: x509.ExtensionType) -> str:
    match value:
        case x509.BasicConstraints(ca=ca, path_length=length):
            limit = "" if length is None else f", at most {length} CAs below"
            return f"CA{limit}" if ca else "no CA"
        case x509.KeyUsage():
            names = (
                "digital_signature",
                "content_commitment",
                "key_encipherment",
                "data_encipherment",
                "key_agreement",
            )
            signing = ("key_cert_sign", "crl_sign")
            return ", ".join(name.replace("_", " ") for name in (*names, *signing) if getattr(value, name))
        case x509.ExtendedKeyUsage():
            return ", ".join(_algorithm(usage) for usage in value)
        case x509.SubjectKeyIdentifier(digest=digest):
            return grouped(digest.hex())
        case x509.AuthorityKeyIdentifier(key_identifier=identifier, authority_cert_issuer=issuer):
            issuers = [str(from_x509_name(name.value)) for name in issuer or () if isinstance(name, x509.DirectoryName)]
            return ", ".join([*([grouped(identifier.hex())] if identifier else []), *issuers])
        case x509.CRLNumber(crl_number=number):
            return str(number)
        case x509.CRLDistributionPoints():
            places = [name for point in value for name in point.full_name or ()]
            return ", ".join(place.value for place in places if isinstance(place, x509.UniformResourceIdentifier))
        case x509.UnrecognizedExtension(value=raw):
            return grouped(raw.hex())
        case _:
            return repr(value)

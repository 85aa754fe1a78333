"""Certificates, requests and CRLs in words: as readable as openssl's text, with the secrets masked (B-45)."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable

from cryptography import x509

from estconsole.domain.certificate import grouped
from estconsole.domain.certificate_words import CertificateWords, ExtensionWords
from estconsole.domain.names import MASK, format_sans
from estconsole.domain.request import ChangeSubjectName, Unreadable
from estconsole.pki.certificates import certificate_pem, read_certificate
from estconsole.pki.crls import read_crl
from estconsole.pki.extensions import (
    bounded_number,
    bounded_text,
    extensions_in_words,
    serial_in_words,
    usages_in_words,
)
from estconsole.pki.oids import name_of
from estconsole.pki.requests import read_csr

_SHOWN_ENTRIES = 50
"""How many lines of a CRL are shown: some have a hundred thousand."""

_SHOWN_PEM_LINES = 200
"""Of a certificate's PEM: the largest keys and signatures make half of them."""


def certificate_words(der: bytes) -> CertificateWords:
    """A certificate in words, part by part. Raises ValueError for one that cannot be read."""
    facts = read_certificate(der)
    certificate = x509.load_der_x509_certificate(der)
    return CertificateWords(
        facts=facts,
        usages=usages_in_words(certificate.extensions),
        signature=name_of(certificate.signature_algorithm_oid),
        extensions=extensions_in_words(certificate.extensions),
        pem=certificate_pem(der).strip(),
    )


def describe_certificate(der: bytes) -> str:
    """Who, by whom, from and to, key, identifiers, extensions, and the PEM at the end."""
    words = certificate_words(der)
    facts = words.facts
    lines = _table(
        ("subject", bounded_text(str(facts.subject))),
        ("issuer", bounded_text(str(facts.issuer))),
        ("valid", f"{facts.not_before:%Y-%m-%d %H:%M:%S} to {facts.not_after:%Y-%m-%d %H:%M:%S} UTC"),
        ("key", str(facts.key)),
        ("usages", words.usages),
        ("alternative names", bounded_text(format_sans(facts.subject_alt_names))),
        ("serial", serial_in_words(facts.serial)),
        ("SHA-256", grouped(facts.sha256)),
        ("signature", words.signature),
    )
    return "\n".join([*lines, *_extensions(words.extensions), "", *_bounded_pem(words.pem)])


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
        ("signature", name_of(csr.signature_algorithm_oid) + ("" if facts.signature_valid else ", NOT VALID")),
        ("challengePassword", ", ".join(MASK for _ in facts.challenge_passwords)),
        *(("ChangeSubjectName", _change(change, masked_fields)) for change in facts.change_subject_names),
        ("key encryption", "asked for" if facts.asks_for_key_encryption else ""),
    )
    extensions = (each for each in csr.extensions if not isinstance(each.value, x509.SubjectAlternativeName))
    return "\n".join([*lines, *_extensions(extensions_in_words(extensions, masked=bool(masked_fields)))])


def describe_crl(der: bytes) -> str:
    """Whose, its number and dates, the extensions, and the first certificates that it lists."""
    facts = read_crl(der)
    crl = x509.load_der_x509_crl(der)
    lines = _table(
        ("issuer", str(facts.issuer)),
        ("number", "" if facts.number is None else bounded_number(facts.number)),
        ("this update", f"{facts.this_update:%Y-%m-%d %H:%M:%S} UTC"),
        ("next update", f"{facts.next_update:%Y-%m-%d %H:%M:%S} UTC" if facts.next_update else "not said"),
        ("scope", facts.partial or "every certificate of its CA"),
        ("signature", name_of(crl.signature_algorithm_oid)),
        ("revoked", f"{len(facts.revoked)} certificates" if len(facts.revoked) != 1 else "1 certificate"),
    )
    entries = [
        f"  {serial_in_words(serial)}  {revocation.at:%Y-%m-%d %H:%M:%S} UTC  {revocation.reason}"
        for serial, revocation in itertools.islice(facts.revoked.items(), _SHOWN_ENTRIES)
    ]
    if (more := len(facts.revoked) - len(entries)) > 0:
        entries.append(f"  and {more} more")
    return "\n".join([*lines, *_extensions(extensions_in_words(crl.extensions)), *(["", *entries] if entries else [])])


def _table(*rows: tuple[str, str]) -> list[str]:
    return [f"{label:<18} {value}" for label, value in rows if value]


def _change(change: ChangeSubjectName | None, fields: Collection[str]) -> str:
    if change is None:
        return "malformed"
    subject = "the subject as it is" if change.subject is None else change.subject.masked(fields)
    if change.subject_alt_names is None:
        return subject
    return f"{subject}; {format_sans(change.subject_alt_names, fields)}"


def _extensions(extensions: Iterable[ExtensionWords]) -> list[str]:
    """An extension's name on a line, and what it says on those under it."""
    return [line for each in extensions for line in ("", each.title, *(f"    {line}" for line in each.lines))]


def _bounded_pem(pem: str) -> list[str]:
    lines = pem.splitlines()
    more = len(lines) - _SHOWN_PEM_LINES
    return [*lines[:_SHOWN_PEM_LINES], f"and {more:,} more lines"] if more > 0 else lines

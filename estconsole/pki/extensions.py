"""Extensions in words, by name: as readable as openssl's text, and bounded whatever a certificate holds (B-45)."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from cryptography import x509
from cryptography.hazmat import asn1

from estconsole.domain.certificate import grouped
from estconsole.domain.certificate_words import ExtensionWords
from estconsole.domain.names import MASK
from estconsole.domain.revocation import RevocationReason
from estconsole.pki.names import from_general_name, from_x509_name
from estconsole.pki.oids import EXTENSIONS, name_of
from estconsole.pki.parsing import PARSER_ERRORS

MOST_LINES = 24
"""Of one extension, and of extensions: a real certificate has fewer, and a hostile one ten thousand."""

LONGEST_TEXT = 300
"""Characters of a value; the longest URLs of real CAs have half of them."""

_MOST_BYTES = 64
"""Of what is shown in hex: the longest hash has as many."""

_LONGEST_NUMBER = 256
"""Bits; Python writes no number of more than 4,300 digits, and refuses with an error."""

_USAGES = {
    "digital_signature": "digital signature",
    "content_commitment": "content commitment",
    "key_encipherment": "key encipherment",
    "data_encipherment": "data encipherment",
    "key_agreement": "key agreement",
    "key_cert_sign": "certificate signing",
    "crl_sign": "CRL signing",
}
_TLS_FEATURES = {
    x509.TLSFeatureType.status_request: "status request (OCSP must be stapled)",
    x509.TLSFeatureType.status_request_v2: "status request v2",
}


_MASKED = f"{MASK} (a name in it may carry the code)"

_NAMELESS = (
    x509.BasicConstraints,
    x509.ExtendedKeyUsage,
    x509.KeyUsage,
    x509.OCSPNoCheck,
    x509.SubjectKeyIdentifier,
    x509.TLSFeature,
)
"""In which no name stands, nor anything else that a device makes up."""


@asn1.sequence
class _PolicyMapping:
    issuer: x509.ObjectIdentifier
    subject: x509.ObjectIdentifier


@asn1.sequence
class _PolicyMappings:
    items: list[_PolicyMapping]


@asn1.sequence
class _Wrapping:
    value: asn1.TLV


def extensions_in_words(
    extensions: Iterable[x509.Extension[x509.ExtensionType]], *, masked: bool = False
) -> tuple[ExtensionWords, ...]:
    """Extensions by name, in their order; the last one says how many more there are.

    With `masked` none is read in which the DN field that carries a code could stand (B-45).
    """
    every = list(extensions)
    shown = tuple(
        ExtensionWords(
            name=EXTENSIONS.get(extension.oid.dotted_string) or name_of(extension.oid),
            critical=extension.critical,
            lines=_said(extension.value) if not masked or isinstance(extension.value, _NAMELESS) else (_MASKED,),
        )
        for extension in every[:MOST_LINES]
    )
    if (more := len(every) - len(shown)) <= 0:
        return shown
    return (*shown, ExtensionWords(name=f"and {more} more extensions", critical=False, lines=()))


def usages_in_words(extensions: x509.Extensions) -> str:
    """What a certificate may be used for: its key usages, then the purposes of its extended key usages."""
    usages = (extension.value for extension in extensions if isinstance(extension.value, x509.KeyUsage))
    purposes = (extension.value for extension in extensions if isinstance(extension.value, x509.ExtendedKeyUsage))
    return "; ".join(", ".join(_said(value)) for value in (*usages, *purposes))


def bounded_text(text: str) -> str:
    """A text as one line that fills no screen by itself, and says how much of it is left out."""
    more = len(text) - LONGEST_TEXT
    shown = text[:LONGEST_TEXT]
    line = shown if shown.isprintable() else "".join(char if char.isprintable() else _escape(char) for char in shown)
    return f"{line}… and {more:,} more characters" if more > 0 else line


def bounded_number(number: int) -> str:
    """A number; in hex where it is longer than any that is meant to be read."""
    return str(number) if number.bit_length() <= _LONGEST_NUMBER else serial_in_words(number)


def bounded_hex(raw: bytes) -> str:
    """Bytes as `4A:11:…`, the first of them where there are many."""
    more = len(raw) - _MOST_BYTES
    shown = grouped(raw[:_MOST_BYTES].hex())
    return f"{shown}… and {more:,} more bytes" if more > 0 else shown


def _said(value: x509.ExtensionType) -> tuple[str, ...]:
    """What an extension says. Some values are looked at only when they are asked for, such as a log's time."""
    try:
        return _bounded(_lines(value))
    except PARSER_ERRORS:
        return ("cannot be read",)


def _bounded(lines: Iterable[str]) -> tuple[str, ...]:
    every = iter(lines)
    shown = [bounded_text(line) for line in itertools.islice(every, MOST_LINES)]
    if more := sum(1 for _ in every):
        shown.append(f"and {more:,} more")
    return tuple(shown)


def _lines(value: x509.ExtensionType) -> Iterator[str]:
    match value:
        case x509.BasicConstraints(ca=ca, path_length=length):
            yield "no CA" if not ca else "CA" if length is None else f"CA, at most {length} CAs below"
        case x509.KeyUsage():
            yield ", ".join(_key_usages(value)) or "none"
        case x509.ExtendedKeyUsage():
            yield from (name_of(usage) for usage in value)
        case x509.SubjectKeyIdentifier(digest=digest):
            yield bounded_hex(digest)
        case x509.AuthorityKeyIdentifier():
            yield from _authority_key(value)
        case x509.SubjectAlternativeName() | x509.IssuerAlternativeName() | x509.CertificateIssuer():
            yield from map(_name, value)
        case x509.CRLDistributionPoints() | x509.FreshestCRL():
            for point in value:
                yield from _distribution_point(point)
        case x509.AuthorityInformationAccess() | x509.SubjectInformationAccess():
            yield from (f"{name_of(each.access_method)}: {_name(each.access_location)}" for each in value)
        case x509.CertificatePolicies():
            for policy in value:
                yield from _policy(policy)
        case x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=excluded):
            yield from (f"permitted: {_name(name)}" for name in permitted or ())
            yield from (f"excluded: {_name(name)}" for name in excluded or ())
        case x509.PolicyConstraints(require_explicit_policy=explicit, inhibit_policy_mapping=mapping):
            if explicit is not None:
                yield f"a policy is required from {explicit} certificates below on"
            if mapping is not None:
                yield f"no policy mapping from {mapping} certificates below on"
        case x509.InhibitAnyPolicy(skip_certs=skipped):
            yield f"anyPolicy counts no more from {skipped} certificates below on"
        case x509.PrivateKeyUsagePeriod(not_before=not_before, not_after=not_after):
            if not_before is not None:
                yield f"from {not_before:%Y-%m-%d %H:%M:%S} UTC"
            if not_after is not None:
                yield f"to {not_after:%Y-%m-%d %H:%M:%S} UTC"
        case x509.TLSFeature():
            yield from (_TLS_FEATURES[feature] for feature in value)
        case x509.PrecertificateSignedCertificateTimestamps() | x509.SignedCertificateTimestamps():
            yield from (f"{each.timestamp:%Y-%m-%d %H:%M:%S} UTC, log {bounded_hex(each.log_id)}" for each in value)
        case x509.PrecertPoison():
            yield "a precertificate: for CT logs alone"
        case x509.OCSPNoCheck():
            yield "its own revocation is not looked up"
        case x509.MSCertificateTemplate(template_id=template, major_version=major, minor_version=minor):
            versions = "" if major is None else f", version {major}" + ("" if minor is None else f".{minor}")
            yield f"{template.dotted_string}{versions}"
        case x509.Admissions():
            yield from _admissions(value)
        case x509.CRLNumber(crl_number=number):
            yield bounded_number(number)
        case x509.DeltaCRLIndicator(crl_number=number):
            yield f"changes since CRL {bounded_number(number)}"
        case x509.IssuingDistributionPoint():
            yield from _issuing_distribution_point(value)
        case x509.UnrecognizedExtension(oid=oid, value=raw):
            yield from _unrecognized(oid.dotted_string, raw)
        case _:
            yield bounded_hex(value.public_bytes())


def _key_usages(usage: x509.KeyUsage) -> Iterator[str]:
    yield from (words for name, words in _USAGES.items() if getattr(usage, name))
    if usage.key_agreement:  # the two are undefined without it (RFC 5280 4.2.1.3), and cryptography refuses to tell
        if usage.encipher_only:
            yield "encipher only"
        if usage.decipher_only:
            yield "decipher only"


def _authority_key(value: x509.AuthorityKeyIdentifier) -> Iterator[str]:
    if value.key_identifier is not None:
        yield bounded_hex(value.key_identifier)
    yield from map(_name, value.authority_cert_issuer or ())
    if value.authority_cert_serial_number is not None:
        yield f"serial {serial_in_words(value.authority_cert_serial_number)}"


def _distribution_point(point: x509.DistributionPoint) -> Iterator[str]:
    yield from map(_name, point.full_name or ())
    if point.relative_name is not None:
        yield f"relative to its issuer: {from_x509_name(x509.Name([point.relative_name]))}"
    yield from (f"signed by {_name(name)}" for name in point.crl_issuer or ())
    if point.reasons is not None:
        yield f"for {_reasons(point.reasons)}"


def _issuing_distribution_point(point: x509.IssuingDistributionPoint) -> Iterator[str]:
    yield from map(_name, point.full_name or ())
    if point.relative_name is not None:
        yield f"relative to its issuer: {from_x509_name(x509.Name([point.relative_name]))}"
    scopes = (
        (point.only_contains_user_certs, "end entities' certificates only"),
        (point.only_contains_ca_certs, "CAs' certificates only"),
        (point.only_contains_attribute_certs, "attribute certificates only"),
        (point.indirect_crl, "certificates of other CAs too"),
    )
    yield from (words for holds, words in scopes if holds)
    if point.only_some_reasons is not None:
        yield f"for {_reasons(point.only_some_reasons)} only"


def _reasons(reasons: Iterable[x509.ReasonFlags]) -> str:
    return ", ".join(sorted(str(RevocationReason[reason.name.upper()]) for reason in reasons))


def _policy(policy: x509.PolicyInformation) -> Iterator[str]:
    yield name_of(policy.policy_identifier)
    for qualifier in policy.policy_qualifiers or ():
        if isinstance(qualifier, str):
            yield f"CPS: {qualifier}"
            continue
        if (reference := qualifier.notice_reference) is not None:
            numbers = ", ".join(map(bounded_number, itertools.islice(reference.notice_numbers, MOST_LINES)))
            yield f"notice: {reference.organization or 'somebody'}, {numbers}"
        if qualifier.explicit_text is not None:
            yield f"notice: {qualifier.explicit_text}"


def _admissions(admissions: x509.Admissions) -> Iterator[str]:
    if admissions.authority is not None:
        yield f"authority: {_name(admissions.authority)}"
    for admission in admissions:
        for profession in admission.profession_infos:
            yield from profession.profession_items
            if profession.registration_number is not None:
                yield f"registration number {profession.registration_number}"


def _name(name: x509.GeneralName) -> str:
    if isinstance(name, x509.OtherName):
        kind = name_of(name.type_id)
        text = _text(name.value)
        return f"otherName={kind}:{text if text is not None else bounded_hex(name.value)}"
    known = from_general_name(name)
    return f"{known.kind}={known.value}"


def _unrecognized(oid: str, raw: bytes) -> Iterator[str]:
    if oid == "2.5.29.33":
        mappings = _policy_mappings(raw)
        if mappings is not None:
            yield from (f"{name_of(each.issuer)} is {name_of(each.subject)} here" for each in mappings)
            return
    text = _text(raw)
    yield bounded_hex(raw) if text is None else text


def _policy_mappings(raw: bytes) -> list[_PolicyMapping] | None:
    try:  # a bare SEQUENCE OF is nothing that asn1 decodes: it is put into a sequence of its own
        whole = asn1.encode_der(_Wrapping(value=asn1.decode_der(asn1.TLV, raw)))
        return asn1.decode_der(_PolicyMappings, whole).items
    except PARSER_ERRORS:
        return None


# The string types that extensions of other makers hold, by their tags: UTF8String, PrintableString, IA5String,
# VisibleString and BMPString.
_STRINGS = {b"\x0c": "utf-8", b"\x13": "ascii", b"\x16": "ascii", b"\x1a": "ascii", b"\x1e": "utf-16-be"}


def _text(der: bytes) -> str | None:
    """The text of a DER string, None for what is none, or empty."""
    try:
        string = asn1.decode_der(asn1.TLV, der)
        return bytes(string.data).decode(_STRINGS[string.tag_bytes]) or None
    except PARSER_ERRORS:
        return None


def _escape(char: str) -> str:
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")


def serial_in_words(number: int) -> str:
    """A serial number as openssl groups it; those that RFC 5280 forbids, zero and negative ones, are seen too."""
    digits = bounded_hex(abs(number).to_bytes(max(1, (number.bit_length() + 7) // 8)))
    return f"-{digits}" if number < 0 else digits

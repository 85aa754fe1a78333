"""Certificate revocation lists, as CAs elsewhere publish them: what they say, and whose they are (B-43)."""

from __future__ import annotations

import functools
from types import MappingProxyType

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from estconsole.domain.revocation import CrlFacts, CrlSummary, Revocation, RevocationReason
from estconsole.pki.names import from_x509_name
from estconsole.pki.parsing import PARSER_ERRORS, extension_of

# RFC 5280 5.2 and 5.3: a CRL with any other critical extension says nothing of a certificate's status.
_UNDERSTOOD = (
    x509.CRLNumber,
    x509.AuthorityKeyIdentifier,
    x509.IssuingDistributionPoint,
    x509.CRLReason,
    x509.InvalidityDate,
)
_UNREADABLE = "no CRL that can be read; give one in DER or PEM, as its CA publishes it"


@functools.lru_cache(maxsize=256)
def read_crl(data: bytes) -> CrlFacts:
    """The facts of a CRL (DER). Raises ValueError for bytes that are none, or that cannot be read whole.

    A certificate that is on hold counts as revoked. The last CRLs are remembered: a large one takes seconds to read.
    """
    try:
        crl = x509.load_der_x509_crl(data)
        number = extension_of(crl.extensions, x509.CRLNumber)
        entries = list(crl)  # each keeps its extensions once they were parsed
        return CrlFacts(
            issuer=from_x509_name(crl.issuer),
            number=None if number is None else number.crl_number,
            this_update=crl.last_update_utc,
            next_update=crl.next_update_utc,
            revoked=MappingProxyType({entry.serial_number: _revocation(entry) for entry in entries}),
            partial=_partial(crl.extensions, entries),
        )
    except PARSER_ERRORS:
        raise ValueError(_UNREADABLE) from None


def summary_of_crl(data: bytes) -> CrlSummary:
    """A CRL (DER) in short. Raises ValueError for bytes that are none."""
    try:
        crl = x509.load_der_x509_crl(data)
        number = extension_of(crl.extensions, x509.CRLNumber)
        return CrlSummary(
            number=None if number is None else number.crl_number,
            this_update=crl.last_update_utc,
            next_update=crl.next_update_utc,
            revoked=len(crl),
        )
    except PARSER_ERRORS:
        raise ValueError(_UNREADABLE) from None


def crl_der(data: bytes) -> bytes:
    """A CRL's DER, from DER or PEM. Raises ValueError for what is none, in words that say what would be right."""
    try:
        crl = x509.load_pem_x509_crl(data) if b"-----BEGIN" in data else x509.load_der_x509_crl(data)
    except PARSER_ERRORS:
        raise ValueError(_UNREADABLE) from None
    der = crl.public_bytes(Encoding.DER)
    read_crl(der)
    return der


def is_crl_of(crl: bytes, authority: bytes) -> bool:
    """Whether a CRL (DER) is a CA's (DER), by name and by signature, and the CA may sign CRLs (RFC 5280 6.3.3)."""
    try:
        parsed, issuer = x509.load_der_x509_crl(crl), x509.load_der_x509_certificate(authority)
        usage = extension_of(issuer.extensions, x509.KeyUsage)
        return (
            parsed.issuer == issuer.subject
            and (usage is None or usage.crl_sign)
            and parsed.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]
        )
    except PARSER_ERRORS:
        return False


def _revocation(entry: x509.RevokedCertificate) -> Revocation:
    reason = extension_of(entry.extensions, x509.CRLReason)
    return Revocation(
        at=entry.revocation_date_utc,
        reason=RevocationReason.UNSPECIFIED if reason is None else RevocationReason[reason.reason.name.upper()],
    )


def _partial(extensions: x509.Extensions, entries: list[x509.RevokedCertificate]) -> str:
    """Why a CRL does not cover every certificate of its CA, or nothing."""
    point = extension_of(extensions, x509.IssuingDistributionPoint)
    if extension_of(extensions, x509.DeltaCRLIndicator) is not None:
        return "a delta CRL"
    if point is not None and point.indirect_crl:
        return "a CRL of several CAs"
    if point is not None and point.only_some_reasons is not None:
        return "a CRL for some reasons only"
    if point is not None and (
        point.only_contains_user_certs or point.only_contains_ca_certs or point.only_contains_attribute_certs
    ):
        return "a CRL for some certificates only"
    everywhere = [*extensions, *(extension for entry in entries for extension in entry.extensions)]
    if any(extension.critical and not isinstance(extension.value, _UNDERSTOOD) for extension in everywhere):
        return "a CRL with a critical extension that is not understood"
    return ""

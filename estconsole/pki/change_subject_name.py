"""The ChangeSubjectName attribute (RFC 6402 2.8), with which a device asks for other names than its own (B-17)."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from estconsole.domain.names import GeneralName
from estconsole.domain.request import ChangeSubjectName
from estconsole.pki.names import from_x509_name, from_x509_sans
from estconsole.pki.parsing import PARSER_ERRORS

_CARRIER_KEY = Ed25519PrivateKey.generate()


@asn1.sequence
class _SubjectAlone:
    subject: x509.Name


@asn1.sequence
class _NamesAlone:
    subject_alt: asn1.TLV


@asn1.sequence
class _Both:
    subject: x509.Name
    subject_alt: asn1.TLV


_Form = _SubjectAlone | _NamesAlone | _Both
# Both fields are OPTIONAL and untagged SEQUENCEs: which one is there shows only in what it holds.
_FORMS: tuple[type[_Form], ...] = (_SubjectAlone, _Both, _NamesAlone)


def read_change_subject_name(value: bytes) -> ChangeSubjectName | None:
    """The names in an attribute value (DER), or None for one that is malformed, an empty SEQUENCE among them."""
    for form in _FORMS:
        try:
            return _names(asn1.decode_der(form, value))
        except PARSER_ERRORS:
            continue
    return None


def _names(decoded: _Form) -> ChangeSubjectName:
    match decoded:
        case _SubjectAlone():
            return ChangeSubjectName(from_x509_name(decoded.subject), None)
        case _NamesAlone():
            return ChangeSubjectName(None, _general_names(decoded.subject_alt))
        case _Both():
            return ChangeSubjectName(from_x509_name(decoded.subject), _general_names(decoded.subject_alt))


def _general_names(encoded: asn1.TLV) -> frozenset[GeneralName]:
    """GeneralNames, which cryptography reads in extensions only: so they are read as one, in a request for nothing."""
    extension = x509.UnrecognizedExtension(x509.SubjectAlternativeName.oid, asn1.encode_der(encoded))
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    carrier = builder.add_extension(extension, critical=False).sign(_CARRIER_KEY, None)
    if not (names := from_x509_sans(carrier.extensions)):
        raise ValueError("GeneralNames without a name")
    return names

"""X.509 names to the domain's values and back."""

from __future__ import annotations

import ipaddress

from cryptography import x509

from estconsole.domain.names import Attribute, DistinguishedName, GeneralName, SanKind, parse_dn
from estconsole.pki.parsing import extension_of


def from_x509_name(name: x509.Name) -> DistinguishedName:
    """A decoded name as the domain's value; a value that is no text (a BIT STRING) becomes hex."""
    return DistinguishedName(
        tuple(
            tuple(
                Attribute(attribute.oid.dotted_string, _text(attribute.value))
                for attribute in sorted(rdn, key=lambda attribute: attribute.oid.dotted_string)
            )
            for rdn in name.rdns
        )
    )


def to_x509_name(name: DistinguishedName) -> x509.Name:
    """The name to encode; C, serialNumber and dnQualifier as PrintableString, DC and emailAddress as IA5String (B-12).

    Raises ValueError where a value breaks its attribute's bounds.
    """
    return x509.Name(
        [
            x509.RelativeDistinguishedName(
                [x509.NameAttribute(x509.ObjectIdentifier(attribute.oid), attribute.value) for attribute in rdn]
            )
            for rdn in name.rdns
        ]
    )


def from_x509_sans(extensions: x509.Extensions) -> frozenset[GeneralName]:
    """The subject alternative names among extensions; empty when there is no such extension."""
    names = extension_of(extensions, x509.SubjectAlternativeName)
    return frozenset(from_general_name(name) for name in names or ())


def to_x509_sans(names: frozenset[GeneralName]) -> x509.SubjectAlternativeName:
    """The extension to encode, in a stable order."""
    ordered = sorted(names, key=lambda name: (name.kind, name.value))
    return x509.SubjectAlternativeName([_to_general_name(name) for name in ordered])


def san_problem(names: frozenset[GeneralName]) -> str | None:
    """What keeps alternative names from being encoded, or None: an otherName's value must be DER."""
    try:
        to_x509_sans(names).public_bytes()
    except ValueError as error:
        return f"cannot be encoded: {error}"
    return None


def _text(value: str | bytes) -> str:
    return value.hex() if isinstance(value, bytes) else value


def from_general_name(name: x509.GeneralName) -> GeneralName:
    """A decoded general name as the domain's value. Raises ValueError for the kinds that nobody uses."""
    match name:
        case x509.DNSName():
            return GeneralName(SanKind.DNS_NAME, name.value)
        case x509.RFC822Name():
            return GeneralName(SanKind.RFC822_NAME, name.value)
        case x509.UniformResourceIdentifier():
            return GeneralName(SanKind.URI, name.value)
        case x509.IPAddress():
            return GeneralName(SanKind.IP_ADDRESS, str(name.value))
        case x509.RegisteredID():
            return GeneralName(SanKind.REGISTERED_ID, name.value.dotted_string)
        case x509.DirectoryName():
            return GeneralName(SanKind.DIRECTORY_NAME, str(from_x509_name(name.value)))
        case x509.OtherName():
            return GeneralName(SanKind.OTHER_NAME, f"{name.type_id.dotted_string}:{name.value.hex()}")
        case _:
            raise ValueError(f"alternative names of kind {type(name).__name__} are not supported")


def _to_general_name(name: GeneralName) -> x509.GeneralName:
    match name.kind:
        case SanKind.DNS_NAME:
            return x509.DNSName(name.value)
        case SanKind.RFC822_NAME:
            return x509.RFC822Name(name.value)
        case SanKind.URI:
            return x509.UniformResourceIdentifier(name.value)
        case SanKind.IP_ADDRESS:
            return x509.IPAddress(ipaddress.ip_address(name.value))
        case SanKind.REGISTERED_ID:
            return x509.RegisteredID(x509.ObjectIdentifier(name.value))
        case SanKind.DIRECTORY_NAME:
            return x509.DirectoryName(to_x509_name(parse_dn(name.value)))
        case SanKind.OTHER_NAME:
            oid, _, der = name.value.partition(":")
            return x509.OtherName(x509.ObjectIdentifier(oid), bytes.fromhex(der))

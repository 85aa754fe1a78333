"""Distinguished names and subject alternative names as values, equal in the sense of B-18."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

MASK = "••••"
"""What stands for a secret wherever one is shown (B-45)."""

WHOLE_DN = "DN"
"""The username component that takes the whole DN as RFC 4514 text instead of one field (B-3)."""

DN_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "CN": "2.5.4.3",
        "UID": "0.9.2342.19200300.100.1.1",
        "OU": "2.5.4.11",
        "O": "2.5.4.10",
        "L": "2.5.4.7",
        "ST": "2.5.4.8",
        "DC": "0.9.2342.19200300.100.1.25",
        "C": "2.5.4.6",
        "emailAddress": "1.2.840.113549.1.9.1",
        "serialNumber": "2.5.4.5",
        "givenName": "2.5.4.42",
        "initials": "2.5.4.43",
        "surname": "2.5.4.4",
        "title": "2.5.4.12",
        "unstructuredAddress": "1.2.840.113549.1.9.8",
        "unstructuredName": "1.2.840.113549.1.9.2",
        "postalCode": "2.5.4.17",
        "businessCategory": "2.5.4.15",
        "dnQualifier": "2.5.4.46",
        "postalAddress": "2.5.4.16",
        "telephoneNumber": "2.5.4.20",
        "pseudonym": "2.5.4.65",
        "streetAddress": "2.5.4.9",
        "name": "2.5.4.41",
        "role": "2.5.4.72",
    }
)
"""The DN fields of B-4 and their OIDs, under the label this product prints."""

# EJBCA's and RFC 4514's other spellings. SN is EJBCA's serialNumber, not openssl's surname (B-4).
_OTHER_LABELS = {"sn": "serialNumber", "e": "emailAddress", "street": "streetAddress", "s": "ST"}
_LABEL_OF_OID = {oid: label for label, oid in DN_FIELDS.items()}
_CANONICAL_LABEL = {label.lower(): label for label in DN_FIELDS} | _OTHER_LABELS

_OID = re.compile(r"([01]\.[1-3]?[0-9]|2\.(0|[1-9][0-9]*))(\.(0|[1-9][0-9]*))*")
_SPECIAL = re.compile(r'[,+"\\<>;=]')
_ESCAPE = re.compile(r"\\.", re.DOTALL)
# What RFC 4514 3 does not let stand unescaped: RFC 2253's quotes and semicolons would be taken for a part of the value.
_BARE = re.compile('[";<>]')
# White space in the sense of RFC 4518 2.2: U+001C to U+001F are control characters there, and separate nothing.
_WHITE_SPACE = re.compile(r"[^\S\x1c-\x1f]+")


class NameSyntaxError(ValueError):
    """A DN or SAN text that cannot be read; the message says what is wrong and what would be right."""


def dn_field(label: str) -> str:
    """The canonical label of a DN field, whatever case or EJBCA spelling it is typed in (`sn` -> `serialNumber`)."""
    try:
        return _CANONICAL_LABEL[label.strip().lower()]
    except KeyError:
        raise NameSyntaxError(f"{label!r} is no DN field; use one of {', '.join(DN_FIELDS)}") from None


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a DN: the type's OID in dots and the value as text."""

    oid: str
    value: str

    @property
    def label(self) -> str:
        return _LABEL_OF_OID.get(self.oid, self.oid)


@dataclass(frozen=True, slots=True)
class DistinguishedName:
    """A DN as it is encoded: relative names from the root down, each one a tuple of attributes.

    Equality of the Python values is equality of the encoding; `same_name` is the comparison of B-18.
    """

    rdns: tuple[tuple[Attribute, ...], ...] = ()

    def __iter__(self) -> Iterator[Attribute]:
        for rdn in self.rdns:
            yield from rdn

    def __bool__(self) -> bool:
        return bool(self.rdns)

    def __str__(self) -> str:
        """RFC 4514 text: the last encoded relative name first, specials and control characters escaped."""
        return ",".join(
            "+".join(f"{attribute.label}={_escaped(attribute.value)}" for attribute in rdn)
            for rdn in reversed(self.rdns)
        )

    def masked(self, fields: Collection[str]) -> str:
        """The text with the values of some DN fields masked, for they may carry a code (B-45)."""
        if not fields:
            return str(self)
        oids = {DN_FIELDS[dn_field(field)] for field in fields}
        hidden = (tuple(Attribute(a.oid, MASK if a.oid in oids else a.value) for a in rdn) for rdn in self.rdns)
        return str(DistinguishedName(tuple(hidden)))

    def values(self, field: str) -> tuple[str, ...]:
        """Every value of a DN field, in encoded order; empty when the DN has none."""
        oid = DN_FIELDS[dn_field(field)]
        return tuple(attribute.value for attribute in self if attribute.oid == oid)


def parse_dn(text: str) -> DistinguishedName:
    """Read RFC 4514 text such as `CN=dev,O=Lab,C=SE`, which is encoded C, O, CN (B-12).

    White space around separators is allowed, as EJBCA allows it; so is an empty value, which RFC 4514 allows and CSRs
    carry. Raises NameSyntaxError.
    """
    if not text.strip():
        return DistinguishedName()
    if text.lstrip().startswith("/"):
        raise NameSyntaxError("write the DN with commas, as in CN=device,O=Lab,C=SE, not with slashes")
    rdns = [
        tuple(_attribute(part) for part in _split_unescaped(relative_name, "+"))
        for relative_name in _split_unescaped(text, ",")
    ]
    return DistinguishedName(tuple(reversed(rdns)))


def name_of_one(field: str, value: str) -> DistinguishedName:
    """The DN of one field with a value, whatever signs that holds. Raises NameSyntaxError for what is no DN field."""
    return DistinguishedName(((Attribute(DN_FIELDS[dn_field(field)], value),),))


def same_name(one: DistinguishedName, other: DistinguishedName) -> bool:
    """Whether two DNs hold the same attributes in any order (B-18).

    Values compare as RFC 5280 7.1 says: case, inner white space and string type aside. Duplicates count, and
    attributes of one type keep their order among themselves.
    """
    return _comparison_key(one) == _comparison_key(other)


def username_in(subject: DistinguishedName, component: str) -> tuple[str, ...]:
    """The candidates for a username that a subject DN carries: the values of a field, or the whole DN (B-3)."""
    if component == WHOLE_DN:
        return (str(subject),) if subject else ()
    return subject.values(component)


class SanKind(StrEnum):
    """The kinds of GeneralName (RFC 5280 4.2.1.6), in EJBCA's spelling."""

    DNS_NAME = "dNSName"
    IP_ADDRESS = "iPAddress"
    RFC822_NAME = "rfc822Name"
    URI = "uniformResourceIdentifier"
    REGISTERED_ID = "registeredID"
    DIRECTORY_NAME = "directoryName"
    OTHER_NAME = "otherName"


@dataclass(frozen=True, slots=True)
class GeneralName:
    """One subject alternative name: text, but for otherName, whose value is `OID:hex of the DER`."""

    kind: SanKind
    value: str

    def __str__(self) -> str:
        return f"{self.kind}={_escaped(self.value)}"


# What the other kinds look like; an international name stands in its xn-- form. A NUL or a space in one of these names
# reads as another name to some clients.
_SAN_FORMS: Mapping[SanKind, tuple[re.Pattern[str], str]] = MappingProxyType(
    {
        SanKind.DNS_NAME: (re.compile(r"[A-Za-z0-9._*-]+"), "write host.example, or its xn-- form"),
        SanKind.RFC822_NAME: (re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+"), "write me@example.org"),
        SanKind.URI: (re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+"), "write it with its scheme, as in urn:x"),
        SanKind.REGISTERED_ID: (_OID, "write an OID, as in 1.2.3.4"),
        SanKind.OTHER_NAME: (re.compile(rf"({_OID.pattern}):([0-9A-Fa-f]{{2}})+"), "write OID:hex of the DER"),
    }
)


def parse_sans(text: str) -> frozenset[GeneralName]:
    """Read EJBCA's form of alternative names, `dNSName=host.example, iPAddress=192.0.2.1`. Raises NameSyntaxError."""
    return frozenset(_general_name(part) for part in _split_unescaped(text, ",") if part.strip())


def format_sans(names: frozenset[GeneralName], masked: Collection[str] = ()) -> str:
    """Alternative names as `parse_sans` reads them, in a stable order; DN fields of directory names may be masked."""
    return ", ".join(sorted(str(_masked_san(name, masked)) for name in names))


def _masked_san(name: GeneralName, masked: Collection[str]) -> GeneralName:
    if not masked or name.kind is not SanKind.DIRECTORY_NAME:
        return name
    return GeneralName(name.kind, parse_dn(name.value).masked(masked))


def same_sans(one: frozenset[GeneralName], other: frozenset[GeneralName]) -> bool:
    """Whether two sets of alternative names are equal (B-18): DNS names and mail domains without regard to case."""
    return {_comparable_san(name) for name in one} == {_comparable_san(name) for name in other}


def _comparison_key(name: DistinguishedName) -> tuple[list[list[tuple[str, str]]], list[tuple[str, str]]]:
    """The relative names sorted by type, and so the attributes: the sorts are stable, so one type keeps its order."""
    rdns = [sorted((attribute.oid, _prepared(attribute.value)) for attribute in rdn) for rdn in name.rdns]
    attributes = [attribute for rdn in rdns for attribute in rdn]
    return (
        sorted(rdns, key=lambda rdn: [oid for oid, _ in rdn]),
        sorted(attributes, key=lambda attribute: attribute[0]),
    )


def _prepared(value: str) -> str:
    """RFC 4518's preparation: compatibility form, case folded, white space collapsed.

    Stricter in one point: invisible characters, which RFC 4518 drops, stay, so that no name hides in another.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", value).casefold())
    return _WHITE_SPACE.sub(" ", folded).strip(" ")


def _comparable_san(name: GeneralName) -> GeneralName:
    match name.kind:
        case SanKind.DNS_NAME:
            return GeneralName(name.kind, name.value.lower())
        case SanKind.RFC822_NAME:
            mailbox, at, domain = name.value.rpartition("@")
            return GeneralName(name.kind, mailbox + at + domain.lower())
        case SanKind.DIRECTORY_NAME:
            return GeneralName(name.kind, repr(_comparison_key(parse_dn(name.value))))
        case _:
            return name


def _escaped(value: str) -> str:
    """A value as RFC 4514 2.4 writes it; control and format characters in hex, so that none breaks or turns a line."""
    text = _SPECIAL.sub(lambda special: "\\" + special[0], value)
    if not (text.isascii() and text.isprintable()):  # a list puts a hundred thousand names in order at once
        text = "".join(
            "".join(f"\\{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))
            if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")
            else char
            for char in text
        )
    if value.endswith(" "):
        text = text[:-1] + "\\ "
    if value.startswith("#") or (value.startswith(" ") and len(value) > 1):
        text = "\\" + text
    return text


def _split_unescaped(text: str, separator: str) -> list[str]:
    """Split at a separator that no backslash escapes."""
    if "\\" not in text:  # nearly every name; a lab reads thousands of them when it opens
        return text.split(separator)
    parts, start, position = [], 0, 0
    while position < len(text):
        if text[position] == "\\":
            position += 2
            continue
        if text[position] == separator:
            parts.append(text[start:position])
            start = position + 1
        position += 1
    return [*parts, text[start:]]


def _attribute(text: str) -> Attribute:
    label, equals, value = text.partition("=")
    if not equals:
        raise NameSyntaxError(f"{text.strip()!r} has no '='; a DN is written as in CN=device,O=Lab,C=SE")
    label = label.strip()
    if label.upper().startswith("OID."):
        label = label[4:]
    oid = label if _OID.fullmatch(label) else DN_FIELDS[dn_field(label)]
    bare = _BARE.search(_ESCAPE.sub("", value) if "\\" in value else value)
    if bare or value.lstrip(" ").startswith("#"):
        char = bare[0] if bare else "#"
        raise NameSyntaxError(f"in the value of {label}, write {char} as \\{char}; commas stand between the fields")
    return Attribute(oid, _unescaped(value))


def _unescaped(text: str) -> str:
    """A value without its escapes and without the white space around it (RFC 4514 3)."""
    text = text.lstrip(" ")
    if text.isascii() and "\\" not in text:  # as above
        return text.rstrip(" ")
    raw, position = bytearray(), 0
    kept = 0  # how much of raw is escaped or not white space: what a trailing strip may not touch
    while position < len(text):
        char = text[position]
        if char != "\\":
            raw += char.encode("utf-8", "surrogatepass")
            position += 1
            kept = kept if char == " " else len(raw)
            continue
        pair = text[position + 1 : position + 3]
        if re.fullmatch("[0-9A-Fa-f]{2}", pair):
            raw.append(int(pair, 16))
            position += 3
        elif pair and (pair[0] in ',+"\\<>;=# '):
            raw += pair[0].encode()
            position += 2
        else:
            raise NameSyntaxError(r"a backslash stands before a special character or two hex digits, as in O=Lab\, Inc")
        kept = len(raw)
    try:
        return raw[:kept].decode()
    except UnicodeDecodeError:
        raise NameSyntaxError(f"the escapes in {text!r} are not UTF-8") from None


def _general_name(text: str) -> GeneralName:
    label, equals, value = text.partition("=")
    kinds = {kind.value.lower(): kind for kind in SanKind} | {"uri": SanKind.URI, "ip": SanKind.IP_ADDRESS}
    kind = kinds.get(label.strip().lower())
    if not equals or kind is None:
        raise NameSyntaxError(
            f"{text.strip()!r} is no alternative name; write dNSName=host.example, iPAddress=192.0.2.1, "
            "rfc822Name=me@example.org or uniformResourceIdentifier=urn:x"
        )
    value = _unescaped(value)
    if not value:
        raise NameSyntaxError(f"{kind} has no value; give it one or leave it out")
    return GeneralName(kind, _checked_san(kind, value))


def _checked_san(kind: SanKind, value: str) -> str:
    if kind is SanKind.IP_ADDRESS:
        try:
            address = ipaddress.ip_address(value)
        except ValueError:
            raise NameSyntaxError(f"{value!r} is no IP address; write 192.0.2.1 or 2001:db8::1") from None
        if "%" in value:
            raise NameSyntaxError(f"leave the zone out of {value!r}: a certificate has no room for it")
        return str(address)
    if kind is SanKind.DIRECTORY_NAME:
        name = parse_dn(value)
        if not name or not all(attribute.value for attribute in name):
            raise NameSyntaxError("directoryName takes a DN whose fields have values, as in CN=device\\,O=Lab")
        return str(name)
    form, hint = _SAN_FORMS[kind]
    if not form.fullmatch(value):
        raise NameSyntaxError(f"{value!r} is no {kind}; {hint}")
    return value.lower() if kind is SanKind.OTHER_NAME else value  # its hex, so that it compares

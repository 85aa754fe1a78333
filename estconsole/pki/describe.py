"""Certificates and requests in words, for people: as readable as openssl's text, with the secrets masked (B-45)."""

from __future__ import annotations

from collections.abc import Iterable

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from estconsole.domain.certificate import grouped
from estconsole.domain.names import format_sans
from estconsole.domain.request import Unreadable
from estconsole.pki.certificates import certificate_pem, read_certificate
from estconsole.pki.keys import public_key_facts
from estconsole.pki.names import from_x509_name
from estconsole.pki.requests import read_csr

MASK = "••••"


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
        ("serial", facts.serial.to_bytes((facts.serial.bit_length() + 7) // 8).hex(":").upper()),
        ("SHA-256", grouped(facts.sha256)),
        ("signature", _algorithm(certificate.signature_algorithm_oid)),
    )
    return "\n".join([*lines, *_extensions(certificate.extensions), "", certificate_pem(der).strip()])


def describe_csr(der: bytes) -> str:
    """Subject, key, signature and attributes of a request. A challengePassword is shown as dots."""
    facts = read_csr(der)
    if isinstance(facts, Unreadable):
        return facts.came
    csr = x509.load_der_x509_csr(der)
    lines = _table(
        ("subject", str(facts.subject)),
        ("key", _key(csr.public_key())),
        ("alternative names", format_sans(facts.subject_alt_names)),
        ("signature", _algorithm(csr.signature_algorithm_oid) + ("" if facts.signature_valid else ", NOT VALID")),
        ("challengePassword", ", ".join(MASK for _ in facts.challenge_passwords)),
    )
    return "\n".join([*lines, *_extensions(csr.extensions)])


def _table(*rows: tuple[str, str]) -> list[str]:
    return [f"{label:<18} {value}" for label, value in rows if value]


def _key(key: PublicKeyTypes) -> str:
    return str(public_key_facts(key))


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
        case x509.UnrecognizedExtension(value=raw):
            return grouped(raw.hex())
        case _:
            return repr(value)

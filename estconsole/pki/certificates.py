"""Certificates: reading one into facts, and making those of CAs, of the server and of end entities."""

from __future__ import annotations

import functools
import hashlib
import ipaddress
import secrets
from datetime import datetime, timedelta
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from estconsole.domain.certificate import CertificateFacts
from estconsole.domain.model import CertificateProfile
from estconsole.domain.names import DistinguishedName, GeneralName
from estconsole.pki.keys import SigningKey, public_key_facts
from estconsole.pki.names import from_x509_name, from_x509_sans, to_x509_name, to_x509_sans

Extension = TypeVar("Extension", bound=x509.ExtensionType)

BACKDATE = timedelta(minutes=10)
"""How far before now a certificate starts, so that a device whose clock is a little slow can use it at once."""

SERVER_VALIDITY = timedelta(days=90)


@functools.lru_cache(maxsize=512)
def read_certificate(der: bytes) -> CertificateFacts:
    """The facts of a DER certificate. Raises ValueError for bytes that are none, or that cannot be read whole.

    The last ones are remembered: every request reads its CA, and facts are immutable.
    """
    try:
        certificate = x509.load_der_x509_certificate(der)
        extensions = certificate.extensions
        constraints = _extension(extensions, x509.BasicConstraints)
        usage = _extension(extensions, x509.KeyUsage)
        extended = _extension(extensions, x509.ExtendedKeyUsage)
        return CertificateFacts(
            sha256=hashlib.sha256(der).hexdigest(),
            serial=certificate.serial_number,
            subject=from_x509_name(certificate.subject),
            issuer=from_x509_name(certificate.issuer),
            subject_alt_names=from_x509_sans(extensions),
            key=public_key_facts(certificate.public_key()),
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
            is_ca=constraints is not None and constraints.ca,
            may_sign_certificates=usage is None or usage.key_cert_sign,
            extended_key_usages=None if extended is None else frozenset(oid.dotted_string for oid in extended),
        )
    except (x509.DuplicateExtension, x509.UnsupportedGeneralNameType, x509.InvalidVersion) as error:
        raise ValueError("a certificate that cannot be read") from error


def issue_root(key: SigningKey, subject: DistinguishedName, now: datetime, validity: timedelta) -> bytes:
    """A self-signed CA certificate (DER) with SHA-256, RFC 5280's key usages for a CA, and an SKI."""
    name = to_x509_name(subject)
    builder = (
        _builder(now, validity)
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return _signed(builder, key)


class Issuer:
    """A CA ready to sign: its key loaded and its certificate parsed, so that an enrollment costs one signature."""

    def __init__(self, certificate: bytes, key: SigningKey) -> None:
        self.certificate = certificate
        self._key = key
        parsed = x509.load_der_x509_certificate(certificate)
        self._name = parsed.subject
        self._not_after = parsed.not_valid_after_utc
        self._authority_key = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(
            parsed.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        )

    def issue_end_entity(
        self,
        csr_der: bytes,
        subject: DistinguishedName,
        sans: frozenset[GeneralName],
        profile: CertificateProfile,
        now: datetime,
    ) -> bytes:
        """The certificate (DER) for a CSR's key under the *registered* names (B-12), as the profile says (B-15).

        It never outlives its CA.
        """
        public_key = x509.load_der_x509_csr(csr_der).public_key()
        builder = (
            self._leaf(now, profile.validity)
            .subject_name(to_x509_name(subject))
            .public_key(public_key)
            .add_extension(_key_usage(enciphers_keys=isinstance(public_key, rsa.RSAPublicKey)), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        )
        if profile.extended_key_usages:
            usages = [x509.ObjectIdentifier(oid) for oid in profile.extended_key_usages]
            builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        if sans:
            builder = builder.add_extension(to_x509_sans(sans), critical=not subject)
        return _signed(builder, self._key)

    def issue_server(self, key: ec.EllipticCurvePrivateKey, names: tuple[str, ...], now: datetime) -> bytes:
        """The TLS server's certificate (DER) for host names and addresses, valid 90 days (B-37).

        It has clientAuth beside serverAuth: OpenSSL drops a client certificate without it inside the handshake, and
        then nobody is told why a server certificate does not renew. The decision refuses it by name instead (B-20).
        """
        builder = (
            self._leaf(now, SERVER_VALIDITY)
            .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0])]))
            .public_key(key.public_key())
            .add_extension(_key_usage(), critical=True)
            .add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
                critical=False,
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.SubjectAlternativeName([_host(name) for name in names]), critical=False)
        )
        return _signed(builder, self._key)

    def _leaf(self, now: datetime, validity: timedelta) -> x509.CertificateBuilder:
        return (
            _builder(now, min(validity, self._not_after - now))
            .issuer_name(self._name)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(self._authority_key, critical=False)
        )


def certificate_pem(der: bytes) -> str:
    """The certificate in PEM."""
    return x509.load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM).decode()


def _builder(now: datetime, validity: timedelta) -> x509.CertificateBuilder:
    # 159 random bits and a positive number: RFC 5280 4.1.2.2 wants at most 20 octets, and nobody should guess the next.
    return (
        x509.CertificateBuilder()
        .serial_number(secrets.randbits(158) | 1 << 158)
        .not_valid_before(now - BACKDATE)
        .not_valid_after(now + validity)
    )


def _signed(builder: x509.CertificateBuilder, key: SigningKey) -> bytes:
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, digest).public_bytes(serialization.Encoding.DER)


def _key_usage(*, signs_certificates: bool = False, enciphers_keys: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=enciphers_keys,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _host(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _extension(extensions: x509.Extensions, kind: type[Extension]) -> Extension | None:
    try:
        return extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None

"""Certificates: reading one into facts, and making those of CAs, of the server and of end entities."""

from __future__ import annotations

import functools
import hashlib
import ipaddress
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID

from estconsole.domain.certificate import CertificateFacts
from estconsole.domain.model import CertificateProfile, KeyUsage
from estconsole.domain.names import DistinguishedName, GeneralName
from estconsole.domain.revocation import CrlEntry, RevocationReason
from estconsole.pki.keys import CertifiedKey, SigningKey, load_public_key, public_key_facts, signature_hash, spki
from estconsole.pki.names import from_x509_name, from_x509_sans, to_x509_name, to_x509_sans
from estconsole.pki.parsing import PARSER_ERRORS, extension_of

BACKDATE = timedelta(minutes=10)
"""How far before now a certificate starts, so that a device whose clock is a little slow can use it at once."""

SERVER_VALIDITY = timedelta(days=90)

_CA_USAGES = frozenset({"digital_signature", "key_cert_sign", "crl_sign"})
_USAGES = {
    KeyUsage.DIGITAL_SIGNATURE: "digital_signature",
    KeyUsage.NON_REPUDIATION: "content_commitment",
    KeyUsage.KEY_ENCIPHERMENT: "key_encipherment",
    KeyUsage.DATA_ENCIPHERMENT: "data_encipherment",
    KeyUsage.KEY_AGREEMENT: "key_agreement",
}
_ALL_USAGES = (*_USAGES.values(), "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
# What is not taken over when a CA's certificate is renewed: it is made anew, or true of the earlier one alone.
_NOT_RENEWED: tuple[type[x509.ExtensionType], ...] = (
    x509.SubjectKeyIdentifier,
    x509.AuthorityKeyIdentifier,
    x509.BasicConstraints,
    x509.PrivateKeyUsagePeriod,
    x509.PrecertificateSignedCertificateTimestamps,
)


@functools.lru_cache(maxsize=512)
def read_certificate(der: bytes) -> CertificateFacts:
    """The facts of a DER certificate. Raises ValueError for bytes that are none, or that cannot be read whole.

    The last ones are remembered: every request reads its CA, and facts are immutable.
    """
    try:
        certificate = x509.load_der_x509_certificate(der)
        extensions = certificate.extensions
        constraints = extension_of(extensions, x509.BasicConstraints)
        usage = extension_of(extensions, x509.KeyUsage)
        extended = extension_of(extensions, x509.ExtendedKeyUsage)
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
    except PARSER_ERRORS as error:
        raise ValueError("a certificate that cannot be read") from error


def issue_root(key: SigningKey, subject: DistinguishedName, now: datetime, validity: timedelta) -> bytes:
    """A self-signed CA certificate (DER), with RFC 5280's key usages for a CA, and an SKI.

    Raises ValueError where a value of the subject cannot be encoded.
    """
    name = to_x509_name(subject)
    return _signed(_authority(_builder(now, validity, name, key.public_key()).issuer_name(name)), key)


class Issuer:
    """A CA ready to sign: its key loaded and its certificate parsed, so that an enrollment costs one signature."""

    def __init__(self, certificate: bytes, key: SigningKey) -> None:
        self.certificate = certificate
        self._key = key
        parsed = x509.load_der_x509_certificate(certificate)
        self._name = parsed.subject
        self._not_after = parsed.not_valid_after_utc
        identifier = extension_of(parsed.extensions, x509.SubjectKeyIdentifier)
        # An imported CA may have no SKI: then the key says the same in the usual way (RFC 5280 4.2.1.2).
        self._authority_key = (
            x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
            if identifier is None
            else x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
        )

    def issue_authority(
        self,
        public_key: bytes,
        subject: DistinguishedName,
        now: datetime,
        validity: timedelta,
        crl_url: str = "",
        above: Sequence[bytes] = (),
    ) -> bytes:
        """A sub CA's certificate (DER) for a key (SPKI DER); it never outlives this CA.

        `above` are the certificates (DER) above this CA, its issuer's first: how many CAs may be below one another is
        theirs to say too (RFC 5280 6.1.4). Raises ValueError where this CA may have no CA below it, or a name or URL
        cannot be encoded.
        """
        length = self._path_length_below(above)
        builder = self._below(now, validity, to_x509_name(subject), load_public_key(public_key), crl_url)
        return _signed(_authority(builder, length), self._key)

    def renew_authority(
        self, certificate: bytes, now: datetime, validity: timedelta, crl_url: str = "", above: Sequence[bytes] = ()
    ) -> bytes:
        """A CA's certificate (DER) with new dates: its own where it is a root, else that of a sub CA of this one.

        Subject, key and identifier stay to the byte, so that what the CA issued goes on under either certificate, and
        so do the other extensions. What is above, and what is raised: as for `issue_authority`.
        """
        before = x509.load_der_x509_certificate(certificate)
        key = load_public_key(spki(before.public_key()))
        identifier = extension_of(before.extensions, x509.SubjectKeyIdentifier)
        lengths, remade = [_path_length(before)], _NOT_RENEWED
        if certificate == self.certificate:
            builder = _builder(now, validity, before.subject, key, identifier).issuer_name(before.subject)
        else:
            builder = self._below(now, validity, before.subject, key, crl_url, identifier)
            lengths.append(self._path_length_below(above))
            if crl_url:
                remade = (*remade, x509.CRLDistributionPoints)
        length = min((each for each in lengths if each is not None), default=None)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=length), critical=True)
        for extension in before.extensions:
            if not isinstance(extension.value, remade):
                builder = builder.add_extension(extension.value, extension.critical)
        return _signed(builder, self._key)

    def issue_end_entity(
        self,
        public_key: bytes,
        subject: DistinguishedName,
        sans: frozenset[GeneralName],
        profile: CertificateProfile,
        now: datetime,
        crl_url: str = "",
    ) -> bytes:
        """The certificate (DER) for a key (SPKI DER) under the *registered* names (B-12), as the profile says (B-15).

        It never outlives its CA. Raises ValueError for a key that no certificate is issued for.
        """
        key = load_public_key(public_key)
        url = crl_url if profile.crl_distribution_point else ""
        builder = self._leaf(now, profile.validity, to_x509_name(subject), key, url)
        if usages := profile.usages_for(public_key_facts(key).algorithm):
            builder = builder.add_extension(_key_usage({_USAGES[usage] for usage in usages}), critical=True)
        if profile.extended_key_usages:
            purposes = [x509.ObjectIdentifier(oid) for oid in profile.extended_key_usages]
            builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        if sans:
            builder = builder.add_extension(to_x509_sans(sans), critical=not subject)
        return _signed(builder, self._key)

    def issue_server(self, key: SigningKey, names: tuple[str, ...], now: datetime) -> bytes:
        """The TLS server's certificate (DER) for host names and addresses, valid 90 days (B-37).

        It has clientAuth beside serverAuth: OpenSSL drops a client certificate without it inside the handshake, and
        then nobody is told why a server certificate does not renew. The decision refuses it by name instead (B-20).
        """
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0])])
        purposes = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = (
            self._leaf(now, SERVER_VALIDITY, subject, key.public_key())
            .add_extension(_key_usage({"digital_signature"}), critical=True)
            .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
            .add_extension(x509.SubjectAlternativeName([_host(name) for name in names]), critical=False)
        )
        return _signed(builder, self._key)

    def issue_crl(self, number: int, entries: Sequence[CrlEntry], now: datetime, next_update: datetime) -> bytes:
        """A full CRL (DER) of this CA, under a number that must grow from one to the next (RFC 5280 5.2.3)."""
        # The builder's method copies the list at each entry, which takes minutes for a hundred thousand.
        builder = x509.CertificateRevocationListBuilder(revoked_certificates=[_revoked(entry) for entry in entries])
        builder = (
            builder.issuer_name(self._name)
            .last_update(now)
            .next_update(next_update)
            .add_extension(self._authority_key, critical=False)
            .add_extension(x509.CRLNumber(number), critical=False)
        )
        return builder.sign(self._key, signature_hash(self._key)).public_bytes(serialization.Encoding.DER)

    def _path_length_below(self, above: Sequence[bytes]) -> int | None:
        """The path length of a CA below this one, None without a bound. Raises ValueError where there may be none."""
        path = map(x509.load_der_x509_certificate, (self.certificate, *above))
        lengths = [length - at for at, ca in enumerate(path, start=1) if (length := _path_length(ca)) is not None]
        if any(length < 0 for length in lengths):
            raise ValueError(
                "its certificate, or that of a CA above it, allows no CA below it; choose another, or make a root"
            )
        return min(lengths, default=None)

    def _leaf(
        self, now: datetime, validity: timedelta, subject: x509.Name, key: CertifiedKey, crl_url: str = ""
    ) -> x509.CertificateBuilder:
        builder = self._below(now, validity, subject, key, crl_url)
        return builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)

    def _below(
        self,
        now: datetime,
        validity: timedelta,
        subject: x509.Name,
        key: CertifiedKey,
        crl_url: str,
        identifier: x509.SubjectKeyIdentifier | None = None,
    ) -> x509.CertificateBuilder:
        builder = (
            _builder(now, min(validity, self._not_after - now), subject, key, identifier)
            .issuer_name(self._name)
            .add_extension(self._authority_key, critical=False)
        )
        if not crl_url:
            return builder
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(crl_url)], None, None, None)
        return builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)


def certificate_pem(der: bytes) -> str:
    """The certificate in PEM."""
    return x509.load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM).decode()


def _builder(
    now: datetime,
    validity: timedelta,
    subject: x509.Name,
    key: CertifiedKey,
    identifier: x509.SubjectKeyIdentifier | None = None,
) -> x509.CertificateBuilder:
    # 159 random bits and a positive number: RFC 5280 4.1.2.2 wants at most 20 octets, and nobody should guess the next.
    return (
        x509.CertificateBuilder()
        .serial_number(secrets.randbits(158) | 1 << 158)
        .not_valid_before(now - BACKDATE)
        .not_valid_after(now + validity)
        .subject_name(subject)
        .public_key(key)
        .add_extension(identifier or x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _path_length(ca: x509.Certificate) -> int | None:
    """How many CAs may be below a CA, one below the other; None where its certificate does not say."""
    constraints = extension_of(ca.extensions, x509.BasicConstraints)
    return None if constraints is None else constraints.path_length


def _authority(builder: x509.CertificateBuilder, path_length: int | None = None) -> x509.CertificateBuilder:
    return builder.add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True).add_extension(
        _key_usage(_CA_USAGES), critical=True
    )


def _signed(builder: x509.CertificateBuilder, key: SigningKey) -> bytes:
    return builder.sign(key, signature_hash(key)).public_bytes(serialization.Encoding.DER)


def _key_usage(usages: set[str] | frozenset[str]) -> x509.KeyUsage:
    return x509.KeyUsage(**{usage: usage in usages for usage in _ALL_USAGES})


def _revoked(entry: CrlEntry) -> x509.RevokedCertificate:
    builder = x509.RevokedCertificateBuilder().serial_number(entry.serial).revocation_date(entry.at)
    if entry.reason is not RevocationReason.UNSPECIFIED:  # RFC 5280 5.3.1: that one is said by its absence
        reason = x509.CRLReason(x509.ReasonFlags[entry.reason.name.lower()])
        builder = builder.add_extension(reason, critical=False)
    return builder.build()


def _host(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)

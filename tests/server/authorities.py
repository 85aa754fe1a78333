"""CAs and certificates as vendors, strangers and the careless issue them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from estconsole.domain.names import parse_dn
from estconsole.pki.names import to_x509_name
from estconsole.tls_material import TlsMaterial, TlsSource
from tests.pki.damage import tlv
from tests.server.devices import Identity
from tests.support import Key, ec_key

DAY = timedelta(days=1)
MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Authority:
    """A CA outside the lab. Names are DNs, or a CN alone; times are counted from now."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def named(cls, name: str, *, starts: timedelta = -DAY, ends: timedelta = MONTH) -> Authority:
        key = ec_key()
        return cls(_ca(_builder(name, None, key, starts, ends), key).sign(key, hashes.SHA256()), key)

    @classmethod
    def unreadable_by_openssl(cls, name: str) -> Authority:
        """One that cryptography reads and OpenSSL does not: the CN is tagged as a UTCTime."""
        well_formed = cls.named(name)
        value = name.encode()
        tbs = well_formed.certificate.tbs_certificate_bytes.replace(tlv(0x0C, value), tlv(0x17, value))
        algorithm = tlv(0x30, tlv(0x06, bytes.fromhex("2a8648ce3d040302")))  # ecdsa-with-SHA256
        signature = tlv(0x03, b"\0", well_formed.key.sign(tbs, ec.ECDSA(hashes.SHA256())))
        return cls(x509.load_der_x509_certificate(tlv(0x30, tbs, algorithm, signature)), well_formed.key)

    @classmethod
    def of(cls, identity: Identity) -> Authority:
        """A device that plays the CA with its own certificate and key."""
        assert isinstance(identity.key, ec.EllipticCurvePrivateKey)
        return cls(x509.load_der_x509_certificate(identity.certificate), identity.key)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def pem_with_key(self) -> bytes:
        return self.pem + self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def identity(self) -> Identity:
        """The CA as a TLS client of its own certificate."""
        return Identity(self.der, self.key)

    def issue(
        self,
        name: str,
        *,
        starts: timedelta = -DAY,
        ends: timedelta = DAY,
        usage: x509.ObjectIdentifier | None = ExtendedKeyUsageOID.CLIENT_AUTH,
        sans: Sequence[x509.GeneralName] = (),
        chain: tuple[bytes, ...] = (),
        serial: int | None = None,
    ) -> Identity:
        """A device's certificate, and what the device sends along with it."""
        key = ec_key()
        builder = self._below(name, key, starts, ends, serial)
        if usage is not None:
            builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        if sans:
            builder = builder.add_extension(x509.SubjectAlternativeName(list(sans)), critical=False)
        return Identity(builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER), key, chain)

    def sub_authority(self, name: str, *, starts: timedelta = -DAY, ends: timedelta = MONTH) -> Authority:
        key = ec_key()
        builder = _ca(self._below(name, key, starts, ends), key)
        return Authority(builder.sign(self.key, hashes.SHA256()), key)

    def renewal(self, authority: Authority, ends: timedelta) -> Authority:
        """Another certificate of a sub CA, of the same subject and key."""
        name = authority.certificate.subject.rfc4514_string()
        builder = _ca(self._below(name, authority.key, -DAY, ends), authority.key)
        return Authority(builder.sign(self.key, hashes.SHA256()), authority.key)

    def crl(self, *revoked: bytes, issued: timedelta = -DAY / 2, ends: timedelta = DAY) -> bytes:
        """A CRL (PEM) with the certificates (DER) that it revokes; imported later, one must be issued later."""
        now = datetime.now(UTC)
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.certificate.subject)
        builder = builder.last_update(now + issued).next_update(now + ends)
        for der in revoked:
            serial = x509.load_der_x509_certificate(der).serial_number
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now - DAY)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.PEM)

    def _below(
        self, name: str, key: Key, starts: timedelta, ends: timedelta, serial: int | None = None
    ) -> x509.CertificateBuilder:
        # By the key's identifier OpenSSL tells two CAs of one subject apart; a certificate without one it takes for the
        # other's.
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        return _builder(name, self.certificate, key, starts, ends, serial).add_extension(identifier, critical=False)


class ChangingTrust:
    """A lab's TLS material with CAs added and removed while it is in use."""

    def __init__(self, source: TlsSource) -> None:
        self._source = source
        self._added: list[Authority] = []
        self._changes = 0

    @property
    def revision(self) -> int:
        return self._source.revision + self._changes

    def material(self) -> TlsMaterial:
        material = self._source.material()
        return TlsMaterial(
            certificate_chain=material.certificate_chain,
            private_key=material.private_key,
            trust_anchors=(*material.trust_anchors, *(authority.der for authority in self._added)),
        )

    def add(self, authority: Authority) -> None:
        self._added.append(authority)
        self._changes += 1

    def remove(self, authority: Authority) -> None:
        self._added.remove(authority)
        self._changes += 1


def _builder(
    subject: str,
    issuer: x509.Certificate | None,
    key: Key,
    starts: timedelta,
    ends: timedelta,
    serial: int | None = None,
) -> x509.CertificateBuilder:
    now, name = datetime.now(UTC), _name(subject)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name if issuer is None else issuer.subject)
        .public_key(key.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(now + starts)
        .not_valid_after(now + ends)
    )


def _ca(builder: x509.CertificateBuilder, key: Key) -> x509.CertificateBuilder:
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).add_extension(
        identifier, critical=False
    )


def _name(text: str) -> x509.Name:
    return to_x509_name(parse_dn(text if "=" in text else f"CN={text}"))

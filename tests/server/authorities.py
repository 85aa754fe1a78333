"""CAs and certificates as vendors, strangers and the careless issue them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from estconsole.tls_material import TlsMaterial, TlsSource
from tests.server.devices import Identity
from tests.support import Key, ec_key

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Authority:
    """A CA outside the lab."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def named(cls, name: str) -> Authority:
        key = ec_key()
        builder = _builder(name, name, key, -DAY, 30 * DAY)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        return cls(builder.sign(key, hashes.SHA256()), key)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    def issue(
        self,
        name: str,
        *,
        starts: timedelta = -DAY,
        ends: timedelta = DAY,
        usage: x509.ObjectIdentifier | None = ExtendedKeyUsageOID.CLIENT_AUTH,
    ) -> Identity:
        """A device's certificate; times are counted from now."""
        key = ec_key()
        builder = _builder(name, self.certificate, key, starts, ends)
        if usage is not None:
            builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        return Identity(builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER), key)

    def sub_authority(self, name: str) -> Authority:
        key = ec_key()
        builder = _builder(name, self.certificate, key, -DAY, 30 * DAY)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        return Authority(builder.sign(self.key, hashes.SHA256()), key)


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
    subject: str, issuer: str | x509.Certificate, key: Key, starts: timedelta, ends: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer) if isinstance(issuer, str) else issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + starts)
        .not_valid_after(now + ends)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])

"""CAs outside the lab: vendors with their CRLs, and CAs that move in with their keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from estconsole.domain.certificate import KeyAlgorithm, KeyKind
from estconsole.domain.model import TLS_END_ENTITY_CERT_PROFILE
from estconsole.domain.names import parse_dn
from estconsole.domain.revocation import CrlEntry, RevocationReason
from estconsole.domain.secret import Secret
from estconsole.pki.bundles import pkcs12
from estconsole.pki.certificates import Issuer, certificate_pem, issue_root, read_certificate
from estconsole.pki.keys import SigningKey, generate_key, private_key_der, public_key_der
from tests.support import ec_key

P256 = KeyKind(KeyAlgorithm.EC, 256, "P-256")
YEAR = timedelta(days=365)
PASSPHRASE = Secret("secret")


@dataclass(frozen=True, slots=True)
class Outsider:
    """A CA with its key, and the certificates above it."""

    certificate: bytes
    key: SigningKey
    above: tuple[bytes, ...] = ()

    @classmethod
    def root(cls, subject: str, *, validity: timedelta = YEAR, made: datetime | None = None) -> Outsider:
        key = generate_key(P256)
        return cls(issue_root(key, parse_dn(subject), made or datetime.now(UTC), validity), key)

    @classmethod
    def careless(cls, common_name: str, *, signs_certificates: bool = True, path_length: int | None = None) -> Outsider:
        """A root whose key usage leaves out that it signs CRLs, as old ones do, or even that it signs certificates."""
        key = ec_key()
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])
        usages = dict.fromkeys(
            (
                "content_commitment",
                "key_encipherment",
                "data_encipherment",
                "key_agreement",
                "crl_sign",
                "encipher_only",
                "decipher_only",
            ),
            False,
        )
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder(name, name, key.public_key(), 1, now - YEAR, now + YEAR)
            .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
            .add_extension(
                x509.KeyUsage(digital_signature=True, key_cert_sign=signs_certificates, **usages), critical=True
            )
            .sign(key, hashes.SHA256())
        )
        return cls(certificate.public_bytes(Encoding.DER), key)

    def renewed(self, age: timedelta = timedelta()) -> Outsider:
        """The same root with another certificate."""
        subject = read_certificate(self.certificate).subject
        return Outsider(issue_root(self.key, subject, datetime.now(UTC) - age, YEAR), self.key)

    def sub(self, subject: str) -> Outsider:
        key = generate_key(P256)
        issued = Issuer(self.certificate, self.key).issue_authority(
            public_key_der(key), parse_dn(subject), datetime.now(UTC), YEAR
        )
        return Outsider(issued, key, (self.certificate, *self.above))

    def device(self, subject: str) -> Outsider:
        """A certificate that is no CA's, as a bundle may hold by mistake."""
        key = generate_key(P256)
        issued = Issuer(self.certificate, self.key).issue_end_entity(
            public_key_der(key), parse_dn(subject), frozenset(), TLS_END_ENTITY_CERT_PROFILE, datetime.now(UTC)
        )
        return Outsider(issued, key, (self.certificate, *self.above))

    @property
    def pem(self) -> bytes:
        return certificate_pem(self.certificate).encode()

    def p12(self) -> bytes:
        return pkcs12("ca", private_key_der(self.key), self.certificate, self.above, PASSPHRASE)

    def crl(self, number: int, *serials: int, at: datetime | None = None, validity: timedelta = YEAR) -> bytes:
        at = at or datetime.now(UTC)
        entries = [CrlEntry(serial, at, RevocationReason.KEY_COMPROMISE) for serial in serials]
        return Issuer(self.certificate, self.key).issue_crl(number, entries, at, at + validity)


def bundle(*outsiders: Outsider) -> bytes:
    return b"".join(outsider.pem for outsider in outsiders)

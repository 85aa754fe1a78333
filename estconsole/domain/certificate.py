"""What a certificate or a key says, as facts that rules can weigh without a cryptographic library."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from estconsole.domain.names import DistinguishedName, GeneralName

CLIENT_AUTH = "1.3.6.1.5.5.7.3.2"
"""id-kp-clientAuth (RFC 5280 4.2.1.12)."""
SERVER_AUTH = "1.3.6.1.5.5.7.3.1"
"""id-kp-serverAuth (RFC 5280 4.2.1.12)."""


def grouped(hexadecimal: str) -> str:
    """A fingerprint in the form that openssl prints, so that the two compare: `4A:11:…`."""
    return bytes.fromhex(hexadecimal).hex(":").upper()


class KeyAlgorithm(StrEnum):
    """The key algorithms that this product tells apart; what it does not know is OTHER and never issued."""

    RSA = "RSA"
    EC = "EC"
    ED25519 = "Ed25519"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """A public key: its algorithm, its size in bits, its curve where it has one, and the SHA-256 (hex) of its SPKI."""

    algorithm: KeyAlgorithm
    bits: int
    curve: str
    spki_sha256: str

    def __str__(self) -> str:
        """`RSA 2048`, `EC P-256`, `Ed25519`."""
        match self.algorithm:
            case KeyAlgorithm.EC:
                return f"EC {self.curve}"
            case KeyAlgorithm.RSA | KeyAlgorithm.OTHER:
                return f"{self.algorithm} {self.bits}".strip()
            case KeyAlgorithm.ED25519:
                return str(self.algorithm)


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """A certificate as the rules see it. Times are aware UTC; `sha256` is lower-case hex over the DER."""

    sha256: str
    serial: int
    subject: DistinguishedName
    issuer: DistinguishedName
    subject_alt_names: frozenset[GeneralName]
    key: KeyFacts
    not_before: datetime
    not_after: datetime
    is_ca: bool
    may_sign_certificates: bool
    extended_key_usages: frozenset[str] | None
    """The usages' OIDs; None when the extension is absent, which leaves the use open (RFC 5280 4.2.1.12)."""

    @property
    def may_authenticate_clients(self) -> bool:
        return self.extended_key_usages is None or CLIENT_AUTH in self.extended_key_usages

    def in_date(self, now: datetime) -> bool:
        return self.not_before <= now <= self.not_after

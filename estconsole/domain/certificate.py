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
class KeyKind:
    """What sort of key a key is: its algorithm, its size in bits, and its curve where it has one."""

    algorithm: KeyAlgorithm
    bits: int = 0
    curve: str = ""

    def __str__(self) -> str:
        """`RSA 2048`, `EC P-256`, `Ed25519`."""
        match self.algorithm:
            case KeyAlgorithm.EC:
                return f"EC {self.curve}"
            case KeyAlgorithm.RSA | KeyAlgorithm.OTHER:
                return f"{self.algorithm} {self.bits}".strip()
            case KeyAlgorithm.ED25519:
                return str(self.algorithm)


CURVES = ("P-256", "P-384", "P-521")
"""The curves that keys are made on here, by NIST's names."""

CA_KEY_KINDS = (
    KeyKind(KeyAlgorithm.RSA, 2048),
    KeyKind(KeyAlgorithm.RSA, 3072),
    KeyKind(KeyAlgorithm.RSA, 4096),
    KeyKind(KeyAlgorithm.EC, 256, "P-256"),
    KeyKind(KeyAlgorithm.EC, 384, "P-384"),
    KeyKind(KeyAlgorithm.EC, 521, "P-521"),
    KeyKind(KeyAlgorithm.ED25519, 256),
)
"""The kinds of key that a CA can be made with (B-42)."""


def key_kind_of(text: str) -> KeyKind:
    """The kind of CA key that a text names, as `str` writes it. Raises ValueError."""
    for kind in CA_KEY_KINDS:
        if str(kind).lower() == " ".join(text.split()).lower():
            return kind
    raise ValueError(f"{text!r} is no kind of CA key; use one of {', '.join(map(str, CA_KEY_KINDS))}")


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """A public key: its algorithm, its size in bits, its curve where it has one, and the SHA-256 (hex) of its SPKI."""

    algorithm: KeyAlgorithm
    bits: int
    curve: str
    spki_sha256: str

    @property
    def kind(self) -> KeyKind:
        return KeyKind(self.algorithm, self.bits, self.curve)

    def __str__(self) -> str:
        return str(self.kind)


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

    @property
    def is_root(self) -> bool:
        """Whether it is self-issued: nothing stands above it."""
        return self.subject == self.issuer

    def in_date(self, now: datetime) -> bool:
        return self.not_before <= now <= self.not_after

"""A certificate in words: what a page of it says, in parts that a front lays out as it likes."""

from __future__ import annotations

from dataclasses import dataclass, field

from estconsole.domain.certificate import CertificateFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionWords:
    """An extension: its name, whether it is critical (RFC 5280 4.2), and what it says, line by line."""

    name: str
    critical: bool
    lines: tuple[str, ...]

    @property
    def title(self) -> str:
        return f"{self.name} (critical)" if self.critical else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateWords:
    """A certificate's facts, what it may be used for, what its signature is made with, its extensions, and its PEM.

    `usages` and the lines are bounded, whatever a vendor put into the certificate; the PEM is whole.
    """

    facts: CertificateFacts
    usages: str
    signature: str
    extensions: tuple[ExtensionWords, ...]
    pem: str = field(repr=False)

"""What the TLS listeners need, and how they learn that it changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsMaterial:
    """The server's certificate chain (DER, leaf first), its key (PKCS#8 DER), and every CA whose clients may come."""

    certificate_chain: tuple[bytes, ...]
    private_key: bytes = field(repr=False)
    trust_anchors: tuple[bytes, ...]


class TlsSource(Protocol):
    """Where listeners take their material from. `revision` is asked for every connection, so it is cheap (B-39)."""

    @property
    def revision(self) -> int:
        """Grows whenever `material` would answer something else."""
        ...

    def material(self) -> TlsMaterial:
        """The material in force now."""
        ...

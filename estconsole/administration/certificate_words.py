"""Any certificate in words, for a page of it: one of this console, of a vendor, or that a device presented."""

from __future__ import annotations

from dataclasses import dataclass

from estconsole.domain.certificate_words import CertificateWords
from estconsole.pki.describe import certificate_words

__all__ = ["CertificateWords", "KnownIssuer", "words_of"]


@dataclass(frozen=True, slots=True)
class KnownIssuer:
    """A CA that is here, by its name: one of this lab (`own`), or a vendor's."""

    name: str
    own: bool


def words_of(certificate: bytes) -> CertificateWords:
    """A certificate (DER) in words. Raises ValueError for one that cannot be read."""
    return certificate_words(certificate)

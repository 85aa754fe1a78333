"""What the parsers raise for bytes from outside, and the warnings that they would write over the console's screen."""

from __future__ import annotations

import warnings
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.utils import CryptographyDeprecationWarning

Extension = TypeVar("Extension", bound=x509.ExtensionType)

# Old roots have the serial number 0, which RFC 5280 forbids; cryptography warns of it, and reads them.
warnings.filterwarnings("ignore", category=CryptographyDeprecationWarning)

PARSER_ERRORS = (
    ValueError,
    TypeError,
    OverflowError,
    MemoryError,  # a key derivation of scrypt whose parameters ask for more than there is
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""Everything that cryptography raises for input that it cannot read: not all of it is a ValueError."""


def extension_of(extensions: x509.Extensions, kind: type[Extension]) -> Extension | None:
    """The value of the extension of a kind, or None where there is none."""
    try:
        return extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None

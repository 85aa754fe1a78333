"""What the parsers raise for bytes from outside, and the warnings that they would write over the console's screen."""

from __future__ import annotations

import warnings
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.utils import CryptographyDeprecationWarning

Extension = TypeVar("Extension", bound=x509.ExtensionType)

# A warning would write over the console's screen. Old roots have the serial number 0, which RFC 5280 forbids; a CN from
# the wire may be longer than X.520 has it, and is weighed as it is; PKCS#12 and PKCS#7 may come in BER, as RFC 7292 and
# RFC 2315 have them. cryptography reads all of these.
warnings.filterwarnings("ignore", category=CryptographyDeprecationWarning)
warnings.filterwarnings("ignore", message="Attribute's length must be", category=UserWarning)
warnings.filterwarnings(
    "ignore", message=".* could not be parsed as DER, falling back to parsing as BER", category=UserWarning
)

PARSER_ERRORS = (
    ValueError,
    TypeError,
    KeyError,  # a TLS feature (RFC 7633) that it does not know
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

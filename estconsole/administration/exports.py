"""Files that a CA is handed out in: its certificate, its chain, or its key behind a passphrase (B-42, B-45)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never

from estconsole.domain.model import CertificationAuthority
from estconsole.domain.naming import MAX_NAME
from estconsole.domain.secret import Secret
from estconsole.keyring import Keyring
from estconsole.pki.bundles import pkcs12
from estconsole.pki.certificates import certificate_pem
from estconsole.pki.cms import certs_only_pem
from estconsole.results import Rejected


class ExportForm(StrEnum):
    """What an export holds, and how."""

    PEM = "PEM"
    DER = "DER"
    CHAIN = "chain"
    P7 = "P7"
    PKCS12 = "PKCS12"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFile:
    """A file to be saved: the name to suggest, its media type, and what is in it."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


def export_authority(
    authority: CertificationAuthority,
    chain: Sequence[bytes],
    form: ExportForm,
    keyring: Keyring,
    passphrase: Secret | None,
) -> ExportedFile | Rejected:
    """A CA in a form. `chain` (DER) begins with the CA's own certificate; PKCS12 alone has the key, and is sealed.

    Raises VaultError when the key cannot be unsealed.
    """
    name = file_name_of(authority.name)
    match form:
        case ExportForm.PEM:
            pem = certificate_pem(authority.certificate).encode()
            return ExportedFile(name=f"{name}.cacert.pem", media_type="application/x-pem-file", content=pem)
        case ExportForm.DER:
            return ExportedFile(
                name=f"{name}.cacert.der", media_type="application/pkix-cert", content=authority.certificate
            )
        case ExportForm.CHAIN:
            pem = "".join(certificate_pem(der) for der in chain).encode()
            return ExportedFile(name=f"{name}-chain.pem", media_type="application/x-pem-file", content=pem)
        case ExportForm.P7:
            return ExportedFile(
                name=f"{name}.p7b", media_type="application/x-pkcs7-certificates", content=certs_only_pem(chain)
            )
        case ExportForm.PKCS12:
            if passphrase is None or not passphrase.reveal():
                return Rejected.because("passphrase", "a passphrase is needed: the file holds the CA's private key")
            if not _is_text(passphrase):
                return Rejected.because("passphrase", "it holds half a character (a lone surrogate); type it anew")
            key = keyring.private_key(authority)
            content = pkcs12(authority.name, key, authority.certificate, chain[1:], passphrase)
            return ExportedFile(name=f"{name}.p12", media_type="application/x-pkcs12", content=content)
        case _:
            assert_never(form)


def _is_text(passphrase: Secret) -> bool:
    """Whether UTF-8 can hold a passphrase, as PKCS#12 needs it. What the error would quote stays out of it (B-45)."""
    return not any("\ud800" <= character <= "\udfff" for character in passphrase.reveal())


def file_name_of(name: str, otherwise: str = "ca") -> str:
    """A name as a file's, wherever it is saved: letters, digits and a few signs, no white space, no path.

    `otherwise` stands for a name that has none of these.
    """
    return re.sub(r"[^\w.-]+", "_", name[:MAX_NAME]).strip("._") or otherwise

"""The signing keys of CAs, unsealed once and kept loaded, so that an enrollment costs one signature."""

from __future__ import annotations

import threading

from estconsole.domain.model import CertificationAuthority
from estconsole.pki.certificates import Issuer
from estconsole.pki.keys import SigningKey, load_private_key, private_key_der
from estconsole.seals import ca_key_purpose
from estconsole.vault import Vault


class Keyring:
    """Opens CA keys with the vault. A CA whose certificate changed is loaded anew."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._lock = threading.Lock()
        self._issuers: dict[str, Issuer] = {}

    def seal(self, ca_name: str, key: SigningKey) -> str:
        """A CA's private key as the store keeps it."""
        return self._vault.seal(private_key_der(key), ca_key_purpose(ca_name))

    def private_key(self, authority: CertificationAuthority) -> bytes:
        """A CA's private key (PKCS#8 DER) in clear, for an export that seals it. Raises VaultError."""
        return self._vault.unseal(authority.sealed_key, ca_key_purpose(authority.name))

    def issuer(self, authority: CertificationAuthority) -> Issuer:
        """The CA, ready to sign. Raises VaultError when its key cannot be unsealed."""
        with self._lock:
            issuer = self._issuers.get(authority.name)
            if issuer is None or issuer.certificate != authority.certificate:
                key = load_private_key(self.private_key(authority))
                issuer = self._issuers[authority.name] = Issuer(authority.certificate, key)
            return issuer

"""The TLS server's own certificate and key, and the CAs whose clients it lets in (B-37, B-39)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from estconsole.domain.model import CertificatePurpose, IssuedCertificate
from estconsole.domain.names import SanKind
from estconsole.keyring import Keyring
from estconsole.pki.certificates import read_certificate
from estconsole.pki.chains import path_above
from estconsole.pki.keys import generate_ec_key, private_key_der
from estconsole.seals import SERVER_KEY_PURPOSE
from estconsole.store.store import Store
from estconsole.tls_material import TlsMaterial
from estconsole.vault import Vault

RENEW_BEFORE = timedelta(days=30)
"""A server certificate with less than this to go is replaced when the lab opens."""

_CERTIFICATE = "server_certificate"
_KEY = "server_key"
_TRUST_TABLES = frozenset({"authorities", "settings"})


class ServerIdentity:
    """The listeners' `TlsSource`: follows the store, so that trust changes with the next connection."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        keyring: Keyring,
        management_ca: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._vault = vault
        self._keyring = keyring
        self._management_ca = management_ca
        self._clock = clock
        self._revision = 1
        self._subscription = store.changes.subscribe(self._on_change)

    @property
    def revision(self) -> int:
        return self._revision

    def certificate(self) -> bytes | None:
        """The server's certificate (DER), None before the first `ensure`."""
        text = self._store.setting(_CERTIFICATE)
        return base64.b64decode(text) if text else None

    def material(self) -> TlsMaterial:
        """Raises VaultError when the key cannot be unsealed, LookupError before the first `ensure`."""
        certificate, sealed = self.certificate(), self._store.setting(_KEY)
        if certificate is None or sealed is None:
            raise LookupError("the lab has no server certificate yet")
        anchors = self._authority_certificates()
        above = [der for der in path_above(certificate, anchors) if not _is_root(der)]
        return TlsMaterial(
            certificate_chain=(certificate, *above),
            private_key=self._vault.unseal(sealed, SERVER_KEY_PURPOSE),
            trust_anchors=anchors,
        )

    def ensure(self, names: tuple[str, ...]) -> None:
        """Issue the server's certificate if there is none for exactly these names that is good for a while (B-37)."""
        if self._is_good(names):
            return
        authority = self._store.authorities.get(self._management_ca)
        if authority is None:
            raise LookupError(f"the lab has no CA {self._management_ca}")
        key = generate_ec_key()
        der = self._keyring.issuer(authority).issue_server(key, names, self._clock())
        facts = read_certificate(der)
        with self._store.transaction():
            self._store.put_setting(_CERTIFICATE, base64.b64encode(der).decode())
            self._store.put_setting(_KEY, self._vault.seal(private_key_der(key), SERVER_KEY_PURPOSE))
            self._store.certificates.put(
                IssuedCertificate(
                    sha256=facts.sha256,
                    serial=facts.serial,
                    purpose=CertificatePurpose.SERVER,
                    subject=facts.subject,
                    issuing_ca=authority.name,
                    der=der,
                    not_before=facts.not_before,
                    not_after=facts.not_after,
                )
            )

    def close(self) -> None:
        self._subscription.close()

    def _is_good(self, names: tuple[str, ...]) -> bool:
        certificate = self.certificate()
        if certificate is None:
            return False
        facts = read_certificate(certificate)
        carried = {
            name.value for name in facts.subject_alt_names if name.kind in (SanKind.DNS_NAME, SanKind.IP_ADDRESS)
        }
        signed_by_ours = bool(path_above(certificate, self._authority_certificates()))
        now = self._clock()
        return carried == set(names) and signed_by_ours and facts.in_date(now) and facts.in_date(now + RENEW_BEFORE)

    def _authority_certificates(self) -> tuple[bytes, ...]:
        return tuple(authority.certificate for authority in self._store.authorities.values())

    def _on_change(self, tables: frozenset[str]) -> None:
        if tables & _TRUST_TABLES:
            self._revision += 1


def _is_root(der: bytes) -> bool:
    facts = read_certificate(der)
    return facts.subject == facts.issuer

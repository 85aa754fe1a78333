"""The TLS server's own certificate and key, and the CAs whose clients it lets in (B-37, B-39)."""

from __future__ import annotations

import base64
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from estconsole.authority_chains import certificates_in_chains
from estconsole.domain.certificate import KeyAlgorithm, KeyKind
from estconsole.domain.model import CertificatePurpose, CertificationAuthority, IssuedCertificate
from estconsole.domain.names import SanKind
from estconsole.errors import NoAuthorityError
from estconsole.keyring import Keyring
from estconsole.pki.certificates import read_certificate
from estconsole.pki.chains import path_above
from estconsole.pki.keys import generate_key, private_key_der
from estconsole.seals import SERVER_KEY_PURPOSE
from estconsole.store.store import Store
from estconsole.tls_material import TlsMaterial
from estconsole.vault import Vault

logger = logging.getLogger(__name__)

RENEW_BEFORE = timedelta(days=30)
"""A server certificate with less than this to go is replaced, when the lab opens and while it is open."""

_KEY_KIND = KeyKind(KeyAlgorithm.EC, 256, "P-256")  # the quickest handshake that every client can do

_MANAGEMENT_CA = "management_ca"
_CERTIFICATE = "server_certificate"
_KEY = "server_key"
_TRUST_TABLES = frozenset({"authorities", "vendor_cas"})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewServerCertificate:
    """A server certificate that is not in the store yet: its record, and its key as the vault sealed it."""

    record: IssuedCertificate
    sealed_key: str = field(repr=False)


class ServerIdentity:
    """The listeners' `TlsSource`: follows the store, so that trust changes with the next connection.

    The CA that issues the server's certificate is the one that the first run made, and noted. In a lab that notes none
    it is ManagementCA, which was there from the beginning, or the first CA in date that its operator made.
    """

    def __init__(
        self,
        store: Store,
        vault: Vault,
        keyring: Keyring,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._vault = vault
        self._keyring = keyring
        self._clock = clock
        self._revision = 1
        self._names: tuple[str, ...] = ()
        self._renewing = threading.Lock()
        self._subscription = store.changes.subscribe(self._on_change)

    @property
    def revision(self) -> int:
        return self._revision

    def certificate(self) -> bytes | None:
        """The server's certificate (DER), None before the first `ensure`."""
        text = self._store.setting(_CERTIFICATE)
        return base64.b64decode(text) if text else None

    def material(self) -> TlsMaterial:
        """Raises VaultError when the key cannot be unsealed, NoAuthorityError where no CA could issue a certificate."""
        if self.certificate() is None:
            self.renew_due()  # the first CA may have come a moment ago
        with self._store.lock:  # a renewal between the two would pair a certificate with another's key
            certificate, sealed = self.certificate(), self._store.setting(_KEY)
        if certificate is None or sealed is None:
            raise NoAuthorityError(
                "No CA of this lab is in date." if len(self._store.authorities) else "This lab has no CA yet.",
                "Make one first: the server's certificate is issued by it, and so are those of devices.",
            )
        own = self._authority_certificates()
        path = path_above(certificate, certificates_in_chains(self._store))
        above = [der for der in path if not read_certificate(der).is_root]
        vendors = [vendor.certificate for vendor in self._store.vendor_cas.values() if vendor.trusted]
        return TlsMaterial(
            certificate_chain=(certificate, *above),
            private_key=self._vault.unseal(sealed, SERVER_KEY_PURPOSE),
            trust_anchors=(*own, *vendors),
        )

    def ensure(self, names: tuple[str, ...]) -> None:
        """Issue the server's certificate if there is none for exactly these names that is good for a while (B-37).

        In a lab without a CA the names are noted, and it is issued as soon as there is one.
        """
        self._names = names
        self.renew_due()

    def renew_due(self) -> None:
        """Issue the server's certificate anew before it expires; the listeners take it at the next connection."""
        with self._renewing:
            if self._names and not self._is_good(self._names):
                self._renew(self._names)

    def management_ca(self) -> CertificationAuthority | None:
        """The CA that issues the server's certificate, None in a lab that has no CA which could."""
        noted = self._store.authorities.get(self._store.setting(_MANAGEMENT_CA) or "")
        if noted is not None:
            return noted
        authorities, now = self._store.authorities.values(), self._clock()
        if self.certificate() is None:
            authorities = tuple(each for each in authorities if read_certificate(each.certificate).in_date(now))
        return next(iter(authorities), None)

    def first_certificate(self, authority: CertificationAuthority) -> NewServerCertificate | None:
        """The certificate that a CA issues for the names that are known; None while none are."""
        return self._issued(authority, self._names) if self._names else None

    def begin_with(self, authority: CertificationAuthority, certificate: NewServerCertificate | None) -> None:
        """Note the management CA and keep what it issued, inside the transaction that is open."""
        self._store.put_setting(_MANAGEMENT_CA, authority.name)
        if certificate is not None:
            self._keep(certificate)

    def _renew(self, names: tuple[str, ...]) -> None:
        authority = self.management_ca()
        if authority is None:
            return  # nobody can issue it yet
        if not read_certificate(authority.certificate).in_date(self._clock()):
            # The server goes on with what it has: the operator has to get in to renew the CA.
            logger.error("%r is not in date, so the server's certificate is not renewed", authority.name)
            return
        certificate = self._issued(authority, names)
        with self._store.transaction():
            self.begin_with(authority, certificate)
        self._revision += 1

    def _issued(self, authority: CertificationAuthority, names: tuple[str, ...]) -> NewServerCertificate:
        key = generate_key(_KEY_KIND)
        der = self._keyring.issuer(authority).issue_server(key, names, self._clock())
        return NewServerCertificate(
            record=IssuedCertificate.of(read_certificate(der), der, CertificatePurpose.SERVER, authority.name),
            sealed_key=self._vault.seal(private_key_der(key), SERVER_KEY_PURPOSE),
        )

    def _keep(self, certificate: NewServerCertificate) -> None:
        self._store.put_setting(_CERTIFICATE, base64.b64encode(certificate.record.der).decode())
        self._store.put_setting(_KEY, certificate.sealed_key)
        self._store.certificates.put(certificate.record)

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
        issuer = next(iter(path_above(certificate, self._authority_certificates())), None)
        if issuer is None or carried != set(names):
            return False
        now = self._clock()
        # One that ends with its CA is as good as it gets: another would end then too.
        lasts = facts.in_date(now + RENEW_BEFORE) or facts.not_after >= read_certificate(issuer).not_after
        return facts.in_date(now) and lasts

    def _authority_certificates(self) -> tuple[bytes, ...]:
        return tuple(authority.certificate for authority in self._store.authorities.values())

    def _on_change(self, tables: frozenset[str]) -> None:
        if tables & _TRUST_TABLES:
            self._revision += 1

"""What an operator can do, put together from one class a subject."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from estconsole.administration.activities import Activities
from estconsole.administration.aliases import Aliases
from estconsole.administration.authorities import Authorities
from estconsole.administration.certificates import Certificates
from estconsole.administration.end_entities import EndEntities
from estconsole.administration.first_run import FirstRun
from estconsole.administration.profiles import CertificateProfiles, EndEntityProfiles
from estconsole.administration.revoking import Revoker
from estconsole.administration.server import Server
from estconsole.administration.vendor_cas import VendorCas
from estconsole.crls import CrlIssuer
from estconsole.keyring import Keyring
from estconsole.server_identity import ServerIdentity
from estconsole.store.store import Store
from estconsole.subscription import Subscription
from estconsole.vault import Vault


class Administration:
    """An operator's use cases. Any thread may call them; calls may block on the disk.

    With `read_only` every act raises ReadOnlyError, and so does what tells a secret; devices are served all the same.
    """

    def __init__(
        self,
        store: Store,
        vault: Vault,
        keyring: Keyring,
        identity: ServerIdentity,
        crls: CrlIssuer,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        read_only: bool = False,
    ) -> None:
        self._store = store
        self.read_only = read_only
        revoker = Revoker(store, crls, clock)
        self.end_entities = EndEntities(store, vault, revoker, clock, read_only=read_only)
        self.aliases = Aliases(store, clock, read_only=read_only)
        self.authorities = Authorities(store, keyring, identity, crls, clock, read_only=read_only)
        self.vendor_cas = VendorCas(store, clock, read_only=read_only)
        self.certificates = Certificates(store, identity, revoker, read_only=read_only)
        self.certificate_profiles = CertificateProfiles(store, read_only=read_only)
        self.end_entity_profiles = EndEntityProfiles(store, read_only=read_only)
        self.server = Server(store, identity, read_only=read_only)
        self.activities = Activities(store, vault, read_only=read_only)
        self.first_run = FirstRun(store, keyring, identity, crls, self.aliases, clock, read_only=read_only)

    def subscribe(self, listener: Callable[[frozenset[str]], None]) -> Subscription:
        """Call `listener` with the names of the tables that changed, in the thread that changed them."""
        return self._store.changes.subscribe(listener)

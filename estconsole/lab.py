"""The lab: opens a data directory and puts everything together that has no front."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType, TracebackType

import demo_data
from estconsole.activity import FEED_SIZE, ActivityFeed
from estconsole.administration import Administration
from estconsole.administration.first_run import default_alias, default_authority
from estconsole.administration.server import stored_settings
from estconsole.crls import CrlIssuer
from estconsole.data_directory import ENVIRONMENT_VARIABLE, DataDirectory
from estconsole.domain.model import DEFAULT_ALIAS
from estconsole.engine import Engine
from estconsole.errors import DataDirectoryUnusableError
from estconsole.handshakes import HandshakeLog
from estconsole.keyring import Keyring
from estconsole.pki.crls import read_crl
from estconsole.results import Rejected, Saved
from estconsole.seals import CHECK_PURPOSE
from estconsole.server_identity import ServerIdentity
from estconsole.settings import ServerSettings
from estconsole.store.store import Store
from estconsole.tls_material import TlsSource
from estconsole.upkeep import Upkeep
from estconsole.vault import Vault

logger = logging.getLogger(__name__)

_CHECK = "vault_check"
_DEMO = "demo_made"
_DEMO_VENDOR = "demo_vendor_made"


class Lab:
    """An open lab. It owns its data directory until it is closed."""

    def __init__(
        self,
        directory: DataDirectory,
        name: str,
        settings: ServerSettings | None,
        options: Mapping[str, object],
        *,
        demo: bool,
        furnish: bool,
        read_only: bool,
        clock: Callable[[], datetime],
    ) -> None:
        self.name = name
        self.data_dir = directory.path
        self._directory = directory
        new = directory.is_new
        vault = Vault.open(directory.vault_key, create=new)
        self._store = Store(directory.database)
        try:
            self._check(vault, demo=demo)
            self.settings = (settings or stored_settings(self._store)).with_options(**options)
        except BaseException:
            self._store.close()
            raise
        keyring = Keyring(vault)
        crls = CrlIssuer(self._store, keyring, clock)
        self.feed = ActivityFeed(self._store.log.latest(FEED_SIZE))
        self._identity = ServerIdentity(self._store, vault, keyring, clock)
        parts = (self._store, vault, keyring, self._identity, crls, clock)
        self.administration = Administration(*parts, read_only=read_only)
        self.engine = Engine(self._store, vault, keyring, self.feed, clock)
        self.handshakes = HandshakeLog(self._store, self.feed)
        self._upkeep = Upkeep([crls.renew_due, self._identity.renew_due])
        try:
            self._furnish(Administration(*parts), demo=demo, furnish=furnish and not read_only)
            self._identity.ensure(self.settings.certificate_names())
        except BaseException:
            self._store.close()
            raise
        self._read_crls()
        self._upkeep.start()

    @classmethod
    def open(
        cls,
        data_dir: Path,
        *,
        owner: str,
        settings: ServerSettings | None = None,
        options: Mapping[str, object] = MappingProxyType({}),
        demo: bool = False,
        furnish: bool = True,
        read_only: bool = False,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> Lab:
        """Open the lab of a data directory, or make a new one there; `demo` adds what a demo shows, once (B-7).

        Without `furnish` a new lab gets no CA and no alias, for the operator to name (`administration.first_run`). A
        `read_only` one that is no demo gets none either. Its `administration` changes nothing; devices enroll all the
        same.

        `settings` stand in for those that the lab keeps, and `options` for single ones of either, for as long as it is
        open. `clock` tells the time (aware UTC) by which requests are decided, and certificates and CRLs issued.
        Raises DataDirectoryInUseError, DataDirectoryUnusableError, DatabaseDamagedError or VaultError; what is on disk
        stays as it was then.
        """
        directory = DataDirectory(data_dir, owner)
        try:
            name = demo_data.LAB_NAME if demo else data_dir.name
            return cls(directory, name, settings, options, demo=demo, furnish=furnish, read_only=read_only, clock=clock)
        except BaseException:
            directory.close()
            raise

    @property
    def tls(self) -> TlsSource:
        """Where the listeners take the server's certificate and the trusted CAs from."""
        return self._identity

    def close(self) -> None:
        """Write out what is pending and let go of the data directory."""
        self._upkeep.close()
        self._identity.close()
        self.handshakes.close()
        self._store.close()
        self._directory.close()

    def __enter__(self) -> Lab:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def _check(self, vault: Vault, *, demo: bool) -> None:
        """Refuse a key file that is not this lab's, and to make a demo of a lab that is somebody's own."""
        sealed = self._store.setting(_CHECK)
        if sealed is None:
            self._store.put_setting(_CHECK, vault.seal(b"this lab", CHECK_PURPOSE))
        else:
            vault.unseal(sealed, CHECK_PURPOSE)
        store = self._store
        tables = (store.authorities, store.vendor_cas, store.aliases, store.end_entities)
        if demo and store.setting(_DEMO) is None and any(len(table) for table in tables):
            raise not_a_demo(self.data_dir)

    def _furnish(self, administration: Administration, *, demo: bool, furnish: bool) -> None:
        """What no lab can do without, ManagementCA and the alias `est` (B-2), and what a demo shows (B-7).

        Each part is made once, in one transaction: what was spent, edited or deleted since stays so. An alias `est`
        that an operator made in a lab without a CA is left as it is.
        """
        is_new = administration.first_run.is_due()
        if is_new and (furnish or demo):
            alias = None if administration.aliases.get(DEFAULT_ALIAS) else default_alias()
            with self._store.transaction():
                _saved(administration.first_run.make(default_authority(), alias))
                if demo:
                    for draft in demo_data.client_entities(administration.end_entities.generate_code):
                        _saved(administration.end_entities.add(draft))
                    self._store.put_setting(_DEMO, "yes")
        if demo and self._store.setting(_DEMO_VENDOR) is None:
            # A demo that an earlier version made may hold some of it already, by the operator's own hand: that stays.
            kept = _saved if is_new else _noted
            with self._store.transaction():
                for name, file in demo_data.VENDOR_CAS.items():
                    kept(administration.vendor_cas.import_(demo_data.vendor_ca(file), [name]))
                kept(administration.aliases.save(demo_data.VENDOR_ALIAS))
                kept(administration.end_entities.add(demo_data.VENDOR_DEVICE))
                self._store.put_setting(_DEMO_VENDOR, "yes")

    def _read_crls(self) -> None:
        """Read every imported CRL before a device comes: a large one takes seconds, and the first request would wait.

        What is read is remembered by `pki.crls`.
        """
        vendors = [vendor.crl for vendor in self._store.vendor_cas.values()]
        for crl in (*vendors, *(authority.foreign_crl for authority in self._store.authorities.values())):
            if crl is not None:
                read_crl(crl)


def require_demo(directory: DataDirectory) -> None:
    """Raises DataDirectoryUnusableError unless the lab of a directory is a demo."""
    store = Store(directory.database)
    is_demo = store.setting(_DEMO) is not None
    store.close()
    if not is_demo:
        raise not_a_demo(directory.path)


def not_a_demo(path: Path) -> DataDirectoryUnusableError:
    """A lab that somebody uses does not get the demo's published code, and is not reset."""
    return DataDirectoryUnusableError(
        f"{path} holds a lab of your own, and no demo.",
        f"Name another directory for the demo with --data-dir or {ENVIRONMENT_VARIABLE}.",
    )


def _noted(result: object) -> None:
    if isinstance(result, Rejected):
        why = "; ".join(problem.message for problem in result.problems)
        logger.warning("a part of the demo's vendor is not made anew: %s", why)


def _saved(result: object) -> None:
    if not isinstance(result, Saved):
        raise TypeError(f"a new lab does not take what belongs into it: {result}")

"""The lab: opens a data directory and puts everything together that has no front."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

import demo_data
from estconsole.activity import FEED_SIZE, ActivityFeed
from estconsole.administration import Administration
from estconsole.data_directory import ENVIRONMENT_VARIABLE, DataDirectory
from estconsole.domain.validation import AliasDraft
from estconsole.engine import Engine
from estconsole.errors import DataDirectoryUnusableError
from estconsole.handshakes import HandshakeLog
from estconsole.keyring import Keyring
from estconsole.results import Saved
from estconsole.seals import CHECK_PURPOSE
from estconsole.server_identity import ServerIdentity
from estconsole.settings import ServerSettings
from estconsole.store.store import Store
from estconsole.tls_material import TlsSource
from estconsole.vault import Vault

MANAGEMENT_CA = "ManagementCA"
MANAGEMENT_CA_SUBJECT = "CN=ManagementCA,O=estconsole"

_CHECK = "vault_check"
_MADE = "made"
_DEMO = "demo_made"


class Lab:
    """An open lab. It owns its data directory until it is closed."""

    def __init__(self, directory: DataDirectory, name: str, settings: ServerSettings, *, demo: bool) -> None:
        self.name = name
        self.data_dir = directory.path
        self.settings = settings
        self._directory = directory
        new = directory.is_new
        vault = Vault.open(directory.vault_key, create=new)
        self._store = Store(directory.database)
        try:
            self._check(vault, demo=demo)
        except BaseException:
            self._store.close()
            raise
        keyring = Keyring(vault)
        self.feed = ActivityFeed(self._store.log.latest(FEED_SIZE))
        self._identity = ServerIdentity(self._store, vault, keyring, MANAGEMENT_CA)
        self.administration = Administration(self._store, vault, keyring, self._identity)
        self.engine = Engine(self._store, vault, keyring, self.feed)
        self.handshakes = HandshakeLog(self._store, self.feed)
        try:
            self._furnish(demo=demo)
            self._identity.ensure(settings.certificate_names())
        except BaseException:
            self._store.close()
            raise

    @classmethod
    def open(cls, data_dir: Path, *, owner: str, settings: ServerSettings | None = None, demo: bool = False) -> Lab:
        """Open the lab of a data directory, or make a new one there; `demo` adds the demo's entities, once (B-7).

        Raises DataDirectoryInUseError, DataDirectoryUnusableError, DatabaseDamagedError or VaultError; what is on disk
        stays as it was then.
        """
        directory = DataDirectory(data_dir, owner)
        try:
            name = demo_data.LAB_NAME if demo else data_dir.name
            return cls(directory, name, settings or ServerSettings(), demo=demo)
        except BaseException:
            directory.close()
            raise

    @property
    def tls(self) -> TlsSource:
        """Where the listeners take the server's certificate and the trusted CAs from."""
        return self._identity

    def close(self) -> None:
        """Write out what is pending and let go of the data directory."""
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
        if demo and self._store.setting(_MADE) is not None and self._store.setting(_DEMO) is None:
            raise not_a_demo(self.data_dir)

    def _furnish(self, *, demo: bool) -> None:
        """What no lab can do without, ManagementCA and the alias `est` (B-2), and what a demo shows (B-7).

        All of it is made once, in one transaction: what was spent, edited or deleted since stays so.
        """
        if self._store.setting(_MADE) is not None:
            return
        with self._store.transaction():
            self.administration.create_authority(MANAGEMENT_CA, MANAGEMENT_CA_SUBJECT)
            _saved(self.administration.save_alias(AliasDraft(name="est", options=EST_ALIAS_OPTIONS)))
            self._store.put_setting(_MADE, "yes")
            if demo:
                for draft in demo_data.end_entities(self.administration.generate_code):
                    _saved(self.administration.add_end_entity(draft))
                self._store.put_setting(_DEMO, "yes")


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


def _saved(result: object) -> None:
    if not isinstance(result, Saved):
        raise TypeError(f"a new lab does not take what belongs into it: {result}")


EST_ALIAS_OPTIONS = {
    "operationmode": "client",
    "extractusernamecomponent": "CN",
    "authenticationmodule": "ChallengePwd",
    "defaultca": MANAGEMENT_CA,
    "vendorcertificatemode": "false",
    "allowupdatewithsamekey": "true",
    "severkeygenenabled": "false",
}
"""The settings of the specification's alias `est`, by EJBCA's keys."""

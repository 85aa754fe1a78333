"""What the operator sees and sets of the server: its certificate, where it listens, and whether EST is on."""

from __future__ import annotations

from estconsole.administration.acts import Subject, act
from estconsole.domain.certificate import CertificateFacts
from estconsole.errors import DatabaseDamagedError, EstConsoleError, PortUnavailableError
from estconsole.pki.certificates import read_certificate
from estconsole.results import Rejected, Saved
from estconsole.server_control import ServerControl
from estconsole.server_identity import ServerIdentity
from estconsole.settings import ServerSettings, settings_problems
from estconsole.situations import EST_SWITCH, est_is_on
from estconsole.store.store import Store

_SETTINGS = "server_settings"


def stored_settings(store: Store) -> ServerSettings:
    """Where the lab's server listens: as the operator saved it, or by default. Raises DatabaseDamagedError."""
    text = store.setting(_SETTINGS)
    if text is None:
        return ServerSettings()
    try:
        return ServerSettings.from_text(text)
    except ValueError as error:
        raise DatabaseDamagedError(f"{error}.", "Restore the data directory from a backup.") from error


class Server(Subject):
    """The server's own certificate and settings. What runs is started and changed through `ServerControl`."""

    def __init__(self, store: Store, identity: ServerIdentity, *, read_only: bool) -> None:
        super().__init__(read_only=read_only)
        self._store = store
        self._identity = identity

    def certificate_facts(self) -> CertificateFacts | None:
        """The TLS server's certificate as facts."""
        certificate = self._identity.certificate()
        return None if certificate is None else read_certificate(certificate)

    def issuing_ca(self) -> str:
        """The name of the CA that issued it, which devices must trust; empty before there is one."""
        facts = self.certificate_facts()
        record = self._store.certificates.get(facts.sha256) if facts else None
        return record.issuing_ca if record else ""

    def settings(self) -> ServerSettings:
        """The settings that the lab keeps. Raises DatabaseDamagedError."""
        return stored_settings(self._store)

    @act
    def change_settings(self, settings: ServerSettings, control: ServerControl) -> Saved[ServerSettings] | Rejected:
        """Have the server listen as `settings` say, running or not, and keep them (B-36, B-37).

        The certificate has the names of both while the change goes on. Where the server cannot listen so, nothing is
        kept and what ran runs on: Rejected names the setting that it is about. Raises ServerFaultError, and
        PortUnavailableError if it is about no setting alone.
        """
        if problems := settings_problems(settings):
            return Rejected(problems)
        names, running = settings.certificate_names(), control.settings.certificate_names()
        self._identity.ensure(tuple(dict.fromkeys((*names, *running))))
        try:
            control.apply(settings)
        except EstConsoleError as error:
            self._identity.ensure(running)
            if isinstance(error, PortUnavailableError) and error.problem is not None:
                return Rejected((error.problem,))
            raise
        self._store.put_setting(_SETTINGS, settings.to_text())
        self._identity.ensure(names)
        return Saved(settings)

    def est_is_on(self) -> bool:
        """Whether EST is switched on; EJBCA has such a switch for each of its protocols."""
        return est_is_on(self._store)

    @act
    def switch_est(self, *, on: bool) -> None:
        """Switch EST on, or off: then every EST request is refused with 403 (B-25)."""
        self._store.put_setting(EST_SWITCH, "yes" if on else "no")

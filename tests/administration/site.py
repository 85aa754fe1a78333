"""The operator's use cases over a real store with real keys, and a clock that tests turn: no server, no upkeep."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from estconsole.activity import ActivityFeed
from estconsole.administration import Administration
from estconsole.crls import CrlIssuer
from estconsole.domain.ca_drafts import AuthorityDraft
from estconsole.domain.model import CertificationAuthority, IssuedCertificate, IssuedCrl
from estconsole.domain.revocation import RevocationReason
from estconsole.engine import Engine
from estconsole.keyring import Keyring
from estconsole.pki.certificates import read_certificate
from estconsole.results import Conflict, Rejected, Saved
from estconsole.server_identity import ServerIdentity
from estconsole.store.store import Store
from estconsole.vault import Vault
from tests.labs import add, certificate_of, enroll, save_alias

CA = "ManagementCA"
DAY = timedelta(days=1)


class Clock:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, by: timedelta) -> None:
        self.now += by


@dataclass(frozen=True, slots=True)
class Site:
    """A lab without its server and its upkeep. Its ManagementCA has an EC key, which is made in no time."""

    store: Store
    administration: Administration
    engine: Engine
    crls: CrlIssuer
    identity: ServerIdentity
    clock: Clock

    def create(self, name: str, **draft: str) -> CertificationAuthority:
        result = self.administration.authorities.create(
            AuthorityDraft(name=name, subject=draft.pop("subject", f"CN={name}"), **draft)
        )
        assert isinstance(result, Saved), result
        return result.record

    def device(self, username: str, **fields: str) -> IssuedCertificate:
        """The certificate of a device that registers and enrolls."""
        add(self, username, **fields)
        return self.enrolled(username)

    def enrolled(self, username: str) -> IssuedCertificate:
        der = certificate_of(enroll(self, username))
        record = self.store.certificates.get(read_certificate(der).sha256)
        assert record is not None
        return record

    def revoke(
        self, certificate: bytes, reason: RevocationReason = RevocationReason.KEY_COMPROMISE
    ) -> Saved[IssuedCertificate] | Rejected | Conflict[IssuedCertificate]:
        return self.administration.certificates.revoke(read_certificate(certificate).sha256, reason)

    def crl(self, name: str = CA) -> IssuedCrl:
        crl = self.store.crls.get(name)
        assert crl is not None
        return crl


@contextmanager
def site_in(directory: Path) -> Iterator[Site]:
    clock = Clock()
    store, vault = Store(directory / "site.db"), Vault.open(directory / "vault.key", create=True)
    keyring = Keyring(vault)
    crls, identity = CrlIssuer(store, keyring, clock), ServerIdentity(store, vault, keyring, clock)
    administration = Administration(store, vault, keyring, identity, crls, clock)
    site = Site(store, administration, Engine(store, vault, keyring, ActivityFeed([]), clock), crls, identity, clock)
    site.create(CA)
    save_alias(site, "est", authenticationmodule="ChallengePwd", defaultca=CA)
    identity.ensure(("localhost",))
    try:
        yield site
    finally:
        identity.close()
        store.close()


def problem_of(result: object, field: str) -> str:
    """The words about a field, of a use case that was rejected for that field alone."""
    assert isinstance(result, Rejected), result
    assert {problem.field for problem in result.problems} == {field}
    return " ".join(problem.message for problem in result.problems)

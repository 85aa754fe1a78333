"""The first run of a lab: its first CA, the alias that devices call, and the server's certificate, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from estconsole.administration import new_authority
from estconsole.administration.acts import Subject, act
from estconsole.administration.aliases import Aliases
from estconsole.administration.contexts import alias_context
from estconsole.administration.known_cas import known_authorities
from estconsole.crls import CrlIssuer
from estconsole.domain.alias_options import AliasDraft, check_alias_options
from estconsole.domain.ca_drafts import AuthorityDraft, check_authority
from estconsole.domain.model import DEFAULT_ALIAS, CertificationAuthority, EstAlias
from estconsole.domain.names import DistinguishedName, NameSyntaxError, parse_dn
from estconsole.domain.problems import FieldProblem
from estconsole.keyring import Keyring
from estconsole.progress import NO_PROGRESS, Progress
from estconsole.results import Conflict, Rejected, Saved
from estconsole.server_identity import ServerIdentity
from estconsole.store.store import Store

MANAGEMENT_CA = "ManagementCA"

_CA_NAME = "defaultca"

_Record = TypeVar("_Record")


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstRecords:
    """What the first run made. Without an alias where it was asked for none."""

    authority: CertificationAuthority
    alias: EstAlias | None


def default_authority() -> AuthorityDraft:
    """The CA that a form begins with, and that a lab gets when nobody is asked."""
    return AuthorityDraft(name=MANAGEMENT_CA, subject=f"CN={MANAGEMENT_CA},O=estconsole", key="RSA 2048")


def default_alias() -> AliasDraft:
    """The specification's alias `est` likewise (B-2, B-3). It names no CA: that is the one that is made with it."""
    return AliasDraft(
        name=DEFAULT_ALIAS,
        options={
            "operationmode": "client",
            "extractusernamecomponent": "CN",
            "authenticationmodule": "ChallengePwd",
            "vendorcertificatemode": "false",
            "allowupdatewithsamekey": "true",
            "severkeygenenabled": "false",
        },
    )


class FirstRun(Subject):
    """Furnishes a lab that has no CA: no server can start in it, and no device enroll."""

    def __init__(
        self,
        store: Store,
        keyring: Keyring,
        identity: ServerIdentity,
        crls: CrlIssuer,
        aliases: Aliases,
        clock: Callable[[], datetime],
        *,
        read_only: bool,
    ) -> None:
        super().__init__(read_only=read_only)
        self._store = store
        self._keyring = keyring
        self._identity = identity
        self._crls = crls
        self._aliases = aliases
        self._clock = clock

    def is_due(self) -> bool:
        """Whether the lab has no CA. A first run that was left half way made none, so it is due again."""
        return not len(self._store.authorities)

    @act
    def make(
        self, authority: AuthorityDraft, alias: AliasDraft | None, progress: Progress = NO_PROGRESS
    ) -> Saved[FirstRecords] | Rejected:
        """Make the lab's first CA, the alias (whose CA Name is this CA unless the draft says another), and the server's
        certificate, which this CA issues from now on: all of it or nothing.

        Problems are of the fields `authority.name`, `alias.name` and so on. Raises Cancelled.
        """
        named = None if alias is None else _with_ca(alias, authority.name)
        if problems := self._problems(authority, named):
            return Rejected(problems)
        new = new_authority.made(self._store, self._keyring, authority, self._clock(), progress)
        if not isinstance(new, new_authority.NewAuthority):
            return Rejected(_of("authority", new.problems))
        certificate = self._identity.first_certificate(new.authority)
        with self._store.transaction():
            if problems := self._problems(authority, named):
                return Rejected(problems)
            kept = _saved(new_authority.keep(self._store, self._crls, new))
            self._identity.begin_with(new.authority, certificate)
            added = None if named is None else _saved(self._aliases.save(named))
        if added is None:
            return Saved(FirstRecords(authority=kept.record, alias=None), kept.warnings)
        return Saved(FirstRecords(authority=kept.record, alias=added.record), (*kept.warnings, *added.warnings))

    def _problems(self, authority: AuthorityDraft, alias: AliasDraft | None) -> tuple[FieldProblem, ...]:
        """Everything that is wrong with either draft, found before a key is made."""
        if not self.is_due():
            names = ", ".join(self._store.authorities.keys())
            return (FieldProblem("authority.name", f"this lab has a CA already: {names}; add others to it"),)
        with self._store.lock:
            terms = check_authority(authority, known_authorities(self._store), self._clock())
            problems = _of("authority", terms) if isinstance(terms, tuple) else ()
            return problems if alias is None else (*problems, *_of("alias", self._alias_problems(authority, alias)))

    def _alias_problems(self, authority: AuthorityDraft, alias: AliasDraft) -> tuple[FieldProblem, ...]:
        if self._store.alias_named(alias.name) is not None:
            return (FieldProblem("name", f"an alias {alias.name} is there already"),)
        context = replace(alias_context(self._store), own_cas={authority.name: _subject(authority.subject)})
        checked = check_alias_options(EstAlias(uid="", name=alias.name), alias, context)
        return checked if isinstance(checked, tuple) else ()


def _with_ca(alias: AliasDraft, ca_name: str) -> AliasDraft:
    return replace(alias, options={**alias.options, _CA_NAME: alias.options.get(_CA_NAME) or ca_name})


def _subject(text: str) -> DistinguishedName:
    try:
        return parse_dn(text)
    except NameSyntaxError:
        return DistinguishedName(())  # which is told of as the CA's own problem


def _of(draft: str, problems: tuple[FieldProblem, ...]) -> tuple[FieldProblem, ...]:
    return tuple(FieldProblem(f"{draft}.{problem.field}", problem.message) for problem in problems)


def _saved(result: Saved[_Record] | Rejected | Conflict[_Record]) -> Saved[_Record]:
    """What was checked just now is taken; else the transaction must not go on."""
    if not isinstance(result, Saved):
        raise TypeError(f"a first run is not taken that was checked: {result}")
    return result

"""What becomes of end entities when an alias changes or goes: read from rows, since there may be a hundred thousand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from heapq import nsmallest
from itertools import product

from estconsole.administration.dependents import counted
from estconsole.administration.known_cas import is_same_ca, known_authorities
from estconsole.domain.alias_changes import carries_username, shut_out_because
from estconsole.domain.model import CLOSED_TO_RENEWAL, OPEN_STATUSES, CertificatePurpose, EstAlias
from estconsole.store.documents import Document
from estconsole.store.store import Store

FIRST_USERNAMES = 20
"""So many usernames of a group are told, beside its number."""
_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutOut:
    """End entities that a change shuts out for one reason: the first of them by name, how many, and why in words."""

    usernames: tuple[str, ...]
    count: int
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasPreview:
    """An alias as a draft would make it, what is odd about it, and whom it shuts out that could enroll or renew here.

    An end entity that can do neither any more stands in two groups. Only what can be known stands there: by the status,
    the code and the subject of a registration, and by the aliases of its certificates. What depends on the certificate
    or the request of a device that never came is a warning.
    """

    alias: EstAlias
    warnings: tuple[str, ...] = ()
    shut_out: tuple[ShutOut, ...] = ()


def shut_out_by(store: Store, before: EstAlias, after: EstAlias, now: datetime) -> tuple[ShutOut, ...]:
    """The end entities that may use an alias, and could enroll or renew there before a change and not after it."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    verdicts = _Verdicts(before, after)
    for username, row in store.end_entities.items():
        if row["status"] in OPEN_STATUSES and may_use(row, before.uid):
            because = verdicts.of(username, row)
            if because is not None:
                groups[because].append(username)
    if before.accept_other_aliases and not after.accept_other_aliases:
        _add_renewals(groups, store, before, now)
    return tuple(_group(because, usernames) for because, usernames in groups.items())


def may_use(row: Document, uid: str) -> bool:
    """Whether an end entity's row lets it use an alias (B-8)."""
    return not row["aliases"] or uid in row["aliases"].split()


def dropped_cas(store: Store, before: EstAlias, after: EstAlias) -> tuple[str, ...]:
    """The vendor CAs that an alias lists no more: but for one whose renewal it lists, for both are one CA (B-19)."""
    known = known_authorities(store)
    every = {**known.own, **known.vendors}
    kept = [every[name] for name in after.vendor_cas if name in every]
    gone = [name for name in before.vendor_cas if name in every and name not in after.vendor_cas]
    return tuple(name for name in gone if not any(is_same_ca(every[name], other) for other in kept))


def dependents_of_alias(store: Store, alias: EstAlias, now: datetime) -> tuple[str, ...]:
    """What loses something without an alias, in words: end entities that are bound to it, and certificates."""
    others = _Others(store, alias)
    rows = dict(store.end_entities.items())
    bound = {username: row for username, row in rows.items() if alias.uid in row["aliases"].split()}
    alone = [username for username, row in bound.items() if others.uids.isdisjoint(row["aliases"].split())]
    too = bound.keys() - set(alone)
    words = []
    if alone:
        may = counted(len(alone), "end entity that may use no other alias", "end entities that may use no other alias")
        words.append(f"{may}: {some_of(alone)}")
    if too:
        may = counted(len(too), "end entity that may use others too", "end entities that may use others too")
        words.append(f"{may}: {some_of(too)}")
    if lost := store.certificates.count(_is_lost(alias, others, rows, now)):
        words.append(
            counted(
                lost,
                "certificate that was issued through it, and renews nowhere then",
                "certificates that were issued through it, and renew nowhere then",
            )
        )
    return tuple(words)


def some_of(usernames: Collection[str]) -> str:
    """The first few usernames, and how many more there are."""
    first = ", ".join(nsmallest(_NAMED, usernames))
    return f"{first} and {len(usernames) - _NAMED} more" if len(usernames) > _NAMED else first


class _Verdicts:
    """Why a change shuts an end entity out, weighed once for each kind of them: there are eight."""

    def __init__(self, before: EstAlias, after: EstAlias) -> None:
        self._before = before.extract_username_component
        self._after = after.extract_username_component
        self._by_code = {has_code: self._verdicts(before, after, has_code=has_code) for has_code in (True, False)}

    def _verdicts(
        self, before: EstAlias, after: EstAlias, *, has_code: bool
    ) -> tuple[dict[tuple[bool, bool], str | None], bool]:
        """The verdicts by where the username is found, and whether that makes no difference."""
        verdicts = {
            (was, now): shut_out_because(before, after, has_code=has_code, was_named=was, is_named=now)
            for was, now in product((True, False), repeat=2)
            if was == now or self._before != self._after
        }
        return verdicts, len(set(verdicts.values())) == 1

    def of(self, username: str, row: Document) -> str | None:
        """The verdict of an end entity's row. Its subject is looked at where it makes a difference alone."""
        verdicts, only = self._by_code[row["sealed_code"] is not None]
        if only:
            return verdicts[True, True]
        was = carries_username(row["subject"], self._before, username)
        same = self._before == self._after
        return verdicts[was, was if same else carries_username(row["subject"], self._after, username)]


class _Others:
    """The aliases beside one: where else an end entity may go with a certificate of another alias."""

    def __init__(self, store: Store, alias: EstAlias) -> None:
        others = [other for other in store.aliases.values() if other.uid != alias.uid]
        self.uids = frozenset(other.uid for other in others)
        self._accepting = [other.uid for other in others if other.accept_other_aliases]

    def renew(self, row: Document, issued_through: str) -> bool:
        """Whether one of them renews an end entity's certificate that was issued through an alias (B-21)."""
        own = issued_through in self.uids and may_use(row, issued_through)
        return own or any(may_use(row, uid) for uid in self._accepting)


def _add_renewals(groups: Mapping[str, list[str]], store: Store, alias: EstAlias, now: datetime) -> None:
    """Add the end entities whose last certificate was issued through another alias, and renews on this one no more."""
    others, last = _Others(store, alias), _last_aliases(store, now)
    for username, row in store.end_entities.items():
        uid = last.get(row["registration"], alias.uid)
        if uid != alias.uid and may_use(row, alias.uid) and row["status"] not in CLOSED_TO_RENEWAL:
            where = "renews on others alone then" if others.renew(row, uid) else "renews nowhere then"
            groups[f"the last certificate was issued through another alias, and {where}"].append(username)


def _last_aliases(store: Store, now: datetime) -> dict[str, str]:
    """The uid of the alias of each registration's newest certificate that is good."""
    moment = now.isoformat()
    return {row["registration"]: row["alias_uid"] for row in store.certificates.rows() if _is_live(row, moment)}


def _is_lost(
    alias: EstAlias, others: _Others, entities: Mapping[str, Document], now: datetime
) -> Callable[[str, Document], bool]:
    """A test of certificates that renew on an alias alone."""
    moment = now.isoformat()

    def test(_: str, row: Document) -> bool:
        if row["alias_uid"] != alias.uid or not _is_live(row, moment):
            return False
        entity = entities.get(row["username"])
        if entity is None or entity["registration"] != row["registration"] or entity["status"] in CLOSED_TO_RENEWAL:
            return False
        return may_use(entity, alias.uid) and not others.renew(entity, alias.uid)

    return test


def _is_live(row: Document, moment: str) -> bool:
    return row["purpose"] == CertificatePurpose.END_ENTITY and not row["revoked_at"] and bool(row["not_after"] > moment)


def _group(because: str, usernames: list[str]) -> ShutOut:
    return ShutOut(usernames=tuple(nsmallest(FIRST_USERNAMES, usernames)), count=len(usernames), because=because)

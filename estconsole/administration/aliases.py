"""EST aliases: added, changed by EJBCA's own options, renamed and removed (B-1, B-3)."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from estconsole.administration.acts import Subject, act
from estconsole.administration.alias_effects import (
    AliasPreview,
    dependents_of_alias,
    dropped_cas,
    may_use,
    shut_out_by,
    some_of,
)
from estconsole.administration.contexts import alias_context
from estconsole.administration.dependents import counted
from estconsole.domain.alias_changes import change_warnings
from estconsole.domain.alias_options import (
    AliasContext,
    AliasDraft,
    alias_name_problem,
    alias_options,
    alias_warnings,
    check_alias_options,
)
from estconsole.domain.model import DEFAULT_ALIAS, EstAlias
from estconsole.results import Conflict, Rejected, Saved
from estconsole.store.documents import Document
from estconsole.store.store import Store

_NO_DEFAULT = f"URLs without a label serve the alias {DEFAULT_ALIAS}: without one of that name they are refused (B-2)."


class Aliases(Subject):
    """What EST clients find under `/.well-known/est/<alias>/`."""

    def __init__(self, store: Store, clock: Callable[[], datetime], *, read_only: bool) -> None:
        super().__init__(read_only=read_only)
        self._store = store
        self._clock = clock

    def all(self) -> tuple[EstAlias, ...]:
        """Every alias, by name."""
        return tuple(sorted(self._store.aliases.values(), key=lambda alias: alias.name))

    def get(self, name: str) -> EstAlias | None:
        return self._store.alias_named(name)

    def context(self) -> AliasContext:
        """What an alias's options may name now."""
        return alias_context(self._store)

    def bound(self) -> Mapping[str, int]:
        """How many end entities name each alias, by its uid; under "" those that name none, and may use any (B-8)."""
        rows = self._store.end_entities.rows()
        return Counter(uid for row in rows for uid in row["aliases"].split() or ("",))

    def check(self, draft: AliasDraft, revision: int | None = None) -> AliasPreview | Rejected:
        """What `save` would make of a draft, before it is saved: its warnings, and whom it would shut out (B-5, B-8).

        Nothing is changed. An edit is weighed against the alias as it is now, whatever its revision.
        """
        with self._store.lock:
            known = self._store.alias_named(draft.name)
            if revision is not None and known is None:
                return Rejected.because("name", f"there is no alias {draft.name} any more")
            checked = self._checked(draft, known, is_new=revision is None)
        if isinstance(checked, Rejected):
            return checked
        shut_out = () if known is None else shut_out_by(self._store, known, checked, self._clock())
        return AliasPreview(alias=checked, warnings=self._warnings(known, checked), shut_out=shut_out)

    @act
    def save(self, draft: AliasDraft, revision: int | None = None) -> Saved[EstAlias] | Rejected | Conflict[EstAlias]:
        """Add an alias (without a revision), or change the one of that name and revision (B-1, B-3)."""
        with self._store.transaction():
            known = self._store.alias_named(draft.name)
            if revision is not None and (known is None or known.revision != revision):
                return Conflict(known)
            checked = self._checked(draft, known, is_new=revision is None)
            if isinstance(checked, Rejected):
                return checked
            changed = replace(checked, revision=checked.revision + 1)
            self._store.aliases.put(changed)
        return Saved(changed, self._warnings(known, changed))

    @act
    def restore(self, before: EstAlias, revision: int) -> Saved[EstAlias] | Rejected | Conflict[EstAlias]:
        """Take an edit or a rename back: the alias as it was, if it is still of the revision that came of that.

        Rejected where its name has gone to another alias since, or what it named is gone.
        """
        with self._store.transaction():
            alias = self._store.aliases.get(before.uid)
            if alias is None or alias.revision != revision:
                return Conflict(alias)
            namesake = self._store.alias_named(before.name)
            if namesake is not None and namesake.uid != before.uid:
                return Rejected.because("name", f"an alias {before.name} is there already")
            draft = AliasDraft(name=before.name, options=alias_options(before))
            checked = check_alias_options(alias, draft, alias_context(self._store))
            if not isinstance(checked, EstAlias):
                return Rejected(checked)
            restored = replace(checked, revision=alias.revision + 1)
            self._store.aliases.put(restored)
        return Saved(restored, self._warnings(alias, restored))

    @act
    def rename(self, name: str, new_name: str, revision: int) -> Saved[EstAlias] | Rejected | Conflict[EstAlias]:
        """Give an alias another name; its end entities and certificates stay with it (B-1)."""
        with self._store.transaction():
            alias = self._store.alias_named(name)
            if alias is None or alias.revision != revision:
                return Conflict(alias)
            if problem := alias_name_problem(new_name):
                return Rejected.because("name", problem)
            if self._store.alias_named(new_name) is not None:
                return Rejected.because("name", f"an alias {new_name} is there already")
            renamed = replace(alias, name=new_name, revision=alias.revision + 1)
            self._store.aliases.put(renamed)
        return Saved(renamed, (_NO_DEFAULT,) if name == DEFAULT_ALIAS else ())

    @act
    def remove(self, name: str, revision: int) -> Saved[EstAlias] | Rejected | Conflict[EstAlias]:
        """Remove an alias, unless end entities are bound to it alone: none of them is let loose on any alias (B-8)."""
        with self._store.transaction():
            alias = self._store.alias_named(name)
            if alias is None or alias.revision != revision:
                return Conflict(alias)
            if bound := self._bound_to_alone(alias):
                may = counted(bound, "end entity may", "end entities may")
                return Rejected.because("name", f"{may} use no other alias; name another for them first")
            self._store.aliases.remove(alias.uid)
        return Saved(alias, (_NO_DEFAULT,) if name == DEFAULT_ALIAS else ())

    def dependents(self, name: str) -> tuple[str, ...]:
        """What goes with an alias, in words: end entities that are bound to it, certificates that renew nowhere then.

        Those that may use no other keep it from being removed.
        """
        alias = self._store.alias_named(name)
        return () if alias is None else dependents_of_alias(self._store, alias, self._clock())

    def _checked(self, draft: AliasDraft, known: EstAlias | None, *, is_new: bool) -> EstAlias | Rejected:
        """The alias that a draft makes, of the one that is known by its name."""
        if is_new and known is not None:
            return Rejected.because("name", f"an alias {draft.name} is there already")
        alias = known or EstAlias(uid=secrets.token_hex(8), name=draft.name)
        checked = check_alias_options(alias, draft, alias_context(self._store))
        return checked if isinstance(checked, EstAlias) else Rejected(checked)

    def _bound_to_alone(self, alias: EstAlias) -> int:
        """How many end entities may use an alias and no other that is still there."""
        others = set(self._store.aliases.keys()) - {alias.uid}

        def is_bound(_: str, row: Document) -> bool:
            uids = row["aliases"].split()
            return alias.uid in uids and others.isdisjoint(uids)

        return self._store.end_entities.count(is_bound)

    def _warnings(self, before: EstAlias | None, alias: EstAlias) -> tuple[str, ...]:
        """What is legal and odd about an alias, by itself (B-5) and among the end entities (B-6, B-8, B-15), and which
        devices a change of it shuts out.

        End entities are read as rows, and outside any transaction: there may be a hundred thousand, and requests wait.
        """
        warnings = list(alias_warnings(alias, alias_context(self._store)))
        using = {username: row for username, row in self._store.end_entities.items() if may_use(row, alias.uid)}
        if alias.default_ca and any(row["issuing_ca"] != alias.default_ca for row in using.values()):
            warnings.append(
                f"cacerts of {alias.name} returns {alias.default_ca}, and some of its end entities are issued by "
                "another CA."
            )
        if alias.vendor_certificate_mode and (opened := self._opened_by_code(alias, using)):
            warnings.append(opened)
        profile = self._store.certificate_profile(alias.certificate_profile) if alias.certificate_profile else None
        if profile is not None and not profile.can_renew:
            warnings.append(f"Certificates of {profile.name}, of which csrattrs tells, lack clientAuth: none renews.")
        if before is not None:
            warnings += change_warnings(before, alias, dropped_cas(self._store, before, alias))
        return tuple(warnings)

    def _opened_by_code(self, alias: EstAlias, using: Mapping[str, Document]) -> str | None:
        """Whether devices of a vendor alias have codes, which open another alias without any certificate."""
        others = [other for other in self.all() if other.uid != alias.uid and other.module_in_force is not None]
        exposed = [
            username
            for username, row in using.items()
            if row["sealed_code"] is not None and any(may_use(row, other.uid) for other in others)
        ]
        if not exposed:
            return None
        may = counted(len(exposed), "end entity that may use it has a code", "end entities that may use it have codes")
        return (
            f"{may} ({some_of(exposed)}), which opens {', '.join(other.name for other in others)} without any vendor "
            f"certificate; name {alias.name} alone for a vendor's device, or take its code away (B-8)."
        )

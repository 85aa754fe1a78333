"""What becomes of an end entity's draft: checked by what the lab has at one moment, and made a registration (B-8)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime

from estconsole.administration.contexts import registration_context
from estconsole.domain.model import EndEntity
from estconsole.domain.problems import FieldProblem
from estconsole.domain.secret import Secret
from estconsole.domain.validation import EndEntityDraft, EndEntityTerms, check_end_entity, code_warning, is_no_code
from estconsole.pki.names import san_problem
from estconsole.seals import code_purpose
from estconsole.store.store import Store
from estconsole.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedDraft:
    """A draft that holds: its terms, and the uids of the aliases that it names."""

    draft: EndEntityDraft
    terms: EndEntityTerms
    aliases: frozenset[str]


class RegistrationRules:
    """The CAs, profiles and aliases that drafts may name, as the store has them now: looked up once for any number."""

    def __init__(self, store: Store) -> None:
        with store.lock:
            context = registration_context(store)
            self._aliases = {alias.name: alias for alias in store.aliases.values()}
            self._versions = _versions(store)
        self._context = replace(context, issuing_cas=dict.fromkeys(context.issuing_cas))

    def are_those_of(self, store: Store) -> bool:
        """Whether nothing that they rest on was changed since."""
        return self._versions == _versions(store)

    def check(self, draft: EndEntityDraft, *, has_code: bool = False) -> CheckedDraft | tuple[FieldProblem, ...]:
        """The draft with its terms, or every problem at once."""
        terms = check_end_entity(draft, self._context, has_code=has_code)
        problems = () if isinstance(terms, EndEntityTerms) else terms
        if isinstance(terms, EndEntityTerms) and terms.subject_alt_names:
            message = san_problem(terms.subject_alt_names)
            problems = (FieldProblem("subject_alt_names", message),) if message else ()
        unknown = [name for name in draft.aliases if name not in self._aliases]
        if unknown:
            known = ", ".join(self._aliases) or "none"
            problems = (*problems, FieldProblem("aliases", f"no alias {', '.join(unknown)}; there is {known}"))
        if problems or not isinstance(terms, EndEntityTerms):
            return problems
        uids = frozenset(self._aliases[name].uid for name in draft.aliases)
        return CheckedDraft(draft=draft, terms=terms, aliases=uids)

    def warnings(self, draft: EndEntityDraft, entity: EndEntity) -> tuple[str, ...]:
        """What is legal and odd about a registration (B-8, B-14, B-15)."""
        warnings = []
        if draft.code is not None and (odd := code_warning(draft.code)):
            warnings.append(odd)
        profile = self._context.certificate_profiles.get(entity.certificate_profile)
        if profile is not None and not profile.can_renew:
            warnings.append(f"certificates of {profile.name} lack clientAuth and cannot renew (B-15)")
        if entity.sealed_code is None or not entity.aliases:
            return tuple(warnings)
        named = [alias for alias in self._aliases.values() if alias.uid in entity.aliases]
        vendor = [alias.name for alias in named if alias.vendor_certificate_mode]
        by_code = [alias.name for alias in named if alias.module_in_force is not None]
        if vendor and by_code:
            warnings.append(
                f"it may use {', '.join(vendor)} with its vendor's certificate, and its code alone opens "
                f"{', '.join(by_code)} as well (B-8)"
            )
        return tuple(warnings)


def registered(checked: CheckedDraft, vault: Vault, now: datetime) -> EndEntity:
    """The new end entity of a draft: NEW, with its code sealed if it has one."""
    draft, terms, registration = checked.draft, checked.terms, secrets.token_hex(16)
    return EndEntity(
        username=terms.username,
        registration=registration,
        subject=terms.subject,
        subject_alt_names=terms.subject_alt_names,
        issuing_ca=draft.issuing_ca,
        end_entity_profile=draft.end_entity_profile,
        certificate_profile=draft.certificate_profile,
        sealed_code=sealed_code(vault, draft.code, registration),
        allowed_requests=terms.allowed_requests,
        remaining_requests=terms.allowed_requests,
        max_failed_logins=terms.max_failed_logins,
        remaining_logins=terms.max_failed_logins,
        aliases=checked.aliases,
        created_at=now,
        modified_at=now,
    )


def sealed_code(vault: Vault, code: Secret | None, registration: str) -> str | None:
    """A registration's code as the store keeps it, None where there is none (B-14)."""
    if code is None or is_no_code(code):
        return None
    return vault.seal(code.reveal().encode(), code_purpose(registration))


def taken_problem(username: str) -> FieldProblem:
    """What is wrong with a username that is registered."""
    return FieldProblem("username", f"{username} is registered already; edit it, or take another name")


def _versions(store: Store) -> tuple[int, ...]:
    tables = (store.authorities, store.aliases, store.certificate_profiles, store.end_entity_profiles)
    return tuple(table.version for table in tables)

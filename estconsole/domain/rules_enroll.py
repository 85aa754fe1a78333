"""Rules of simpleenroll with ChallengePwd: the username from the CSR, the code from its challengePassword (B-16)."""

from __future__ import annotations

from estconsole.domain.checks import Finding, Rule
from estconsole.domain.model import OPEN_STATUSES, EndEntity
from estconsole.domain.names import username_in
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.rules_request import ISSUANCE, READING, csr_of, entity_may_use_the_alias
from estconsole.domain.secret import Secret
from estconsole.domain.situation import Case

# What a code is held against where there is none: the comparison takes the same work either way (B-11).
_NO_CODE = Secret("no code is registered")


def alias_is_complete(case: Case) -> Finding:
    """The alias has an authentication module (B-5)."""
    module = case.situation.alias.authentication_module if case.situation.alias else None
    return Finding("an authentication module", module or "none", None if module else RefusalReason.INCOMPLETE_ALIAS)


def csr_names_a_username(case: Case) -> Finding:
    """The DN field of the username stands exactly once in the CSR's subject (B-16)."""
    component = case.situation.alias.extract_username_component if case.situation.alias else "CN"
    names = username_in(csr_of(case).subject, component)
    expected = f"{component} once in the CSR's subject"
    if not names:
        return Finding(expected, "none", RefusalReason.USERNAME_ABSENT)
    if len(names) > 1:
        return Finding(expected, f"{len(names)} of them", RefusalReason.USERNAME_REPEATED)
    return Finding(expected, names[0])


def csr_carries_a_code(case: Case) -> Finding:
    """Exactly one challengePassword, and not an empty one: an absent code never matches anything (B-14, B-16)."""
    codes = csr_of(case).challenge_passwords
    expected = "one challengePassword"
    if len(codes) > 1:
        return Finding(expected, f"{len(codes)} of them", RefusalReason.CODE_REPEATED)
    if not codes or not codes[0]:
        return Finding(expected, "an empty one" if codes else "none", RefusalReason.CODE_ABSENT)
    return Finding(expected, "one")


def entity_is_registered(case: Case) -> Finding:
    """An end entity bears exactly this username (B-8). The code is compared all the same (B-11)."""
    if case.situation.entity is None:
        _code_matches(case)
        return Finding("a registered end entity", "no end entity of this username", RefusalReason.ENTITY_UNKNOWN)
    return Finding("a registered end entity", case.situation.entity.username)


def entity_may_enroll_on_the_alias(case: Case) -> Finding:
    """The end entity may use this alias (B-8).

    It stands before the code, so that guessing through another alias neither succeeds nor closes the entity. The
    client is told what a wrong code is told, and the code is compared all the same (B-11, B-24).
    """
    finding = entity_may_use_the_alias(case)
    if finding.refusal is not None:
        _code_matches(case)
    return finding


def entity_is_open(case: Case) -> Finding:
    """The status is one in which an initial enrollment is open (B-9). The code is compared all the same (B-11)."""
    entity = _entity(case)
    came = f"{entity.status.name}, last changed {entity.modified_at:%Y-%m-%d %H:%M:%S} UTC"
    if entity.status in OPEN_STATUSES:
        return Finding("NEW, FAILED or INPROCESS", came)
    _code_matches(case)
    return Finding("NEW, FAILED or INPROCESS", came, RefusalReason.ENTITY_NOT_OPEN)


def code_is_right(case: Case) -> Finding:
    """The code is the end entity's, compared in constant time (B-11)."""
    right = _code_matches(case)
    if case.situation.code is None:
        return Finding("the end entity's code", "the end entity has none", RefusalReason.ENTITY_WITHOUT_CODE)
    if right:
        return Finding("the end entity's code", "the same")
    entity = _entity(case)
    left = "no limit" if entity.max_failed_logins < 0 else f"{entity.remaining_logins - 1} tries left"
    return Finding("the end entity's code", f"another; {left}", RefusalReason.WRONG_CODE)


def _code_matches(case: Case) -> bool:
    codes = csr_of(case).challenge_passwords
    registered = case.situation.code
    same = codes[0].matches(registered if registered is not None else _NO_CODE)
    return same and registered is not None


def _entity(case: Case) -> EndEntity:
    if case.situation.entity is None:
        raise TypeError("a rule that needs the end entity stands before the one that asks for it")
    return case.situation.entity


CHALLENGE_PWD: tuple[Rule[Case], ...] = (
    *READING,
    Rule("alias is complete", alias_is_complete),
    Rule("username in the CSR", csr_names_a_username),
    Rule("code in the CSR", csr_carries_a_code),
    Rule("end entity registered", entity_is_registered),
    Rule("end entity may use the alias", entity_may_enroll_on_the_alias),
    Rule("status", entity_is_open),
    Rule("code", code_is_right),
    *ISSUANCE,
)

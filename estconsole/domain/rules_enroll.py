"""Rules of an initial request with a code: the module says where username and code stand (B-16)."""

from __future__ import annotations

from estconsole.domain.authorisation import carried_codes, claimed_usernames
from estconsole.domain.checks import Finding, Rule
from estconsole.domain.model import OPEN_STATUSES, AuthenticationModule
from estconsole.domain.names import WHOLE_DN
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.rules_request import csr_of, entity_may_use_the_alias
from estconsole.domain.secret import Secret
from estconsole.domain.situation import Case

# What a code is held against where there is none: the comparison takes the same work either way (B-11).
_NO_CODE = Secret("no code is registered")


def alias_is_complete(case: Case) -> Finding:
    """The alias has an authentication module, or vendor CAs (B-5)."""
    alias = case.alias
    if alias.vendor_certificate_mode:
        came = f"vendor mode with {', '.join(alias.vendor_cas)}" if alias.vendor_cas else "vendor mode without CAs"
        complete = bool(alias.vendor_cas)
    else:
        came, complete = alias.authentication_module or "none", alias.authentication_module is not None
    return Finding(
        "an authentication module, or vendor CAs", came, None if complete else RefusalReason.INCOMPLETE_ALIAS
    )


def csr_names_a_username(case: Case) -> Finding:
    """The DN field of the username stands exactly once in the CSR's subject (B-16)."""
    component = case.alias.extract_username_component
    names = claimed_usernames(case.request, case.alias)
    expected = f"{component} once in the CSR's subject"
    if not names:
        return Finding(expected, "none", RefusalReason.USERNAME_ABSENT)
    if len(names) > 1:
        return Finding(expected, f"{len(names)} of them", RefusalReason.USERNAME_REPEATED)
    if component == WHOLE_DN:
        return Finding(expected, case.shown(csr_of(case).subject))
    return Finding(expected, names[0] or "an empty one")


def csr_carries_a_code(case: Case) -> Finding:
    """Exactly one challengePassword, and not an empty one: an absent code never matches anything (B-14, B-16)."""
    return _one_code(case, "challengePassword", RefusalReason.CODE_ABSENT, RefusalReason.CODE_REPEATED)


def subject_carries_a_code(case: Case) -> Finding:
    """The DN field of the code stands exactly once; a challengePassword is ignored then (B-16)."""
    field = case.alias.extract_dn_part_pwd_component
    return _one_code(case, f"{field} in the subject", RefusalReason.DN_CODE_ABSENT, RefusalReason.DN_CODE_REPEATED)


def basic_credentials_are_there(case: Case) -> Finding:
    """User name and code came in an Authorization header, neither of them empty (B-14, B-16)."""
    basic = case.request.basic
    expected = "a user name and a code by HTTP Basic"
    if basic is None:
        return Finding(expected, "none", RefusalReason.BASIC_ABSENT)
    if not (basic.username and basic.password):
        return Finding(expected, "no code" if basic.username else "no user name", RefusalReason.BASIC_ABSENT)
    return Finding(expected, f"those of {basic.username}")


def entity_is_registered(case: Case) -> Finding:
    """An end entity bears exactly this username (B-8). A code is compared all the same (B-11)."""
    if case.situation.entity is None:
        _code_matches(case)
        return Finding("a registered end entity", "no end entity of this username", RefusalReason.ENTITY_UNKNOWN)
    return Finding("a registered end entity", case.entity.username)


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
    """The status is one in which an initial enrollment is open (B-9). A code is compared all the same (B-11)."""
    entity = case.entity
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
    entity = case.entity
    left = "no limit" if entity.max_failed_logins < 0 else f"{entity.remaining_logins - 1} tries left"
    return Finding("the end entity's code", f"another; {left}", RefusalReason.WRONG_CODE)


def _one_code(case: Case, where: str, absent: RefusalReason, repeated: RefusalReason) -> Finding:
    codes = carried_codes(case.request, case.alias)
    expected = f"one {where}"
    if len(codes) > 1:
        return Finding(expected, f"{len(codes)} of them", repeated)
    if not codes or not codes[0]:
        return Finding(expected, "an empty one" if codes else "none", absent)
    return Finding(expected, "one")


def _code_matches(case: Case) -> bool:
    codes, registered = carried_codes(case.request, case.alias), case.situation.code
    if not codes:
        return False  # vendor mode: there is no code to compare
    same = codes[0].matches(registered if registered is not None else _NO_CODE)
    return same and registered is not None


COMPLETE: Rule[Case] = Rule("alias is complete", alias_is_complete)

REGISTERED: tuple[Rule[Case], ...] = (
    Rule("end entity registered", entity_is_registered),
    Rule("end entity may use the alias", entity_may_enroll_on_the_alias),
    Rule("status", entity_is_open),
)
"""What every initial request meets once it is known whom it claims to be for."""

_USERNAME: Rule[Case] = Rule("username in the CSR", csr_names_a_username)
_CODE: Rule[Case] = Rule("code", code_is_right)


def _with_code(*credentials: Rule[Case]) -> tuple[Rule[Case], ...]:
    return (COMPLETE, *credentials, *REGISTERED, _CODE)


BY_CODE: dict[AuthenticationModule | None, tuple[Rule[Case], ...]] = {
    AuthenticationModule.CHALLENGE_PWD: _with_code(_USERNAME, Rule("code in the CSR", csr_carries_a_code)),
    AuthenticationModule.DN_PART_PWD: _with_code(_USERNAME, Rule("code in the CSR", subject_carries_a_code)),
    AuthenticationModule.HTTP_BASIC_AUTH: _with_code(Rule("HTTP Basic credentials", basic_credentials_are_there)),
    None: (COMPLETE,),
}
"""What authorises an initial request, by the alias's module; without one the alias is incomplete, and refuses."""

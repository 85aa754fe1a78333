"""Certificate profiles and end entity profiles as an operator types them, and what is odd about them (B-15)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from estconsole.domain.certificate import CLIENT_AUTH, CURVES, SERVER_AUTH, KeyAlgorithm
from estconsole.domain.model import USAGES_OF, CertificateProfile, EndEntityProfile, KeyRule, KeyUsage
from estconsole.domain.names import dn_field
from estconsole.domain.naming import name_problem
from estconsole.domain.periods import format_period, parse_period
from estconsole.domain.problems import FieldProblem
from estconsole.domain.validation import count_problems, whole_number

EXTENDED_KEY_USAGES: Mapping[str, str] = MappingProxyType(
    {
        "clientAuth": CLIENT_AUTH,
        "serverAuth": SERVER_AUTH,
        "codeSigning": "1.3.6.1.5.5.7.3.3",
        "emailProtection": "1.3.6.1.5.5.7.3.4",
        "timeStamping": "1.3.6.1.5.5.7.3.8",
        "OCSPSigning": "1.3.6.1.5.5.7.3.9",
        "ipsecIKE": "1.3.6.1.5.5.7.3.17",
        "anyExtendedKeyUsage": "2.5.29.37.0",
    }
)
"""RFC 5280 4.2.1.12's names, and RFC 4945's for IPsec; any other usage goes by its OID."""

RSA_BITS = range(1024, 16385)
"""What OpenSSL makes and reads without being told to; below 2048 warns."""

_OID = re.compile(r"([01]\.[1-3]?[0-9]|2\.(0|[1-9][0-9]{0,8}))(\.(0|[1-9][0-9]{0,8}))+")
_MAX_OID = 64  # cryptography holds 63 bytes of one, and each of them takes at least a character here
_RSA = re.compile(r"RSA(?:\s+(?:from\s+)?([0-9]{3,5})(?:\s*(?:to|-)\s*([0-9]{3,5}))?)?", re.IGNORECASE)
_KEYS = "RSA from 2048, RSA from 2048 to 4096, EC P-256, P-384, P-521, or Ed25519"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateProfileDraft:
    """A certificate profile as typed.

    `key_rules` names kinds of key with commas or line ends between them. Extended key usages are names or OIDs; none
    leaves the extension out, and with it the use open.
    """

    name: str
    key_rules: str = "RSA from 2048, EC P-256, P-384, P-521"
    validity: str = "2y"
    key_usages: tuple[str, ...] = ("digitalSignature", "keyEncipherment")
    extended_key_usages: tuple[str, ...] = ("clientAuth",)
    san_from_request: bool = False
    crl_distribution_point: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class EndEntityProfileDraft:
    """An end entity profile as typed. DN fields by their labels; what is required is allowed as well."""

    name: str
    required_fields: tuple[str, ...] = ("CN",)
    allowed_fields: tuple[str, ...] = ()
    subject_alt_names_allowed: bool = True
    code_required: bool = False
    allowed_requests: str = "1"
    max_failed_logins: str = "10"


def check_certificate_profile(draft: CertificateProfileDraft) -> CertificateProfile | tuple[FieldProblem, ...]:
    """The profile that a draft describes, or every problem at once."""
    problems = _name_problems(draft.name)
    rules: tuple[KeyRule, ...] = ()
    usages: frozenset[KeyUsage] = frozenset()
    extended: tuple[str, ...] = ()
    validity = timedelta()
    try:
        rules = parse_key_rules(draft.key_rules)
    except ValueError as error:
        problems.append(FieldProblem("key_rules", str(error)))
    try:
        validity = parse_period(draft.validity)
    except ValueError as error:
        problems.append(FieldProblem("validity", str(error)))
    try:
        usages = frozenset(_key_usage(text) for text in draft.key_usages)
    except ValueError as error:
        problems.append(FieldProblem("key_usages", str(error)))
    else:
        problems += _usage_problems(usages, rules)
    try:
        extended = tuple(dict.fromkeys(_extended_key_usage(text) for text in draft.extended_key_usages))
    except ValueError as error:
        problems.append(FieldProblem("extended_key_usages", str(error)))
    if problems:
        return tuple(problems)
    return CertificateProfile(
        name=draft.name,
        key_rules=rules,
        validity=validity,
        key_usages=usages,
        extended_key_usages=extended,
        san_from_request=draft.san_from_request,
        crl_distribution_point=draft.crl_distribution_point,
    )


def certificate_profile_draft(profile: CertificateProfile) -> CertificateProfileDraft:
    """A profile as a form shows it, and as `check_certificate_profile` reads it."""
    names = {oid: name for name, oid in EXTENDED_KEY_USAGES.items()}
    return CertificateProfileDraft(
        name=profile.name,
        key_rules=", ".join(map(str, profile.key_rules)),
        validity=format_period(profile.validity),
        key_usages=tuple(str(usage) for usage in KeyUsage if usage in profile.key_usages),
        extended_key_usages=tuple(names.get(oid, oid) for oid in profile.extended_key_usages),
        san_from_request=profile.san_from_request,
        crl_distribution_point=profile.crl_distribution_point,
    )


def certificate_profile_warnings(profile: CertificateProfile) -> tuple[str, ...]:
    """What is legal and odd about a certificate profile."""
    warnings = []
    if not profile.can_renew:
        warnings.append(f"Certificates of {profile.name} lack clientAuth and cannot renew (B-15).")
    if not profile.key_usages & {KeyUsage.DIGITAL_SIGNATURE, KeyUsage.KEY_AGREEMENT}:
        warnings.append(f"Certificates of {profile.name} lack digitalSignature: TLS does not take them for a client's.")
    if any(rule.algorithm is KeyAlgorithm.RSA and rule.minimum_bits < 2048 for rule in profile.key_rules):
        warnings.append(f"{profile.name} admits RSA keys below 2048 bits, which today's programs refuse.")
    return tuple(warnings)


def check_end_entity_profile(draft: EndEntityProfileDraft) -> EndEntityProfile | tuple[FieldProblem, ...]:
    """The profile that a draft describes, or every problem at once."""
    problems = _name_problems(draft.name)
    required: frozenset[str] = frozenset()
    allowed: frozenset[str] = frozenset()
    try:
        required = frozenset(map(dn_field, draft.required_fields))
    except ValueError as error:
        problems.append(FieldProblem("required_fields", str(error)))
    try:
        allowed = frozenset(map(dn_field, draft.allowed_fields))
    except ValueError as error:
        problems.append(FieldProblem("allowed_fields", str(error)))
    if not problems and not required | allowed:
        problems.append(FieldProblem("allowed_fields", "a subject needs at least one field, as in CN"))
    requests, logins = whole_number(draft.allowed_requests), whole_number(draft.max_failed_logins)
    problems += count_problems(requests, logins)
    if problems or requests is None or logins is None:
        return tuple(problems)
    return EndEntityProfile(
        name=draft.name,
        required_fields=required,
        allowed_fields=required | allowed,
        subject_alt_names_allowed=draft.subject_alt_names_allowed,
        code_required=draft.code_required,
        allowed_requests=requests,
        max_failed_logins=logins,
    )


def end_entity_profile_draft(profile: EndEntityProfile) -> EndEntityProfileDraft:
    """A profile as a form shows it, and as `check_end_entity_profile` reads it."""
    return EndEntityProfileDraft(
        name=profile.name,
        required_fields=tuple(sorted(profile.required_fields)),
        allowed_fields=tuple(sorted(profile.allowed_fields)),
        subject_alt_names_allowed=profile.subject_alt_names_allowed,
        code_required=profile.code_required,
        allowed_requests=str(profile.allowed_requests),
        max_failed_logins=str(profile.max_failed_logins),
    )


def parse_key_rules(text: str) -> tuple[KeyRule, ...]:
    """Kinds of key as typed, such as `RSA from 2048, EC P-256`. Raises ValueError in words.

    A curve that stands alone belongs to the EC before it, so that what a profile prints can be typed.
    """
    rules: list[KeyRule] = []
    for item in filter(None, (item.strip() for item in re.split(r"[,;\n]", text))):
        rule = _key_rule(item)
        if rule.algorithm is KeyAlgorithm.EC and rules and rules[-1].algorithm is KeyAlgorithm.EC:
            rule = KeyRule(algorithm=KeyAlgorithm.EC, curves=rules.pop().curves | rule.curves)
        if rule not in rules:
            rules.append(rule)
    if not rules:
        raise ValueError(f"name at least one kind of key: {_KEYS}")
    return tuple(rules)


def _key_rule(item: str) -> KeyRule:
    if rsa := _RSA.fullmatch(item):
        return _rsa_rule(item, rsa[1], rsa[2])
    if item.lower() == KeyAlgorithm.ED25519.lower():
        return KeyRule(algorithm=KeyAlgorithm.ED25519)
    words = item.upper().split()
    curves = words[1:] if words[0] == KeyAlgorithm.EC else words
    if not set(curves) <= set(CURVES):
        raise ValueError(f"{item!r} is no kind of key; write {_KEYS}")
    return KeyRule(algorithm=KeyAlgorithm.EC, curves=frozenset(curves or CURVES))


def _rsa_rule(item: str, smallest: str | None, largest: str | None) -> KeyRule:
    """`RSA 2048` is that size and no other."""
    minimum = int(smallest) if smallest else 2048
    maximum = int(largest) if largest else 0
    if smallest and not largest and "from" not in item.lower():
        maximum = minimum
    if minimum not in RSA_BITS or (maximum and maximum not in RSA_BITS) or 0 < maximum < minimum:
        bounds = f"from {RSA_BITS.start} to {RSA_BITS.stop - 1}"
        raise ValueError(f"{item!r}: RSA keys have {bounds} bits here, and the smaller number comes first")
    return KeyRule(algorithm=KeyAlgorithm.RSA, minimum_bits=minimum, maximum_bits=maximum)


def _key_usage(text: str) -> KeyUsage:
    for usage in KeyUsage:
        if usage.lower() == text.strip().lower():
            return usage
    raise ValueError(f"{text!r} is no key usage of an end entity; use {', '.join(KeyUsage)}")


def _usage_problems(usages: frozenset[KeyUsage], rules: tuple[KeyRule, ...]) -> list[FieldProblem]:
    """A certificate must say at least one usage (RFC 5280 4.2.1.3), whatever kind its key is of."""
    if not usages:
        return [FieldProblem("key_usages", f"choose at least one of {', '.join(KeyUsage)}")]
    bare = dict.fromkeys(rule.algorithm for rule in rules if not usages & USAGES_OF[rule.algorithm])
    return [
        FieldProblem("key_usages", f"none of these is for {algorithm} keys; add digitalSignature") for algorithm in bare
    ]


def _extended_key_usage(text: str) -> str:
    text = text.strip()
    for name, oid in EXTENDED_KEY_USAGES.items():
        if name.lower() == text.lower():
            return oid
    if not _OID.fullmatch(text) or len(text) > _MAX_OID:
        raise ValueError(f"{text!r} is no extended key usage; use {', '.join(EXTENDED_KEY_USAGES)}, or an OID")
    return text


def _name_problems(name: str) -> list[FieldProblem]:
    message = name_problem(name)
    return [FieldProblem("name", message)] if message else []

"""A CA as an operator types it, and what is wrong with it before any key is made (B-42)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from estconsole.domain.certificate import CertificateFacts, KeyKind, key_kind_of
from estconsole.domain.names import DistinguishedName, parse_dn, same_name
from estconsole.domain.naming import name_problem
from estconsole.domain.periods import parse_period
from estconsole.domain.problems import FieldProblem
from estconsole.domain.validation import subject_problem

MAX_URL = 1024
_URL = re.compile(r"https?://[!-~]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityDraft:
    """A CA as typed: its key as `EC P-256`, its validity as `10y`; without a `signed_by` it is a root.

    `signed_by` is the name of a CA of this lab. `crl_url` goes into the certificates that the new CA issues.
    """

    name: str
    subject: str
    key: str = "EC P-256"
    validity: str = "10y"
    signed_by: str = ""
    crl_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityTerms:
    """A draft that holds: its fields as values."""

    subject: DistinguishedName
    key: KeyKind
    validity: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAuthorities:
    """The CAs that a new one must fit in with, as facts by name: this lab's, and the vendors'.

    `revoked` names those of this lab whose certificate, or one above it, is revoked.
    """

    own: Mapping[str, CertificateFacts]
    vendors: Mapping[str, CertificateFacts]
    revoked: frozenset[str] = frozenset()


def check_authority(
    draft: AuthorityDraft, known: KnownAuthorities, now: datetime
) -> AuthorityTerms | tuple[FieldProblem, ...]:
    """Validate a CA that is to be made: its terms, or every problem at once."""
    problems: list[FieldProblem] = []

    def note(field: str, message: str | None) -> None:
        if message:
            problems.append(FieldProblem(field, message))

    key, validity = None, None
    note("name", ca_name_problem(draft.name, known))
    wrong_subject = subject_problem(draft.subject)
    note("subject", wrong_subject or subject_taken(parse_dn(draft.subject), None, known))
    try:
        key = key_kind_of(draft.key)
    except ValueError as error:
        note("key", str(error))
    try:
        validity = parse_period(draft.validity)
    except ValueError as error:
        note("validity", str(error))
    note("signed_by", parent_problem(draft.signed_by, known, now) if draft.signed_by else None)
    note("crl_url", crl_url_problem(draft.crl_url))
    if problems or key is None or validity is None:
        return tuple(problems)
    return AuthorityTerms(subject=parse_dn(draft.subject), key=key, validity=validity)


def ca_name_problem(name: str, known: KnownAuthorities) -> str | None:
    """What is wrong with the name of a new CA, or None. Own and vendor CAs share one list in an alias (B-3)."""
    if problem := name_problem(name):
        return problem
    if name in known.own or name in known.vendors:
        return f"a CA {name} is there already; take another name"
    return None


def subject_taken(subject: DistinguishedName, spki_sha256: str | None, known: KnownAuthorities) -> str | None:
    """Which CA has a subject already with another key, in words, or None (B-19). A key of None is a new one."""
    for name, facts in {**known.vendors, **known.own}.items():
        if same_name(facts.subject, subject) and facts.key.spki_sha256 != spki_sha256:
            return f"the CA {name} has this subject with another key; two CAs of one subject would be taken for another"
    return None


def crl_url_problem(url: str) -> str | None:
    """What is wrong with the URL of a CA's CRL, or None; none at all is right too (B-43)."""
    if url and (not _URL.fullmatch(url) or len(url) > MAX_URL):
        return "write it as in http://host:8080/crl/ManagementCA.crl, a space as %20"
    return None


def parent_problem(name: str, known: KnownAuthorities, now: datetime) -> str | None:
    """What keeps a CA from signing another's certificate, or None."""
    parent = known.own.get(name)
    if parent is None:
        return f"no CA of this lab is named {name!r}; there is {', '.join(known.own) or 'none'}"
    if not parent.in_date(now):
        return f"{name} is not in date: {parent.not_before:%Y-%m-%d} to {parent.not_after:%Y-%m-%d}; choose another"
    if name in known.revoked:
        return f"{name} is revoked, or a CA above it is; choose another"
    return None

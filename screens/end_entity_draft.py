"""An end entity as the texts of its form, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from estconsole.domain.model import EndEntity, EstAlias
from estconsole.domain.names import DistinguishedName, NameSyntaxError, format_sans, name_of_one, parse_dn
from estconsole.domain.validation import EndEntityDraft


def draft_of(entity: EndEntity, aliases: Sequence[EstAlias]) -> EndEntityDraft:
    """A registration as it would be typed, without its code: the stored one is left as it is.

    An alias that is there no more is left out. Were none left, the entity could use any alias once its form is saved:
    then it stands there under a name that nothing bears.
    """
    bound = [alias.name for alias in aliases if alias.uid in entity.aliases]
    return EndEntityDraft(
        username=entity.username,
        subject=str(entity.subject),
        issuing_ca=entity.issuing_ca,
        subject_alt_names=format_sans(entity.subject_alt_names),
        end_entity_profile=entity.end_entity_profile,
        certificate_profile=entity.certificate_profile,
        allowed_requests=str(entity.allowed_requests),
        max_failed_logins=str(entity.max_failed_logins),
        aliases=tuple(sorted(bound or [f"removed-{uid}" for uid in entity.aliases])),
    )


def subject_for(username: str) -> str:
    """The subject that a new username suggests: it alone, as the CN."""
    if not username.strip():
        return ""
    return str(name_of_one("CN", username.strip()))


def subject_like(entity: EndEntity, username: str) -> str:
    """The subject that a new username suggests beside an end entity: as its own, with its name for the other's."""
    if not username.strip():
        return str(entity.subject)
    return str(
        DistinguishedName(
            tuple(
                tuple(
                    replace(attribute, value=username.strip()) if attribute.value == entity.username else attribute
                    for attribute in rdn
                )
                for rdn in entity.subject.rdns
            )
        )
    )


def clone_of(entity: EndEntity, aliases: Sequence[EstAlias]) -> EndEntityDraft:
    """A new registration like another, but for its username and its code."""
    return replace(draft_of(entity, aliases), username="")


def next_draft(last: EndEntityDraft | None, username: str, issuing_ca: str) -> EndEntityDraft:
    """A new registration: where it is enrolled and how often is as in the last one, if there was any (screens.md)."""
    if last is None:
        return EndEntityDraft(username=username, subject=subject_for(username), issuing_ca=issuing_ca)
    return replace(last, username=username, subject=subject_for(username), subject_alt_names="", code=None)


def parsed_subject(text: str) -> str:
    """A subject DN as it will be encoded, from the root down; empty when it cannot be read."""
    try:
        subject = parse_dn(text)
    except NameSyntaxError:
        return ""
    return " → ".join(f"{attribute.label} {attribute.value}" for attribute in subject)


def alias_names(text: str) -> tuple[str, ...]:
    """The aliases that were typed, with commas or white space between; none is any."""
    return tuple(dict.fromkeys(text.replace(",", " ").split()))


def draft_fields(draft: EndEntityDraft) -> dict[str, str]:
    """A draft by the labels of its form, but for the code: two that differ are shown side by side."""
    return {
        "subject DN": draft.subject,
        "alternative names": draft.subject_alt_names,
        "issuing CA": draft.issuing_ca,
        "entity profile": draft.end_entity_profile,
        "certificate profile": draft.certificate_profile,
        "enrollment code": "as it is" if draft.code is None else "another",
        "allowed requests": draft.allowed_requests,
        "max failed logins": draft.max_failed_logins,
        "aliases": ", ".join(draft.aliases) or "any",
    }

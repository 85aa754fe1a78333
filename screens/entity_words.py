"""An end entity in words: what its status means, what it may use, and what it was issued."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from textual.content import Content

from estconsole.administration import Administration
from estconsole.domain.model import OPEN_STATUSES, UNLIMITED, EndEntity, EntityStatus, EstAlias, IssuedCertificate
from estconsole.domain.names import format_sans
from screens.certificate_text import serial_groups
from screens.text import MUTED, NONE, counted, days_left, hanging, local_moment, shortened

_LABEL_CELLS = 14
_MOST_CERTIFICATES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the lab holds beside an end entity: the aliases that it is bound to, and its certificates, newest first."""

    aliases: tuple[EstAlias, ...] = ()
    certificates: tuple[IssuedCertificate, ...] = ()

    @classmethod
    def of(cls, administration: Administration, entity: EndEntity) -> Surroundings:
        """It reads the store: call it in a thread."""
        own = administration.certificates.of_entity(entity.username)
        return cls(
            aliases=tuple(alias for alias in administration.aliases.all() if alias.uid in entity.aliases),
            certificates=tuple(each for each in own if each.registration == entity.registration),
        )

    def live(self, now: datetime) -> tuple[IssuedCertificate, ...]:
        """The certificates that are in date and not revoked."""
        return tuple(each for each in self.certificates if each.revocation is None and each.not_after > now)


def status_words(entity: EndEntity) -> str:
    """What a status means for the device, and what an operator can do about it (B-9, B-10, B-20)."""
    match entity.status:
        case status if status in OPEN_STATUSES:
            after = "its last enrollment failed; " if status is EntityStatus.FAILED else ""
            return f"{after}may enroll, {counted(entity.remaining_requests, 'request')} left"
        case EntityStatus.GENERATED:
            return "enrolled, and renews with its certificate; set NEW, it enrolls again"
        case EntityStatus.REVOKED:
            how = str(entity.revocation) if entity.revocation else "revoked"
            return f"{how}; it neither enrolls nor renews; set NEW, it enrolls again"
        case EntityStatus.HISTORICAL:
            return "closed: neither enrolls nor renews"
        case _:
            return "does not enroll; set NEW, it does"


def entity_lines(entity: EndEntity, around: Surroundings, now: datetime, width: int, *, show_code: str = "") -> Content:
    """Everything of a registration but its code, each under its label, in lines of at most `width` cells.

    `show_code` is the key that shows the code, where there is one.
    """
    lines = [
        hanging(Content.styled(f"{label:<{_LABEL_CELLS}}", MUTED), shortened(text), width)
        for label, text in (*_registration(entity, around, show_code), *_history(entity, around, now))
    ]
    return Content("\n").join([Content.styled(shortened(entity.username), "bold"), *lines])


def end_entities(number: int) -> str:
    """`1 end entity`, `1,204 end entities`."""
    return f"{number:,} end {'entity' if number == 1 else 'entities'}"


def certificate_words(certificate: IssuedCertificate, now: datetime) -> str:
    """Whether a certificate still counts, with a sign: how long it is valid, or why it is not."""
    if certificate.revocation is not None:
        return f"✗ {certificate.revocation}"
    left = days_left(certificate.not_after, now)
    return f"○ {left}" if left == "expired" else f"● valid, {left}"


def _registration(entity: EndEntity, around: Surroundings, show_code: str) -> Iterator[tuple[str, str]]:
    yield "subject", str(entity.subject)
    if entity.subject_alt_names:
        yield "names", format_sans(entity.subject_alt_names)
    yield "status", f"{entity.status.name}: {status_words(entity)}"
    sealed = f"there is one, sealed; {show_code} shows it" if show_code else "there is one, sealed"
    yield "code", sealed if entity.sealed_code else "none"
    yield "wrong codes", _logins(entity)
    yield "requests", f"{entity.remaining_requests:,} of {entity.allowed_requests:,} left"
    yield "issuing CA", entity.issuing_ca
    yield "profiles", f"{entity.end_entity_profile}, {entity.certificate_profile}"
    yield "aliases", _aliases(entity, around.aliases)


def _history(entity: EndEntity, around: Surroundings, now: datetime) -> Iterator[tuple[str, str]]:
    yield "registered", local_moment(entity.created_at)
    yield "last enrolled", local_moment(entity.enrolled_at) if entity.enrolled_at else NONE
    live = around.live(now)
    yield "certificates", f"{len(live):,} live, {len(around.certificates):,} in all"
    for certificate in around.certificates[:_MOST_CERTIFICATES]:
        yield "", f"{certificate_words(certificate, now)} · {serial_groups(certificate.serial)}"
    if (more := len(around.certificates) - _MOST_CERTIFICATES) > 0:
        yield "", f"and {more:,} more"


def _logins(entity: EndEntity) -> str:
    if entity.max_failed_logins == UNLIMITED:
        return "any number is taken"
    return f"{entity.remaining_logins:,} of {entity.max_failed_logins:,} left, then it closes"


def _aliases(entity: EndEntity, bound: Sequence[EstAlias]) -> str:
    if not entity.aliases:
        return "any"
    gone = len(entity.aliases) - len(bound)
    names = [alias.name for alias in bound] + ([f"{gone} that are removed"] if gone else [])
    return ", ".join(names)

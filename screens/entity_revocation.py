"""Revoking an end entity with its certificates, and releasing what is on hold (B-43)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from estconsole.administration.revoking import HOLD, can_become, is_on_hold
from estconsole.domain.model import EndEntity, IssuedCertificate
from estconsole.domain.revocation import RevocationReason
from estconsole.results import Conflict, Rejected, Saved
from screens.background import in_thread
from screens.certificate_text import serial_groups
from screens.dialogs import Choice, Confirm, Menu
from screens.entity_acts import EntityList, say_overtaken
from screens.entity_words import Surroundings
from screens.key_order import ask
from screens.keys import key_of
from screens.progress_dialog import with_progress
from screens.revocation_reasons import reason_choices
from screens.text import brief, counted, days_left, plain

Answer = Saved[EndEntity] | Rejected | Conflict[EndEntity]

_RELEASE = "release"
_MOST_NAMED = 4

_OF_A_CA = (RevocationReason.CA_COMPROMISE, RevocationReason.AA_COMPROMISE)
"""Reasons for which no device is revoked."""


async def revoke(screen: EntityList, entity: EndEntity) -> None:
    """Ask for the reason, name what goes with it, and revoke; or release. From a task that holds keys."""
    end_entities = screen.lab.administration.end_entities
    problem_of = partial(end_entities.revocation_problem, entity.username)
    if problem := await in_thread(problem_of, RevocationReason.UNSPECIFIED):
        screen.say(f"{brief(entity.username)} cannot be revoked: {problem}.", trouble=True)
        return
    around = await in_thread(Surroundings.of, screen.lab.administration, entity)
    in_date = [each for each in around.certificates if each.not_after > screen.lab.now()]
    choices = reason_choices(*_OF_A_CA, *([HOLD] if await in_thread(problem_of, HOLD) else []))
    if is_on_hold(entity.revocation) or any(is_on_hold(each.revocation) for each in in_date):
        choices.insert(0, Choice("r", "release what is on hold", _RELEASE))
    if (chosen := await ask(screen, Menu(f"Revoke {brief(entity.username)}: why?", choices))) is None:
        return
    if chosen == _RELEASE:
        answer = await _published(screen, lambda: end_entities.release(entity.username, entity.revision))
        await _say(screen, entity, answer, f"{brief(entity.username)} is released: what was on hold counts again.")
        return
    reason = RevocationReason[chosen]
    live = [each for each in in_date if can_become(each.revocation, reason)]
    question = Confirm(
        f"Revoke {brief(entity.username)} for {reason}?",
        _what_goes(screen, live, reason),
        yes="Revoke",
        no="Leave it",
    )
    if not await ask(screen, question):
        return
    answer = await _published(screen, lambda: end_entities.revoke(entity.username, reason, entity.revision))
    done = f"{brief(entity.username)} is revoked with {counted(len(live), 'live certificate')}: {reason}."
    await _say(screen, entity, answer, done)


async def _published(screen: EntityList, act: Callable[[], Answer]) -> Answer | None:
    """Do what signs a new CRL, which lasts where that is long; it is done to its end."""
    return await with_progress(screen, "Signing the new CRL", lambda _: act(), can_cancel=False)


def _what_goes(screen: EntityList, live: Sequence[IssuedCertificate], reason: RevocationReason) -> str:
    """The live certificates that a revocation takes along, and what comes of it."""
    now = screen.lab.now()
    lines = [f"· {plain(serial_groups(each.serial))}, {days_left(each.not_after, now)}" for each in live[:_MOST_NAMED]]
    if len(live) > _MOST_NAMED:
        lines.append(f"· and {len(live) - _MOST_NAMED:,} more")
    goes = ["These certificates are revoked with it:", *lines] if live else ["It has no live certificate."]
    release = f"{key_of(screen, 'entities.revoke')} releases it again."
    back = release if reason is HOLD else "That is for good."
    return "\n".join(["It neither enrolls nor renews any more, and a new CRL says so.", back, "", *goes])


async def _say(screen: EntityList, entity: EndEntity, answer: Answer | None, done: str) -> None:
    match answer:
        case Saved(warnings=warnings):
            await screen.done(done, warnings)
        case Rejected(problems):
            screen.say(f"Nothing was changed: {problems[0].message}.", trouble=True)
        case Conflict():
            say_overtaken(screen, entity, answer)

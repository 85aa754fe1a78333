"""What an operator does to one end entity on its list: opens it again, gives it another code, shows it, deletes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from estconsole.administration import Administration
from estconsole.domain.model import EndEntity
from estconsole.domain.secret import Secret
from estconsole.results import Conflict, Rejected, Saved
from screens.background import in_thread
from screens.dialogs import Confirm
from screens.end_entity_draft import draft_of
from screens.key_order import ask
from screens.keys import key_of
from screens.records_screen import RecordsScreen
from screens.show_text import ShowText
from screens.text import brief, counted

EntityList = RecordsScreen[EndEntity]


def remember(screen: EntityList, before: EndEntity, after: EndEntity) -> None:
    """Have `u` take an edit back."""
    restore = screen.lab.administration.end_entities.restore
    screen.remember_edit(after.username, partial(restore, before, after.revision))


async def set_new(screen: EntityList, entity: EndEntity) -> None:
    """Let an end entity enroll again (B-10). From a task that holds keys, like those below."""
    end_entities = screen.lab.administration.end_entities
    before = await in_thread(end_entities.get, entity.username) or entity
    match await in_thread(end_entities.set_new, entity.username, before.revision):
        case Saved(record):
            remember(screen, before, record)
            left, undo = counted(record.remaining_requests, "request"), key_of(screen, "list.undo")
            screen.say(f"{brief(entity.username)} is NEW: {left} left, the code is the same; {undo} takes it back.")
        case conflict:
            say_overtaken(screen, entity, conflict)


async def give_code(screen: EntityList, entity: EndEntity) -> None:
    """Give an end entity another code in place of its own, and hand it over."""
    administration = screen.lab.administration
    code = administration.end_entities.generate_code()
    match await in_thread(_with_code, administration, entity, code):
        case Saved(record, warnings):
            remember(screen, entity, record)
            screen.load(entity.username)
            screen.say(f"{brief(entity.username)} has another code; {key_of(screen, 'list.undo')} takes it back.")
            await hand_over(screen, entity.username, code, warnings)
        case Rejected(problems):
            screen.say(f"Its registration does not hold as it is: {problems[0].message}.", trouble=True)
        case conflict:
            say_overtaken(screen, entity, conflict)


async def hand_over(screen: EntityList, username: str, code: Secret, warnings: Sequence[str] = ()) -> None:
    """Show a code that was set just now, hidden until it is asked for, with what is odd about it."""
    commands, copy = key_of(screen, "entities.commands"), key_of(screen, "entities.copy")
    how = f"On the list {commands} shows how the device sends it, and {copy} copies it later."
    note = "\n".join((*(f"▲ {warning}" for warning in warnings), how))
    await ask(screen, ShowText(_code_title(username), code.reveal(), note=note, hidden=True))


async def show_code(screen: EntityList, entity: EndEntity) -> None:
    """Show the code in clear, to the operator who asked for it (B-45); closing the text hides it."""
    code = await in_thread(screen.lab.administration.end_entities.code_of, entity.username)
    if code is None:
        screen.say(f"{brief(entity.username)} has no code; {key_of(screen, 'entities.new_code')} gives it one.")
    else:
        await ask(screen, ShowText(_code_title(entity.username), code.reveal(), secret=True))


async def delete(screen: EntityList, entity: EndEntity) -> None:
    """Delete a registration, after a question that names what goes with it."""
    text = (
        f"{entity.subject}\n\nIts registration and its code go. Certificates that it was issued stay on record, "
        "and renew no more, even if the username is registered again."
    )
    if not await ask(screen, Confirm(f"Delete {brief(entity.username)}?", text, yes="Delete", no="Keep")):
        return
    match await in_thread(screen.lab.administration.end_entities.delete, entity.username, entity.revision):
        case Saved():
            screen.say(f"{brief(entity.username)} is deleted.")
        case conflict:
            say_overtaken(screen, entity, conflict)


def say_overtaken(screen: EntityList, entity: EndEntity, conflict: Conflict[EndEntity]) -> None:
    """Say that nothing was done, since the record is not the one that was looked at."""
    name = brief(entity.username)
    if conflict.current is None:
        screen.say(f"{name} is not registered any more.", trouble=True)
    else:
        screen.say(f"{name} was changed meanwhile: look again first.", trouble=True)


def _with_code(
    administration: Administration, entity: EndEntity, code: Secret
) -> Saved[EndEntity] | Rejected | Conflict[EndEntity]:
    draft = draft_of(entity, administration.aliases.all())
    return administration.end_entities.edit(replace(draft, code=code), entity.revision)


def _code_title(username: str) -> str:
    return f"The enrollment code of {brief(username)}"

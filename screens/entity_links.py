"""From an end entity to what belongs to it: its aliases, its newest certificate, its CA, and its rows in Live."""

from __future__ import annotations

from textual.message import Message

from estconsole.domain.model import EndEntity
from estconsole.messages import OpenRecord, ShowActivities
from screens.background import in_thread
from screens.certificate_text import serial_groups
from screens.dialogs import Choice, Menu
from screens.entity_words import Surroundings
from screens.frame import ConsoleScreen
from screens.key_order import ask
from screens.text import brief

_FURTHER_KEYS = "bdefghjk"


async def go_to(screen: ConsoleScreen[None], entity: EndEntity) -> None:
    """Ask which record is wanted, and go there. From a task that holds keys."""
    around = await in_thread(Surroundings.of, screen.lab.administration, entity)
    there: dict[str, tuple[str, Message]] = {}
    for key, alias in zip(f"a{_FURTHER_KEYS}", around.aliases, strict=False):
        there[key] = (f"alias  {alias.name}", OpenRecord("aliases", alias.name))
    if around.certificates:
        newest = around.certificates[0]
        label = f"certificate, its newest  {serial_groups(newest.serial)}"
        there["c"] = (label, OpenRecord("certificates", newest.sha256))
    there["i"] = (f"issuing CA  {entity.issuing_ca}", OpenRecord("authorities", entity.issuing_ca))
    there["l"] = (f"its rows in Live  entity:{entity.username}", ShowActivities(f"entity:{entity.username}"))
    menu = Menu(f"Go from {brief(entity.username)} to", [Choice(key, label, key) for key, (label, _) in there.items()])
    if (chosen := await ask(screen, menu)) is not None:
        screen.app.post_message(there[chosen][1])

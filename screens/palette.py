"""The command palette: every action by what it does, and a jump to any record."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from typing import Any, Protocol, cast

from textual.app import SystemCommand
from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.message import Message
from textual.screen import Screen

from estconsole.administration import Administration
from estconsole.administration.certificates import CertificateSearch
from estconsole.messages import OpenRecord, ShowActivities
from screens.background import in_thread
from screens.certificate_text import serial_groups
from screens.frame import PLACES, ConsoleScreen
from screens.keys import declared, key_of, shown_keys
from screens.lab_view import LabView
from screens.text import brief, shortened

MOST_HITS = 20
"""Records that are offered at once; a longer list is searched on its own screen."""

_EVERYWHERE = "list."
"""What the bindings of every list begin with: they are offered for the list in front alone."""


class Console(Protocol):
    """What the palette asks of the app."""

    lab: LabView

    @property
    def places(self) -> tuple[ConsoleScreen[None], ...]: ...
    def action_show_screen(self, mode: str) -> None: ...
    def action_help(self) -> None: ...
    def action_change_theme(self) -> None: ...
    async def action_quit(self) -> None: ...
    async def act_on(self, screen: Screen[Any], action: str) -> None: ...
    def post_message(self, message: Message) -> bool: ...


def console_commands(app: Console, screen: Screen[Any]) -> Iterable[SystemCommand]:
    """What can be done on the screen in front, then on the others, and everywhere."""
    names = {mode: name for _, mode, name in PLACES}
    if screen not in app.places:
        yield from _actions(app, screen, "Here", others=False)
    for place in sorted(app.places, key=lambda place: place is not screen):
        yield from _actions(app, place, names[place.PLACE], others=place is not screen)
    for _, mode, name in PLACES:
        yield SystemCommand(
            f"Show {name}", f"key {key_of(screen, f'app.{mode}')}", partial(app.action_show_screen, mode)
        )
    yield SystemCommand("Keys", f"every key of this screen ({key_of(screen, 'app.help')})", app.action_help)
    yield SystemCommand("Theme", "choose other colours", app.action_change_theme)
    yield SystemCommand("Quit", f"stop the server and leave ({key_of(screen, 'app.quit')})", app.action_quit)


def _actions(app: Console, screen: Screen[Any], name: str, *, others: bool) -> Iterator[SystemCommand]:
    """The actions of a screen, each by its sentence, but for those that it has not."""
    for binding in declared(type(screen)).values():
        if _is_offered(screen, binding, others=others):
            keys = " ".join(shown_keys(screen, binding))
            act = partial(app.act_on, screen, binding.action)
            yield SystemCommand(f"{name} · {binding.tooltip}", f"key {keys}", act)


def _is_offered(screen: Screen[Any], binding: Binding, *, others: bool) -> bool:
    action = binding.action.partition("(")[0]
    if others:
        changes = screen.CHANGES if isinstance(screen, ConsoleScreen) and screen.lab.read_only else ()
        return not (binding.id or "").startswith(_EVERYWHERE) and action not in changes
    return "." in action or bool(screen.check_action(action, ()))


@dataclass(frozen=True, slots=True)
class Target:
    """A record that can be gone to: what kind it is, its name, and how the console goes there."""

    kind: str
    name: str
    message: Message

    @property
    def prompt(self) -> Content:
        return Content(f"{self.kind} {shortened(self.name)}")


class RecordProvider(Provider):
    """Jumps to a record by a part of its name; to a certificate by its subject, serial number or fingerprint too."""

    async def startup(self) -> None:
        self._targets = await in_thread(_named_targets, self._console.lab.administration)

    async def search(self, query: str) -> Hits:
        score = self.matcher(query).match
        for target in await in_thread(_best, self._targets, query):
            yield Hit(score(target.name), target.prompt, self._going_to(target), text=target.name, help="Go there")
        for target in await in_thread(_searched, self._console.lab, query):
            yield Hit(1.0, target.prompt, self._going_to(target), text=target.name, help="Go there")

    async def discover(self) -> Hits:
        for target in self._targets[:MOST_HITS]:
            yield DiscoveryHit(target.prompt, self._going_to(target), text=target.name, help="Go there")

    def _going_to(self, target: Target) -> Callable[[], object]:
        return partial(self._console.post_message, target.message)

    @property
    def _console(self) -> Console:
        return cast("Console", self.app)


def _named_targets(administration: Administration) -> list[Target]:
    """The records that have a name of their own."""
    kinds: dict[tuple[str, str], Sequence[str]] = {
        ("alias", "aliases"): [alias.name for alias in administration.aliases.all()],
        ("CA", "authorities"): [authority.name for authority in administration.authorities.all()],
        ("vendor CA", "vendor_cas"): [vendor.name for vendor in administration.vendor_cas.all()],
        ("end entity", "end_entities"): administration.end_entities.usernames(),
    }
    return [Target(kind, name, OpenRecord(place, name)) for (kind, place), names in kinds.items() for name in names]


def _best(targets: Sequence[Target], query: str) -> list[Target]:
    """Those with the query in their name, the ones that begin with it first; a fuzzy look at 100,000 takes seconds."""
    wanted = query.strip().casefold()
    named = ((target, target.name.casefold()) for target in targets)
    ranked = ((not name.startswith(wanted), len(name), target) for target, name in named if wanted in name)
    return [target for _, _, target in heapq.nsmallest(MOST_HITS, ranked, key=itemgetter(0, 1))]


def _searched(lab: LabView, query: str) -> list[Target]:
    """Certificates that a search finds, and the row of a reference that a refused client was told (B-24)."""
    found = lab.administration.certificates.search(CertificateSearch(text=query, limit=MOST_HITS))
    targets = [
        Target(
            "certificate",
            f"{brief(str(issued.subject))} · {serial_groups(issued.serial)}",
            OpenRecord("certificates", issued.sha256),
        )
        for issued in found
    ]
    wanted = query.strip().upper()
    if any(activity.reference == wanted for activity in lab.feed.recent()):
        targets.append(Target("request", wanted, ShowActivities(wanted)))
    return targets

"""The console: the composition root of the screens, with what they share: the server's life, the feed, and the keys."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from functools import partial
from time import monotonic
from typing import Any, ClassVar, TypeVar

from textual import on
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.message import Message
from textual.screen import Screen

from estconsole.activity import FEED_SIZE, Activity
from estconsole.crash import CrashReports
from estconsole.messages import (
    ActivitiesArrived,
    AddRecord,
    BeginLab,
    EditRecord,
    OpenRecord,
    RecordsChanged,
    RestartServer,
    ServerChanged,
    ShowActivities,
    ToggleServer,
)
from estconsole.preferred import PreferredApp
from estconsole.server_control import ServerPhase, ServerState
from estconsole.subscription import Subscription
from screens.aliases import AliasesScreen
from screens.authorities import AuthoritiesScreen
from screens.background import in_thread, task
from screens.certificates import CertificatesScreen
from screens.clipboard import DesktopClipboard
from screens.dialogs import Confirm
from screens.end_entities import EndEntitiesScreen
from screens.first_run import FirstRunScreen
from screens.form_screen import FormScreen
from screens.frame import NARROW, PLACES, ConsoleScreen
from screens.help import HelpScreen
from screens.key_order import ask
from screens.keys import key_of
from screens.lab_view import LabView
from screens.live import LiveScreen
from screens.palette import RecordProvider, console_commands
from screens.records_screen import RecordsScreen
from screens.server import ServerScreen
from screens.text import brief
from screens.vendor_cas import VendorCasScreen

Item = TypeVar("Item")

FLUSHES_A_SECOND = 10
"""How often what came from other threads is handed to the screens: often enough to look immediate."""

QUIT_PATIENCE = 0.5
"""Seconds that requests have to end in before leaving asks: an enrollment takes a hundredth of that."""

BREAKPOINTS = [(0, "-narrow"), (NARROW, "-roomy")]
"""The class of a screen, by its columns."""


class EstConsole(PreferredApp):
    """The Textual console over one lab. It owns the subscriptions, and stops the server when it ends."""

    TITLE = "estconsole"
    HORIZONTAL_BREAKPOINTS = BREAKPOINTS
    CSS_PATH = "console.tcss"
    COMMANDS: ClassVar[set[type[Provider]]] = App.COMMANDS | {RecordProvider}  # type: ignore[assignment]
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(key, f"show_screen('{mode}')", name, id=f"app.{mode}", tooltip=f"Show {name}", show=False)
            for key, mode, name in PLACES
        ),
        Binding("ctrl+p", "command_palette", "palette", id="app.palette", tooltip="Every command by name", show=False),
        Binding("question_mark,f1", "app.help", "help", id="app.help", tooltip="Every key of this screen"),
        Binding(
            "ctrl+q",
            "quit",
            "quit",
            id="app.quit",
            tooltip="Stop the server and leave",
            show=False,
            priority=True,
        ),
    ]

    def __init__(
        self,
        lab: LabView,
        *,
        start_server: bool = True,
        desktop: DesktopClipboard | None = None,
        crashes: CrashReports | None = None,
    ) -> None:
        super().__init__(lab.preferences, desktop=desktop, crashes=crashes)
        self.lab = lab
        self._server = lab.server
        self._start_server = start_server
        self._activities: deque[Activity] = deque(maxlen=FEED_SIZE)
        self._tables: deque[str] = deque()
        self._states: deque[ServerState] = deque()
        self._subscriptions: list[Subscription] = []
        self._asks_to_quit = False
        self.live = LiveScreen(lab)
        self.server_screen = ServerScreen(lab)
        self.lists: dict[str, RecordsScreen[Any]] = {
            screen.PLACE: screen
            for screen in (
                EndEntitiesScreen(lab),
                AliasesScreen(lab),
                AuthoritiesScreen(lab),
                VendorCasScreen(lab),
                CertificatesScreen(lab),
            )
        }
        for place in self.places:
            self.add_mode(place.PLACE, partial(_itself, place))

    async def on_mount(self) -> None:
        self._subscriptions = [
            self.lab.feed.subscribe(self._activities.append),
            self.lab.administration.subscribe(self._tables.extend),
            self._server.subscribe(self._states.append),
        ]
        await self.switch_mode("live")
        self.set_interval(1 / FLUSHES_A_SECOND, self._hand_over)
        if self._start_server:
            self._begin()

    async def on_unmount(self) -> None:
        for subscription in self._subscriptions:
            subscription.close()
        await self._stop_server()

    async def _hand_over(self) -> None:
        """Hand what came since the last time to the screens, as one message of each kind."""
        await self.pass_keys_on()
        if latest := {activity.id: activity for activity in _drained(self._activities)}:
            self._tell(ActivitiesArrived(tuple(latest.values())), self.live, self.server_screen)
        if tables := frozenset(_drained(self._tables)):
            self._tell(RecordsChanged(tables), *self._console_screens())
        if states := _drained(self._states):
            self._tell(ServerChanged(states[-1]), *self._console_screens())

    def _tell(self, message: Message, *screens: Screen[None]) -> None:
        for screen in screens:
            if screen.is_running:
                screen.post_message(message)

    @property
    def places(self) -> tuple[ConsoleScreen[None], ...]:
        """The seven screens, in their order."""
        return (self.live, *self.lists.values(), self.server_screen)

    def _console_screens(self) -> list[ConsoleScreen[Any]]:
        """The screens of every mode, and what stands on this mode's."""
        top = [each for each in self.screen_stack if isinstance(each, ConsoleScreen) and each not in self.places]
        return [*self.places, *top]

    # The first run

    @task(group="server", holds_keys=False)
    async def _begin(self) -> None:
        """Serve; or lead through the first run where there is nothing yet to serve with."""
        if await in_thread(self.lab.administration.first_run.is_due) and not self.lab.read_only:
            self._first_run()
        else:
            await in_thread(self._server.start)

    @on(BeginLab)
    @task()
    async def _first_run(self) -> None:
        made = await ask(self, FirstRunScreen(self.lab))
        if made is None:
            begin = f"{key_of(self, 'app.authorities')}, then {key_of(self, 'cas.add')}, begins again."
            self.notify(f"The lab is empty: {begin}", severity="warning", markup=False)
            return
        self.start_server()
        remarks = "".join(f" ▲ {warning}" for warning in made.warnings)
        register = f"{key_of(self, 'app.end_entities')}, then {key_of(self, 'entities.add')}, registers"
        words = f"{brief(made.record.authority.name)} is made. {register} the first device.{remarks}"
        self.notify(words, markup=False)

    # The server

    @task(group="server", holds_keys=False)
    async def start_server(self) -> None:
        await in_thread(self._server.start)

    @on(ToggleServer)
    @task(group="server", holds_keys=False)
    async def toggle_server(self) -> None:
        """Stop the server if it serves, start it if it does not, and say what was done."""
        if self._server.state.phase is ServerPhase.SERVING:
            await in_thread(self._server.stop)
            self.notify("The server is stopped: no device can call.", markup=False)
        else:
            await in_thread(self._server.start)
            self.notify("The server serves.", markup=False)

    @on(RestartServer)
    @task(group="server", holds_keys=False)
    async def restart_server(self) -> None:
        await in_thread(self._server.stop)
        await in_thread(self._server.start)
        self.notify("The server was stopped and serves again.", markup=False)

    async def action_quit(self) -> None:
        """Leave once the server has stopped; the screen stays alive meanwhile. Ask first if devices are at it."""
        if self._server.requests_in_flight and not self._asks_to_quit:
            self._ask_to_leave()
        else:
            self._leave()

    @task(holds_keys=False)
    async def _ask_to_leave(self) -> None:
        self._asks_to_quit = True
        try:
            count = await self._requests_that_last()
            at_it = "1 request is" if count == 1 else f"{count:,} requests are"
            again = f"{key_of(self, 'app.quit')} again leaves too"
            text = f"{at_it} being received or answered now. Leaving stops the server. {again}."
            question = Confirm("Leave while devices enroll?", text, yes="Leave", no="Stay")
            if not count or await self.push_screen_wait(question):
                self._leave()
        finally:
            self._asks_to_quit = False

    async def _requests_that_last(self) -> int:
        """How many requests are still in flight after a moment; one that is about done is no reason to ask."""
        deadline = monotonic() + QUIT_PATIENCE
        while (count := self._server.requests_in_flight) and monotonic() < deadline:  # noqa: ASYNC110 - of a thread
            await asyncio.sleep(1 / FLUSHES_A_SECOND)
        return count

    @task(group="server", holds_keys=False)
    async def _leave(self) -> None:
        try:
            await self._stop_server()
        finally:
            self.exit()

    async def _stop_server(self) -> None:
        if self._server.state.phase in (ServerPhase.SERVING, ServerPhase.STARTING):
            await in_thread(self._server.stop)

    # Places

    def action_show_screen(self, mode: str) -> None:
        self.switch_mode(mode)

    async def act_on(self, screen: Screen[Any], action: str) -> None:
        """Go to a screen and do what one of its keys does, if it can now."""
        if isinstance(screen, ConsoleScreen) and screen in self.places:
            is_in_front = await self._is_in_front(screen)
        else:
            is_in_front = self.screen is screen
        if is_in_front and not await self.run_action(action, default_namespace=screen):
            self.notify("There is nothing here to do that with.", severity="warning", markup=False)

    def action_help(self) -> None:
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen))

    @on(OpenRecord)
    async def _open_record(self, message: OpenRecord) -> None:
        await self.open_record(message.place, message.key)

    async def open_record(self, place: str, key: str) -> None:
        """Go to a record in its list."""
        if (records := await self._list_in_front(place)) is not None:
            records.open(key)

    @on(AddRecord)
    async def _add_record(self, message: AddRecord) -> None:
        if (records := await self._list_in_front(message.place)) is not None:
            records.add(message.name)

    @on(EditRecord)
    async def _edit_record(self, message: EditRecord) -> None:
        if (records := await self._list_in_front(message.place)) is not None:
            records.edit(message.key, message.field)

    @on(ShowActivities)
    async def _show_activities(self, message: ShowActivities) -> None:
        if not await self._is_in_front(self.live):
            return
        self.live.filter_field.value = message.matching
        self.live.set_focus(self.live.table)

    async def _list_in_front(self, place: str) -> RecordsScreen[Any] | None:
        """Go to a list; None where a form stands on it."""
        records = self.lists[place]
        return records if await self._is_in_front(records) else None

    async def _is_in_front(self, place: ConsoleScreen[None]) -> bool:
        """Go to a place, and close the pages that stand on it; False where a form does, which is said."""
        await self.switch_mode(place.PLACE)
        await self._close_pages()
        if self.screen is not place:
            self.notify("A form is open here: save it or leave it first.", severity="warning", markup=False)
        return self.screen is place

    async def _close_pages(self) -> None:
        """Close what stands on this mode's screen, down to a form, in which something may be typed."""
        while self.screen not in self.places and not isinstance(self.screen, FormScreen):
            await self.screen.dismiss(None)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        yield from console_commands(self, screen)


def _itself(screen: ConsoleScreen[None]) -> ConsoleScreen[None]:
    """What a mode begins with: the one screen that there is of it."""
    return screen


def _drained(queue: deque[Item]) -> list[Item]:
    """What a queue holds now, taken out; another thread may go on adding."""
    return [queue.popleft() for _ in range(len(queue))]

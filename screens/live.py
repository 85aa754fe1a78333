"""Live: what comes over the wire, row by row, and why each request was granted or refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from textual import events, getters, on
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Container, Horizontal
from textual.widgets import Input, Static

from estconsole.activity import Activity
from estconsole.messages import ActivitiesArrived, ServerChanged
from screens.activity_copy import copied_texts
from screens.activity_filter import PLACEHOLDER, read_filter
from screens.activity_links import links_of
from screens.activity_rows import ActivityRows
from screens.background import in_thread, task
from screens.copying import copy_one
from screens.details import Details
from screens.dialogs import Choice, Menu
from screens.fields import Field
from screens.first_steps import EmptyLive
from screens.fixes import fix_of
from screens.fixing import put_right
from screens.frame import WIDE, ConsoleScreen
from screens.key_order import ask
from screens.lab_view import LabView
from screens.live_following import Following
from screens.live_older import OlderRows
from screens.live_traffic import Traffic
from screens.table import VirtualTable

_ABOVE = "Select the row above, also from its details"
_BELOW = "Select the row below, also from its details"
_OLDER = "Read older rows that match from disk"
_CLEAR = "Take the rows off the screen; they stay on disk"


class LiveScreen(ConsoleScreen[None]):
    """Follows the feed until the operator moves up, filters or pauses; Enter opens a row's details."""

    PLACE = "live"
    CHANGES = frozenset({"fix"})
    AUTO_FOCUS = "#activities"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "filter", key_display="/", id="live.filter", tooltip="Show only rows that match"),
        Binding("p", "pause", "pause", id="live.pause", tooltip="Hold new rows back, or let them come"),
        Binding("enter", "details", "details", id="live.details", tooltip="Show every check of this row"),
        Binding("escape", "back", "back", id="live.back", tooltip="Close the details"),
        Binding("escape", "clear", "clear", id="live.clear", tooltip="Clear the filter", show=False),
        Binding("escape", "stop_reading", "stop", id="live.stop", tooltip="Stop reading older rows", show=False),
        Binding("x", "fix", "fix", id="live.fix", tooltip="Put right what was refused"),
        Binding("c", "copy", "copy", id="live.copy", tooltip="Copy something of this row"),
        Binding("g", "go_to", "go to", id="live.go_to", tooltip="Go to what this row is about: g e its end entity"),
        Binding("o", "older", "older rows", id="live.older", tooltip=_OLDER, show=False),
        Binding("ctrl+l", "clear_rows", "clear rows", id="live.clear_rows", tooltip=_CLEAR, show=False),
        Binding("left_square_bracket", "row(-1)", "row above", id="live.row_above", tooltip=_ABOVE, show=False),
        Binding("right_square_bracket", "row(1)", "row below", id="live.row_below", tooltip=_BELOW, show=False),
        Binding("end", "follow", "follow", id="live.follow", tooltip="Follow the rows that come", show=False),
        Binding("tab", "other_side", "other side", id="live.tab", tooltip="Between rows and details", show=False),
    ]

    table = getters.query_one("#activities", VirtualTable)
    filter_field = getters.query_one("#filter", Field)
    details = getters.query_one(Details)
    following = getters.query_one(Following)
    traffic = getters.query_one(Traffic)
    older = getters.query_one(OlderRows)
    empty = getters.query_one(EmptyLive)

    def __init__(self, lab: LabView) -> None:
        super().__init__(lab)
        self._rows = ActivityRows(lab.answer_code, lab.now)
        self._filter = lab.preferences.live_filter

    def compose_body(self) -> ComposeResult:
        with Horizontal(classes="bar"):
            yield Static("/", classes="bar-sign")
            yield Field(self._filter, id="filter", placeholder=PLACEHOLDER)
            yield Following()
        yield Traffic(self.lab.now)
        yield OlderRows(self.lab.administration, self._rows, self.lab.now)
        with Container(id="body"):
            yield VirtualTable(self._rows.columns(), self._rows, can_follow=True, id="activities")
            yield EmptyLive(self.lab, self._rows)
            yield Details(
                self.lab.administration, self.lab.answer_code, self.lab.now, names_fixes=not self.lab.read_only
            )

    def on_mount(self) -> None:
        self.details.display = False
        recent = self.lab.feed.recent()
        self.traffic.count(recent, earlier=True)
        self._rows.set_filter(read_filter(self._filter))
        self._rows.merge(recent)
        self._rows_changed()
        self.empty.teach()

    async def on_unmount(self) -> None:
        await in_thread(self.lab.preferences.remember_live_filter, self._filter)

    def on_screen_suspend(self) -> None:
        self.details.seal()

    def on_resize(self, event: events.Resize) -> None:
        self.query_one("#body").set_class(event.size.width >= WIDE, "-wide")

    def can(self, action: str) -> bool:
        match action:
            case "details":
                return bool(len(self._rows)) and not self.details.display
            case "stop_reading":
                return self.older.is_reading
            case "back":
                return self.details.display and not self.filter_field.has_focus and not self.older.is_reading
            case "clear":
                return (not self.details.display or self.filter_field.has_focus) and not self.older.is_reading
            case "other_side":
                return self.details.display and not self.filter_field.has_focus
            case "copy" | "go_to":
                return bool(len(self._rows))
            case "fix":
                return fix_of(self._selected) is not None
            case _:
                return True

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The keys with what the fix does for this row; Textual's bindings say the same of every row."""
        active = super().active_bindings
        if (fix := fix_of(self._selected)) is None or self.has_class("-narrow"):
            return active
        return {
            key: each._replace(binding=replace(each.binding, description=fix.label))
            if each.binding.id == "live.fix"
            else each
            for key, each in active.items()
        }

    # What comes

    @on(ActivitiesArrived)
    def _arrived(self, message: ActivitiesArrived) -> None:
        self.traffic.count(message.activities)
        if self.following.is_paused:
            self.following.hold(message.activities)
            self._show_following()
        else:
            self._take(message.activities)

    def _take(self, activities: Iterable[Activity]) -> None:
        added = self._rows.merge(activities)
        self.following.waiting = 0 if self.table.follow else self.following.waiting + added
        self._rows_changed()

    @on(ServerChanged)
    def _urls_changed(self) -> None:
        self.empty.teach()

    @on(VirtualTable.FollowChanged)
    def _follow_changed(self) -> None:
        if self.table.follow:
            self.following.waiting = 0
        self._show_following()

    @on(VirtualTable.Highlighted)
    def _highlighted(self) -> None:
        if self.details.display and (activity := self._selected) is not None:
            self.details.show(activity)
        self.refresh_keys()

    def _rows_changed(self) -> None:
        self.table.set_columns(self._rows.columns())
        self.table.refresh_rows()
        self.query_one("#body").set_class(not len(self._rows), "-empty")
        self._show_following()

    @property
    def _selected(self) -> Activity | None:
        index = self.table.selected
        return None if index is None else self._rows.activity(index)

    def _show_following(self) -> None:
        self.following.show(self._rows, follows=self.table.follow)
        self.older.show()

    # Keys

    def action_filter(self) -> None:
        self.set_focus(self.filter_field)

    @on(Input.Changed, "#filter")
    def _filter_typed(self, event: Input.Changed) -> None:
        self._filter = event.value
        self._rows.set_filter(read_filter(event.value))
        self._start_over()

    def _start_over(self) -> None:
        self.following.waiting = 0
        self.older.start_over()
        self._rows_changed()
        self.empty.teach()

    @on(Input.Submitted, "#filter")
    def _filter_done(self) -> None:
        self.set_focus(self.table)

    @on(Input.Blurred, "#filter")
    @task(group="filter", holds_keys=False)
    async def _keep_filter(self) -> None:
        """Remember the filter for the next time once it is typed."""
        await in_thread(self.lab.preferences.remember_live_filter, self._filter)

    def action_clear_rows(self) -> None:
        if self.details.display:
            self.action_back()  # their row goes too
        self._rows.clear()
        self.table.follow = True
        self._start_over()

    @task(holds_keys=False)
    async def action_older(self) -> None:
        if await self.older.read():
            self._rows_changed()
            self.empty.teach()

    def action_stop_reading(self) -> None:
        self.older.stop()

    def action_back(self) -> None:
        self.details.seal()
        self.details.display = False
        self.set_focus(self.table)
        self.refresh_keys()

    def action_clear(self) -> None:
        self.filter_field.value = self._filter = ""
        self._keep_filter()
        self.set_focus(self.table)
        self.refresh_keys()

    def action_row(self, rows: int) -> None:
        self.table.action_move(rows)

    def action_follow(self) -> None:
        self.table.action_last()

    def action_other_side(self) -> None:
        self.set_focus(self.details.tabs if self.table.has_focus else self.table)

    def action_pause(self) -> None:
        if self.following.is_paused:
            self._take(self.following.go_on())
        else:
            self.following.pause()
            self._show_following()

    @on(VirtualTable.Opened)
    def action_details(self) -> None:
        if (activity := self._selected) is not None:
            self.table.follow = False  # the details that are read stay those of this row, whatever comes
            self.details.display = True
            self.details.show(activity)
            self.set_focus(self.details.tabs)
            self.refresh_keys()

    @task()
    async def action_fix(self) -> None:
        activity = self._selected
        if activity is not None and (fix := fix_of(activity)) is not None:
            await put_right(self, activity, fix)

    @task()
    async def action_copy(self) -> None:
        if (activity := self._selected) is None:
            return
        shown = self.details.shown_tab if self.details.display else None
        detail = await in_thread(self.lab.administration.activities.detail, activity.id)
        await copy_one(self, copied_texts(activity, detail, shown))

    @task()
    async def action_go_to(self) -> None:
        if (activity := self._selected) is None:
            return
        links = {link.key: link for link in await in_thread(lambda: list(links_of(self.lab.administration, activity)))}
        if not links:
            self.say("Nothing that this row is about is on record here.", trouble=True)
            return
        menu = Menu("Go to", [Choice(link.key, link.label, link.key) for link in links.values()])
        if chosen := await ask(self, menu):
            self.app.post_message(links[chosen].message)

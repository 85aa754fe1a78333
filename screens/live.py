"""Live: what comes over the wire, row by row, and why each request was granted or refused."""

from __future__ import annotations

from collections import OrderedDict
from typing import ClassVar

from textual import events, getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.content import Content
from textual.widgets import Input, Static

from estconsole.activity import FEED_SIZE, Activity
from estconsole.domain.model import OPEN_STATUSES
from estconsole.messages import ActivitiesArrived, AddRecord, EditRecord, OpenRecord, ServerChanged
from estconsole.results import Saved
from screens.activity_copy import copied_texts
from screens.activity_filter import PLACEHOLDER, read_filter
from screens.activity_rows import ActivityRows
from screens.background import in_thread, task
from screens.copying import copy_one
from screens.details import Details
from screens.dialogs import Choice, Confirm, Menu
from screens.fields import Field
from screens.first_steps import first_steps
from screens.fixes import Fix, fix_of
from screens.frame import ConsoleScreen
from screens.key_order import ask
from screens.lab_view import LabView
from screens.table import VirtualTable
from screens.text import MUTED, brief, counted

WIDE = 110
"""From so many columns on, details stand at the side of the rows, not below them."""


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
        Binding("x", "fix", "fix", id="live.fix", tooltip="Put right what was refused"),
        Binding("c", "copy", "copy", id="live.copy", tooltip="Copy something of this row"),
        Binding("g", "go_to", "go to", id="live.go_to", tooltip="Go to a related record: g e end entity"),
        Binding(
            "left_square_bracket",
            "row(-1)",
            "row above",
            id="live.row_above",
            tooltip="Select the row above, also from its details",
            show=False,
        ),
        Binding(
            "right_square_bracket",
            "row(1)",
            "row below",
            id="live.row_below",
            tooltip="Select the row below, also from its details",
            show=False,
        ),
        Binding("end", "follow", "follow", id="live.follow", tooltip="Follow the rows that come", show=False),
        Binding("tab", "other_side", "other side", id="live.tab", tooltip="Between rows and details", show=False),
    ]

    table = getters.query_one("#activities", VirtualTable)
    filter_field = getters.query_one("#filter", Field)
    details = getters.query_one(Details)

    def __init__(self, lab: LabView) -> None:
        super().__init__(lab)
        self._rows = ActivityRows(lab.answer_code, lab.now)
        self._held: OrderedDict[int, Activity] | None = None
        self._waiting = 0

    def compose_body(self) -> ComposeResult:
        with Horizontal(classes="bar"):
            yield Static("/", classes="bar-sign")
            yield Field(id="filter", placeholder=PLACEHOLDER)
            yield Static(id="follow-state", classes="bar-state")
        with Container(id="body"):
            yield VirtualTable(self._rows.columns(), self._rows, can_follow=True, id="activities")
            yield Static(id="empty", classes="empty")
            yield Details(self.lab.administration, self.lab.answer_code, self.lab.now)

    def on_mount(self) -> None:
        self.details.display = False
        self._rows.merge(self.lab.feed.recent())
        self._rows_changed()
        self._teach()

    def on_screen_suspend(self) -> None:
        self.details.seal()

    def on_resize(self, event: events.Resize) -> None:
        self.query_one("#body").set_class(event.size.width >= WIDE, "-wide")

    def can(self, action: str) -> bool:
        match action:
            case "details":
                return bool(len(self._rows)) and not self.details.display
            case "back":
                return self.details.display and not self.filter_field.has_focus
            case "clear":
                return not self.details.display or self.filter_field.has_focus
            case "other_side":
                return self.details.display and not self.filter_field.has_focus
            case "copy" | "go_to":
                return bool(len(self._rows))
            case "fix":
                return fix_of(self._selected) is not None
            case _:
                return True

    # What comes

    @on(ActivitiesArrived)
    def _arrived(self, message: ActivitiesArrived) -> None:
        if self._held is not None:
            for activity in message.activities:
                self._held[activity.id] = activity
                if len(self._held) > FEED_SIZE:
                    self._held.popitem(last=False)
            self._show_state_of_following()
            return
        added = self._rows.merge(message.activities)
        self._waiting = 0 if self.table.follow else self._waiting + added
        self._rows_changed()

    @on(ServerChanged)
    def _urls_changed(self) -> None:
        self._teach()

    @on(VirtualTable.FollowChanged)
    def _follow_changed(self) -> None:
        if self.table.follow:
            self._waiting = 0
        self._show_state_of_following()

    @on(VirtualTable.Highlighted)
    def _highlighted(self) -> None:
        if self.details.display and (activity := self._selected) is not None:
            self.details.show(activity)
        self.refresh_keys()

    def _rows_changed(self) -> None:
        self.table.set_columns(self._rows.columns())
        self.table.refresh_rows()
        self.query_one("#body").set_class(not len(self._rows), "-empty")
        self._show_state_of_following()

    @property
    def _selected(self) -> Activity | None:
        index = self.table.selected
        return None if index is None else self._rows.activity(index)

    def _show_state_of_following(self) -> None:
        held, shown, total = self._held, len(self._rows), self._rows.total
        if held is not None:
            state = Content.assemble(("‖ paused", "$warning"), f" · {len(held):,} waiting · p goes on")
        elif not total:
            state = Content("")
        elif self.table.follow:
            state = Content.assemble(("●", "$success"), " following")
        else:
            waiting = f"{self._waiting:,} waiting" if self._waiting else "not following"
            state = Content.assemble(("▲", "$warning"), f" {waiting} · end follows")
        if shown != total:
            state = Content.assemble((f"{shown:,} of {counted(total, 'row')} shown · ", MUTED), state)
        self.query_one("#follow-state", Static).update(state)

    @task(group="teach", exclusive=True, holds_keys=False)
    async def _teach(self) -> None:
        """Say on an empty screen how the first row comes to be; on one that a filter emptied, how to see rows again."""
        empty = self.query_one("#empty", Static)
        if self._rows.total:
            empty.update(Content("No row matches the filter. esc clears it."))
            return
        authority = await in_thread(self.lab.administration.server.issuing_ca)
        empty.update(first_steps(self.lab.server.state, authority))

    # Keys

    def action_filter(self) -> None:
        self.filter_field.focus()

    @on(Input.Changed, "#filter")
    def _filter_typed(self, event: Input.Changed) -> None:
        self._rows.set_filter(read_filter(event.value))
        self._waiting = 0
        self._rows_changed()
        self._teach()

    @on(Input.Submitted, "#filter")
    def _filter_done(self) -> None:
        self.table.focus()

    def action_back(self) -> None:
        self.details.seal()
        self.details.display = False
        self.table.focus()
        self.refresh_keys()

    def action_clear(self) -> None:
        self.filter_field.value = ""
        self.table.focus()
        self.refresh_keys()

    def action_row(self, rows: int) -> None:
        self.table.action_move(rows)

    def action_follow(self) -> None:
        self.table.action_last()

    def action_other_side(self) -> None:
        (self.details.tabs if self.table.has_focus else self.table).focus()

    def action_pause(self) -> None:
        if self._held is None:
            self._held = OrderedDict()
            self._show_state_of_following()
            return
        held, self._held = self._held, None
        self._arrived(ActivitiesArrived(tuple(held.values())))

    @on(VirtualTable.Opened)
    def action_details(self) -> None:
        if (activity := self._selected) is not None:
            self.table.follow = False  # the details that are read stay those of this row, whatever comes
            self.details.display = True
            self.details.show(activity)
            self.details.tabs.focus()
            self.refresh_keys()

    @task()
    async def action_fix(self) -> None:
        activity = self._selected
        if activity is None or (fix := fix_of(activity)) is None:
            return
        username = activity.username
        if fix is Fix.REGISTER:
            self.app.post_message(AddRecord("end_entities", username))
            return
        if fix is Fix.EDIT_CODE and await in_thread(self._is_open, username):
            self.app.post_message(EditRecord("end_entities", username, "code"))
            return
        text = "Its allowed requests and failed logins start over; its code stays the same."
        if not await ask(self, Confirm(f"Set {brief(username)} back to NEW?", text, yes="Set NEW")):
            return
        answer = await in_thread(self.lab.administration.end_entities.set_new, username)
        if isinstance(answer, Saved):
            self.say(f"{brief(username)} is NEW: it may enroll again.")
        else:
            self.say(f"{brief(username)} is not registered.", trouble=True)

    def _is_open(self, username: str) -> bool:
        """Whether the code alone is in the way; too many wrong ones have closed an end entity (B-11)."""
        entity = self.lab.administration.end_entities.get(username)
        return entity is not None and entity.status in OPEN_STATUSES

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
        username = activity.username
        label = f"end entity {brief(username)}" if username else "end entity: this row names none"
        choices = [Choice("e", label, username)]
        if chosen := await ask(self, Menu("Go to", choices)):
            self.app.post_message(OpenRecord("end_entities", chosen))

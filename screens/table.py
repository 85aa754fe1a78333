"""A table that draws only the lines in view, whatever the number of rows behind it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from screens.columns import Column, Placed, place
from screens.text import fit

MARKER = "▌"
"""Stands before the selected row, so that colour is not alone in showing it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text, already escaped, and the component class that colours it (empty: the table's own)."""

    text: str
    tone: str = ""


class Rows(Protocol):
    """What a table shows. Each row is found by its key, so that a selected one is found again after any change."""

    def __len__(self) -> int: ...

    def cells(self, index: int) -> Sequence[Cell]:
        """The cells of a row, one for each column."""
        ...

    def key(self, index: int) -> Hashable:
        """What identifies a row."""
        ...

    def position(self, key: Hashable) -> int:
        """The index of the row with this key, or where it would stand."""
        ...


class VirtualTable(ScrollView, can_focus=True):
    """Shows `Rows` by the line API. `follow` keeps the last row selected and in view as rows come."""

    ALLOW_SELECT = False
    BINDING_GROUP_TITLE = "Table"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--header",
        "table--cursor",
        "table--cursor-blurred",
        "table--marker",
        "table--good",
        "table--bad",
        "table--attention",
        "table--faint",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", id="table.up", tooltip="Select the row above", show=False),
        Binding("down,j", "move(1)", "Down", id="table.down", tooltip="Select the row below", show=False),
        Binding("pageup", "page(-1)", "Page up", id="table.page_up", tooltip="Go up by a page", show=False),
        Binding("pagedown", "page(1)", "Page down", id="table.page_down", tooltip="Go down by a page", show=False),
        Binding("home", "first", "First", id="table.first", tooltip="Select the first row", show=False),
        Binding("end,G", "last", "Last", id="table.last", tooltip="Select the last row, and follow", show=False),
    ]

    cursor: reactive[int] = reactive(0)
    follow: reactive[bool] = reactive(False)

    class Highlighted(Message):
        """Another row is selected, or the selected row's content may be another."""

    class Opened(Message):
        """The selected row was clicked again."""

    class FollowChanged(Message):
        """Following began or ended."""

    class HeaderClicked(Message):
        """A column's title was clicked."""

        def __init__(self, column: int) -> None:
            super().__init__()
            self.column = column

    def __init__(self, columns: Sequence[Column], rows: Rows, *, can_follow: bool = False, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._columns = tuple(columns)
        self._rows = rows
        self._can_follow = can_follow
        self._key: Hashable | None = None
        self._order: tuple[int, bool] | None = None
        self.set_reactive(VirtualTable.follow, can_follow)

    @property
    def selected(self) -> int | None:
        """The index of the selected row, None when there is no row."""
        return self.cursor if len(self._rows) else None

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Show other columns, or the same in other widths."""
        if tuple(columns) != self._columns:
            self._columns = tuple(columns)
            self.refresh()

    def show_order(self, column: int | None, *, descending: bool) -> None:
        """Say in the header by which column the rows are in order, and which way."""
        self._order = None if column is None else (column, descending)
        self.refresh()

    def refresh_rows(self) -> None:
        """Draw again after the rows changed. The selected row stays selected, and stays where it was on the screen."""
        total = len(self._rows)
        above = self.cursor - self.scroll_offset.y
        self.virtual_size = Size(self._width, total + 1)
        if self.follow:
            position = max(0, total - 1)
        else:
            position = min(self._rows.position(self._key), max(0, total - 1)) if self._key is not None else 0
        moved = position != self.cursor
        self.set_reactive(VirtualTable.cursor, position)
        self._key = self._rows.key(position) if total else None
        if self.follow:
            self._scroll_rows(self.max_scroll_y)
        elif moved:
            self._scroll_rows(position - above)
        self.refresh()
        self.post_message(self.Highlighted())

    def select(self, key: Hashable) -> None:
        """Select the row with this key, or the one that stands where it would."""
        self.follow = False
        self.cursor = self._rows.position(key)

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(len(self._rows) - 1, cursor))

    def watch_cursor(self) -> None:
        self._key = self._rows.key(self.cursor) if len(self._rows) else None
        self._show_cursor()
        self.refresh()
        self.post_message(self.Highlighted())

    def watch_follow(self) -> None:
        self.post_message(self.FollowChanged())

    def on_resize(self) -> None:
        self.virtual_size = Size(self._width, len(self._rows) + 1)
        self._show_cursor()

    def on_mouse_scroll_up(self) -> None:
        self.follow = False

    def on_click(self, event: events.Click) -> None:
        line = event.get_content_offset(self)
        if line is None:
            return
        if line.y == 0:
            self._click_header(line.x)
            return
        if (index := self.scroll_offset.y + line.y - 1) >= len(self._rows):
            return
        if index == self.cursor:
            self.post_message(self.Opened())
        self.follow = False
        self.cursor = index

    def _click_header(self, x: int) -> None:
        end = 1  # the marker's cell
        for number, (_, width) in enumerate(place(self._columns, self._width - 1)):
            end += width + 1
            if x < end:
                self.post_message(self.HeaderClicked(number))
                return

    def action_move(self, lines: int) -> None:
        if lines < 0:
            self.follow = False
        self.cursor += lines

    def action_page(self, pages: int) -> None:
        self.action_move(pages * max(1, self.size.height - 2))

    def action_first(self) -> None:
        self.follow = False
        self.cursor = 0

    def action_last(self) -> None:
        self.cursor = len(self._rows) - 1
        self.follow = self._can_follow

    @property
    def _width(self) -> int:
        """The columns that rows have, beside the scrollbar where there is one."""
        return self.scrollable_content_region.width

    def render_line(self, y: int) -> Strip:
        width = self._width
        placed = place(self._columns, width - 1)
        base = self.rich_style
        if y == 0:
            style = self.get_component_rich_style("table--header")
            cells = [Cell(self._title(number)) for number in range(len(self._columns))]
            return self._strip([Segment(" ", style), *self._segments(placed, cells, style)], width, style)
        index = self.scroll_offset.y + y - 1
        if index >= len(self._rows):
            return Strip.blank(width, base)
        marker = Segment(" ", base)
        if index == self.cursor:
            base = self.get_component_rich_style("table--cursor" if self.has_focus else "table--cursor-blurred")
            marker = Segment(MARKER, base + self._tone("marker"))
        return self._strip([marker, *self._segments(placed, self._rows.cells(index), base)], width, base)

    def _title(self, number: int) -> str:
        title = self._columns[number].title
        if self._order is None or self._order[0] != number:
            return title
        return f"{title} {'▼' if self._order[1] else '▲'}"

    def _segments(self, placed: Sequence[Placed], cells: Sequence[Cell], base: Style) -> list[Segment]:
        segments: list[Segment] = []
        for number, (column, width) in enumerate(placed):
            cell = cells[number]
            if number:
                segments.append(Segment(" ", base))
            segments.append(Segment(fit(cell.text, width, right=column.right), base + self._tone(cell.tone)))
        return segments

    def _tone(self, tone: str) -> Style:
        """A tone's colour alone, so that it stands on the selected row's background too."""
        return Style(color=self.get_component_rich_style(f"table--{tone}").color) if tone else Style.null()

    def _strip(self, segments: list[Segment], width: int, style: Style) -> Strip:
        return Strip(segments).crop_extend(0, width, style)

    def _scroll_rows(self, top: int) -> None:
        """Have this row on top, also before the first layout, when there is no scrollbar yet."""
        self.scroll_to(y=top, animate=False, force=True)

    def _show_cursor(self) -> None:
        """Scroll as little as it takes to have the selected row in view."""
        top, height = self.scroll_offset.y, max(1, self.size.height - 1)
        if self.cursor < top:
            self._scroll_rows(self.cursor)
        elif self.cursor >= top + height:
            self._scroll_rows(self.cursor - height + 1)

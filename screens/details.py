"""The details of one row of Live, in tabs: checks, CSR, client certificate, issued certificate, and the raw request."""

from __future__ import annotations

from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static, Tab, Tabs

from estconsole.activity import Activity, ActivityDetail
from estconsole.administration import Administration
from screens import activity_view
from screens.activity_copy import ShownTab
from screens.background import in_thread, task
from screens.fixes import fix_of
from screens.keys import key_of
from screens.lab_view import AnswerCode, Clock
from screens.text import MUTED, plain_lines

_TABS = (
    ("checks", "Checks"),
    ("csr", "CSR"),
    ("client", "Client cert"),
    ("issued", "Issued cert"),
    ("raw", "Raw"),
)
_SEALED = "The request as it came is kept sealed, since it carries the enrollment code."

_BETWEEN = "   "


class Details(Vertical):
    """Shows one activity. `show` takes another; what the record holds is loaded in a worker.

    With `names_fixes` it says what the key does that puts a refusal right.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,right", "tab", "Tabs", id="details.tabs", tooltip="Another tab of the details", show=False),
        Binding("up,k", "scroll(-1)", "Up", id="details.up", tooltip="Scroll the details up", show=False),
        Binding("down,j", "scroll(1)", "Down", id="details.down", tooltip="Scroll the details down", show=False),
        Binding("pageup", "scroll(-8)", "Page up", id="details.page_up", tooltip="Page the details up", show=False),
        Binding(
            "pagedown", "scroll(8)", "Page down", id="details.page_down", tooltip="Page the details down", show=False
        ),
        Binding(
            "ctrl+r",
            "unseal",
            "Raw",
            id="details.raw",
            tooltip="Open the request's bytes, or seal them again; they carry the enrollment code",
            show=False,
        ),
    ]

    tabs = getters.query_one(Tabs)
    body = getters.query_one("#details-body", Static)
    scroll = getters.query_one("#details-scroll", VerticalScroll)

    detail: reactive[ActivityDetail | None] = reactive(None)

    def __init__(
        self, administration: Administration, answer_code: AnswerCode, now: Clock, *, names_fixes: bool = False
    ) -> None:
        super().__init__(id="details")
        self._administration = administration
        self._answer_code = answer_code
        self._now = now
        self._names_fixes = names_fixes
        self._activity: Activity | None = None
        self._raw: str | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="details-heading")
        yield Static(id="details-words")
        yield Tabs(*(Tab(label, id=name) for name, label in _TABS))
        with VerticalScroll(id="details-scroll", can_focus=False):
            yield Static(id="details-body")

    @property
    def shown_tab(self) -> ShownTab | None:
        """The tab that is shown, as text; None while it loads, and for bytes that are sealed."""
        name = self.tabs.active
        if self.detail is None or (name == "raw" and self._raw is None):
            return None
        return ShownTab(dict(_TABS)[name], self._tab_content(self.detail).plain, secret=name == "raw")

    def seal(self) -> None:
        """Forget the request's bytes, if they are open: they carry the enrollment code (B-45)."""
        if self._raw is not None:
            self._raw = None
            self._show_tab()

    def show(self, activity: Activity) -> None:
        """Show this activity, unless it is shown already."""
        if activity == self._activity:
            return
        same = self._activity is not None and self._activity.id == activity.id
        self._activity = activity
        self._show_heading(activity)
        if not same:
            self._raw = None
            self.detail = None
            self.scroll.scroll_home(animate=False)
        self._load(activity)

    @task(group="details", exclusive=True, holds_keys=False)
    async def _load(self, activity: Activity) -> None:
        loaded = await in_thread(self._administration.activities.detail, activity.id)
        self.detail = loaded or ActivityDetail(activity=activity)

    @property
    def _width(self) -> int:
        """The cells of a line, but for the padding and the scrollbar."""
        return self.size.width - 4

    def on_resize(self) -> None:
        # Textual loses a change of height that is made while it places widgets.
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        if self._activity is not None:
            self._show_heading(self._activity)
        self._show_tab()

    def _show_heading(self, activity: Activity) -> None:
        """The fix stands in the heading where there is room: below the rows each line counts."""
        heading, line = activity_view.heading(activity, self._answer_code), None
        fix = fix_of(activity) if self._names_fixes else None
        if fix is not None:
            line = activity_view.fix_line(key_of(self, "live.fix"), fix, self._width)
            if heading.cell_length + len(_BETWEEN) + line.cell_length <= self._width:
                heading, line = Content.assemble(heading, _BETWEEN, line), None
        others = f"{_BETWEEN}{key_of(self, 'live.row_above')} {key_of(self, 'live.row_below')} other rows"
        if heading.cell_length + len(others) <= self._width:
            heading = Content.assemble(heading, (others, MUTED))
        self.query_one("#details-heading", Static).update(heading)
        self.query_one("#details-words", Static).update(activity_view.words(activity, self._width, line))

    def watch_detail(self) -> None:
        self._show_tab()

    @on(Tabs.TabActivated)
    def _tab_activated(self) -> None:
        self.scroll.scroll_home(animate=False)
        self._show_tab()

    def _show_tab(self) -> None:
        if self.is_mounted and self.detail is not None:
            self.body.update(self._tab_content(self.detail))
            self.call_after_refresh(self._show_failed_check, self.detail)

    def _show_failed_check(self, detail: ActivityDetail) -> None:
        """Have the check that failed in view, with what was expected and what came."""
        if detail is self.detail and self.tabs.active == "checks":
            lines = activity_view.lines_of_failed_check(detail, self._width)
            top = min(lines.start, max(0, lines.stop - self.scroll.size.height))
            self.scroll.scroll_to(y=top, animate=False)

    def _tab_content(self, detail: ActivityDetail) -> Content:
        match self.tabs.active:
            case "csr":
                return activity_view.decoded(detail.csr, "The request held no CSR that could be decoded.")
            case "client":
                return activity_view.decoded(detail.client_certificate, "The client presented no certificate.")
            case "issued":
                return activity_view.decoded(detail.issued_certificate, "No certificate was issued.")
            case "raw":
                if self._raw is not None:
                    return Content(plain_lines(self._raw))
                return Content.styled(self._sealed_words(detail), MUTED)
            case _:
                return activity_view.checks(detail, self._now(), self._width)

    def _sealed_words(self, detail: ActivityDetail) -> str:
        if not detail.has_raw_request:
            return "No request body is kept."
        if self._administration.read_only:
            return f"{_SEALED} A read-only console does not open it."
        return f"{_SEALED} {key_of(self, 'details.raw')} opens it."

    @task()
    async def action_unseal(self) -> None:
        """Open the request's bytes, or seal them again."""
        if self._raw is not None:
            self.seal()
            return
        if self.detail is None or not self.detail.has_raw_request:
            return
        activity = self.detail.activity
        raw = await in_thread(self._administration.activities.raw_request, activity.id)
        looked_at = self.display and self.screen.is_current
        if looked_at and self._activity is not None and self._activity.id == activity.id:
            self._raw = "" if raw is None else raw
            self.tabs.active = "raw"
            self._show_tab()

    def action_scroll(self, lines: int) -> None:
        self.scroll.scroll_relative(y=lines, animate=False)

    def action_tab(self) -> None:
        """The tabs themselves take the arrows; this names them in the help."""

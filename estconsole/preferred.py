"""The app as the operator wants it: theme, keys, clipboard; and what it leaves behind when it crashes."""

from __future__ import annotations

import os

from textual.theme import Theme

from estconsole.crash import CrashReports
from estconsole.preferences import Preferences
from screens.background import in_thread, task
from screens.clipboard import DesktopClipboard
from screens.key_order import KeysInOrder
from screens.keymap import console_keys
from screens.keys import keys_in
from screens.themes import COLOURLESS, THEME, wants_no_colour


class PreferredApp(KeysInOrder):
    """An app with the operator's theme and keys. `desktop` fills the desktop's clipboard, where there is one."""

    def __init__(
        self, preferences: Preferences, *, desktop: DesktopClipboard | None = None, crashes: CrashReports | None = None
    ) -> None:
        colourless = wants_no_colour(os.environ)
        # Textual turns colours to grey under NO_COLOR, and takes them out only in a console of the terminal's own.
        super().__init__(ansi_color=True if colourless else None)
        self.preferences = preferences
        self.desktop = desktop
        self.last_words = ""  # for the terminal, after a crash
        self._crashes = crashes
        self.keymap = console_keys().keymap(preferences.keys)
        self.set_keymap(self.keymap)
        self.at_once = frozenset(keys_in(console_keys().with_keys(preferences.keys, "app.quit")))
        self.register_theme(THEME)
        self.theme = COLOURLESS if colourless else preferences.theme

    async def on_mount(self) -> None:
        self.theme_changed_signal.subscribe(self, self._theme_changed)

    def _theme_changed(self, theme: Theme) -> None:
        if theme.name != self.preferences.theme:
            self._remember_theme(theme.name)

    @task(holds_keys=False)
    async def _remember_theme(self, name: str) -> None:
        await in_thread(self.preferences.remember_theme, name)

    # Faults: Textual's own report shows the locals and the message of an error, and a code may be in either (B-45).

    def _handle_exception(self, error: Exception) -> None:
        if self._crashes is not None and not self.last_words:
            self.last_words = self._crashes.leave(error, self._screen_in_front())
        super()._handle_exception(error)

    def panic(self, *_renderables: object) -> None:
        self._fatal_error()

    def _fatal_error(self) -> None:
        self.bell()
        self._close_messages_no_wait()

    def _screen_in_front(self) -> str:
        return type(self.screen_stack[-1]).__name__ if self._screen_stacks and self.screen_stack else ""

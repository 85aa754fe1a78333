"""The colours: this console's own theme, Textual's, the terminal's own, and none at all."""

from __future__ import annotations

from collections.abc import Mapping

from textual.theme import BUILTIN_THEMES, Theme

THEME = Theme(
    name="estconsole",
    primary="#6f9fc8",
    secondary="#8a93a6",
    accent="#8fbcd4",
    foreground="#cfd6de",
    background="#14181d",
    surface="#1a1f26",
    panel="#1e242c",
    success="#86b88a",
    warning="#d8b36a",
    error="#d97b74",
    dark=True,
    variables={"footer-background": "#1a1f26", "footer-key-foreground": "#8fbcd4", "border": "#6f9fc8"},
)

COLOURLESS = "ansi-dark"
"""The theme under NO_COLOR: it names the terminal's own colours, and those are then taken out."""

THEMES = (THEME.name, *BUILTIN_THEMES)
"""The names of the themes that there are."""


def wants_no_colour(environment: Mapping[str, str]) -> bool:
    """Whether the operator wants no colour in any program: NO_COLOR is set, and not empty (no-color.org)."""
    return bool(environment.get("NO_COLOR"))

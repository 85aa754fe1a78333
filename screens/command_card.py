"""The command card of an end entity: what a device runs to enroll and renew, to be copied as it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from estconsole.administration import Administration
from estconsole.domain.model import EndEntity, EstAlias
from estconsole.domain.secret import Secret
from screens.alias_words import alias_urls
from screens.background import in_thread, task
from screens.dialogs import Choice, Menu
from screens.enrollment_commands import enrollment_commands
from screens.frame import ConsoleScreen
from screens.key_order import ask
from screens.keys import key_of
from screens.server_view import authority_url
from screens.show_text import ShowText
from screens.text import brief, plain_lines, shortened

_KEYS_OF_A_MENU = "123456789"


class CommandCard(ModalScreen[None]):
    """Shows commands with a placeholder for the code, and with the code itself once that is asked for (B-45)."""

    AUTO_FOCUS = "VerticalScroll"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy", "Copy", id="card.copy", tooltip="Copy the commands as they are shown"),
        Binding("ctrl+r", "code", "Code", id="card.code", tooltip="Put the enrollment code in, or take it out"),
        Binding("escape", "close", "Close", id="card.close", tooltip="Close the commands"),
    ]

    def __init__(
        self, title: str, commands: Callable[[Secret | None], str], load_code: Callable[[], Secret | None] | None
    ) -> None:
        super().__init__()
        self._title, self._commands, self._load_code = title, commands, load_code
        self._code: Secret | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="page"):
            yield Static(Content(shortened(self._title)), classes="dialog-title")
            with VerticalScroll():
                yield Static(id="commands")
            yield Static(id="keys", classes="dialog-keys")

    def on_mount(self) -> None:
        self._show()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        return action != "code" or self._load_code is not None

    @task()
    async def action_copy(self) -> None:
        # The code is not on the screen unless it was asked for; neither is it then where the text is shown once more.
        hidden = self._code is not None
        await ask(self, ShowText(self._title, self._commands(self._code), copied=True, hidden=hidden))

    @task()
    async def action_code(self) -> None:
        if self._load_code is not None:
            self._code = None if self._code is not None else await in_thread(self._load_code)
            self._show()

    def action_close(self) -> None:
        self.dismiss(None)

    def _show(self) -> None:
        self.query_one("#commands", Static).update(Content(plain_lines(self._commands(self._code))))
        code = "take the code out" if self._code is not None else "put the code in"
        keys = [f"{key_of(self, 'card.copy')} copy", f"{key_of(self, 'card.close')} close", "↑ ↓ scroll"]
        if self._load_code is not None:
            keys.insert(1, f"{key_of(self, 'card.code')} {code}")
        self.query_one("#keys", Static).update(Content(" · ".join(keys)))


async def show_commands(screen: ConsoleScreen[None], entity: EndEntity) -> None:
    """Ask for the alias where the end entity may use several, and show its card. From a task that holds keys."""
    urls = screen.lab.server.state.urls
    if urls is None:
        screen.say("The server does not serve: what devices call is known once it does (Server).", trouble=True)
        return
    administration = screen.lab.administration
    usable = await in_thread(_usable, administration, entity)
    if not usable:
        screen.say(f"{brief(entity.username)} may use no alias that is there.", trouble=True)
        return
    alias = await _chosen(screen, usable)
    if alias is None:
        return
    authority = await in_thread(administration.server.issuing_ca)
    ca_url, est_urls = authority_url(screen.lab.server.state, authority), alias_urls(urls, alias)
    by_code = alias.module_in_force is not None and entity.sealed_code is not None and not screen.lab.read_only
    card = CommandCard(
        f"{brief(entity.username)} on the alias {alias.name}",
        lambda code: enrollment_commands(entity, alias, ca_url, est_urls, code),
        (lambda: administration.end_entities.code_of(entity.username)) if by_code else None,
    )
    await ask(screen, card)


async def _chosen(screen: ConsoleScreen[None], usable: tuple[EstAlias, ...]) -> EstAlias | None:
    if len(usable) == 1:
        return usable[0]
    choices = [
        Choice(_KEYS_OF_A_MENU[number] if number < len(_KEYS_OF_A_MENU) else "", alias.name, alias.name)
        for number, alias in enumerate(usable)
    ]
    name = await ask(screen, Menu("Commands for which alias?", choices))
    return next((alias for alias in usable if alias.name == name), None)


def _usable(administration: Administration, entity: EndEntity) -> tuple[EstAlias, ...]:
    return tuple(alias for alias in administration.aliases.all() if not entity.aliases or alias.uid in entity.aliases)

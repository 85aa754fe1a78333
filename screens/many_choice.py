"""A field that chooses any number of names from a list, in the order in which they were chosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from screens.text import plain


@dataclass(frozen=True, slots=True)
class Offered:
    """A name that can be chosen, and a word of what it is."""

    name: str
    note: str = ""


class ManyChoice(OptionList):
    """Names to choose from, each chosen or not by a sign and a word. Chosen ones that are offered no more stay there.

    The chosen ones stand first at the beginning, in their order; nothing moves while one chooses.
    """

    BINDING_GROUP_TITLE = "A list to choose from"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,enter", "select", "choose", id="many.turn", tooltip="Choose it, or leave it out", show=False),
    ]

    class Changed(Message):
        """Other names are chosen."""

        def __init__(self, field: ManyChoice) -> None:
            super().__init__()
            self.field = field

        @property
        def control(self) -> ManyChoice:
            return self.field

    def __init__(self, offered: Sequence[Offered], chosen: Iterable[str], *, gone: str, id: str) -> None:  # noqa: A002
        self._chosen = list(dict.fromkeys(chosen))
        by_name = {each.name: each for each in offered}
        first = [by_name.get(name, Offered(name, gone)) for name in self._chosen]
        self._offered = [*first, *(each for each in offered if each.name not in self._chosen)]
        super().__init__(*map(self._option, self._offered), compact=True, id=id)

    @property
    def value(self) -> tuple[str, ...]:
        """The names that are chosen, in the order in which they were."""
        return tuple(self._chosen)

    def on_key(self, event: events.Key) -> None:
        """Go to the next name that begins with what is typed: there may be hundreds."""
        if not event.is_printable or event.character in (None, " "):
            return
        letter, start = str(event.character).casefold(), (self.highlighted or 0) + 1
        numbers = [*range(start, len(self._offered)), *range(start)]
        found = next((each for each in numbers if self._offered[each].name.casefold().startswith(letter)), None)
        if found is not None:
            event.stop()
            self.highlighted = found

    @on(OptionList.OptionSelected)
    def _turn(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        offered = self._offered[event.option_index]
        if offered.name in self._chosen:
            self._chosen.remove(offered.name)
        else:
            self._chosen.append(offered.name)
        self.replace_option_prompt_at_index(event.option_index, self._line(offered))
        self.post_message(self.Changed(self))

    def _option(self, offered: Offered) -> Option:
        return Option(self._line(offered))

    def _line(self, offered: Offered) -> Content:
        chosen = offered.name in self._chosen
        words = ", ".join(word for word in ("listed" if chosen else "", offered.note) if word)
        sign = "[✓]" if chosen else "[ ]"
        return Content(f"{sign} {plain(offered.name)}  {plain(words)}".rstrip())

"""What the app tells its screens: changes that came from other threads, gathered and handed over on the UI thread."""

from __future__ import annotations

from textual.message import Message

from estconsole.activity import Activity
from estconsole.server_control import ServerState


class ActivitiesArrived(Message, bubble=False):
    """Rows since the last flush of the feed, one for each id, in the order in which they came."""

    def __init__(self, activities: tuple[Activity, ...]) -> None:
        super().__init__()
        self.activities = activities


class RecordsChanged(Message, bubble=False):
    """The names of the tables that changed in the store."""

    def __init__(self, tables: frozenset[str]) -> None:
        super().__init__()
        self.tables = tables


class ServerChanged(Message, bubble=False):
    """The embedded server went from one state to another."""

    def __init__(self, state: ServerState) -> None:
        super().__init__()
        self.state = state


class OpenRecord(Message):
    """A screen asks for a record of the place (its mode) where such records are listed, by its key there."""

    def __init__(self, place: str, key: str) -> None:
        super().__init__()
        self.place = place
        self.key = key


class AddRecord(Message):
    """A screen asks for the form of a new record, with this name if it is not empty."""

    def __init__(self, place: str, name: str = "") -> None:
        super().__init__()
        self.place = place
        self.name = name


class EditRecord(Message):
    """A screen asks for the form of a record, with the focus on one of its fields if it is named."""

    def __init__(self, place: str, key: str, field: str = "") -> None:
        super().__init__()
        self.place = place
        self.key = key
        self.field = field


class ShowActivities(Message):
    """A screen asks for those rows of Live that match a filter."""

    def __init__(self, matching: str) -> None:
        super().__init__()
        self.matching = matching


class BeginLab(Message):
    """A screen asks for the first run: an empty lab gets its CA and its first alias."""


class ToggleServer(Message):
    """A screen asks to stop the server if it serves, and to start it if it does not."""


class RestartServer(Message):
    """A screen asks to stop the server and start it again."""

"""The history of an end entity: every request that named it, and every certificate that it was issued."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from estconsole.activity import Activity, Outcome
from estconsole.administration import Administration
from estconsole.domain.model import IssuedCertificate
from estconsole.messages import ShowActivities
from screens.activity_view import checks, heading, words
from screens.activity_words import operation_name, result_text
from screens.background import in_thread, task
from screens.certificate_page import CertificatePage
from screens.certificate_text import serial_groups
from screens.columns import Column
from screens.copying import CopiedText, copy_one
from screens.entity_words import certificate_words
from screens.key_order import ask
from screens.lab_view import Clock, LabView
from screens.record_rows import RecordColumn, RecordRows
from screens.records_screen import RecordsScreen
from screens.table import Cell, VirtualTable
from screens.text import MUTED, NONE, brief, hanging, local_moment, local_time, plain, shortened

MOST_REQUESTS = 10_000
"""So many of the newest requests are shown; a device that was refused more often says nothing new."""


@dataclass(frozen=True, slots=True)
class Event:
    """A request, or a certificate that was issued; `at` puts them in order."""

    at: datetime
    what: Activity | IssuedCertificate

    @property
    def key(self) -> tuple[str, str]:
        if isinstance(self.what, Activity):
            return "request", str(self.what.id)
        return "certificate", self.what.sha256


def events_of(administration: Administration, username: str) -> tuple[Event, ...]:
    """The history of a username, of earlier registrations too, newest first. It reads the disk: call it in a thread.

    A certificate stands with the request that it was issued to, where the log still has that.
    """
    requests = administration.activities.of_entity(username, MOST_REQUESTS)
    times = {each.reference: each.at for each in requests if each.outcome is Outcome.GRANTED}
    issued = (
        Event(times.get(each.reference, each.not_before), each)
        for each in administration.certificates.of_entity(username)
    )
    events = [*(Event(each.at, each) for each in requests), *issued]
    return tuple(sorted(events, key=lambda event: (event.at, isinstance(event.what, IssuedCertificate)), reverse=True))


class EntityHistoryScreen(RecordsScreen[Event]):
    """Lists what happened to one end entity; enter opens a certificate, or the request in Live."""

    PLACE = "end_entities"
    TABLES: ClassVar[frozenset[str]] = frozenset({"activities", "certificates"})
    SEARCHES = "search: operation, alias, result, serial number"
    EMPTY = "Nothing yet: no request named this end entity, and no certificate was issued to it."
    NO_MATCH = "Nothing in its history matches the search. {history.back} clears it."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "details", "open", id="history.details", tooltip="Open the certificate, or the row in Live"),
        Binding("c", "copy", "copy", id="history.copy", tooltip="Copy its reference or serial number"),
        Binding("escape", "back", "back", id="history.back", tooltip="Clear the search, or leave the history"),
    ]

    def __init__(self, lab: LabView, username: str) -> None:
        super().__init__(lab, event_rows(lab.now))
        self._username = username

    def compose_body(self) -> ComposeResult:
        yield Static(Content(f"The history of {brief(self._username)}"), classes="form-title")
        yield from super().compose_body()

    def read(self) -> Sequence[Event]:
        return events_of(self.lab.administration, self._username)

    def describe(self, record: Event, width: int) -> Content:
        now = self.lab.now()
        if isinstance(record.what, Activity):
            detail = self.lab.administration.activities.detail(record.what.id)
            parts = [heading(record.what, self.lab.answer_code), words(record.what, width)]
            if detail is not None:
                parts += [Content(""), checks(detail, now, width)]
            return Content("\n").join(parts)
        return Content("\n").join(_certificate_lines(record.what, now, width))

    def can(self, action: str) -> bool:
        match action:
            case "details" | "copy":
                return bool(len(self.rows))
            case _:
                return super().can(action)

    @on(VirtualTable.Opened)
    @task()
    async def action_details(self) -> None:
        if (event := self.selected) is None:
            return
        if isinstance(event.what, Activity):
            self.app.post_message(ShowActivities(event.what.reference))
            self.dismiss(None)
            return
        remarks = [f"Issued to {brief(self._username)}. {certificate_words(event.what, self.lab.now())}"]
        await ask(self, CertificatePage(self.lab, _title(event.what), event.what.der, remarks=remarks))

    @task()
    async def action_copy(self) -> None:
        if (event := self.selected) is None:
            return
        if isinstance(event.what, Activity):
            offered = [CopiedText("r", f"reference  {event.what.reference}", event.what.reference)]
        else:
            pem = await in_thread(self.lab.administration.certificates.pem, event.what.sha256)
            serial = serial_groups(event.what.serial)
            offered = [CopiedText("n", f"serial number  {serial}", serial), CopiedText("p", "PEM", pem or "")]
        await copy_one(self, offered)


def event_rows(now: Clock) -> RecordRows[Event]:
    """The rows of a history."""
    columns: tuple[RecordColumn[Event], ...] = (
        RecordColumn(
            column=Column(title="time", least=14),
            cell=lambda event: Cell(local_time(event.at, now()), "faint"),
            order=lambda event: event.at,
        ),
        RecordColumn(
            column=Column(title="what", least=11, most=12),
            cell=lambda event: Cell(_what(event)),
            order=_what,
        ),
        RecordColumn(
            column=Column(title="result", least=22, kept=24, most=40),
            cell=lambda event: Cell(shortened(_result(event, now())), _tone(event, now())),
            order=lambda event: _result(event, now()),
        ),
        RecordColumn(
            column=Column(title="details", least=8, kept=24, most=60),
            cell=lambda event: Cell(shortened(_where(event)), "faint"),
        ),
    )
    return RecordRows(
        columns,
        key=lambda event: event.key,
        text=lambda event: "\n".join((_what(event), _result(event, now()), _where(event))),
        noun=("event", "events"),
    )


def _what(event: Event) -> str:
    return operation_name(event.what) if isinstance(event.what, Activity) else "certificate"


def _result(event: Event, now: datetime) -> str:
    return result_text(event.what) if isinstance(event.what, Activity) else certificate_words(event.what, now)


def _tone(event: Event, now: datetime) -> str:
    return {"✓": "good", "●": "good", "✗": "bad"}.get(_result(event, now)[:1], "faint")


def _where(event: Event) -> str:
    if isinstance(event.what, Activity):
        return f"{event.what.alias or NONE} · {event.what.reference} · {event.what.peer or NONE}"
    return serial_groups(event.what.serial)


def _title(certificate: IssuedCertificate) -> str:
    return f"{certificate.subject} · {serial_groups(certificate.serial)}"


def _certificate_lines(certificate: IssuedCertificate, now: datetime, width: int) -> Iterator[Content]:
    yield Content.styled(plain(certificate_words(certificate, now)), "bold")
    for label, text in (
        ("subject", str(certificate.subject)),
        ("issued by", certificate.issuing_ca),
        ("serial", serial_groups(certificate.serial)),
        ("from", local_moment(certificate.not_before)),
        ("to", local_moment(certificate.not_after)),
        ("request", certificate.reference or NONE),
    ):
        yield hanging(Content.styled(f"{label:<11}", MUTED), text, width)

"""Certificates: what this lab issued, to whom, and whether it still counts."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input

from estconsole.administration.certificate_words import words_of
from estconsole.administration.exports import file_name_of
from estconsole.administration.revoking import is_on_hold
from estconsole.domain.model import IssuedCertificate
from estconsole.messages import OpenRecord, ShowActivities
from screens import certificate_revocation
from screens.authority_links import issuer_record
from screens.background import in_thread, task
from screens.certificate_filter import CertificateFilter
from screens.certificate_page import CertificatePage, copied_of
from screens.certificate_rows import alias_of, certificate_pane, certificate_rows, status_cell
from screens.copying import copy_one
from screens.dialogs import Choice, Menu
from screens.file_prompt import save_file
from screens.key_order import ask
from screens.keys import with_keys
from screens.lab_view import LabView
from screens.records_screen import RecordsScreen
from screens.table import VirtualTable
from screens.text import counted

NEWEST = 2_000
"""So many are listed at once: of a hundred thousand, making every value takes seconds at each enrollment."""

_TYPING_PAUSE = 0.1
"""Seconds after the last key of a search before the register is searched: it takes as long among a hundred thousand."""

_REST = 1.0
"""Seconds between two readings that a busy server sets going: it issues all the time, and searching costs it time."""

_OF_A_ROW = frozenset({"view", "revoke", "hold", "release", "export", "copy", "go_to"})


class CertificatesScreen(RecordsScreen[IssuedCertificate]):
    """Lists the issued certificates; shows, exports and revokes them."""

    PLACE = "certificates"
    PANE_BELOW = False
    TABLES: ClassVar[frozenset[str]] = frozenset({"certificates"})
    SEARCHES = "search: serial, subject, entity, issuer, SHA-256"
    EMPTY = (
        "No certificates yet. A device gets one when it enrolls: {app.end_entities} registers it, and has its command "
        "card."
    )
    NO_MATCH = "No certificate matches the search. {list.back} shows every one."
    CHANGES = frozenset({"revoke", "hold", "release", "undo"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "view", "view", id="certificates.view", tooltip="Show this certificate whole"),
        Binding("r", "revoke", "revoke", id="certificates.revoke", tooltip="Revoke this certificate for good"),
        Binding("h", "hold", "hold", id="certificates.hold", tooltip="Put this certificate on hold for now"),
        Binding(
            "l", "release", "release", id="certificates.release", tooltip="Let this certificate go: it counts again"
        ),
        Binding(
            "s",
            "show",
            "show only",
            id="certificates.show",
            tooltip="Show those that expire, are revoked, or are for CAs",
        ),
        Binding(
            "w", "export", "export", id="certificates.export", tooltip="Write this certificate to a file", show=False
        ),
        Binding("c", "copy", "copy", id="certificates.copy", tooltip="Copy its subject, serial, SHA-256 or PEM"),
        Binding(
            "g",
            "go_to",
            "go to",
            id="certificates.go_to",
            tooltip="Go to its end entity, its alias, its issuer or its request",
            show=False,
        ),
        Binding("escape", "back", "back", id="list.back", tooltip="Show every certificate again", show=False),
    ]

    def __init__(self, lab: LabView) -> None:
        super().__init__(lab, certificate_rows(lab.now))
        self._certificates = lab.administration.certificates
        self._filter = CertificateFilter()
        self._found: tuple[CertificateFilter, int] = (self._filter, 0)
        self._pinned: str | None = None
        self._rests = False

    # What is there

    def read(self) -> Sequence[IssuedCertificate]:
        """The newest that the filter shows, and behind them an older one that was asked for by itself."""
        chosen, pinned = self._filter, self._pinned
        search = chosen.search(self.lab.now(), NEWEST)
        found = self._certificates.search(search)
        total = len(found) if len(found) < NEWEST else self._certificates.count(search)
        self._found = (chosen, total)
        if pinned is None or any(issued.sha256 == pinned for issued in found):
            return found
        older = self._certificates.get(pinned)
        return found if older is None else (*found, older)

    def describe(self, record: IssuedCertificate, width: int) -> Content:
        return certificate_pane(record, self.lab.administration, self.lab.now(), width)

    @property
    def summary(self) -> str:
        of_filter, total = self._found
        listed = min(total, NEWEST)
        if total > listed and of_filter == self._filter:
            many = f"newest {listed:,} of {total:,}"
        elif self._filter == CertificateFilter():
            many = counted(listed, "certificate")
        else:
            many = f"{listed:,} shown"
        return " · ".join(word for word in (self._filter.words, many) if word)

    @property
    def nothing(self) -> str:
        return with_keys(self, self.EMPTY if self._filter == CertificateFilter() else self.NO_MATCH)

    def can(self, action: str) -> bool:
        if action not in _OF_A_ROW:
            return action != "undo" and super().can(action)
        if (issued := self.selected) is None:
            return False
        match action:
            case "revoke":
                return issued.revocation is None or is_on_hold(issued.revocation)
            case "hold":
                return issued.revocation is None
            case "release":
                return is_on_hold(issued.revocation)
            case _:
                return True

    def _refresh(self) -> None:
        if self._stale and self.is_current and not self._rests:
            self._rests = True
            self.set_timer(_REST, self._rested)
            self.load()

    def _rested(self) -> None:
        self._rests = False
        self._refresh()

    # Search and filter

    def search_for(self, typed: str) -> None:
        if typed != self._filter.text:
            self._filter, self._pinned = replace(self._filter, text=typed), None
            self._search_soon()

    @task(group="search", exclusive=True, holds_keys=False)
    async def _search_soon(self) -> None:
        await asyncio.sleep(_TYPING_PAUSE)
        self.load()

    @on(Input.Submitted, "#search")
    @task()
    async def _search_is_typed(self) -> None:
        """Keys wait for what was searched: they are for the row that is selected then."""
        await self._read()

    def action_back(self) -> None:
        self._show_every()

    @task()
    async def _show_every(self) -> None:
        await self._show_only(CertificateFilter())

    @task()
    async def action_show(self) -> None:
        """Ask what is shown: those that expire, say; once more, and all are."""
        if (answer := await ask(self, Menu("Show only", self._filter.choices()))) is not None:
            await self._show_only(self._filter.turned(answer))

    async def _show_only(self, chosen: CertificateFilter) -> None:
        self._filter, self._pinned = chosen, None
        self.search_field.value = chosen.text
        self.table.focus()
        await self._read()

    @task()
    async def open(self, key: Hashable) -> None:
        """Select a certificate, whatever is shown: one that is older than those listed comes behind them."""
        self._filter, self._pinned = CertificateFilter(), str(key)
        self.search_field.value = ""
        self._wanted = key
        await self._read()

    # Keys

    @on(VirtualTable.Opened)
    @task()
    async def action_view(self) -> None:
        if (issued := self.selected) is None:
            return
        now = self.lab.now()
        lines = [status_cell(issued, now).text if issued.revocation is None else f"✗ {issued.revocation}"]
        if issued.username:
            lines.append(f"end entity {issued.username}")
        await ask(self, CertificatePage(self.lab, f"Certificate of {issued.subject}", issued.der, remarks=lines))

    @task()
    async def action_revoke(self) -> None:
        if (issued := self.selected) is not None:
            await certificate_revocation.revoke(self, issued)

    @task()
    async def action_hold(self) -> None:
        if (issued := self.selected) is not None:
            await certificate_revocation.hold(self, issued)

    @task()
    async def action_release(self) -> None:
        if (issued := self.selected) is not None:
            await certificate_revocation.release(self, issued)

    @task()
    async def action_export(self) -> None:
        """Ask in which form, and write the certificate to a file."""
        if (issued := self.selected) is None:
            return
        forms = [Choice("p", "PEM", "pem"), Choice("d", "DER", "der"), Choice("h", "PEM with the CAs above", "chain")]
        if (form := await ask(self, Menu("Write the certificate as", forms))) is None:
            return
        load = partial(self._certificates.chain_pem if form == "chain" else self._certificates.pem, issued.sha256)
        content = issued.der if form == "der" else (await in_thread(load) or "").encode()
        name = f"{_file_name(issued)}.{'der' if form == 'der' else 'pem'}"
        if (path := await save_file(self, "Write the certificate", name, content)) is not None:
            self.say(f"The certificate is in {path}.")

    @task()
    async def action_copy(self) -> None:
        if (issued := self.selected) is not None:
            await copy_one(self, copied_of(await in_thread(words_of, issued.der)))

    @task()
    async def action_go_to(self) -> None:
        if (issued := self.selected) is None:
            return
        if not (related := await in_thread(self._related, issued)):
            self.say("Nothing here is related to it: its issuer is not in this lab.", trouble=True)
            return
        if (chosen := await ask(self, Menu("Go to", [Choice(key, label, key) for key, label, _ in related]))) is None:
            return
        self.app.post_message(next(message for key, _, message in related if key == chosen))

    def _related(self, issued: IssuedCertificate) -> list[tuple[str, str, OpenRecord | ShowActivities]]:
        """What there is to go to: its key, what it is, and the message that goes there. Runs in a thread."""
        administration = self.lab.administration
        related: list[tuple[str, str, OpenRecord | ShowActivities]] = []
        username, reference = issued.username, issued.reference
        if username and administration.end_entities.get(username) is not None:
            related.append(("e", f"end entity  {username}", OpenRecord("end_entities", username)))
        if alias := alias_of(issued, administration):
            related.append(("a", f"alias  {alias}", OpenRecord("aliases", alias)))
        if (issuer := administration.authorities.issuer_of(issued.der)) is not None:
            related.append(("i", f"issuer  {issuer.name}", issuer_record(issuer)))
        if reference:
            related.append(("l", f"request  {reference} in Live", ShowActivities(reference)))
        return related


def _file_name(issued: IssuedCertificate) -> str:
    """What a certificate's file is called: its end entity or what it is for, and the first digits of its serial."""
    return f"{file_name_of(issued.username, str(issued.purpose))}-{issued.serial:x}"[:80]

"""Vendor CAs: whose devices may come with the certificate that they were made with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content

from estconsole.administration.certificate_words import words_of
from estconsole.administration.vendor_overview import VendorOverview
from estconsole.domain.model import VendorCa
from estconsole.messages import OpenRecord
from estconsole.results import Conflict, Rejected, Saved
from screens.authority_links import issuer_record
from screens.background import in_thread, task
from screens.certificate_page import CertificatePage, copied_of
from screens.copying import CopiedText, copy_one
from screens.dialogs import Choice, Confirm, Menu, Notice
from screens.file_prompt import read_file
from screens.key_order import ask
from screens.keys import key_of
from screens.lab_view import LabView
from screens.progress_dialog import with_progress
from screens.records_screen import RecordsScreen
from screens.table import VirtualTable
from screens.text import brief, bullets, counted, shortened
from screens.vendor_import import list_in_alias, read_bundle
from screens.vendor_rows import crl_words, trust_words, vendor_rows, vendor_text

_NUMBERS = "123456789"
_MOST_DEPENDENTS = 4


class VendorCasScreen(RecordsScreen[VendorOverview]):
    """Lists the vendor CAs; imports them, and switches their trust."""

    PLACE = "vendor_cas"
    TABLES: ClassVar[frozenset[str]] = frozenset({"vendor_cas", "aliases", "authorities"})
    SEARCHES = "search: name, subject, alias or fingerprint"
    EMPTY = "No vendor CAs yet. {vendors.add} imports one from a file or the clipboard; the demo lab has two."
    CHANGES = frozenset({"add", "trust", "import_crl", "remove_crl", "delete", "undo"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "import", id="vendors.add", tooltip="Import the CAs of a vendor; shown before it is done"),
        Binding("t", "trust", "trust", id="vendors.trust", tooltip="Trust this CA, or trust it no more"),
        Binding("f", "import_crl", "CRL", id="vendors.import_crl", tooltip="Import the CRL of this CA from a file"),
        Binding("F", "remove_crl", "no CRL", id="vendors.remove_crl", tooltip="Forget the CRL of this CA", show=False),
        Binding("enter", "view", "view", id="vendors.view", tooltip="Show the certificate of this CA whole"),
        Binding("d", "delete", "delete", id="vendors.delete", tooltip="Delete this CA, after a question", show=False),
        Binding("c", "copy", "copy", id="vendors.copy", tooltip="Copy its name, subject, fingerprint or PEM"),
        Binding("g", "go_to", "go to", id="vendors.go_to", tooltip="Go to its aliases or its issuer", show=False),
    ]

    def __init__(self, lab: LabView) -> None:
        super().__init__(lab, vendor_rows(lab.now))
        self._vendor_cas = lab.administration.vendor_cas

    def read(self) -> Sequence[VendorOverview]:
        return self._vendor_cas.overview()

    def describe(self, record: VendorOverview, width: int) -> Content:
        return vendor_text(record, self._vendor_cas.distrust(record.vendor.name), self.lab.now(), width)

    def can(self, action: str) -> bool:
        row = self.selected if action in _OF_A_ROW else None
        match action:
            case "remove_crl":
                return row is not None and row.crl is not None
            case "go_to":
                return row is not None and bool(row.aliases or row.above)
            case _ if action in _OF_A_ROW:
                return row is not None
            case _:
                return super().can(action)

    # Import

    def action_add(self) -> None:
        self.add()

    @task()
    async def add(self, name: str = "") -> None:  # noqa: ARG002 - the names come with the certificates
        """Import vendor CAs: each is shown before anything is done, and may be listed in an alias afterwards."""
        if (preview := await read_bundle(self, self.lab)) is None:
            return
        await ask(self, preview)
        if (imported := preview.imported) is None:
            return
        vendors = imported.record
        self.load(vendors[0].name)
        what = f"{brief(vendors[0].name)} is" if len(vendors) == 1 else f"{counted(len(vendors), 'vendor CA')} are"
        said = f"{what} imported and trusted."
        if imported.warnings:
            await self.done(said, imported.warnings)
        listed = await list_in_alias(self, self.lab, vendors)
        self.say(f"{said} {listed}" if listed else said)

    # Trust and CRL

    @task()
    async def action_trust(self) -> None:
        if (row := self.selected) is None:
            return
        before, name = row.vendor, row.vendor.name
        match await in_thread(self._vendor_cas.set_trusted, name, not before.trusted, before.revision):
            case Saved(vendor, warnings):
                self.remember_edit(name, partial(self._vendor_cas.restore, before, vendor.revision))
                self.load(name)
                await self.done(f"{_trust_said(vendor, warnings)} {key_of(self, 'list.undo')} takes it back.", warnings)
            case Conflict(current):
                self._say_overtaken(name, gone=current is None)

    @task()
    async def action_import_crl(self) -> None:
        if (row := self.selected) is None:
            return
        name = row.vendor.name
        if (read := await read_file(self, f"Import the CRL of {brief(name)}", "PEM or DER")) is None:
            return
        title = f"Importing the CRL of {brief(name)}"
        match await with_progress(self, title, lambda on: self._vendor_cas.import_crl(name, read[1], on)):
            case Saved(_, warnings):
                self.load(name)
                await self.done(f"The CRL of {brief(name)} is in force: {await self._crl_words(name)}.", warnings)
            case Rejected(problems):
                await ask(self, Notice("The CRL was not imported.", [problem.message for problem in problems]))
            case Conflict(current):
                self._say_overtaken(name, gone=current is None)
            case None:
                self.say("It was called off: the CRL was not imported.", trouble=True)

    @task()
    async def action_remove_crl(self) -> None:
        if (row := self.selected) is None or row.crl is None:
            return
        before, name = row.vendor, row.vendor.name
        undo = key_of(self, "list.undo")
        without = f"Without it no certificate of this CA is known to be revoked. {undo} takes it back."
        text = f"{crl_words(row.crl)}\n\n{without}"
        if not await ask(self, Confirm(f"Forget the CRL of {brief(name)}?", text, yes="Forget it", no="Keep it")):
            return
        match await in_thread(self._vendor_cas.remove_crl, name, before.revision):
            case Saved(vendor, warnings):
                self.remember_edit(name, partial(self._vendor_cas.restore, before, vendor.revision))
                self.load(name)
                await self.done(f"The CRL of {brief(name)} is forgotten; {undo} takes it back.", warnings)
            case Conflict(current):
                self._say_overtaken(name, gone=current is None)

    async def _crl_words(self, name: str) -> str:
        rows = await in_thread(self._vendor_cas.overview)
        return next((crl_words(row.crl) for row in rows if row.vendor.name == name and row.crl is not None), "")

    # The others

    @on(VirtualTable.Opened)
    @task()
    async def action_view(self) -> None:
        if (row := self.selected) is None:
            return
        vendor = row.vendor
        load = partial(self._vendor_cas.describe_crl, vendor.name)
        remarks = await in_thread(self._vendor_cas.distrust, vendor.name)
        await ask(
            self,
            CertificatePage(
                self.lab,
                f"The vendor CA {vendor.name}",
                vendor.certificate,
                remarks=[trust_words(trusted=vendor.trusted), *(f"▲ {remark}" for remark in remarks)],
                load_more=load,
            ),
        )

    @task()
    async def action_delete(self) -> None:
        if (row := self.selected) is None:
            return
        name = row.vendor.name
        dependents = await in_thread(self._vendor_cas.dependents, name)
        lines = [shortened(str(row.facts.subject)), "", "Its devices are let in no more."]
        if dependents:
            lines += ["Aliases keep its name. It is named by:", *bullets(dependents, _MOST_DEPENDENTS)]
        if not await ask(self, Confirm(f"Delete {brief(name)}?", "\n".join(lines), yes="Delete", no="Keep")):
            return
        match await in_thread(self._vendor_cas.delete, name, row.vendor.revision):
            case Saved(_, warnings):
                await self.done(f"{brief(name)} is deleted.", warnings)
            case Conflict(current):
                self._say_overtaken(name, gone=current is None)

    @task()
    async def action_copy(self) -> None:
        if (row := self.selected) is None:
            return
        name = row.vendor.name
        words = await in_thread(words_of, row.vendor.certificate)
        await copy_one(self, [CopiedText("v", f"name  {name}", name), *copied_of(words)])

    @task()
    async def action_go_to(self) -> None:
        if (row := self.selected) is None:
            return
        there = {
            key: (f"alias  {alias}", OpenRecord("aliases", alias))
            for key, alias in zip(_NUMBERS, row.aliases, strict=False)
        }
        if issuer := await in_thread(self.lab.administration.authorities.issuer_of, row.vendor.certificate):
            there["i"] = (f"issuer  {issuer.name}", issuer_record(issuer))
        if chosen := await ask(self, Menu("Go to", [Choice(key, label, key) for key, (label, _) in there.items()])):
            self.app.post_message(there[chosen][1])

    def _say_overtaken(self, name: str, *, gone: bool) -> None:
        what = "was deleted" if gone else "was changed"
        self.say(f"{brief(name)} {what} meanwhile: nothing was done. Look again.", trouble=True)


_OF_A_ROW = frozenset({"trust", "import_crl", "remove_crl", "view", "delete", "copy", "go_to"})
"""The actions that need a selected vendor CA."""


def _trust_said(vendor: VendorCa, warnings: Sequence[str]) -> str:
    if vendor.trusted:
        return f"{brief(vendor.name)} is trusted: its devices are let in where an alias lists it."
    shut_out = "." if warnings else ", and no alias lists it."
    return f"{brief(vendor.name)} is trusted no more{shut_out}"

"""Importing vendor CAs: from a file, a paste or the clipboard, looked at first, and then listed in an alias (B-42)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from textual.dom import DOMNode

from estconsole.administration.vendor_preview import Preview
from estconsole.domain.alias_options import AliasDraft
from estconsole.domain.model import EstAlias, VendorCa
from estconsole.results import Conflict, Rejected, Saved
from screens.background import in_thread
from screens.dialogs import Choice, Menu, Notice
from screens.file_prompt import read_file
from screens.key_order import ask
from screens.keys import key_of
from screens.lab_view import LabView
from screens.paste_screen import PasteScreen
from screens.progress_dialog import with_progress
from screens.text import brief, plain
from screens.vendor_preview import VendorPreview

_KEYS = "123456789abcdefghijklmnopqrstuvwxyz"
_PASTE_NOTE = "The certificate of one CA or of several, in PEM; words around them do no harm. Nothing is imported yet."


class VendorPaste(PasteScreen[VendorPreview]):
    """Takes the certificates of vendor CAs in PEM."""

    PLACE = "vendor_cas"

    async def read(self, text: str) -> VendorPreview | Rejected | None:
        return await _previewed(self, self.lab, text.encode(errors="replace"))


async def read_bundle(node: DOMNode, lab: LabView) -> VendorPreview | None:
    """Ask for a file, a paste or the clipboard; the screen that shows what it holds, None when there is nothing to.

    From a task that holds keys.
    """
    clipboard = node.app.clipboard
    choices = [Choice("f", "a file: PEM, DER or PKCS#7", "file"), Choice("p", "text that you paste here", "paste")]
    if clipboard.strip():
        choices.append(Choice("b", "what was copied last in this console", "clipboard"))
    match await ask(node, Menu("Import vendor CAs from", choices)):
        case "file":
            read = await read_file(node, "Import vendor CAs from a file", "PEM, DER or PKCS#7; one CA or several")
            if read is None:
                return None
            data = read[1]
        case "paste":
            return await ask(node, VendorPaste(lab, "Paste the certificates of vendor CAs", _PASTE_NOTE))
        case "clipboard":
            data = clipboard.encode(errors="replace")
        case _:
            return None
    found = await _previewed(node, lab, data)
    if isinstance(found, Rejected):
        await ask(node, Notice("Nothing can be imported of this.", [problem.message for problem in found.problems]))
        return None
    return found


async def _previewed(node: DOMNode, lab: LabView, data: bytes) -> VendorPreview | Rejected | None:
    vendor_cas = lab.administration.vendor_cas
    preview = await with_progress(
        node, "Reading the certificates", lambda _: vendor_cas.preview(data), can_cancel=False
    )
    return VendorPreview(lab, data, preview) if isinstance(preview, Preview) else preview


async def list_in_alias(node: DOMNode, lab: LabView, imported: Sequence[VendorCa]) -> str | None:
    """Offer to list CAs as vendor CAs of an alias, and do so; what was done in words, None when nothing was (B-17)."""
    names = await in_thread(_issuers_of_devices, lab, imported)
    aliases = [
        alias
        for alias in await in_thread(lab.administration.aliases.all)
        if alias.vendor_certificate_mode and not set(names) <= set(alias.vendor_cas)
    ]
    if not aliases:
        return None
    what = brief(names[0]) if len(names) == 1 else f"{len(names):,} CAs"
    choices = [Choice(key, alias.name, alias.name) for key, alias in zip(_KEYS, aliases, strict=False)]
    none = f"{key_of(node, 'menu.close')}: of none"
    chosen = await ask(node, Menu(f"List {what} as a vendor CA of an alias? {none}", choices))
    alias = next((alias for alias in aliases if alias.name == chosen), None)
    return None if alias is None else await _list(node, lab, alias, names, what)


async def _list(node: DOMNode, lab: LabView, alias: EstAlias, names: Sequence[str], what: str) -> str | None:
    listed = ";".join(dict.fromkeys((*alias.vendor_cas, *names)))
    draft = AliasDraft(name=alias.name, options={"vendorcaids": listed})
    match await in_thread(lab.administration.aliases.save, draft, alias.revision):
        case Saved(_, warnings):
            words = f"{plain(alias.name)} lists {what} now."
            if warnings:
                await ask(node, Notice(words, warnings))
            return words
        case Rejected(problems):
            title = f"{plain(alias.name)} does not list it."
            await ask(node, Notice(title, [problem.message for problem in problems]))
        case Conflict():
            text = ["It was changed meanwhile: add the CA to its List of Vendor CAs there."]
            await ask(node, Notice(f"{plain(alias.name)} does not list it.", text))
    return None


def _issuers_of_devices(lab: LabView, imported: Sequence[VendorCa]) -> tuple[str, ...]:
    """Those of the imported CAs that stand above none of the others: they sign the devices' certificates (B-17)."""
    names = {vendor.name for vendor in imported}
    rows = [row for row in lab.administration.vendor_cas.overview() if row.vendor.name in names]
    above = set(chain.from_iterable(row.above for row in rows))
    return tuple(row.vendor.name for row in rows if row.vendor.name not in above)

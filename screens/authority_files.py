"""Writing a CA to a file: its certificate, its chain, its CRL, or its key behind a passphrase."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from textual.dom import DOMNode

from estconsole.administration.authorities import ExportedFile, ExportForm
from estconsole.administration.exports import file_name_of
from estconsole.domain.secret import Secret
from estconsole.results import Rejected
from screens.background import in_thread
from screens.dialogs import Choice, Menu, Notice, Prompt
from screens.file_prompt import save_file
from screens.key_order import ask
from screens.lab_view import LabView
from screens.progress_dialog import with_progress
from screens.text import brief

_FORMS = (
    ("p", "certificate  PEM", ExportForm.PEM),
    ("d", "certificate  DER", ExportForm.DER),
    ("h", "certificate with those above it  PEM", ExportForm.CHAIN),
    ("7", "certificate with those above it  PKCS#7", ExportForm.P7),
    ("k", "private key, certificate and those above it  PKCS#12", ExportForm.PKCS12),
)
_CRL = "CRL"


async def write_authority(node: DOMNode, lab: LabView, name: str) -> Path | None:
    """Ask for a form and a place, and write a CA there; None when nothing was written.

    Raises VaultError. From a task that holds keys.
    """
    open_forms = (each for each in _FORMS if not (lab.read_only and each[2] is ExportForm.PKCS12))
    choices = [*(Choice(key, label, form.value) for key, label, form in open_forms), Choice("r", "CRL  DER", _CRL)]
    chosen = await ask(node, Menu(f"Write {brief(name)}", choices))
    if chosen is None:
        return None
    if chosen == _CRL:
        crl = await in_thread(lab.administration.authorities.crl, name)
        file = f"{file_name_of(name)}.crl"
        if crl is None:
            await ask(node, Notice(f"{brief(name)} has no CRL yet", ["issue its next CRL first"]))
            return None
        return await save_file(node, f"Write the CRL of {brief(name)}", file, crl)
    form = ExportForm(chosen)
    passphrase = await _new_passphrase(node, name) if form is ExportForm.PKCS12 else None
    if form is ExportForm.PKCS12 and passphrase is None:
        return None
    export = partial(lab.administration.authorities.export, name, form, passphrase)
    match await with_progress(node, f"Writing {brief(name)}", lambda _: export(), can_cancel=False):
        case ExportedFile(name=file, content=content):
            secret = form is ExportForm.PKCS12
            return await save_file(node, f"Write {brief(name)}", file, content, secret=secret)
        case Rejected(problems):
            await ask(node, Notice(f"{brief(name)} was not written", [each.message for each in problems]))
    return None


async def _new_passphrase(node: DOMNode, name: str) -> Secret | None:
    """Ask for a passphrase twice: a slip would leave a file that nobody opens."""
    first = await ask(
        node,
        Prompt(
            f"A passphrase for the key of {brief(name)}",
            hidden=True,
            note="The file holds the CA's private key: whoever has both signs in its name.",
            problem_of=lambda typed: None if typed else "a passphrase is needed",
        ),
    )
    if first is None:
        return None
    chosen = Secret(first)
    again = Prompt(
        "The same passphrase again",
        hidden=True,
        problem_of=lambda typed: None if chosen.matches(Secret(typed)) else "it is another one than before",
    )
    return None if await ask(node, again) is None else chosen

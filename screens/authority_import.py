"""Bringing a CA here with its key: where its bytes come from, their passphrase, and what they hold."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import ModalScreen
from textual.widgets import Static

from estconsole.administration.authorities import PreviewedKey
from estconsole.domain.certificate import grouped
from estconsole.domain.model import CertificationAuthority
from estconsole.domain.naming import name_problem
from estconsole.domain.secret import Secret
from estconsole.progress import Progress
from estconsole.results import Rejected, Saved
from screens.background import task
from screens.certificate_text import between_bytes, label_of, time_left, toned
from screens.dialogs import Choice, Menu, Notice, Prompt
from screens.fields import Field
from screens.file_prompt import read_file
from screens.form_rows import FormRow
from screens.form_screen import FormScreen
from screens.key_order import ask
from screens.keys import key_of
from screens.lab_view import LabView
from screens.progress_dialog import with_progress
from screens.text import brief, counted, hanging, local_moment, plain, shortened

_LABEL = 21
_SIDES = 3
_MOST_OTHERS = 8


class AuthorityImport(FormScreen[Saved[CertificationAuthority]]):
    """Shows the CA that a file holds, asks what it is to be called here, and imports it."""

    PLACE = "authorities"

    def __init__(self, lab: LabView, source: str, data: bytes, passphrase: Secret | None, found: PreviewedKey) -> None:
        super().__init__(lab)
        self._source, self._data, self._passphrase, self._found = source, data, passphrase, found

    @property
    def form_title(self) -> str:
        return f"Import a CA with its key · {shortened(self._source)}"

    def compose_rows(self) -> ComposeResult:
        yield FormRow("name", Field(self._found.name, id="name", placeholder="what it is to be called here"))
        yield Static(id="found")

    def on_mount(self) -> None:
        self.row("name").focus_field()

    def on_resize(self) -> None:
        width = self.app.size.width - _SIDES
        self.query_one("#found", Static).update(preview_lines(self._found, self.lab, width))

    async def save(self) -> None:
        name, authorities = self.text("name").strip(), self.lab.administration.authorities
        if problem := name_problem(name):
            self.row("name").show_problem(problem)
            return
        data, passphrase = self._data, self._passphrase
        title = f"Importing the CA {brief(name)}"
        match await with_progress(
            self, title, lambda progress: authorities.import_with_key(name, data, passphrase, progress)
        ):
            case None:
                self.say("It was called off: nothing was imported.", trouble=True)
            case Rejected(problems):
                self.show_problems(problems)
            case saved:
                self.dismiss(saved)


def preview_lines(found: PreviewedKey, lab: LabView, width: int) -> Content:
    """What is in a file, in lines of at most `width` cells."""
    facts = found.facts
    left = toned(time_left(facts.not_before, facts.not_after, lab.now()))
    others = [shortened(str(other)) for other in found.others[:_MOST_OTHERS]]
    if more := len(found.others) - len(others):
        others.append(f"and {more:,} more")
    rows = [
        ("subject", Content(shortened(str(facts.subject)))),
        ("issuer", Content("itself: a root CA" if facts.is_root else shortened(str(facts.issuer)))),
        ("valid", Content.assemble(f"{local_moment(facts.not_before)} to {local_moment(facts.not_after)} · ", left)),
        ("key", Content(str(facts.key))),
        ("SHA-256", between_bytes(grouped(facts.sha256), width - _LABEL)),
        *(("with it" if not number else "", Content(other)) for number, other in enumerate(others)),
    ]
    return Content("\n").join(
        [
            Content(""),
            *(hanging(label_of(label, _LABEL), text, width) for label, text in rows),
            *(hanging(Content.styled("▲ ", "$warning"), plain(warning), width) for warning in found.warnings),
        ]
    )


class KeyPaste(ModalScreen[AuthorityImport | None]):
    """Takes a key with its certificates in PEM from the clipboard, and opens it; none of it is shown (B-45).

    What cannot be opened stays, so that what was left out can be pasted too.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "Go on", id="key_paste.take", tooltip="Go on with what was pasted"),
        Binding("escape", "close", "Close", id="key_paste.close", tooltip="Forget what was pasted"),
    ]

    def __init__(self, lab: LabView) -> None:
        super().__init__()
        self._lab = lab
        self._text = Secret("")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content("Paste the CA's key and certificates (PEM)"), classes="dialog-title")
            yield Static(Content("Nothing is pasted yet. What comes is not shown."), id="pasted", classes="dialog-text")
            keys = f"{key_of(self, 'key_paste.take')} go on · {key_of(self, 'key_paste.close')} leave"
            yield Static(Content(keys), classes="dialog-keys")

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self._text = Secret(self._text.reveal() + event.text)
        text = self._text.reveal()
        keys, certificates = text.count("PRIVATE KEY-----") // 2, text.count("-----BEGIN CERTIFICATE-----")
        lines = counted(len(text.splitlines()), "line")
        words = f"{lines} pasted: {counted(keys, 'private key')}, {counted(certificates, 'certificate')}"
        self.query_one("#pasted", Static).update(Content(words))

    @task()
    async def action_take(self) -> None:
        if not self._text:
            return
        data = self._text.reveal().encode("utf-8", "surrogatepass")
        if (form := await _opened(self, self._lab, "pasted", data)) is not None:
            self.dismiss(form)

    def action_close(self) -> None:
        self.dismiss(None)


async def read_key(node: DOMNode, lab: LabView) -> AuthorityImport | None:
    """Ask for a CA's key from a file or the clipboard, and open it; the form that shows it, None when it was left.

    From a task that holds keys.
    """
    places = [Choice("f", "from a file  PKCS#12 or PEM", "file"), Choice("p", "paste it  PEM", "paste")]
    match await ask(node, Menu("Import a CA with its key", places)):
        case "file":
            file = await read_file(node, "Import a CA with its key", "PKCS#12 (.p12, .pfx), or PEM.")
            return None if file is None else await _opened(node, lab, file[0].name, file[1])
        case "paste":
            return await ask(node, KeyPaste(lab))
        case _:
            return None


async def _opened(node: DOMNode, lab: LabView, source: str, data: bytes) -> AuthorityImport | None:
    """Open it, asking for the passphrase where there is one, until it fits or the operator leaves."""
    passphrase: Secret | None = None
    while True:
        # A key is derived from the passphrase, and a file may ask for so many rounds that it lasts.
        found = await with_progress(node, f"Opening {brief(source)}", partial(_preview, lab, data, passphrase))
        if found is None:
            return None
        if not isinstance(found, Rejected):
            break
        problem = found.problems[0]
        if problem.field != "passphrase":
            await ask(node, Notice("Nothing can be imported", [problem.message]))
            return None
        note = "Its private key is encrypted." if passphrase is None else f"✗ {problem.message}"
        typed = await ask(node, Prompt(f"The passphrase of {brief(source)}", hidden=True, note=note))
        if typed is None:
            return None
        passphrase = Secret(typed)
    if found.problems:
        await ask(node, Notice(f"{brief(str(found.facts.subject))} cannot be imported", found.problems))
        return None
    return AuthorityImport(lab, source, data, passphrase, found)


def _preview(lab: LabView, data: bytes, passphrase: Secret | None, progress: Progress) -> PreviewedKey | Rejected:
    found = lab.administration.authorities.preview_import(data, passphrase)
    progress.step(1, 1)  # whoever called it off meanwhile gets nothing to see
    return found

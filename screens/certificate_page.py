"""The page of one certificate: of a CA, of a vendor, of an end entity, or one that a device presented."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from estconsole.administration.certificate_words import CertificateWords, KnownIssuer, words_of
from estconsole.administration.exports import file_name_of
from estconsole.domain.certificate import grouped
from estconsole.errors import EstConsoleError
from screens.authority_links import issuer_record
from screens.background import in_thread, task
from screens.certificate_text import certificate_text, serial_groups
from screens.copying import CopiedText, copy_one
from screens.dialogs import Choice, Menu
from screens.file_prompt import save_file
from screens.frame import ConsoleScreen
from screens.key_order import ask
from screens.lab_view import LabView
from screens.text import plain_lines, shortened

_SIDES = 5
"""Cells beside the text: its padding and the scrollbar."""


class CertificatePage(ConsoleScreen[None]):
    """Shows a certificate (DER) whole, under what is known of it here (`remarks`); a key goes to its issuer.

    `load_more` gives further text for the end of the page, such as a CRL in words. It runs in a thread.
    """

    AUTO_FOCUS = "#page"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy", "copy", id="certificate.copy", tooltip="Copy its subject, serial, fingerprint or PEM"),
        Binding("w", "write", "write", id="certificate.write", tooltip="Write it to a file as PEM"),
        Binding("g", "go_to", "go to", id="certificate.go_to", tooltip="Go to its issuer"),
        Binding("escape", "close", "back", id="certificate.close", tooltip="Leave this page"),
        Binding("up,k", "scroll(-1)", "Up", id="certificate.up", tooltip="Scroll up", show=False),
        Binding("down,j", "scroll(1)", "Down", id="certificate.down", tooltip="Scroll down", show=False),
    ]

    page = getters.query_one("#page", VerticalScroll)

    def __init__(
        self,
        lab: LabView,
        title: str,
        certificate: bytes,
        *,
        remarks: Sequence[str] = (),
        load_more: Callable[[], str | None] | None = None,
    ) -> None:
        super().__init__(lab)
        self._title, self._certificate, self._remarks, self._load_more = title, certificate, tuple(remarks), load_more
        self._words: CertificateWords | None = None
        self._issuer: KnownIssuer | None = None
        self._more = ""

    def compose_body(self) -> ComposeResult:
        yield Static(Content(shortened(self._title)), classes="form-title")
        with VerticalScroll(id="page"):
            yield Static(id="page-text")

    def on_mount(self) -> None:
        self._load()

    def on_resize(self) -> None:
        self._show()

    def can(self, action: str) -> bool:
        match action:
            case "copy" | "write":
                return self._words is not None
            case "go_to":
                return self._issuer is not None
            case _:
                return True

    @task()
    async def _load(self) -> None:
        try:
            self._words = await in_thread(words_of, self._certificate)
        except ValueError:
            raise EstConsoleError("This certificate cannot be read.", "Its bytes are no certificate.") from None
        self._issuer = await in_thread(self.lab.administration.authorities.issuer_of, self._certificate)
        if (load := self._load_more) is not None:
            more = await in_thread(load)
            self._more = more or ""
        self._show()
        self.refresh_keys()

    def _show(self) -> None:
        if (words := self._words) is None:
            return
        issuer = self._issuer.name if self._issuer else ""
        text = certificate_text(words, issuer, self.lab.now(), self.app.size.width - _SIDES)
        remarks = [Content(f"{plain_lines(remark)}\n") for remark in self._remarks]
        more = [Content(f"\n{plain_lines(self._more)}")] if self._more else []
        self.query_one("#page-text", Static).update(Content("\n").join([*remarks, text, *more]))

    # Keys

    def action_scroll(self, lines: int) -> None:
        self.page.scroll_relative(y=lines, animate=False)

    def action_close(self) -> None:
        self.dismiss(None)

    @task()
    async def action_copy(self) -> None:
        if self._words is not None:
            await copy_one(self, copied_of(self._words))

    @task()
    async def action_write(self) -> None:
        if (words := self._words) is None:
            return
        name = f"{file_name_of(next(reversed(words.facts.subject.values('CN')), ''), words.facts.sha256)}.pem"
        path = await save_file(self, "Write the certificate as PEM", name, f"{words.pem}\n".encode())
        if path is not None:
            self.say(f"The certificate is in {path}.")

    @task()
    async def action_go_to(self) -> None:
        if (issuer := self._issuer) is None:
            return
        choices = [Choice("i", f"issuer  {issuer.name}", "issuer")]
        if await ask(self, Menu("Go to", choices)):
            self.app.post_message(issuer_record(issuer))
            self.dismiss(None)


def copied_of(words: CertificateWords) -> tuple[CopiedText, ...]:
    """What of a certificate can be copied."""
    facts = words.facts
    digits = f"{abs(facts.serial):x}"
    return (
        CopiedText("s", f"subject  {facts.subject}", str(facts.subject)),
        CopiedText("i", f"issuer  {facts.issuer}", str(facts.issuer)),
        CopiedText("n", f"serial number  {serial_groups(facts.serial)}", serial_groups(facts.serial)),
        CopiedText("d", f"serial number, digits alone  {digits}", digits),
        CopiedText("f", "SHA-256 fingerprint", grouped(facts.sha256)),
        CopiedText("p", "PEM", f"{words.pem}\n"),
    )

"""What a row of Live can give to the clipboard: names, certificates, and the text of the tab that is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from estconsole.activity import Activity, ActivityDetail
from screens.copying import CopiedText

_PEM = "-----BEGIN CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class ShownTab:
    """The text of a tab of the details; a `secret` one carries the enrollment code (B-45)."""

    name: str
    text: str = field(repr=False)
    secret: bool = False


def copied_texts(activity: Activity, detail: ActivityDetail | None, shown: ShownTab | None) -> Iterator[CopiedText]:
    """What this row has, in the menu's order."""
    for name, text in (("peer", activity.peer), ("username", activity.username), ("reference", activity.reference)):
        if text:
            yield CopiedText(name[0], f"{name}  {text}", text)
    if detail is not None:
        if pem := _pem_in(detail.issued_certificate):
            yield CopiedText("i", "issued certificate, PEM", pem)
        if pem := _pem_in(detail.client_certificate):
            yield CopiedText("c", "client certificate, PEM", pem)
    if shown is not None and shown.text:
        yield CopiedText("t", f"text of the tab {shown.name}", shown.text, shown.secret)


def _pem_in(description: str) -> str:
    """The PEM at the end of a certificate's description."""
    start = description.rfind(_PEM)
    return "" if start < 0 else description[start:].strip() + "\n"

"""What the Server screen says, in order: state, listeners, certificate, the CA's fingerprint, URLs, handshakes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from urllib.parse import quote, urlsplit

from textual.content import Content

from estconsole.activity import Activity, Outcome
from estconsole.domain.certificate import CertificateFacts, grouped
from estconsole.domain.names import format_sans
from estconsole.server_control import ServerPhase, ServerState
from screens.frame import server_line
from screens.text import MUTED, NONE, brief, days_left, hanging, local_time, plain

_LABEL_CELLS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFacts:
    """What the administration knows of the server: its certificate, and the CAs by name, its own first."""

    certificate: CertificateFacts | None = None
    authorities: tuple[tuple[str, CertificateFacts], ...] = ()
    vendors: tuple[str, ...] = ()
    """The vendor CAs that are trusted, by name."""
    est_is_on: bool = True
    alias: str = ""
    """The alias whose URLs are shown."""


def state_lines(state: ServerState, now: datetime, width: int, *, start_key: str) -> Content:
    """The state, the layout and since when; where it does not serve, what went wrong and what to do."""
    layout = f"{state.urls.layout} " if state.urls is not None else ""
    lines = [Content.assemble(server_line(state), (f"  {layout}since {local_time(state.since, now)}", MUTED))]
    if state.problem is not None:
        lines.append(hanging(Content.styled("→ ", "$accent"), state.problem.hint, width))
    elif state.phase is ServerPhase.STOPPED:
        lines.append(Content.styled(f"No device can call. {start_key} starts the server.", MUTED))
    return Content("\n").join(lines)


def urls(state: ServerState, alias: str) -> dict[str, str]:
    """The URLs that a device or a person needs, by what they are for."""
    if state.urls is None:
        return {}
    est = f"/.well-known/est/{alias}" if alias else "/.well-known/est"
    return {
        "cacerts": f"{state.urls.tls}{est}/cacerts",
        "enroll": f"{state.urls.tls}{est}/simpleenroll",
        "renew": f"{state.urls.mtls}{est}/simplereenroll",
    }


def authority_url(state: ServerState, authority: str) -> str:
    """Where a device gets a CA's certificate before it trusts anything."""
    return f"{state.urls.public}/ca/{quote(authority, safe='')}.cacert.pem" if state.urls else ""


def fact_lines(state: ServerState, facts: ServerFacts, now: datetime, width: int, *, switch_key: str) -> Content:
    """Ports, certificate, names, fingerprints and URLs, each under its label."""
    lines = [_labelled("listens", _listeners(state), width)]
    if not facts.est_is_on:
        off = f"▲ switched off: every request is refused with 403. {switch_key} switches it on."
        lines.append(_labelled("EST", off, width))
    if (certificate := facts.certificate) is not None:
        issuer = facts.authorities[0][0] if facts.authorities else str(certificate.issuer)
        issued = f"{certificate.subject}, issued by {issuer}, {days_left(certificate.not_after, now)}"
        lines.append(_labelled("certificate", issued, width))
        names = format_sans(certificate.subject_alt_names)
        lines.append(_labelled("names", names.replace("dNSName=", "").replace("iPAddress=", ""), width))
    for name, authority in facts.authorities[:1]:
        lines += [Content(""), _labelled("devices trust", f"{name}, {days_left(authority.not_after, now)}", width)]
        parts = _fingerprint_lines(grouped(authority.sha256), width - _LABEL_CELLS)
        lines += [_labelled("" if number else "SHA-256", part, width) for number, part in enumerate(parts)]
        if url := authority_url(state, name):
            lines.append(_labelled("its PEM", url, width))
    if facts.authorities:
        trusted = ", ".join(brief(name) for name in (*(name for name, _ in facts.authorities), *facts.vendors))
        lines += [Content(""), _labelled("trusts", trusted, width)]
    if known := urls(state, facts.alias):
        lines += [Content(""), *(_labelled(label, url, width) for label, url in known.items())]
    return Content("\n").join(lines)


def handshake_lines(failures: Sequence[Activity], now: datetime, width: int) -> Content:
    """The last failed handshakes, newest first, with what to do about each."""
    if not failures:
        return _labelled("handshakes", "none failed lately", width)
    lines = [_labelled("handshakes", f"{len(failures)} failed lately, newest first", width)]
    for failure in failures:
        label = failure.words.label if failure.words else "failed"
        times = f" ×{failure.count}" if failure.count > 1 else ""
        lines.append(
            Content.assemble(
                (f"  {local_time(failure.at, now)}  ", MUTED),
                (plain(failure.peer) or NONE).ljust(15),
                (f"  ✗ {label}{times}", "$error"),
            )
        )
        if failure.words:
            remedy = Content.styled(failure.words.remedy, MUTED)
            lines.append(hanging(Content.styled("    → ", "$accent"), remedy, width))
    return Content("\n").join(lines)


def last_failures(activities: Sequence[Activity], most: int) -> list[Activity]:
    """The last failed handshakes, newest first."""
    newest_first = reversed(activities)
    return list(islice((activity for activity in newest_first if activity.outcome is Outcome.HANDSHAKE), most))


def _listeners(state: ServerState) -> str:
    if state.urls is None:
        return "nowhere"
    urls = state.urls
    named = [(urls.http, "http")] if urls.http is not None else []
    if urls.tls != urls.mtls:
        named += [(urls.tls, "tls"), (urls.mtls, "tls + client certificate")]
    else:
        named.append((urls.mtls, "tls, client certificate or none"))
    return "   ".join(f"{urlsplit(url).port} {what}" for url, what in named)


def _fingerprint_lines(fingerprint: str, width: int) -> list[str]:
    """A fingerprint in lines of equal length that break between bytes, so that it can be compared with openssl's."""
    size = next(size for size in (96, 48, 24, 12, 6) if size <= max(width, 6))
    return [fingerprint[start : start + size] for start in range(0, len(fingerprint), size)]


def _labelled(label: str, text: str, width: int) -> Content:
    return hanging(Content.styled(f"{label:<{_LABEL_CELLS}}", MUTED), text, width)

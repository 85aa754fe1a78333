"""Revoking a certificate, holding it and letting it go, each with its CRL (B-43, B-44)."""

from __future__ import annotations

from functools import partial

from estconsole.administration.revoking import HOLD, is_on_hold
from estconsole.domain.model import CertificatePurpose, IssuedCertificate
from estconsole.domain.revocation import RevocationReason
from estconsole.results import Conflict, Rejected, Saved
from screens.background import in_thread
from screens.certificate_text import serial_groups
from screens.dialogs import Confirm, Menu
from screens.key_order import ask
from screens.progress_dialog import with_progress
from screens.records_screen import RecordsScreen
from screens.revocation_reasons import reason_choices
from screens.text import brief, bullets

_MOST_DEPENDENTS = 4

Screen = RecordsScreen[IssuedCertificate]


async def revoke(screen: Screen, issued: IssuedCertificate) -> None:
    """Ask why, say what goes with it, and revoke for good. From a task that holds keys, as the others."""
    if not await _may_revoke(screen, issued, RevocationReason.UNSPECIFIED):
        return
    menu = Menu(f"Revoke {_named(issued)}: why?", reason_choices(HOLD))
    if (chosen := await ask(screen, menu)) is None:
        return
    reason = RevocationReason[chosen]
    text = f"{await _what_goes(screen, issued)} That is for good."
    if await ask(screen, Confirm(f"Revoke {_named(issued)} for {reason}?", text, yes="Revoke", no="Leave it")):
        await _carry_out(screen, issued, reason, f"{_named(issued)} is revoked for {reason}.")


async def hold(screen: Screen, issued: IssuedCertificate) -> None:
    """Say what goes with it, and put a certificate on hold."""
    if not await _may_revoke(screen, issued, HOLD):
        return
    text = f"{await _what_goes(screen, issued)} It can be let go again."
    if await ask(screen, Confirm(f"Put {_named(issued)} on hold?", text, yes="Hold", no="Leave it")):
        await _carry_out(screen, issued, HOLD, f"{_named(issued)} is on hold.")


async def release(screen: Screen, issued: IssuedCertificate) -> None:
    """Let a certificate go that is on hold: it counts again."""
    call = partial(screen.lab.administration.certificates.release, issued.sha256, issued)
    answer = await with_progress(screen, _crl_words(issued), lambda _: call(), can_cancel=False)
    await _say(screen, issued, answer, f"{_named(issued)} counts again.")


async def _may_revoke(screen: Screen, issued: IssuedCertificate, reason: RevocationReason) -> bool:
    """Whether nothing keeps a certificate from being revoked; if something does, that is said."""
    certificates = screen.lab.administration.certificates
    if problem := await in_thread(certificates.revocation_problem, issued.sha256, reason):
        screen.say(f"{_named(issued)} cannot be revoked: {problem}.", trouble=True)
    return not problem


async def _carry_out(screen: Screen, issued: IssuedCertificate, reason: RevocationReason, done: str) -> None:
    call = partial(screen.lab.administration.certificates.revoke, issued.sha256, reason, issued)
    answer = await with_progress(screen, _crl_words(issued), lambda _: call(), can_cancel=False)
    await _say(screen, issued, answer, done)


async def _say(
    screen: Screen,
    issued: IssuedCertificate,
    answer: Saved[IssuedCertificate] | Rejected | Conflict[IssuedCertificate] | None,
    done: str,
) -> None:
    match answer:
        case Saved(_, warnings):
            screen.load()
            await screen.done(done, warnings)
        case Rejected(problems):
            screen.say(f"Nothing was changed: {problems[0].message}.", trouble=True)
        case Conflict(None):
            screen.say(f"{_named(issued)} is not in the register any more.", trouble=True)
        case Conflict(current) if current is not None:
            now = str(current.revocation) if current.revocation else "not revoked"
            screen.say(f"Nothing was changed: meanwhile {_named(issued)} is {now}.", trouble=True)


async def _what_goes(screen: Screen, issued: IssuedCertificate) -> str:
    """What a certificate is good for, which ends."""
    already = (
        "It is on hold, so that this holds already; it could be let go so far. "
        if is_on_hold(issued.revocation)
        else ""
    )
    crl, between = f"A new CRL of {brief(issued.issuing_ca)} says so.", " "
    serial = f"Serial number\n{serial_groups(issued.serial)}\n\n"
    match issued.purpose:
        case CertificatePurpose.END_ENTITY:
            entity = brief(issued.username)
            goes = f"It renews no more and gets no server keys. {entity} stays registered, with its other certificates."
        case CertificatePurpose.CA:
            goes, between = await in_thread(_what_goes_with_a_ca, screen, issued), "\n"
        case CertificatePurpose.SERVER | CertificatePurpose.ADMINISTRATOR:
            goes = "Who checks CRLs accepts it no more."
    return f"{serial}{already}{goes}{between}{crl}"


def _what_goes_with_a_ca(screen: Screen, issued: IssuedCertificate) -> str:
    authorities = screen.lab.administration.authorities
    names = [authority.name for authority in authorities.all() if authority.certificate == issued.der]
    if not names:
        return "No CA goes by it any more, so nothing is shut out."
    lines = bullets([each for name in names for each in authorities.dependents(name)], _MOST_DEPENDENTS)
    shut = f"{', '.join(map(brief, names))} is shut out as a whole: nothing that it issued authenticates any more."
    return "\n".join([shut, *(["It is needed by:", *lines] if lines else [])])


def _crl_words(issued: IssuedCertificate) -> str:
    return f"Issuing the CRL of {brief(issued.issuing_ca)}"


def _named(issued: IssuedCertificate) -> str:
    return brief(str(issued.subject))

"""How a refusal is put right: in place after a question, or in the form or list where it can be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, assert_never

from textual.message import Message

from estconsole.activity import Activity
from estconsole.administration import Administration
from estconsole.domain.certificate import CertificateFacts
from estconsole.domain.checks import CheckState
from estconsole.domain.model import OPEN_STATUSES
from estconsole.messages import AddRecord, EditRecord, OpenRecord
from estconsole.results import Saved
from screens.background import in_thread
from screens.dialogs import Confirm
from screens.fixes import Act, Fix
from screens.frame import ConsoleScreen
from screens.key_order import ask
from screens.text import brief


async def put_right(screen: ConsoleScreen[Any], activity: Activity, fix: Fix) -> None:
    """Do what the fix of a row says. From a task that holds keys."""
    if fix.act is Act.SWITCH_EST_ON:
        await _switch_est_on(screen)
    elif fix.act is Act.SHOW_SERVER:
        await _show(screen, "server")
    elif (message := await in_thread(destination, screen.lab.administration, activity, fix)) is None:
        await _set_new(screen, fix.record)
    elif isinstance(message, OpenRecord) and not message.key:
        await _show(screen, message.place)  # the log does not say which one
    else:
        screen.app.post_message(message)


async def _show(screen: ConsoleScreen[Any], place: str) -> None:
    await screen.run_action(f"app.show_screen('{place}')")


async def _switch_est_on(screen: ConsoleScreen[Any]) -> None:
    if await ask(screen, Confirm("Switch EST on?", "Devices are served again, on every alias.", yes="Switch on")):
        await in_thread(screen.lab.administration.server.switch_est, on=True)
        screen.say("EST is on.")


async def _set_new(screen: ConsoleScreen[Any], username: str) -> None:
    text = "Its allowed requests and failed logins start over; its code stays the same."
    if not await ask(screen, Confirm(f"Set {brief(username)} back to NEW?", text, yes="Set NEW")):
        return
    answer = await in_thread(screen.lab.administration.end_entities.set_new, username)
    if isinstance(answer, Saved):
        screen.say(f"{brief(username)} is NEW: it may enroll again.")
    else:
        screen.say(f"{brief(username)} is not registered.", trouble=True)


def destination(administration: Administration, activity: Activity, fix: Fix) -> Message | None:
    """Where it is put right, None where the end entity is set NEW here. It reads the store, in a thread."""
    record, entity = fix.record, administration.end_entities.get(fix.record)
    match fix.act:
        case Act.ADD_ENTITY:
            return AddRecord("end_entities", record)
        case Act.SET_NEW:
            return None
        case Act.LET_IN_AGAIN:
            return None if entity is not None else AddRecord("end_entities", record)
        case Act.EDIT_CODE:
            # Too many wrong ones have closed an end entity (B-11): another code alone would not do.
            is_open = entity is not None and entity.status in OPEN_STATUSES
            return EditRecord("end_entities", record, "code") if is_open else None
        case Act.EDIT_ENTITY:
            return EditRecord("end_entities", record, fix.field)
        case Act.SHOW_ISSUING_CA:
            return OpenRecord("authorities", entity.issuing_ca if entity else "")
        case Act.ADD_ISSUING_CA:
            return AddRecord("authorities", entity.issuing_ca if entity else "")
        case Act.EDIT_ALIAS:
            return EditRecord("aliases", record, fix.field)
        case Act.COMPLETE_ALIAS:
            alias = administration.aliases.get(record)
            by_vendor = alias is not None and alias.vendor_certificate_mode
            return EditRecord("aliases", record, "vendorcaids" if by_vendor else "authenticationmodule")
        case Act.ADD_ALIAS:
            return AddRecord("aliases", record)
        case Act.LIST_VENDOR_CA:
            issuer = _failed_check(administration, activity)
            is_known = bool(administration.vendor_cas.get(issuer) or administration.authorities.get(issuer))
            return EditRecord("aliases", record, "vendorcaids") if is_known else AddRecord("vendor_cas")
        case Act.IMPORT_VENDOR_CA:
            return AddRecord("vendor_cas")
        case Act.SHOW_VENDOR_CA:
            vendors = administration.vendor_cas
            facts = [(each.name, vendors.facts(each.name)) for each in vendors.all()]
            return OpenRecord("vendor_cas", _named_in(_failed_check(administration, activity), facts))
        case Act.SHOW_CA:
            authorities = administration.authorities
            facts = [(each.name, authorities.facts(each.name)) for each in authorities.all()]
            return OpenRecord("authorities", _named_in(_failed_check(administration, activity), facts))
        case Act.SHOW_SERVER | Act.SWITCH_EST_ON:
            raise ValueError(f"{fix.act} goes nowhere")
        case _:
            assert_never(fix.act)


def _failed_check(administration: Administration, activity: Activity) -> str:
    """What came where the check failed, as the record says it."""
    detail = administration.activities.detail(activity.id)
    checks = detail.checks if detail is not None else ()
    return next((check.came for check in checks if check.state is CheckState.FAILED), "")


def _named_in(text: str, known: Iterable[tuple[str, CertificateFacts | None]]) -> str:
    """The CA that a text names by its subject or its name, the longest one if several do; empty where none does."""
    named = [name for name, facts in known if name in text or (facts is not None and str(facts.subject) in text)]
    return max(named, key=len, default="")

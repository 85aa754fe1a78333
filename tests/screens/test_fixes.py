"""What `x` offers for each reason, and where it leads."""

from __future__ import annotations

from dataclasses import fields

import pytest

from estconsole.domain.alias_options import OPTION_KEYS
from estconsole.domain.checks import Check, CheckState
from estconsole.domain.handshake import HandshakeFailure
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import Operation
from estconsole.domain.validation import EndEntityDraft
from estconsole.lab import Lab
from estconsole.messages import AddRecord, EditRecord, OpenRecord
from estconsole.record import ActivityRecord
from screens.fixes import Act, Fix, fix_of
from screens.fixing import destination
from tests.labs import certificate_of, enroll, save_alias
from tests.screens.feeding import granted, handshake, refused
from tests.support import csr_der, ec_key, request_of

LONGEST_LABEL = 12
"""The footer of Live has so many cells left at 80 columns."""


def known_fix(reason: RefusalReason, **row: str) -> Fix:
    fix = fix_of(refused(1, reason, **row))
    assert fix is not None, reason
    return fix


@pytest.mark.parametrize("reason", list(RefusalReason))
def test_a_fix_names_a_field_that_there_is_and_fits_the_footer(reason: RefusalReason) -> None:
    fix = fix_of(refused(1, reason))
    if fix is None:
        return
    assert len(fix.label) <= LONGEST_LABEL
    if fix.act is Act.EDIT_ALIAS:
        assert (fix.record, fix.field) == ("est", fix.field if fix.field in OPTION_KEYS else "an option")
    if fix.act is Act.EDIT_ENTITY:
        known = {field.name for field in fields(EndEntityDraft)}
        assert (fix.record, fix.field) == ("123456789", fix.field if fix.field in known else "a field")
    without = fix_of(refused(1, reason, username="", alias=""))
    assert without is None or not without.record


def test_what_only_the_device_can_put_right_has_no_fix() -> None:
    assert fix_of(None) is None
    assert fix_of(granted(1)) is None
    assert fix_of(handshake(1, HandshakeFailure.SILENCE)) is None
    assert fix_of(refused(1, RefusalReason.BODY_NOT_BASE64)) is None
    assert fix_of(refused(1, RefusalReason.UNKNOWN_ALIAS, alias="../x")) is None
    renewal = str(Operation.SIMPLEREENROLL)
    assert fix_of(refused(1, RefusalReason.CHANGE_SUBJECT_NAME_NOT_ALLOWED, operation=renewal)) is None


def test_where_a_fix_leads(lab: Lab) -> None:
    def leads(reason: RefusalReason, **row: str) -> tuple[type, ...] | None:
        activity = refused(10_000, reason, **row)
        message = destination(lab.administration, activity, known_fix(reason, **row))
        match message:
            case AddRecord():
                return "add", message.place, message.name
            case EditRecord():
                return "edit", message.place, message.key, message.field
            case OpenRecord():
                return "open", message.place, message.key
            case _:
                return None

    save_alias(lab, "vendor", vendorcertificatemode="true")
    assert leads(RefusalReason.RENEWAL_SAME_KEY) == ("edit", "aliases", "est", "allowupdatewithsamekey")
    assert leads(RefusalReason.INCOMPLETE_ALIAS) == ("edit", "aliases", "est", "authenticationmodule")
    assert leads(RefusalReason.INCOMPLETE_ALIAS, alias="vendor") == ("edit", "aliases", "vendor", "vendorcaids")
    assert leads(RefusalReason.UNKNOWN_ALIAS, alias="new") == ("add", "aliases", "new")
    assert leads(RefusalReason.ENTITY_OTHER_ALIAS) == ("edit", "end_entities", "123456789", "aliases")
    assert leads(RefusalReason.ENTITY_UNKNOWN, username="newcomer") == ("add", "end_entities", "newcomer")
    assert leads(RefusalReason.REGISTRATION_GONE, username="newcomer") == ("add", "end_entities", "newcomer")
    assert leads(RefusalReason.REGISTRATION_GONE) is None
    assert leads(RefusalReason.WRONG_CODE) == ("edit", "end_entities", "123456789", "code")
    enroll(lab)
    assert leads(RefusalReason.WRONG_CODE) is None
    assert leads(RefusalReason.ISSUING_CA_NOT_IN_DATE) == ("open", "authorities", "ManagementCA")
    assert leads(RefusalReason.VENDOR_CERTIFICATE_FOREIGN) == ("add", "vendor_cas", "")
    assert leads(RefusalReason.VENDOR_CRL_STALE) == ("open", "vendor_cas", "")


def test_the_ca_that_a_check_named_is_where_a_fix_leads(lab: Lab) -> None:
    vendor, *_ = lab.administration.vendor_cas.all()
    facts = lab.administration.vendor_cas.facts(vendor.name)
    assert facts is not None
    save_alias(lab, "vendor", vendorcertificatemode="true", vendorcaids=vendor.name)
    own = certificate_of(enroll(lab))
    lab.engine.enroll(
        request_of(Operation.SIMPLEENROLL, csr_der("CN=123456789", ec_key()), certificate=own, alias="vendor")
    )
    foreign = lab.feed.recent()[-1]
    fix = fix_of(foreign)
    assert fix is not None
    message = destination(lab.administration, foreign, fix)
    assert isinstance(message, EditRecord)
    assert (message.place, message.key, message.field) == ("aliases", "vendor", "vendorcaids")
    stale = refused(foreign.id + 1, RefusalReason.VENDOR_CRL_STALE, alias="vendor")
    check = Check(
        "vendor certificate not revoked", CheckState.FAILED, "not revoked", f"{facts.subject}: its CRL is stale"
    )
    with lab._store.transaction():
        lab._store.log.add(ActivityRecord(activity=stale, trace=(check,)))
    message = destination(lab.administration, stale, known_fix(RefusalReason.VENDOR_CRL_STALE))
    assert isinstance(message, OpenRecord)
    assert (message.place, message.key) == ("vendor_cas", vendor.name)

"""Which refusals the operator can put right from the row itself, and how."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import assert_never

from estconsole.activity import Activity
from estconsole.domain.alias_options import alias_name_problem
from estconsole.domain.handshake import HandshakeFailure
from estconsole.domain.names import MASK
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import Operation
from estconsole.domain.validation import username_problem
from screens.text import brief


class Act(enum.Enum):
    """What is done about a refusal, and to what."""

    SET_NEW = enum.auto()
    LET_IN_AGAIN = enum.auto()  # register it, or set it NEW if it is registered
    EDIT_CODE = enum.auto()
    EDIT_ENTITY = enum.auto()
    ADD_ENTITY = enum.auto()
    EDIT_ALIAS = enum.auto()
    COMPLETE_ALIAS = enum.auto()
    ADD_ALIAS = enum.auto()
    LIST_VENDOR_CA = enum.auto()  # in the alias, or import it if it is not known
    IMPORT_VENDOR_CA = enum.auto()
    SHOW_VENDOR_CA = enum.auto()
    SHOW_CA = enum.auto()
    SHOW_ISSUING_CA = enum.auto()
    ADD_ISSUING_CA = enum.auto()
    SHOW_SERVER = enum.auto()
    SWITCH_EST_ON = enum.auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """What `x` does for a row: `label` says it in the footer, `words` in the details.

    `record` is the username or the alias that it is about, `field` the field of its form.
    """

    act: Act
    label: str
    words: str
    record: str = ""
    field: str = ""


def fix_of(activity: Activity | None) -> Fix | None:
    """The fix for a row, None where there is none to offer from here."""
    if activity is None:
        return None
    match activity.reason:
        case RefusalReason() as reason:
            return _fix_of_refusal(reason, activity)
        case HandshakeFailure() as failure:
            return _fix_of_handshake(failure)
        case None:
            return None
        case _:
            assert_never(activity.reason)


def _fix_of_handshake(failure: HandshakeFailure) -> Fix | None:
    if failure is HandshakeFailure.UNKNOWN_ISSUER:
        return Fix(act=Act.IMPORT_VENDOR_CA, label="import CA", words="import the CA that issued it")
    if failure in (HandshakeFailure.CLIENT_REJECTED_US, HandshakeFailure.PLAIN_HTTP):
        words = "show the server's URLs, names and the certificate that clients must trust"
        return Fix(act=Act.SHOW_SERVER, label="server", words=words)
    return None


def _fix_of_refusal(reason: RefusalReason, activity: Activity) -> Fix | None:
    username, alias = activity.username, activity.alias
    match reason:
        case (
            RefusalReason.ENTITY_NOT_OPEN
            | RefusalReason.CERTIFICATE_REVOKED
            | RefusalReason.CERTIFICATE_NOT_IN_DATE
            | RefusalReason.REGISTRATION_CLOSED
            | RefusalReason.REGISTERED_NAME_CHANGED
        ):
            return _of_entity(Act.SET_NEW, "set NEW", f"set {brief(username)} back to NEW", username)
        case RefusalReason.REGISTRATION_GONE:
            return _of_entity(Act.LET_IN_AGAIN, "let in again", f"let {brief(username)} enroll again", username)
        case RefusalReason.ENTITY_UNKNOWN:
            if MASK in username or username_problem(username):
                return None  # a name that was masked is not the one that the device claims
            return _of_entity(Act.ADD_ENTITY, "register", f"register {brief(username)}", username)
        case RefusalReason.WRONG_CODE:
            return _of_entity(Act.EDIT_CODE, "set code", f"set the code of {brief(username)}", username)
        case RefusalReason.ENTITY_WITHOUT_CODE:
            return _entity_field(username, "code", "code")
        case RefusalReason.ENTITY_OTHER_ALIAS:
            return _entity_field(username, "aliases", "aliases")
        case RefusalReason.KEY_NOT_ALLOWED | RefusalReason.CERTIFICATE_WRONG_USAGE:
            return _entity_field(username, "certificate_profile", "certificate profile")
        case RefusalReason.PROFILE_NOT_SATISFIED:
            return _entity_field(username, "subject", "subject and profiles")
        case RefusalReason.VENDOR_OTHER_REGISTERED_SUBJECT | RefusalReason.CHANGE_SUBJECT_NAME_OTHER:
            return _entity_field(username, "subject", "subject")
        case RefusalReason.ISSUING_CA_REVOKED:
            return _entity_field(username, "issuing_ca", "issuing CA")
        case RefusalReason.ISSUING_CA_MISSING:
            return _of_entity(Act.ADD_ISSUING_CA, "add CA", f"add the issuing CA of {brief(username)}", username)
        case RefusalReason.ISSUING_CA_NOT_IN_DATE:
            return _of_entity(Act.SHOW_ISSUING_CA, "show CA", f"go to the issuing CA of {brief(username)}", username)
        case RefusalReason.UNKNOWN_ALIAS:
            if alias_name_problem(alias):
                return None
            return Fix(act=Act.ADD_ALIAS, label="add alias", words=f"add the alias {brief(alias)}", record=alias)
        case RefusalReason.INCOMPLETE_ALIAS:
            words = f"complete the alias {brief(alias)}"
            return Fix(act=Act.COMPLETE_ALIAS, label="edit alias", words=words, record=alias) if alias else None
        case RefusalReason.ALIAS_WITHOUT_CA:
            return _alias_option(alias, "defaultca", "CA Name")
        case (
            RefusalReason.USERNAME_ABSENT
            | RefusalReason.USERNAME_REPEATED
            | RefusalReason.VENDOR_USERNAME_ABSENT
            | RefusalReason.VENDOR_USERNAME_REPEATED
        ):
            return _alias_option(alias, "extractusernamecomponent", "Extract Username Component")
        case RefusalReason.DN_CODE_ABSENT:
            return _alias_option(alias, "extractdnpartpwdcomponent", "the DN field of the code")
        case RefusalReason.TLS_UNIQUE_ABSENT:
            return _alias_option(alias, "tlsunique", "the link to TLS")
        case RefusalReason.SERVERKEYGEN_DISABLED:
            return _alias_option(alias, "severkeygenenabled", "Enable server side key generation")
        case RefusalReason.CHANGE_SUBJECT_NAME_NOT_ALLOWED:
            if activity.operation == Operation.SIMPLEREENROLL:
                return None  # no alias allows it there
            return _alias_option(alias, "allowchangesubjectname", "Allow ChangeSubjectName")
        case RefusalReason.CERTIFICATE_OTHER_ALIAS:
            return _alias_option(alias, "acceptotheraliases", "Serve certificates of other aliases")
        case RefusalReason.RENEWAL_SAME_KEY:
            return _alias_option(alias, "allowupdatewithsamekey", "Certificate Renewal with Same Keys")
        case RefusalReason.VENDOR_CERTIFICATE_FOREIGN:
            words = f"import the CA that issued it, or list it in the alias {brief(alias)}"
            return Fix(act=Act.LIST_VENDOR_CA, label="vendor CAs", words=words, record=alias) if alias else None
        case RefusalReason.VENDOR_CRL_STALE | RefusalReason.VENDOR_CERTIFICATE_REVOKED:
            return Fix(
                act=Act.SHOW_VENDOR_CA, label="vendor CA", words="go to the vendor CA, and import its newest CRL"
            )
        case RefusalReason.VENDOR_PATH_INVALID:
            return Fix(act=Act.SHOW_VENDOR_CA, label="vendor CA", words="go to the vendor CA that is named")
        case RefusalReason.CERTIFICATE_PATH_INVALID:
            return Fix(act=Act.SHOW_CA, label="show CA", words="go to the CA that is named")
        case RefusalReason.EST_SWITCHED_OFF:
            return Fix(act=Act.SWITCH_EST_ON, label="EST on", words="switch EST on")
        case (
            RefusalReason.UNKNOWN_OPERATION
            | RefusalReason.FULLCMC
            | RefusalReason.WRONG_METHOD
            | RefusalReason.BODY_TOO_LARGE
            | RefusalReason.WRONG_MEDIA_TYPE
            | RefusalReason.BODY_EMPTY
            | RefusalReason.BODY_NOT_BASE64
            | RefusalReason.BODY_BASE64_OF_PEM
            | RefusalReason.CSR_UNDECODABLE
            | RefusalReason.CSR_BAD_SIGNATURE
            | RefusalReason.CODE_ABSENT
            | RefusalReason.CODE_REPEATED
            | RefusalReason.DN_CODE_REPEATED
            | RefusalReason.BASIC_ABSENT
            | RefusalReason.TLS_UNIQUE_WRONG
            | RefusalReason.KEY_ENCRYPTION_ASKED
            | RefusalReason.KEYGEN_BUSY
            | RefusalReason.CSR_SANS_UNUSABLE
            | RefusalReason.VENDOR_CERTIFICATE_ABSENT
            | RefusalReason.VENDOR_CERTIFICATE_UNUSABLE
            | RefusalReason.VENDOR_CERTIFICATE_NOT_IN_DATE
            | RefusalReason.VENDOR_OTHER_SUBJECT
            | RefusalReason.CHANGE_SUBJECT_NAME_MALFORMED
            | RefusalReason.CHANGE_SUBJECT_NAME_REPEATED
            | RefusalReason.NO_CLIENT_CERTIFICATE
            | RefusalReason.CERTIFICATE_FOREIGN
            | RefusalReason.CERTIFICATE_NOT_END_ENTITY
            | RefusalReason.RENEWAL_OTHER_SUBJECT
            | RefusalReason.RENEWAL_OTHER_SANS
            | RefusalReason.SERVER_STOPPING
            | RefusalReason.INTERNAL_FAULT
        ):
            return None  # the device, its vendor or time must put it right
        case _:
            assert_never(reason)


def _of_entity(act: Act, label: str, words: str, username: str) -> Fix | None:
    return Fix(act=act, label=label, words=words, record=username) if username else None


def _entity_field(username: str, field: str, what: str) -> Fix | None:
    if not username:
        return None
    words = f"edit {brief(username)}: {what}"
    return Fix(act=Act.EDIT_ENTITY, label="edit entity", words=words, record=username, field=field)


def _alias_option(alias: str, key: str, label: str) -> Fix | None:
    if not alias:
        return None
    words = f"edit the alias {brief(alias)}: {label}"
    return Fix(act=Act.EDIT_ALIAS, label="edit alias", words=words, record=alias, field=key)

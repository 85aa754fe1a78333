"""What a change of an alias means to devices: whom it shuts out, as far as the rules tell (B-16, B-17)."""

from __future__ import annotations

from collections.abc import Collection

from estconsole.domain.model import AuthenticationModule, EstAlias
from estconsole.domain.names import WHOLE_DN, NameSyntaxError, parse_dn, same_name, username_in


def carries_username(subject: str, component: str, username: str) -> bool:
    """Whether a registered subject (RFC 4514 text, as a DN prints itself) has a username where an alias looks for it.

    Case is set aside: usernames compare exactly, and the device's own name, which decides, may differ in it (B-18). A
    hundred thousand subjects are weighed at once, so one is read as a DN only where nothing less will do.
    """
    if component == WHOLE_DN:
        return subject == username or ("=" in username and _is_name(username, subject))
    label = f"{component}="
    if label not in subject:
        return False
    if "\\" in subject:
        values = username_in(parse_dn(subject), component)
        return len(values) == 1 and values[0].casefold() == username.casefold()
    text, label = f",{subject},".replace("+", ","), f",{label}"
    start = text.find(label)
    end = text.find(",", start + len(label))
    if start < 0 or text.find(label, end) >= 0:
        return False
    value = text[start + len(label) : end]
    return value == username or value.casefold() == username.casefold()


def obstacle(alias: EstAlias, *, has_code: bool, is_named: bool) -> str | None:
    """What keeps a registration that is open from ever being granted on an alias, whatever its device sends."""
    if alias.vendor_certificate_mode:
        if not alias.vendor_cas:
            return "vendor mode lists no vendor CA"
        if not is_named and not alias.allow_change_subject_name:
            return f"the vendor's subject must be the registered one, which does not have the username {_place(alias)}"
        return None
    if alias.authentication_module is None:
        return "the alias has neither an authentication module nor vendor mode then"
    return None if has_code else f"no code is registered, and {alias.authentication_module} needs one"


def shut_out_because(
    before: EstAlias, after: EstAlias, *, has_code: bool, was_named: bool, is_named: bool
) -> str | None:
    """Why an end entity that is open, and may use an alias, could enroll there before a change and not after it.

    `was_named` and `is_named` say whether its registered subject carries its username where the alias looked for it,
    and where it looks then. None where it is not shut out, was before, or where only the device's own certificate or
    request could tell.
    """
    if obstacle(before, has_code=has_code, is_named=was_named) is not None:
        return None
    if (because := obstacle(after, has_code=has_code, is_named=is_named)) is not None:
        return because
    if after.vendor_certificate_mode:
        return None if before.vendor_certificate_mode else "a vendor's certificate is needed where the code was enough"
    if is_named or not _reads_the_csr(after):
        return None
    if not _reads_the_csr(before) or (
        was_named and before.extract_username_component != after.extract_username_component
    ):
        return f"the registered subject does not have the username {_place(after)}, where it is looked for then"
    return None


def change_warnings(before: EstAlias, after: EstAlias, dropped_cas: Collection[str]) -> tuple[str, ...]:
    """Which devices a change shuts out, where nothing on record tells them by name.

    `dropped_cas` are the vendor CAs, by name, whose devices the alias let in before and lets in no more.
    """
    warnings = _warnings_of_vendors(before, after, dropped_cas) + _warnings_of_codes(before, after)
    if before.allow_update_with_same_key and not after.allow_update_with_same_key:
        warnings.append("Devices that renew with the same key are refused from now on.")
    if before.server_key_generation and not after.server_key_generation:
        warnings.append("Devices that ask for a key of the server's are refused from now on.")
    if after.tls_unique_required and not before.tls_unique_required:
        warnings.append("Devices that do not link their request to TLS are refused from now on, renewals too (B-23).")
    return tuple(warnings)


def _place(alias: EstAlias) -> str:
    field = alias.extract_username_component
    return "as the whole DN" if field == WHOLE_DN else f"in the {field}"


def _reads_the_csr(alias: EstAlias) -> bool:
    """Whether an alias takes the username from the CSR, and neither from a vendor's certificate nor HTTP Basic."""
    return alias.module_in_force in (AuthenticationModule.CHALLENGE_PWD, AuthenticationModule.DN_PART_PWD)


def _warnings_of_vendors(before: EstAlias, after: EstAlias, dropped_cas: Collection[str]) -> list[str]:
    if not before.vendor_certificate_mode:
        return []
    if not after.vendor_certificate_mode:
        coming = after.authentication_module is not None
        return ["Devices that come with their vendor's certificate need their code from now on."] if coming else []
    warnings = [f"Devices of {name} enroll here no more." for name in dropped_cas]
    if before.allow_change_subject_name and not after.allow_change_subject_name:
        warnings.append(
            "Devices whose vendor's certificate has another name than is registered are refused from now on."
        )
    elif before.extract_username_component != after.extract_username_component:
        warnings.append(f"The username is looked for {_place(after)} of the vendor's certificate from now on.")
    return warnings


def _warnings_of_codes(before: EstAlias, after: EstAlias) -> list[str]:
    old, new = before.module_in_force, after.module_in_force
    if old is None or new is None or (old, before.code_field) == (new, after.code_field):
        return []
    where = f"{new} ({after.code_field})" if after.code_field else f"{new}"
    return [f"The code is looked for by {where} from now on: devices that carry it elsewhere are refused."]


def _is_name(username: str, subject: str) -> bool:
    try:
        return same_name(parse_dn(username), parse_dn(subject))
    except NameSyntaxError:
        return False

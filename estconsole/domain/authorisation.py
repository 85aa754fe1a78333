"""How a request is authorised: by a code, a vendor certificate, or a certificate of this console (B-16, B-17, B-20)."""

from __future__ import annotations

from estconsole.domain.model import AuthenticationModule, EstAlias
from estconsole.domain.names import username_in
from estconsole.domain.request import CsrFacts, EnrollmentRequest, Operation
from estconsole.domain.secret import Secret


def is_authorised_by_certificate(request: EnrollmentRequest, *, presented_is_own: bool) -> bool:
    """Whether a certificate of this console authorises a request, and never a code.

    So it is with simplereenroll always (B-20), and with serverkeygen whenever the connection presents such a
    certificate: one that fails does not fall through to the code (B-22).
    """
    return request.operation is Operation.SIMPLEREENROLL or (
        request.operation is Operation.SERVERKEYGEN and presented_is_own
    )


def claimed_usernames(request: EnrollmentRequest, alias: EstAlias) -> tuple[str, ...]:
    """Whom an initial request claims to be for: one username if it is a good one (B-16, B-17)."""
    if alias.vendor_certificate_mode:
        presented = request.presented
        return username_in(presented.facts.subject, alias.extract_username_component) if presented else ()
    if alias.authentication_module is AuthenticationModule.HTTP_BASIC_AUTH:
        return (request.basic.username,) if request.basic else ()
    if not isinstance(request.csr, CsrFacts):
        return ()
    return username_in(request.csr.subject, alias.extract_username_component)


def carried_codes(request: EnrollmentRequest, alias: EstAlias) -> tuple[Secret, ...]:
    """The enrollment codes that an initial request carries where its alias's module looks for them (B-16)."""
    match alias.module_in_force:
        case AuthenticationModule.HTTP_BASIC_AUTH:
            return (request.basic.password,) if request.basic else ()
        case AuthenticationModule.CHALLENGE_PWD if isinstance(request.csr, CsrFacts):
            return request.csr.challenge_passwords
        case AuthenticationModule.DN_PART_PWD if isinstance(request.csr, CsrFacts):
            return tuple(Secret(value) for value in request.csr.subject.values(alias.extract_dn_part_pwd_component))
        case _:
            return ()


def asks_for_http_basic(request: EnrollmentRequest, alias: EstAlias | None, *, presented_is_own: bool) -> bool:
    """Whether a refused client is asked for other HTTP Basic credentials: never for what a certificate authorises."""
    return (
        alias is not None
        and request.operation in (Operation.SIMPLEENROLL, Operation.SERVERKEYGEN)
        and alias.module_in_force is AuthenticationModule.HTTP_BASIC_AUTH
        and not is_authorised_by_certificate(request, presented_is_own=presented_is_own)
    )

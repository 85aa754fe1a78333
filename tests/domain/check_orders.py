"""The checks of each kind of request, by name, in the order in which they are made."""

from __future__ import annotations

READING = ("EST is on", "request can be read", "proof of possession", "alias exists")
REGISTERED = ("end entity registered", "end entity may use the alias", "status")
ISSUANCE = (
    "key allowed by the profile",
    "registration fits its profile",
    "alternative names to certify",
    "issuing CA is live",
)

BY_CODE = ("alias is complete", "username in the CSR", "code in the CSR", *REGISTERED, "code")
BY_BASIC = ("alias is complete", "HTTP Basic credentials", *REGISTERED, "code")
BY_VENDOR = (
    "alias is complete",
    "vendor certificate presented",
    "issuer in the list of vendor CAs",
    "vendor certificate of a device",
    "vendor certificate not revoked",
    "vendor certificate in date",
    "vendor certificate's path",
    "vendor certificate's usage",
    "username in the vendor certificate",
    *REGISTERED,
    "vendor certificate of this registration",
    "subject as in the vendor certificate",
    "ChangeSubjectName well formed",
    "ChangeSubjectName allowed",
    "names as registered",
)
BY_CERTIFICATE = (
    "client certificate presented",
    "certificate issued here",
    "certificate of an end entity",
    "certificate not revoked",
    "certificate in date",
    "certificate's path",
    "certificate's usage",
    "registration still there",
    "registration not closed",
    "end entity may use the alias",
    "certificate of this alias",
    "registered name unchanged",
    "no other name asked for",
    "subject as in the certificate",
    "alternative names as in the certificate",
)

ENROLL_CHECKS = (*READING, *BY_CODE, *ISSUANCE)
"""simpleenroll with ChallengePwd or DnPartPwd."""
BASIC_CHECKS = (*READING, *BY_BASIC, *ISSUANCE)
INCOMPLETE_CHECKS = (*READING, "alias is complete", *ISSUANCE)
"""On an alias that has no authentication module: it never comes to the last ones."""
VENDOR_CHECKS = (*READING, *BY_VENDOR, *ISSUANCE)
RENEW_CHECKS = (*READING, *BY_CERTIFICATE, "key", *ISSUANCE)
CACERTS_CHECKS = ("EST is on", "alias exists", "alias has a CA")
CSRATTRS_CHECKS = ("EST is on", "alias exists")
NO_OPERATION_CHECKS = ("path names an operation",)


def with_key_generation(by: tuple[str, ...]) -> tuple[str, ...]:
    """The checks of serverkeygen, authorised as `by` says (B-22)."""
    return (*READING, "alias makes keys", "key may go in clear", *by, "key can be made here", *ISSUANCE)


def with_tls_link(checks: tuple[str, ...]) -> tuple[str, ...]:
    """The checks of the same request on an alias that wants tls-unique (B-23)."""
    return (*checks[: len(READING)], "link to the TLS session", *checks[len(READING) :])

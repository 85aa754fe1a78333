"""The words for what vendor mode refuses (B-17, B-19): `RefusalReason` lists them."""

from __future__ import annotations

from estconsole.domain.words import Words

CERTIFICATE_ABSENT = Words(
    "no vendor certificate",
    "The alias is in vendor mode, and the connection has no TLS client certificate.",
    "Call the port that asks for client certificates (8443) with the device's vendor certificate and its key.",
    "EJBCA: Vendor Certificate Mode",
)
CERTIFICATE_FOREIGN = Words(
    "foreign vendor cert",
    "The client certificate was not issued by one of the alias's vendor CAs.",
    "Import the CA that issued it, and add that CA to the alias's List of Vendor CAs.",
    "EJBCA: List of Vendor CAs",
)
CERTIFICATE_UNUSABLE = Words(
    "unusable vendor cert",
    "The client certificate is a CA's, a server's or another registration's, or may not authenticate a TLS client.",
    "Present the certificate that the vendor issued to the device itself.",
    "RFC 5280 4.2.1.12",
)
CERTIFICATE_NOT_IN_DATE = Words(
    "vendor cert not in date",
    "The vendor certificate has expired, or is not valid yet.",
    "Check the device's clock and the console's; otherwise let the vendor renew the certificate.",
    "RFC 5280 6.1.3",
)
CERTIFICATE_REVOKED = Words(
    "vendor cert revoked",
    "The vendor certificate, or a CA above it, is revoked.",
    "Ask the vendor for another certificate; if the CRL is out of date, import the vendor's newest.",
    "RFC 5280 6.1.3",
)
CRL_STALE = Words(
    "vendor CRL stale",
    "The imported CRL of the vendor's CA is past its next update, so nobody can tell what it revoked since.",
    "Import the vendor CA's newest CRL, or remove the one that was imported.",
    "RFC 5280 6.3",
)
PATH_INVALID = Words(
    "invalid vendor path",
    "The vendor certificate's path to a trusted CA does not validate.",
    "See which CA is named: import its successor, or switch its trust on.",
    "RFC 5280 6.1",
)
USERNAME_ABSENT = Words(
    "no username in cert",
    "The vendor certificate's subject lacks the DN field that holds the username.",
    "Change the alias's Extract Username Component to a field that the vendor's certificates have.",
    "EJBCA: Extract Username Component",
)
USERNAME_REPEATED = Words(
    "username twice in cert",
    "The vendor certificate's subject holds the username's DN field more than once.",
    "Change the alias's Extract Username Component to a field that stands once in the vendor's certificates.",
    "EJBCA: Extract Username Component",
)
OTHER_SUBJECT = Words(
    "not the vendor's name",
    "The CSR's subject is not the vendor certificate's.",
    "Make the CSR with the vendor certificate's subject; another name goes into a ChangeSubjectName attribute.",
    "RFC 7030 4.2.1",
)
OTHER_REGISTERED_SUBJECT = Words(
    "registered otherwise",
    "The registered subject is not the vendor certificate's, and the CSR asks for no change of it.",
    "Register the end entity under the vendor certificate's subject, or send a ChangeSubjectName attribute.",
    "EJBCA: Allow ChangeSubjectName",
)
CHANGE_MALFORMED = Words(
    "bad ChangeSubjectName",
    "The CSR's ChangeSubjectName attribute cannot be decoded.",
    "Encode it as a SEQUENCE of a subject, alternative names, or both.",
    "RFC 6402 2.8",
)
CHANGE_REPEATED = Words(
    "two ChangeSubjectNames",
    "The CSR holds more than one ChangeSubjectName.",
    "Make the CSR with exactly one.",
    "RFC 6402 2.8",
)
CHANGE_NOT_ALLOWED = Words(
    "name change not allowed",
    "The CSR asks for another name by ChangeSubjectName, which the alias does not allow, and no renewal does.",
    "Allow ChangeSubjectName in the alias for first enrollments; renew under the name of the certificate.",
    "EJBCA: Allow ChangeSubjectName",
)
CHANGE_OTHER = Words(
    "not the registered name",
    "The names that ChangeSubjectName asks for are not the registered ones.",
    "Register the end entity under these names, or ask for the registered ones.",
    "RFC 6402 2.8",
)

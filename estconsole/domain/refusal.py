"""The closed set of reasons for which a request is refused, with the operator's words for each (B-24)."""

from __future__ import annotations

import enum

from estconsole.domain import words_vendor
from estconsole.domain.words import Words


class RefusalReason(enum.Enum):
    """Why a request was refused. The member's value is its words; its name in lower case is its key in records."""

    UNKNOWN_OPERATION = Words(
        "unknown operation",
        "The path names no EST operation that is served here.",
        "Call cacerts, csrattrs, simpleenroll, simplereenroll or serverkeygen under /.well-known/est/.",
        "RFC 7030 3.2.2",
    )
    EST_SWITCHED_OFF = Words(
        "EST is off",
        "The operator has switched EST off in this lab.",
        "Switch EST on again.",
        "EJBCA: System Configuration, Protocol Configuration",
    )
    FULLCMC = Words(
        "fullcmc",
        "Full CMC is not served.",
        "Use simpleenroll or simplereenroll.",
        "RFC 7030 4.3",  # B-34
    )
    WRONG_METHOD = Words(
        "wrong method",
        "The operation does not take this HTTP method.",
        "GET cacerts and csrattrs; POST simpleenroll, simplereenroll and serverkeygen.",
        "RFC 7030 3.2.2",
    )
    BODY_TOO_LARGE = Words(
        "body too large",
        "The request's body is over 64 KiB.",
        "Send the CSR alone; a CSR with an RSA 4096 key takes under 3 KiB.",
        "RFC 9110 15.5.14",  # B-25
    )
    WRONG_MEDIA_TYPE = Words(
        "wrong media type",
        "The request's Content-Type is not application/pkcs10.",
        "Send Content-Type: application/pkcs10.",
        "RFC 7030 4.2.1",
    )
    BODY_EMPTY = Words(
        "empty body",
        "The request has no body.",
        "Send the CSR in base64; with curl: --data @device.b64.",
        "RFC 7030 4.2.1",
    )
    BODY_NOT_BASE64 = Words(
        "not base64",
        "The body is neither base64 nor a DER or PEM request.",
        "Encode the DER request: openssl base64 -e -in device.csr.der -out device.b64.",
        "RFC 8951 3.1",
    )
    BODY_BASE64_OF_PEM = Words(
        "base64 of PEM",
        "The body is base64 of a PEM text; it must be base64 of the binary request.",
        "Convert first: openssl req -in device.csr -outform DER -out device.csr.der, then encode that file.",
        "RFC 8951 3.1",  # B-27
    )
    CSR_UNDECODABLE = Words(
        "no CSR",
        "The body is not a PKCS#10 request that can be decoded.",
        "Inspect it: openssl req -in device.csr -text -noout.",
        "RFC 7030 4.2.1",
    )
    CSR_BAD_SIGNATURE = Words(
        "bad CSR signature",
        "The CSR's signature does not fit its key: possession of the private key is not proven.",
        "Make the CSR anew with the device's own key.",
        "RFC 7030 3.4",
    )
    UNKNOWN_ALIAS = Words(
        "unknown alias",
        "No EST alias has this name.",
        "Call the URL of an alias that exists, or add the alias.",
        "EJBCA: EST alias",  # B-2
    )
    INCOMPLETE_ALIAS = Words(
        "incomplete alias",
        "The alias has neither an authentication module nor vendor CAs, so no initial request can be authorised.",
        "Set the alias's authentication module, or its vendor mode and List of Vendor CAs.",
        "EJBCA: Authentication Module",  # B-5
    )
    ALIAS_WITHOUT_CA = Words(
        "no CA for cacerts",
        "The alias names no CA whose certificate cacerts could return.",
        "Set the alias's CA Name to a CA of this lab.",
        "EJBCA: CA Name",  # B-6
    )
    USERNAME_ABSENT = Words(
        "no username in CSR",
        "The CSR's subject lacks the DN field that holds the username.",
        "Put the username into that field of the CSR's subject, or change the alias's Extract Username Component.",
        "EJBCA: Extract Username Component",  # B-16
    )
    USERNAME_REPEATED = Words(
        "username twice in CSR",
        "The CSR's subject holds the username's DN field more than once.",
        "Leave that field once in the CSR's subject.",
        "EJBCA: Extract Username Component",  # B-16
    )
    CODE_ABSENT = Words(
        "no code",
        "The CSR carries no enrollment code in a challengePassword.",
        "Make the CSR with a challengePassword: answer the prompt of openssl req -config openssl.conf.",
        "EJBCA: Authentication Module",  # B-16
    )
    CODE_REPEATED = Words(
        "two codes",
        "The CSR carries more than one challengePassword.",
        "Make the CSR with exactly one challengePassword.",
        "EJBCA: Authentication Module",  # B-16
    )
    DN_CODE_ABSENT = Words(
        "no code in DN",
        "The CSR's subject lacks the DN field that carries the enrollment code on this alias.",
        "Put the code into that field of the CSR's subject, as in -subj /CN=device/OU=code.",
        "EJBCA: DnPartPwd",  # B-16
    )
    DN_CODE_REPEATED = Words(
        "two codes in DN",
        "The CSR's subject holds the DN field of the enrollment code more than once.",
        "Leave that field once in the CSR's subject.",
        "EJBCA: DnPartPwd",  # B-16
    )
    BASIC_ABSENT = Words(
        "no HTTP Basic",
        "The request has no user name and code in an Authorization header, which this alias asks for.",
        "Send them; with curl: -u username:code.",
        "EJBCA: HttpBasicAuth",  # B-16
    )
    TLS_UNIQUE_ABSENT = Words(
        "no tls-unique",
        "The alias links requests to their TLS session, and the CSR or the connection has no tls-unique.",
        "Connect with TLS 1.2, and put base64 of its tls-unique into the CSR's challengePassword.",
        "RFC 7030 3.5",  # B-23
    )
    TLS_UNIQUE_WRONG = Words(
        "wrong tls-unique",
        "The CSR's challengePassword is not the tls-unique of this TLS session.",
        "Make the CSR for the connection that sends it; whoever relays a CSR is refused here.",
        "RFC 7030 3.5",  # B-23
    )
    SERVERKEYGEN_DISABLED = Words(
        "serverkeygen off",
        "The alias does not make keys for its devices.",
        "Switch Enable server side key generation on in the alias.",
        "EJBCA: Enable server side key generation",  # B-22
    )
    KEY_ENCRYPTION_ASKED = Words(
        "key encryption asked",
        "The CSR asks for the new key to be enciphered for the client, which is not served here.",
        "Make the CSR without DecryptKeyIdentifier; TLS protects the key on its way.",
        "RFC 7030 4.4.1",  # B-22
    )
    KEYGEN_BUSY = Words(
        "key generation busy",
        "As many keys as may be are being made already.",
        "Let the device try again in some seconds.",
        "RFC 7030 4.4.2",  # B-22
    )
    ENTITY_UNKNOWN = Words(
        "not registered",
        "No end entity has this username.",
        "Register the end entity under this username, spelled exactly so.",
        "EJBCA: end entity",  # B-8
    )
    ENTITY_OTHER_ALIAS = Words(
        "not for this alias",
        "The end entity may not use this alias.",
        "Call the URL of an alias that the end entity may use, or let it use this one.",
        "this console: aliases of an end entity",  # B-8
    )
    ENTITY_NOT_OPEN = Words(
        "not NEW",
        "The end entity's status is not open for an initial enrollment.",
        "Set the end entity back to NEW.",
        "EJBCA: end entity status",  # B-9
    )
    WRONG_CODE = Words(
        "wrong code",
        "The enrollment code is not the end entity's.",
        "Give the device the code that was registered, or set a new one.",
        "EJBCA: enrollment code",  # B-11
    )
    ENTITY_WITHOUT_CODE = Words(
        "no code registered",
        "The end entity has no enrollment code, so none can match.",
        "Give the end entity a code.",
        "EJBCA: enrollment code",  # B-14
    )
    KEY_NOT_ALLOWED = Words(
        "key not allowed",
        "The CSR's key is of a kind or size that the certificate profile does not admit, or that is not made here.",
        "Make the CSR with a key of a kind that the profile admits; serverkeygen makes RSA keys of 4096 bits at most.",
        "EJBCA: certificate profile",  # B-15
    )
    CSR_SANS_UNUSABLE = Words(
        "unusable SANs",
        "The certificate takes the CSR's alternative names, and those cannot stand in one.",
        "Write them as certificates have them: international host names in their xn-- form.",
        "RFC 5280 4.2.1.6",  # B-12
    )
    PROFILE_NOT_SATISFIED = Words(
        "profile not satisfied",
        "The registration does not satisfy its profiles.",
        "Edit the end entity so that its subject and profiles fit.",
        "EJBCA: end entity profile",  # B-15
    )
    VENDOR_CERTIFICATE_ABSENT = words_vendor.CERTIFICATE_ABSENT
    VENDOR_CERTIFICATE_FOREIGN = words_vendor.CERTIFICATE_FOREIGN
    VENDOR_CERTIFICATE_UNUSABLE = words_vendor.CERTIFICATE_UNUSABLE
    VENDOR_CERTIFICATE_NOT_IN_DATE = words_vendor.CERTIFICATE_NOT_IN_DATE
    VENDOR_CERTIFICATE_REVOKED = words_vendor.CERTIFICATE_REVOKED
    VENDOR_CRL_STALE = words_vendor.CRL_STALE
    VENDOR_PATH_INVALID = words_vendor.PATH_INVALID
    VENDOR_USERNAME_ABSENT = words_vendor.USERNAME_ABSENT
    VENDOR_USERNAME_REPEATED = words_vendor.USERNAME_REPEATED
    VENDOR_OTHER_SUBJECT = words_vendor.OTHER_SUBJECT
    VENDOR_OTHER_REGISTERED_SUBJECT = words_vendor.OTHER_REGISTERED_SUBJECT
    CHANGE_SUBJECT_NAME_MALFORMED = words_vendor.CHANGE_MALFORMED
    CHANGE_SUBJECT_NAME_REPEATED = words_vendor.CHANGE_REPEATED
    CHANGE_SUBJECT_NAME_NOT_ALLOWED = words_vendor.CHANGE_NOT_ALLOWED
    CHANGE_SUBJECT_NAME_OTHER = words_vendor.CHANGE_OTHER
    NO_CLIENT_CERTIFICATE = Words(
        "no client certificate",
        "A renewal takes a TLS client certificate, and the connection has none.",
        "Call the port that asks for client certificates (8443) with the certificate to renew and its key.",
        "RFC 7030 3.3.2",
    )
    CERTIFICATE_FOREIGN = Words(
        "foreign certificate",
        "The client certificate was not issued by this console.",
        "Present the certificate that this console issued to the device.",
        "RFC 7030 3.3.2",  # B-20
    )
    CERTIFICATE_NOT_END_ENTITY = Words(
        "not an entity's cert",
        "The client certificate is a server's, an administrator's or a CA's: those never renew over EST.",
        "Present the device's own certificate.",
        "RFC 7030 4.2.2",  # B-20
    )
    CERTIFICATE_REVOKED = Words(
        "revoked",
        "The client certificate is revoked.",
        "Set the end entity to NEW and let the device enroll again.",
        "RFC 5280 6.1.3",  # B-44
    )
    CERTIFICATE_NOT_IN_DATE = Words(
        "not in date",
        "The client certificate has expired, or is not valid yet.",
        "Check the device's clock and the console's; set the end entity to NEW and let the device enroll again.",
        "RFC 5280 6.1.3",  # B-19
    )
    CERTIFICATE_PATH_INVALID = Words(
        "invalid path",
        "The client certificate's path to a trusted CA does not validate.",
        "Renew or replace the CA that is named, then let the device enroll again.",
        "RFC 5280 6.1",  # B-19
    )
    CERTIFICATE_WRONG_USAGE = Words(
        "wrong usage",
        "The client certificate may not authenticate a TLS client.",
        "Issue with a certificate profile that has clientAuth, then let the device enroll again.",
        "RFC 5280 4.2.1.12",  # B-19
    )
    REGISTRATION_GONE = Words(
        "registration gone",
        "The registration for which the certificate was issued no longer exists.",
        "Let the device enroll again under the registration that is there now.",
        "RFC 7030 4.2.2",  # B-20
    )
    REGISTRATION_CLOSED = Words(
        "entity closed",
        "The end entity is revoked or historical.",
        "Set the end entity to NEW and let the device enroll again.",
        "EJBCA: end entity status",  # B-20
    )
    CERTIFICATE_OTHER_ALIAS = Words(
        "issued on other alias",
        "The certificate was issued through another alias.",
        "Renew on that alias, or let this one serve certificates of other aliases.",
        "this console: Serve certificates of other aliases",  # B-21
    )
    REGISTERED_NAME_CHANGED = Words(
        "registered name changed",
        "The end entity's registered subject or alternative names are no longer the certificate's.",
        "Set the end entity to NEW and let the device enroll again under its new name.",
        "RFC 7030 4.2.2",  # B-20
    )
    RENEWAL_OTHER_SUBJECT = Words(
        "other subject",
        "The CSR's subject is not the certificate's.",
        "Make the CSR with the subject of the certificate that is renewed.",
        "RFC 7030 4.2.2",
    )
    RENEWAL_OTHER_SANS = Words(
        "other SANs",
        "The CSR's alternative names are not the certificate's.",
        "Make the CSR with the alternative names of the certificate that is renewed.",
        "RFC 7030 4.2.2",
    )
    RENEWAL_SAME_KEY = Words(
        "key reused",
        "The CSR's key is the certificate's, and the alias wants a new one.",
        "Make a new key and CSR, or allow Certificate Renewal with Same Keys in the alias.",
        "EJBCA: Certificate Renewal with Same Keys",  # B-20
    )
    ISSUING_CA_MISSING = Words(
        "issuing CA missing",
        "The end entity's issuing CA is not in this lab.",
        "Create or import that CA, or give the end entity another.",
        "RFC 5280 6.1",  # B-25
    )
    ISSUING_CA_NOT_IN_DATE = Words(
        "issuing CA expired",
        "The end entity's issuing CA has expired, or is not valid yet.",
        "Renew the CA, or give the end entity another.",
        "RFC 5280 6.1",  # B-25
    )
    ISSUING_CA_REVOKED = Words(
        "issuing CA revoked",
        "The end entity's issuing CA or a CA above it is revoked, or its CRL is stale and nobody can tell.",
        "Give the end entity another CA; import the newest CRL where one is stale.",
        "RFC 5280 6.1",  # B-44
    )
    SERVER_STOPPING = Words(
        "server stopping",
        "The server stopped, or its ports changed, while a key was being made: it was not issued.",
        "Let the device try again; nothing was spent.",
        "RFC 9110 15.6.4",  # B-25
    )
    INTERNAL_FAULT = Words(
        "internal fault",
        "The console failed while it worked on the request.",
        "Look for the reference in the log file, and report the fault.",
        "RFC 9110 15.6.1",  # B-25
    )

    @property
    def key(self) -> str:
        """The reason's name in records, JSON lines and filters."""
        return self.name.lower()

    @classmethod
    def of_key(cls, key: str) -> RefusalReason:
        """The reason that a record names. Raises KeyError."""
        return cls[key.upper()]

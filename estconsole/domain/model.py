"""What a lab holds: aliases, end entities, profiles, CAs and issued certificates, as frozen values."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from estconsole.domain.certificate import CLIENT_AUTH, CURVES, CertificateFacts, KeyAlgorithm, KeyFacts
from estconsole.domain.names import DistinguishedName, GeneralName
from estconsole.domain.revocation import Revocation

DEFAULT_ALIAS = "est"
"""The alias that serves a URL without a label (B-2)."""

UNLIMITED = -1
"""EJBCA's number for a maximum that is none."""


class AuthenticationModule(enum.StrEnum):
    """Where an initial request carries the enrollment code (B-3); an alias without one has None."""

    CHALLENGE_PWD = "ChallengePwd"  # noqa: S105 - the name of a module
    DN_PART_PWD = "DnPartPwd"  # noqa: S105 - the name of a module
    HTTP_BASIC_AUTH = "HttpBasicAuth"


@dataclass(frozen=True, slots=True, kw_only=True)
class EstAlias:
    """An EST alias (B-1, B-3). `uid` is its identity: it stays through a rename, and certificates remember it.

    `vendor_cas` holds names of CAs, in the order in which they were listed. `certificate_profile` is what csrattrs
    tells a device that is not known yet (B-32); without one there is nothing to tell.
    """

    uid: str
    name: str
    extract_username_component: str = "CN"
    authentication_module: AuthenticationModule | None = None
    extract_dn_part_pwd_component: str = "OU"  # noqa: S105 - a DN field
    default_ca: str | None = None
    vendor_certificate_mode: bool = False
    vendor_cas: tuple[str, ...] = ()
    allow_change_subject_name: bool = False
    allow_update_with_same_key: bool = True
    server_key_generation: bool = False
    accept_other_aliases: bool = False
    tls_unique_required: bool = False
    certificate_profile: str | None = "TLSEndEntityCertProfile"
    revision: int = 0

    @property
    def module_in_force(self) -> AuthenticationModule | None:
        """Where it looks for a code; nowhere in vendor mode, which is used instead of a module (B-5)."""
        return None if self.vendor_certificate_mode else self.authentication_module

    @property
    def code_field(self) -> str:
        """The DN field whose value is the enrollment code, and is masked wherever it is shown (B-45), or nothing."""
        uses_it = self.module_in_force is AuthenticationModule.DN_PART_PWD
        return self.extract_dn_part_pwd_component if uses_it else ""


class EntityStatus(enum.IntEnum):
    """The statuses of an end entity, with EJBCA's numbers (B-9)."""

    NEW = 10
    FAILED = 11
    INITIALIZED = 20
    INPROCESS = 30
    GENERATED = 40
    REVOKED = 50
    HISTORICAL = 60
    KEYRECOVERY = 70


OPEN_STATUSES = frozenset({EntityStatus.NEW, EntityStatus.FAILED, EntityStatus.INPROCESS})
"""Where an initial enrollment is open (B-9)."""

CLOSED_TO_RENEWAL = frozenset({EntityStatus.REVOKED, EntityStatus.HISTORICAL})
"""Where a registration's certificates no longer renew (B-20)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndEntity:
    """A pre-registered end entity (B-8).

    `registration` is the identity of this registration: a username deleted and added again has another, so that
    certificates of the first do not authenticate the second. `sealed_code` is the vault's text, None without a code.
    `aliases` holds the uids of the aliases it may use; empty means any. `revocation` says when and why it is REVOKED.
    """

    username: str
    registration: str
    subject: DistinguishedName
    subject_alt_names: frozenset[GeneralName] = frozenset()
    issuing_ca: str
    end_entity_profile: str
    certificate_profile: str
    token: str = "USERGENERATED"  # noqa: S105 - the kind of token
    sealed_code: str | None = field(default=None, repr=False)
    allowed_requests: int = 1
    remaining_requests: int = 1
    max_failed_logins: int = 10
    remaining_logins: int = 10
    aliases: frozenset[str] = frozenset()
    status: EntityStatus = EntityStatus.NEW
    revocation: Revocation | None = None
    created_at: datetime
    modified_at: datetime
    enrolled_at: datetime | None = None
    revision: int = 0


class KeyUsage(enum.StrEnum):
    """The key usages (RFC 5280 4.2.1.3) that an end entity's certificate can have."""

    DIGITAL_SIGNATURE = "digitalSignature"
    NON_REPUDIATION = "nonRepudiation"
    KEY_ENCIPHERMENT = "keyEncipherment"
    DATA_ENCIPHERMENT = "dataEncipherment"
    KEY_AGREEMENT = "keyAgreement"


_SIGNING = frozenset({KeyUsage.DIGITAL_SIGNATURE, KeyUsage.NON_REPUDIATION})
USAGES_OF: Mapping[KeyAlgorithm, frozenset[KeyUsage]] = MappingProxyType(
    {
        KeyAlgorithm.RSA: _SIGNING | {KeyUsage.KEY_ENCIPHERMENT, KeyUsage.DATA_ENCIPHERMENT},
        KeyAlgorithm.EC: _SIGNING | {KeyUsage.KEY_AGREEMENT},
        KeyAlgorithm.ED25519: _SIGNING,
        KeyAlgorithm.OTHER: _SIGNING,
    }
)
"""What a key of each kind is capable of: only RSA enciphers, only EC agrees (RFC 3279 2.3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRule:
    """One kind of key that a certificate profile admits: an algorithm, sizes (a maximum of 0: none), and curves
    (empty: any).
    """

    algorithm: KeyAlgorithm
    minimum_bits: int = 0
    maximum_bits: int = 0
    curves: frozenset[str] = frozenset()

    def admits(self, key: KeyFacts) -> bool:
        return (
            key.algorithm is self.algorithm
            and key.bits >= self.minimum_bits
            and (not self.maximum_bits or key.bits <= self.maximum_bits)
            and (not self.curves or key.curve in self.curves)
        )

    def __str__(self) -> str:
        if self.curves:
            return f"{self.algorithm} {', '.join(sorted(self.curves))}"
        if self.maximum_bits:
            return f"{self.algorithm} from {self.minimum_bits} to {self.maximum_bits}"
        return f"{self.algorithm} from {self.minimum_bits}" if self.minimum_bits else str(self.algorithm)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateProfile:
    """What an issued certificate is like (B-15).

    Of its usages a certificate has those that its key is capable of; with `crl_distribution_point` it carries its CA's
    CRL URL, where that has one (B-43).
    """

    name: str
    key_rules: tuple[KeyRule, ...]
    validity: timedelta
    key_usages: frozenset[KeyUsage] = frozenset({KeyUsage.DIGITAL_SIGNATURE, KeyUsage.KEY_ENCIPHERMENT})
    extended_key_usages: tuple[str, ...] = (CLIENT_AUTH,)
    san_from_request: bool = False
    crl_distribution_point: bool = True
    revision: int = 0

    def admits(self, key: KeyFacts) -> bool:
        return any(rule.admits(key) for rule in self.key_rules)

    def usages_for(self, algorithm: KeyAlgorithm) -> frozenset[KeyUsage]:
        """The usages that the certificate of a key has."""
        return self.key_usages & USAGES_OF[algorithm]

    @property
    def can_renew(self) -> bool:
        """Whether its certificates can authenticate a renewal, which takes clientAuth (B-15)."""
        return not self.extended_key_usages or CLIENT_AUTH in self.extended_key_usages


@dataclass(frozen=True, slots=True, kw_only=True)
class EndEntityProfile:
    """What a registration must and may hold (B-15), DN fields by their labels, and its counts where none are given."""

    name: str
    required_fields: frozenset[str]
    allowed_fields: frozenset[str]
    subject_alt_names_allowed: bool = True
    code_required: bool = False
    allowed_requests: int = 1
    max_failed_logins: int = 10
    revision: int = 0


TLS_END_ENTITY_CERT_PROFILE = CertificateProfile(
    name="TLSEndEntityCertProfile",
    key_rules=(
        KeyRule(algorithm=KeyAlgorithm.RSA, minimum_bits=2048),
        KeyRule(algorithm=KeyAlgorithm.EC, curves=frozenset(CURVES)),
    ),
    validity=timedelta(days=730),
    extended_key_usages=(CLIENT_AUTH,),
)
TLS_CLIENT_EE_PROFILE = EndEntityProfile(
    name="TLSClientEEProfile",
    required_fields=frozenset({"CN"}),
    allowed_fields=frozenset({"CN", "O", "C", "OU", "serialNumber"}),
)
CERTIFICATE_PROFILES: Mapping[str, CertificateProfile] = MappingProxyType(
    {TLS_END_ENTITY_CERT_PROFILE.name: TLS_END_ENTITY_CERT_PROFILE}
)
END_ENTITY_PROFILES: Mapping[str, EndEntityProfile] = MappingProxyType(
    {TLS_CLIENT_EE_PROFILE.name: TLS_CLIENT_EE_PROFILE}
)


class CertificatePurpose(enum.StrEnum):
    """What this console issued a certificate for; only an end entity's renews (B-20)."""

    CA = "ca"
    SERVER = "server"
    ADMINISTRATOR = "administrator"
    END_ENTITY = "end entity"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCertificate:
    """A certificate that this console issued, found by the SHA-256 of its DER (B-20).

    `username` and `registration` are empty where the purpose is not an end entity's; `alias_uid` is the alias through
    which it was issued (B-21); `reference` finds the request in the log.
    """

    sha256: str
    serial: int
    purpose: CertificatePurpose
    subject: DistinguishedName
    issuing_ca: str
    der: bytes = field(repr=False)
    not_before: datetime
    not_after: datetime
    username: str = ""
    registration: str = ""
    alias_uid: str = ""
    reference: str = ""
    revocation: Revocation | None = None

    @classmethod
    def of(
        cls,
        facts: CertificateFacts,
        der: bytes,
        purpose: CertificatePurpose,
        issuing_ca: str,
        *,
        username: str = "",
        registration: str = "",
        alias_uid: str = "",
        reference: str = "",
    ) -> IssuedCertificate:
        """The record of a certificate (DER), with what its facts say."""
        return cls(
            sha256=facts.sha256,
            serial=facts.serial,
            purpose=purpose,
            subject=facts.subject,
            issuing_ca=issuing_ca,
            der=der,
            not_before=facts.not_before,
            not_after=facts.not_after,
            username=username,
            registration=registration,
            alias_uid=alias_uid,
            reference=reference,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificationAuthority:
    """A CA of this lab: its name, its certificate (DER), and its private key as the vault sealed it.

    `chain` holds the certificates above an imported CA that are no CAs of this lab, its issuer's first. `crl_url` goes
    into the certificates that it issues (B-43). `foreign_crl` (DER) is the last CRL that it issued before it came here:
    what that lists stays revoked.
    """

    name: str
    certificate: bytes = field(repr=False)
    sealed_key: str = field(repr=False)
    chain: tuple[bytes, ...] = field(default=(), repr=False)
    crl_url: str = ""
    foreign_crl: bytes | None = field(default=None, repr=False)
    created_at: datetime
    revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorCa:
    """A CA of a device vendor: its certificate (DER), whether its devices are let in, and its last CRL (DER, B-42)."""

    name: str
    certificate: bytes = field(repr=False)
    trusted: bool = True
    crl: bytes | None = field(default=None, repr=False)
    imported_at: datetime
    revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCrl:
    """The CRL (DER) of one of this lab's CAs that is in force (B-43)."""

    ca: str
    number: int
    der: bytes = field(repr=False)
    this_update: datetime
    next_update: datetime

"""What the store knows for one request: the situation that a decision weighs, looked up by keys alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from estconsole.authority_chains import certificates_in_chains
from estconsole.domain.authorisation import claimed_usernames, is_authorised_by_certificate
from estconsole.domain.certificate import CertificateFacts
from estconsole.domain.model import CertificationAuthority, EndEntity, EstAlias, IssuedCertificate
from estconsole.domain.request import EnrollmentRequest, Operation
from estconsole.domain.revocation import CrlFacts, RevocationStatus, status_by_crl, status_of
from estconsole.domain.secret import Secret
from estconsole.domain.situation import IssuerStep, Situation
from estconsole.pki.certificates import read_certificate
from estconsole.pki.chains import Paths
from estconsole.pki.crls import read_crl
from estconsole.seals import code_purpose
from estconsole.store.store import Store
from estconsole.vault import Vault

EST_SWITCH = "est_enabled"
"""The setting of the operator's switch; EST is on unless it says `no`."""


def est_is_on(store: Store) -> bool:
    """Whether the operator's switch lets EST be served."""
    return store.setting(EST_SWITCH) != "no"


@dataclass(frozen=True, slots=True)
class _KnownCa:
    """A CA certificate that the console knows: of this lab's own, or of a vendor with its trust.

    `crl` is the last one from elsewhere: a vendor's, or what an own CA issued before it came here.
    """

    name: str
    facts: CertificateFacts
    own: bool
    trusted: bool
    crl: bytes | None = None


@dataclass(frozen=True, slots=True)
class _Issuer:
    """A CA above a certificate: the one of its certificates that the path goes by, and all of them."""

    ca: _KnownCa
    twins: tuple[_KnownCa, ...]

    @property
    def crl(self) -> CrlFacts | None:
        """The newest CRL that was imported for any of its certificates: the key that signs them is the same.

        That of an own CA never is stale, for this console carries it on.
        """
        crls = [read_crl(twin.crl) for twin in self.twins if twin.crl is not None]
        newest = max(crls, key=lambda crl: crl.this_update, default=None)
        is_own = any(twin.own for twin in self.twins)
        return replace(newest, next_update=None) if newest is not None and is_own else newest


class _KnownCas:
    """Every CA that a path may lead through, by the DER of its certificate."""

    def __init__(self, store: Store) -> None:
        self._by_certificate = {
            vendor.certificate: _KnownCa(
                vendor.name, read_certificate(vendor.certificate), own=False, trusted=vendor.trusted, crl=vendor.crl
            )
            for vendor in store.vendor_cas.values()
        } | {
            authority.certificate: _KnownCa(
                authority.name,
                read_certificate(authority.certificate),
                own=True,
                trusted=True,
                crl=authority.foreign_crl,
            )
            for authority in store.authorities.values()
        }
        self._paths = Paths(self._by_certificate)
        self.chains = Paths(certificates_in_chains(store))
        """What cacerts returns, and no reason to trust anybody."""

    def above(self, certificate: bytes, now: datetime) -> tuple[_Issuer, ...]:
        """The CAs above a certificate, its own issuer first. A CA that was renewed with its key is one CA (B-19)."""
        path: dict[bytes, _Issuer] = {}
        while known := {der: self._by_certificate[der] for der in self._paths.issuers_of(certificate)}:
            certificate = max(known, key=lambda der: _worth(known[der], now))
            if certificate in path:
                break
            path[certificate] = _Issuer(known[certificate], tuple(known.values()))
        return tuple(path.values())


def _worth(ca: _KnownCa, now: datetime) -> tuple[bool, bool]:
    """Which of a CA's certificates a path goes by: one that is in date, and of those one that is trusted."""
    return ca.facts.in_date(now), ca.trusted


class Situations:
    """Looks situations up. The caller holds the store's lock, so that what was found is still so when it decides."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault
        self._no_code = vault.seal(b"no code is there", code_purpose(""))
        self._cas: _KnownCas | None = None
        self._cas_version = (-1, -1)
        self._every_code_field: set[str] = set()
        self._code_fields_version = -1

    def of(self, request: EnrollmentRequest, now: datetime) -> Situation:
        """All that the store knows for a request."""
        alias = self._store.alias_named(request.alias_name)
        known = Situation(est_is_on=est_is_on(self._store), alias=alias, code_fields=self._code_fields(alias))
        situation = self._with_presented(known, request, now)
        if alias is None or request.operation is None:
            return situation
        if request.operation is Operation.CACERTS:
            authority = self._authority(alias.default_ca)
            return replace(situation, cacerts_ca=read_certificate(authority.certificate) if authority else None)
        if request.operation is Operation.CSRATTRS:
            return self._with_profile_to_tell(situation, request)
        if is_authorised_by_certificate(request, presented_is_own=situation.presented_is_own):
            return self._with_registration(situation, self._entity_of(situation.presented), now)
        return self._initial(situation, request, alias, now)

    def in_a_fault(self, request: EnrollmentRequest) -> Situation:
        """As much as the record of a fault needs: which fields to mask."""
        alias = self._store.alias_named(request.alias_name)
        return Situation(alias=alias, code_fields=self._code_fields(alias))

    def chain(self, authority: CertificationAuthority) -> tuple[bytes, ...]:
        """A CA's certificate and those of every known CA above it, up to its root (B-29)."""
        return (authority.certificate, *self._known_cas().chains.above(authority.certificate))

    def _initial(self, situation: Situation, request: EnrollmentRequest, alias: EstAlias, now: datetime) -> Situation:
        usernames = claimed_usernames(request, alias)
        entity = self._store.end_entities.get(usernames[0]) if len(usernames) == 1 else None
        code = None
        if not alias.vendor_certificate_mode:
            if entity is not None and entity.sealed_code is not None:
                code = Secret(self._vault.unseal(entity.sealed_code, code_purpose(entity.registration)).decode())
            else:
                # The same work for a username that is not registered (B-11).
                self._vault.unseal(self._no_code, code_purpose(""))
        return self._with_registration(replace(situation, code=code), entity, now)

    def _with_profile_to_tell(self, situation: Situation, request: EnrollmentRequest) -> Situation:
        """The certificate profile that csrattrs tells of: the device's own where it is known, else the alias's."""
        alias, entity = situation.alias, self._entity_of(situation.presented)
        if alias is None:
            return situation
        if entity is None and alias.vendor_certificate_mode:
            usernames = claimed_usernames(request, alias)
            entity = self._store.end_entities.get(usernames[0]) if len(usernames) == 1 else None
        name = entity.certificate_profile if entity else alias.certificate_profile
        return replace(situation, certificate_profile=self._store.certificate_profile(name) if name else None)

    def _with_presented(self, situation: Situation, request: EnrollmentRequest, now: datetime) -> Situation:
        """The situation with what is known of the presented certificate, and of the CAs above it."""
        if request.presented is None:
            return situation
        record = self._store.certificates.get(request.presented.facts.sha256)
        status, issuers = self._path(request.presented.der, now)
        return replace(situation, presented=record, presented_status=status, issuers=issuers)

    def _path(self, certificate: bytes, now: datetime) -> tuple[RevocationStatus, tuple[IssuerStep, ...]]:
        """A certificate's revocation, and the CAs above it with theirs."""
        path = self._known_cas().above(certificate, now)
        steps = tuple(
            IssuerStep(
                name=issuer.ca.name,
                also=frozenset(twin.name for twin in issuer.twins),
                facts=issuer.ca.facts,
                own=issuer.ca.own,
                trusted=issuer.ca.trusted,
                status=self._status(issuer.ca.facts, path[at:], now),
            )
            for at, issuer in enumerate(path, start=1)
        )
        return self._status(read_certificate(certificate), path, now), steps

    def _status(self, facts: CertificateFacts, above: Sequence[_Issuer], now: datetime) -> RevocationStatus:
        """A certificate's revocation: by this console's record of it, or by the CRL that came for the CA above it."""
        record = self._store.certificates.get(facts.sha256)
        is_vendors = bool(above) and not above[0].ca.own
        if record is not None and (record.revocation is not None or not is_vendors):
            return status_of(record.revocation)
        return status_by_crl(facts.serial, above[0].crl if above else None, now)

    def _with_registration(self, situation: Situation, entity: EndEntity | None, now: datetime) -> Situation:
        """The situation with an end entity, and with what its registration names."""
        if entity is None:
            return situation
        authority = self._authority(entity.issuing_ca)
        return replace(
            situation,
            entity=entity,
            certificate_profile=self._store.certificate_profile(entity.certificate_profile),
            end_entity_profile=self._store.end_entity_profile(entity.end_entity_profile),
            issuing_ca=read_certificate(authority.certificate) if authority else None,
            issuing_ca_status=self._issuing_status(authority, now) if authority else status_of(None),
        )

    def _issuing_status(self, authority: CertificationAuthority, now: datetime) -> RevocationStatus:
        """The revocation of a CA that is to issue: its own, or that of a CA above it, whose fall brings it down."""
        status, steps = self._path(authority.certificate, now)
        statuses = [status, *(step.status for step in steps)]
        return next((each for each in statuses if each.shuts_out), status)

    def _entity_of(self, record: IssuedCertificate | None) -> EndEntity | None:
        return self._store.end_entities.get(record.username) if record and record.username else None

    def _authority(self, name: str | None) -> CertificationAuthority | None:
        return self._store.authorities.get(name) if name else None

    def _code_fields(self, alias: EstAlias | None) -> tuple[str, ...]:
        """The DN fields in which a CSR may carry a code (B-45).

        Those of other aliases are among them, for a device may have called the wrong one; but for the field in which
        this alias finds its usernames, so that the operator sees who calls.
        """
        version = self._store.aliases.version
        if version != self._code_fields_version:
            self._every_code_field = {other.code_field for other in self._store.aliases.values()} - {""}
            self._code_fields_version = version
        not_codes = {alias.extract_username_component} if alias is not None else set()
        return tuple(sorted(self._every_code_field - not_codes))

    def _known_cas(self) -> _KnownCas:
        version = (self._store.authorities.version, self._store.vendor_cas.version)
        if self._cas is None or version != self._cas_version:
            self._cas, self._cas_version = _KnownCas(self._store), version
        return self._cas

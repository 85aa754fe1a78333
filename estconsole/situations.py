"""What the store knows for one request: the situation that a decision weighs, looked up by keys alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

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


@dataclass(frozen=True, slots=True)
class _KnownCa:
    """A CA that the console knows: this lab's own, or a vendor's with its trust and its last CRL."""

    name: str
    own: bool
    trusted: bool
    crl: bytes | None = None


class _KnownCas:
    """Every CA that a path may lead through, by the DER of its certificate."""

    def __init__(self, store: Store) -> None:
        self.by_certificate: dict[bytes, _KnownCa] = {
            vendor.certificate: _KnownCa(vendor.name, own=False, trusted=vendor.trusted, crl=vendor.crl)
            for vendor in store.vendor_cas.values()
        }
        for authority in store.authorities.values():
            self.by_certificate[authority.certificate] = _KnownCa(authority.name, own=True, trusted=True)
        above = {der: None for authority in store.authorities.values() for der in authority.chain}
        self.paths = Paths([*self.by_certificate])
        self.chains = Paths(dict.fromkeys([*self.by_certificate, *above]))
        """With the certificates above imported CAs: what cacerts returns, and no reason to trust anybody."""


class Situations:
    """Looks situations up. The caller holds the store's lock, so that what was found is still so when it decides."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault
        self._no_code = vault.seal(b"no code is there", code_purpose(""))
        self._cas: _KnownCas | None = None
        self._cas_version = (-1, -1)

    def of(self, request: EnrollmentRequest, now: datetime) -> Situation:
        """All that the store knows for a request."""
        alias = self._store.alias_named(request.alias_name)
        situation = self._with_presented(
            Situation(est_is_on=self._store.setting(EST_SWITCH) != "no", alias=alias), request, now
        )
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
        known = self._known_cas()
        path = [(known.by_certificate[der], read_certificate(der)) for der in known.paths.above(certificate)]
        issuers = [ca for ca, _ in path]
        steps = tuple(
            IssuerStep(
                name=ca.name, facts=above, own=ca.own, trusted=ca.trusted, status=self._status(above, issuers[at:], now)
            )
            for at, (ca, above) in enumerate(path, start=1)
        )
        return self._status(read_certificate(certificate), issuers, now), steps

    def _status(self, facts: CertificateFacts, above: Sequence[_KnownCa], now: datetime) -> RevocationStatus:
        """A certificate's revocation: by this console's record of it, and by the CRL of a vendor CA above it."""
        record = self._store.certificates.get(facts.sha256)
        is_vendors = bool(above) and not above[0].own
        if record is not None and (record.revocation is not None or not is_vendors):
            return status_of(record.revocation)
        return status_by_crl(facts.serial, _crl_of(above[0]) if above else None, now)

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

    def _known_cas(self) -> _KnownCas:
        version = (self._store.authorities.version, self._store.vendor_cas.version)
        if self._cas is None or version != self._cas_version:
            self._cas, self._cas_version = _KnownCas(self._store), version
        return self._cas


def _crl_of(issuer: _KnownCa) -> CrlFacts | None:
    return read_crl(issuer.crl) if issuer.crl is not None else None

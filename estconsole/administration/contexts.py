"""What aliases and registrations may name, as the store has it at the moment."""

from __future__ import annotations

from collections.abc import Iterable

from estconsole.domain.alias_options import AliasContext
from estconsole.domain.model import (
    CERTIFICATE_PROFILES,
    END_ENTITY_PROFILES,
    CertificateProfile,
    CertificationAuthority,
    EndEntityProfile,
    VendorCa,
)
from estconsole.domain.names import DistinguishedName
from estconsole.domain.validation import RegistrationContext
from estconsole.pki.certificates import read_certificate
from estconsole.store.store import Store


def alias_context(store: Store) -> AliasContext:
    """The CAs, by name, and the certificate profiles that an alias's options may name."""
    return AliasContext(
        own_cas=_subjects(store.authorities.values()),
        vendor_cas=_subjects(store.vendor_cas.values()),
        certificate_profiles=certificate_profiles(store),
    )


def registration_context(store: Store) -> RegistrationContext:
    """The CAs and profiles that an end entity's registration may name."""
    return RegistrationContext(
        issuing_cas=store.authorities.keys(),
        certificate_profiles=certificate_profiles(store),
        end_entity_profiles=end_entity_profiles(store),
    )


def certificate_profiles(store: Store) -> dict[str, CertificateProfile]:
    """Every certificate profile by name, the built-in ones first."""
    own = sorted(store.certificate_profiles.values(), key=lambda profile: profile.name)
    return {**CERTIFICATE_PROFILES, **{profile.name: profile for profile in own}}


def end_entity_profiles(store: Store) -> dict[str, EndEntityProfile]:
    """Every end entity profile by name, the built-in ones first."""
    own = sorted(store.end_entity_profiles.values(), key=lambda profile: profile.name)
    return {**END_ENTITY_PROFILES, **{profile.name: profile for profile in own}}


def _subjects(cas: Iterable[CertificationAuthority | VendorCa]) -> dict[str, DistinguishedName]:
    return {ca.name: read_certificate(ca.certificate).subject for ca in sorted(cas, key=lambda ca: ca.name)}

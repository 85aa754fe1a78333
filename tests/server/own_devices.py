"""Devices that a lab has enrolled, the CAs below which it did, and certificates that no use case makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_private_key

from estconsole.domain.ca_drafts import AuthorityDraft
from estconsole.domain.model import (
    TLS_END_ENTITY_CERT_PROFILE,
    CertificatePurpose,
    CertificationAuthority,
    EndEntity,
    IssuedCertificate,
)
from estconsole.domain.names import parse_dn
from estconsole.domain.revocation import RevocationReason
from estconsole.pki.certificates import read_certificate
from estconsole.results import Saved
from tests.labs import add, entity_of
from tests.server.asking import ENROLL, RENEW, ask, fresh, granted
from tests.server.authorities import Authority
from tests.server.devices import Answer, Identity
from tests.server.served import Served
from tests.support import Key, csr_der, ec_key

CODE = "a good code"


def enroll_as(served: Served, entity: EndEntity, alias: str = "est") -> Identity:
    """Enroll a device with its code in a challengePassword."""
    key = ec_key()
    answer = ask(served, ENROLL, csr_der(str(entity.subject), key, CODE), alias=alias)
    return Identity(granted(answer).public_bytes(Encoding.DER), key)


def enrolled(served: Served, alias: str = "est", **fields: object) -> tuple[Identity, EndEntity]:
    """A new device with its certificate, and its registration."""
    username = str(fields.pop("username", "")) or fresh("device")
    device = enroll_as(served, add(served.lab, username, CODE, **fields), alias)
    return device, entity_of(served.lab, username)


def renewal_csr(
    identity: Identity,
    *,
    subject: str | None = None,
    sans: Sequence[x509.GeneralName] = (),
    key: Key | None = None,
    code: str | None = None,
) -> bytes:
    """A CSR (DER) of a certificate's subject, unless it is of another."""
    return csr_der(subject or str(read_certificate(identity.certificate).subject), key, code, sans)


def renew(served: Served, identity: Identity, csr: bytes | None = None, *, alias: str = "est") -> Answer:
    return ask(served, RENEW, csr or renewal_csr(identity), alias=alias, identity=identity)


def revoke(served: Served, identity: Identity, reason: RevocationReason = RevocationReason.KEY_COMPROMISE) -> None:
    sha256 = read_certificate(identity.certificate).sha256
    assert isinstance(served.lab.administration.certificates.revoke(sha256, reason), Saved)


def release(served: Served, identity: Identity) -> None:
    sha256 = read_certificate(identity.certificate).sha256
    assert isinstance(served.lab.administration.certificates.release(sha256), Saved)


def the_server(served: Served) -> Identity:
    """The server as a client of its own certificate."""
    material = served.lab.tls.material()
    key = load_der_private_key(material.private_key, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return Identity(material.certificate_chain[0], key)


def import_own(served: Served, authority: Authority, name: str) -> None:
    """Take a CA in with its key."""
    saved = served.lab.administration.authorities.import_with_key(name, authority.pem_with_key)
    assert isinstance(saved, Saved), saved


def create_authority(served: Served, name: str, **draft: str) -> CertificationAuthority:
    """A CA of the lab, with an EC key."""
    saved = served.lab.administration.authorities.create(
        AuthorityDraft(name=name, subject=draft.pop("subject", f"CN={name}"), **draft)
    )
    assert isinstance(saved, Saved), saved
    return saved.record


def certify_by_hand(
    served: Served,
    entity: EndEntity | None = None,
    *,
    purpose: CertificatePurpose = CertificatePurpose.END_ENTITY,
    age: timedelta = timedelta(),
) -> Identity:
    """A certificate of ManagementCA's with its record: of a purpose that has no use case yet, or of long ago.

    The registration is the end entity's, and the alias `est`.
    """
    lab, key = served.lab, ec_key()
    authority = lab.administration.authorities.get("ManagementCA")
    alias = lab.administration.aliases.get("est")
    assert authority is not None
    assert alias is not None
    subject = entity.subject if entity else parse_dn(f"CN=an {purpose}")
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    der = lab.engine._keyring.issuer(authority).issue_end_entity(
        spki, subject, frozenset(), TLS_END_ENTITY_CERT_PROFILE, datetime.now(UTC) - age
    )
    facts = read_certificate(der)
    record = IssuedCertificate(
        sha256=facts.sha256,
        serial=facts.serial,
        purpose=purpose,
        subject=facts.subject,
        issuing_ca=authority.name,
        der=der,
        not_before=facts.not_before,
        not_after=facts.not_after,
        alias_uid=alias.uid,
    )
    if entity is not None:
        record = replace(record, username=entity.username, registration=entity.registration)
    with lab._store.transaction():
        lab._store.certificates.put(record)
    return Identity(der, key)

"""A lab full of hostile records: let in by the wire and by files as far as validation goes, else put into the store.

What validation keeps out a later version or another tool might have stored all the same.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from estconsole.domain.model import (
    CertificatePurpose,
    EntityStatus,
    EstAlias,
    IssuedCertificate,
    IssuedCrl,
    VendorCa,
)
from estconsole.domain.names import Attribute, DistinguishedName, GeneralName, SanKind
from estconsole.domain.request import BasicCredentials, Operation
from estconsole.domain.revocation import Revocation, RevocationReason
from estconsole.domain.secret import Secret
from estconsole.lab import Lab
from estconsole.pki.bundles import pkcs12
from estconsole.pki.certificates import read_certificate
from estconsole.pki.keys import private_key_der
from estconsole.results import Saved
from tests.labs import add, entity_of, save_alias
from tests.screens.test_hostile import MARKUP
from tests.support import csr_der, ec_key, request_of

WIDE = "漢字かな交じり文 👩‍👩‍👧 e\u0301 ﷽"
NAME = NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME, NameOID.EMAIL_ADDRESS
DAY = timedelta(days=1)


def name_of(text: str) -> x509.Name:
    """A DN of which every value is hostile, as long as it likes: nothing keeps a vendor from that."""
    return x509.Name([x509.NameAttribute(oid, text, _validate=False) for oid in NAME])


def ascii_of(text: str) -> str:
    return "".join(char for char in text if char.isascii())


def hostile_certificate(text: str, *, key: object = None, authority: bool = True) -> bytes:
    """A certificate with the text in its subject, issuer, alternative names and in extensions of every kind."""
    key = key or ec_key()
    now, name, ia5 = datetime.now(UTC), name_of(text), ascii_of(text)
    policy = x509.PolicyInformation(
        x509.ObjectIdentifier("2.5.29.32.0"), [f"http://{ia5}", x509.UserNotice(None, text[:200])]
    )
    uri = x509.UniformResourceIdentifier(f"http://{ia5}/")
    sans = [x509.DNSName(ia5), x509.RFC822Name._init_without_validation(ia5), uri, x509.DirectoryName(name)]
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7, now - DAY, now + 40 * DAY)  # type: ignore[attr-defined]
    for extension in (
        x509.BasicConstraints(ca=authority, path_length=None),
        x509.SubjectAlternativeName(sans),
        x509.IssuerAlternativeName(sans),
        x509.CertificatePolicies([policy]),
        x509.CRLDistributionPoints([x509.DistributionPoint([uri], None, None, None)]),
        x509.AuthorityInformationAccess([x509.AccessDescription(AuthorityInformationAccessOID.OCSP, uri)]),
        x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), text.encode()),
    ):
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)  # type: ignore[arg-type]


def hostile_crl(text: str, key: object) -> bytes:
    now = datetime.now(UTC)
    builder = x509.CertificateRevocationListBuilder(name_of(text), now - DAY, now + DAY)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)  # type: ignore[arg-type]


def plant(lab: Lab, text: str) -> dict[str, tuple[str, str]]:
    """Bring hostile records into a lab: by place, the key of one that was let in and of one that was put in."""
    administration, store, now = lab.administration, lab._store, datetime.now(UTC)
    planted: dict[str, tuple[str, str]] = {}

    # A vendor's certificate names its CA: what is no name is left out of it.
    imported = administration.vendor_cas.import_(hostile_certificate(text))
    assert isinstance(imported, Saved), imported
    vendor_key = ec_key()
    vendor = VendorCa(
        name=text,
        certificate=hostile_certificate(text, key=vendor_key),
        crl=hostile_crl(text, vendor_key),
        trusted=True,
        imported_at=now,
    )
    store.vendor_cas.put(vendor)
    planted["vendor_cas"] = (imported.record[0].name, text)

    # A CA comes with its key under a name that the operator gives it: markup is one.
    ca_key = ec_key()
    bundle = pkcs12("ca", private_key_der(ca_key), hostile_certificate(f"own {text}", key=ca_key), (), Secret("secret"))
    brought = administration.authorities.import_with_key(MARKUP, bundle, Secret("secret"))
    assert isinstance(brought, Saved), brought
    store.authorities.put(replace(brought.record, name=text, crl_url=f"http://{text}"))
    crl = hostile_crl(text, ca_key)
    store.crls.put(IssuedCrl(ca=text, number=1, der=crl, this_update=now, next_update=now + 300 * DAY))
    planted["authorities"] = (MARKUP, text)

    # An end entity may be called almost anything that can be printed, and enrolls so.
    sans = frozenset({GeneralName(SanKind.DIRECTORY_NAME, dn_of(text))})
    subject = DistinguishedName(tuple((Attribute(oid.dotted_string, text),) for oid in NAME))
    for username in (MARKUP, WIDE.replace("\u200d", "")):
        add(lab, username, subject=dn_of(username))
        enrolled = lab.engine.enroll(request_of(Operation.SIMPLEENROLL, csr_der(dn_of(username), ec_key(), "password")))
        assert enrolled.certificates, enrolled.decision
    store.end_entities.put(
        replace(
            entity_of(lab, MARKUP),
            username=text,
            subject=subject,
            subject_alt_names=sans,
            issuing_ca=text,
            end_entity_profile=text,
            certificate_profile=text,
            aliases=frozenset({text, "hostile"}),
        )
    )
    store.end_entities.put(
        replace(
            entity_of(lab, MARKUP),
            username=f"new {text}",
            status=EntityStatus.NEW,
            subject=subject,
            aliases=frozenset({"renamed"}),
        )
    )
    planted["end_entities"] = (MARKUP, text)

    # Aliases have short plain names: only a store can hold others. What one of them names is gone.
    alias = EstAlias(
        uid="hostile",
        name=text,
        default_ca=text,
        vendor_certificate_mode=True,
        vendor_cas=(text, MARKUP, f"gone {text}"),
        allow_change_subject_name=True,
        certificate_profile=text,
    )
    store.aliases.put(alias)
    store.aliases.put(replace(alias, uid="renamed", name="renamed"))
    save_alias(lab, "listing", vendorcertificatemode="true", vendorcaids=planted["vendor_cas"][0])
    planted["aliases"] = ("listing", text)

    der = hostile_certificate(text, authority=False)
    issued = IssuedCertificate(
        sha256=read_certificate(der).sha256,
        serial=7,
        purpose=CertificatePurpose.END_ENTITY,
        subject=subject,
        issuing_ca=text,
        der=der,
        not_before=now,
        not_after=now + DAY,
        username=text,
        registration=entity_of(lab, text).registration,
        alias_uid="hostile",
        reference=text,
        revocation=Revocation(now, RevocationReason.CERTIFICATE_HOLD),
    )
    store.certificates.put(issued)
    planted["certificates"] = (administration.certificates.of_entity(MARKUP)[0].sha256, issued.sha256)
    store.certificate_profiles.put(replace(administration.certificate_profiles.all()[0], name=text))
    store.end_entity_profiles.put(
        replace(administration.end_entity_profiles.all()[0], name=text, required_fields=frozenset({text}))
    )
    requests(lab, text)
    return planted


def requests(lab: Lab, text: str) -> None:
    """What a device can send: a label in the URL, a CSR, a user name by HTTP Basic, and a certificate."""
    save_alias(lab, "basic", authenticationmodule="HttpBasicAuth")
    csr = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(name_of(text))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(ascii_of(text))]), critical=False)
        .sign(ec_key(), hashes.SHA256())
        .public_bytes(Encoding.DER)
    )
    certificate = hostile_certificate(text, authority=False)
    asked = request_of(Operation.SIMPLEENROLL, csr)
    for request in (
        replace(asked, alias_name=text),
        asked,
        replace(asked, alias_name="basic", basic=BasicCredentials(text, Secret(text))),
        request_of(Operation.SIMPLEREENROLL, csr, certificate=certificate),
        request_of(Operation.SIMPLEENROLL, csr, certificate=certificate, alias="listing"),
    ):
        assert not lab.engine.enroll(request).certificates


def dn_of(value: str) -> str:
    """A CN as it is typed: RFC 4514 escapes what means something there."""
    return str(DistinguishedName(((Attribute(NameOID.COMMON_NAME.dotted_string, value),),)))

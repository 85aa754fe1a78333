"""A CA that comes with its key: what is in the file, and whether it fits in with the CAs that are here (B-19, B-42)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from estconsole.administration.crl_import import known_crl_of, revoked_elsewhere
from estconsole.administration.dependents import names_in_aliases
from estconsole.administration.known_cas import known_authorities, own_parent, record_of
from estconsole.domain.ca_drafts import KnownAuthorities, ca_name_problem, subject_taken
from estconsole.domain.certificate import CertificateFacts
from estconsole.domain.model import CertificationAuthority, IssuedCertificate
from estconsole.domain.names import DistinguishedName
from estconsole.domain.naming import free_name
from estconsole.domain.problems import FieldProblem
from estconsole.domain.secret import Secret
from estconsole.pki.anchors import anchor_problem
from estconsole.pki.bundles import KeyBundle, PassphraseError, read_key_bundle
from estconsole.pki.certificates import read_certificate
from estconsole.pki.chains import Paths
from estconsole.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedAuthority:
    """A CA's certificate (DER), its key (PKCS#8 DER), the certificates above it, and what is odd about it.

    `foreign_crl` (DER) is its last CRL, as far as it is known here.
    """

    certificate: bytes = field(repr=False)
    private_key: bytes = field(repr=False)
    chain: tuple[bytes, ...] = field(repr=False)
    foreign_crl: bytes | None = field(repr=False)
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewedKey:
    """A CA in a file with its key, before it is imported.

    `name` is the one to suggest, `others` the subjects of the further certificates in the file. `problems` are what
    would refuse it, whatever it is called, and `warnings` what is odd about it.
    """

    name: str
    facts: CertificateFacts
    others: tuple[DistinguishedName, ...] = ()
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def previewed(store: Store, bundle: KeyBundle, now: datetime) -> PreviewedKey:
    """What would become of a CA that was read."""
    known, facts = known_authorities(store), read_certificate(bundle.certificate)
    # A name that aliases kept from a CA that is gone would put this one into its place, unasked (B-3).
    taken = {*known.own, *known.vendors, *names_in_aliases(store)}
    name = free_name(next(reversed(facts.subject.values("CN")), str(facts.subject)), taken)
    fitted = fit_in(store, name, bundle, now)
    return PreviewedKey(
        name=name,
        facts=facts,
        others=tuple(read_certificate(der).subject for der in bundle.others),
        problems=() if isinstance(fitted, ImportedAuthority) else tuple(problem.message for problem in fitted),
        warnings=fitted.warnings if isinstance(fitted, ImportedAuthority) else (),
    )


def fit_in(
    store: Store, name: str, bundle: KeyBundle | FieldProblem, now: datetime
) -> ImportedAuthority | tuple[FieldProblem, ...]:
    """What becomes of a CA that was read, or failed to be, among those that are here; or every problem with it."""
    known = known_authorities(store)
    message = ca_name_problem(name, known)
    problems = [FieldProblem("name", message)] if message else []
    if isinstance(bundle, FieldProblem):
        return (*problems, bundle)
    facts = read_certificate(bundle.certificate)
    if message := _certificate_problem(facts, known):
        problems.append(FieldProblem("data", message))
    problems += [
        FieldProblem("data", f"{read_certificate(der).subject}: {message}")
        for der in (bundle.certificate, *bundle.others)
        if (message := anchor_problem(der))
    ]
    if problems:
        return tuple(problems)
    above, chain = _above(store, bundle)
    return ImportedAuthority(
        certificate=bundle.certificate,
        private_key=bundle.private_key,
        chain=chain,
        foreign_crl=known_crl_of(store, bundle.certificate),
        warnings=_warnings(store, name, bundle.certificate, above, now),
    )


def opened(data: bytes, passphrase: Secret | None) -> KeyBundle | FieldProblem:
    """The key and the certificates in a file (PKCS#12 or PEM). Deriving its key may take long: hold no lock.

    The problem's field is `passphrase` where another one may open it.
    """
    try:
        return read_key_bundle(data, passphrase)
    except PassphraseError as error:
        return FieldProblem("passphrase", str(error))
    except ValueError as error:
        return FieldProblem("data", str(error))


def records_of(store: Store, authority: CertificationAuthority) -> Iterator[IssuedCertificate]:
    """The records that an imported CA makes possible: of itself, and of the CAs here that it signed.

    A certificate can only be revoked on the CRL of a CA of this lab. What is on record stays as it is, revoked or not.
    """
    every = {other.certificate: other.name for other in store.authorities.values()}
    paths = Paths(every)
    for certificate, name in every.items():
        facts = read_certificate(certificate)
        issuer = name if facts.is_root else every.get(next(iter(paths.issuers_of(certificate)), b""))
        if issuer is not None and authority.name in (name, issuer) and store.certificates.get(facts.sha256) is None:
            revocation = revoked_elsewhere(store.authorities.get(issuer), facts.serial) if issuer != name else None
            yield replace(record_of(certificate, issuer), revocation=revocation)


def forgotten_warning(name: str) -> str:
    """What to say of a CA that nothing is known of from before it came."""
    return f"{name} comes without its CRL: import its last CRL, or what it revoked elsewhere authenticates here."


def _certificate_problem(facts: CertificateFacts, known: KnownAuthorities) -> str | None:
    if not facts.is_ca:
        return "its certificate is no CA's; give the key and the certificate of a CA"
    if not facts.may_sign_certificates:
        return "the key usage of its certificate does not let it sign certificates; give another CA"
    for name, own in known.own.items():
        if own.key.spki_sha256 == facts.key.spki_sha256:
            return f"this key is in the lab already, as that of the CA {name}"
    for name, vendor in known.vendors.items():
        if vendor.sha256 == facts.sha256:
            return f"it is here already as the vendor CA {name}; delete that one first"
    return subject_taken(facts.subject, facts.key.spki_sha256, known)


def _above(store: Store, bundle: KeyBundle) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """The certificates above the bundle's, as far as they are known, and those of them that the file brought."""
    own = [authority.certificate for authority in store.authorities.values()]
    vendors = [vendor.certificate for vendor in store.vendor_cas.values()]
    chains = [der for authority in store.authorities.values() for der in authority.chain]
    above = Paths(dict.fromkeys([*own, *bundle.others, *vendors, *chains])).above(bundle.certificate)
    return above, tuple(der for der in above if der in bundle.others and der not in own)


def _warnings(store: Store, name: str, certificate: bytes, above: tuple[bytes, ...], now: datetime) -> tuple[str, ...]:
    facts, warnings = read_certificate(certificate), []
    if now > facts.not_after:
        warnings.append(f"{name} expired on {facts.not_after:%Y-%m-%d}: nothing can be issued with it.")
    elif now < facts.not_before:
        warnings.append(f"{name} is in date from {facts.not_before:%Y-%m-%d} only.")
    top = read_certificate(above[-1]) if above else facts
    if not top.is_root:
        warnings.append(
            f"The certificates above {name} end before a root, at {top.issuer}: cacerts returns what there is. "
            "Import it together with them, or import them as vendor CAs."
        )
    record, parent = store.certificates.get(facts.sha256), own_parent(store, certificate)
    revocation = record.revocation if record is not None else revoked_elsewhere(parent, facts.serial)
    if revocation is not None:
        warnings.append(f"{name} was {revocation}: nothing that it issues is taken.")
    return tuple(warnings)

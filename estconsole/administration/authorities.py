"""The CAs of this lab: made, imported with their keys, exported, and deleted when nothing needs them (B-42, B-43)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from estconsole.administration.acts import Subject, act
from estconsole.administration.authority_overview import AuthorityOverview, overview_of
from estconsole.administration.certificate_words import KnownIssuer
from estconsole.administration.crl_import import (
    foreign_crl_problem,
    foreign_crl_warnings,
    opened_crl,
    sub_cas_revoked_elsewhere,
)
from estconsole.administration.dependents import counted, dependents_of_authority, name_warnings
from estconsole.administration.exports import ExportedFile, ExportForm, export_authority
from estconsole.administration.key_import import (
    ImportedAuthority,
    PreviewedKey,
    fit_in,
    forgotten_warning,
    opened,
    previewed,
    records_of,
)
from estconsole.administration.known_cas import chain_to_root, issuer_of, record_of
from estconsole.administration.new_authority import NewAuthority, keep, made
from estconsole.administration.renewal import RenewedCertificate, renewed
from estconsole.crls import CrlIssuer
from estconsole.domain.ca_drafts import AuthorityDraft, crl_url_problem
from estconsole.domain.certificate import CertificateFacts
from estconsole.domain.model import CertificationAuthority, IssuedCrl
from estconsole.domain.problems import FieldProblem
from estconsole.domain.secret import Secret
from estconsole.keyring import Keyring
from estconsole.pki.certificates import certificate_pem, read_certificate
from estconsole.pki.crls import is_crl_of, read_crl
from estconsole.pki.describe import describe_crl
from estconsole.pki.keys import load_private_key
from estconsole.progress import NO_PROGRESS, Progress
from estconsole.results import Conflict, Rejected, Saved
from estconsole.server_identity import ServerIdentity
from estconsole.store.store import Store

__all__ = ["Authorities", "AuthorityDraft", "AuthorityOverview", "ExportForm", "ExportedFile", "PreviewedKey"]


class Authorities(Subject):
    """The CAs whose keys this lab holds."""

    def __init__(
        self,
        store: Store,
        keyring: Keyring,
        identity: ServerIdentity,
        crls: CrlIssuer,
        clock: Callable[[], datetime],
        *,
        read_only: bool,
    ) -> None:
        super().__init__(read_only=read_only)
        self._store = store
        self._keyring = keyring
        self._identity = identity
        self._crls = crls
        self._clock = clock

    def all(self) -> tuple[CertificationAuthority, ...]:
        """Every CA of this lab, by name."""
        return tuple(sorted(self._store.authorities.values(), key=lambda authority: authority.name))

    def overview(self) -> tuple[AuthorityOverview, ...]:
        """The same with what a list shows of each."""
        return overview_of(self._store)

    def get(self, name: str) -> CertificationAuthority | None:
        return self._store.authorities.get(name)

    def certificate(self, name: str) -> bytes | None:
        """A CA's certificate (DER), None for an unknown name."""
        authority = self._store.authorities.get(name)
        return None if authority is None else authority.certificate

    def facts(self, name: str) -> CertificateFacts | None:
        """A CA's certificate as facts; `sha256` is the fingerprint that a device compares."""
        certificate = self.certificate(name)
        return None if certificate is None else read_certificate(certificate)

    def pem(self, name: str) -> str | None:
        """A CA's certificate in PEM, None for an unknown name."""
        certificate = self.certificate(name)
        return None if certificate is None else certificate_pem(certificate)

    def issuer_of(self, certificate: bytes) -> KnownIssuer | None:
        """The CA that is here, of this lab or a vendor's, and issued any certificate (DER); None for a root's."""
        return issuer_of(self._store, certificate)

    @act
    def create(
        self, draft: AuthorityDraft, progress: Progress = NO_PROGRESS
    ) -> Saved[CertificationAuthority] | Rejected:
        """Make a CA, a root or a sub CA of another, and its first CRL. The key is made outside any transaction.

        Raises VaultError when the key of the CA that signs cannot be unsealed, and Cancelled.
        """
        new = made(self._store, self._keyring, draft, self._clock(), progress)
        if not isinstance(new, NewAuthority):
            return new
        with self._store.transaction():
            return keep(self._store, self._crls, new)

    def preview_import(self, data: bytes, passphrase: Secret | None = None) -> PreviewedKey | Rejected:
        """What an import with the key would bring; nothing is changed. The problem of a passphrase is its field's."""
        bundle = opened(data, passphrase)
        if isinstance(bundle, FieldProblem):
            return Rejected((bundle,))
        return previewed(self._store, bundle, self._clock())

    @act
    def import_with_key(
        self, name: str, data: bytes, passphrase: Secret | None = None, progress: Progress = NO_PROGRESS
    ) -> Saved[CertificationAuthority] | Rejected:
        """Take in a CA with its key, from PKCS#12 or PEM, and issue its first CRL here. Raises Cancelled.

        What the file has of the certificates above it is kept for cacerts, and trusted for nothing.
        """
        now = self._clock()
        progress.step(0, 2, "Opening the file")
        bundle = opened(data, passphrase)
        progress.step(1, 2, "Saving the CA")
        with self._store.transaction():
            imported = fit_in(self._store, name, bundle, now)
            if not isinstance(imported, ImportedAuthority):
                return Rejected(imported)
            authority = CertificationAuthority(
                name=name,
                certificate=imported.certificate,
                sealed_key=self._keyring.seal(name, load_private_key(imported.private_key)),
                chain=imported.chain,
                foreign_crl=imported.foreign_crl,
                created_at=now,
            )
            self._store.authorities.put(authority)
            for record in records_of(self._store, authority):
                self._store.certificates.put(record)
            crl = self._crls.first(authority)
            self._store.crls.put(crl)
            warnings = (*self._name_warnings(name), *imported.warnings)
        if is_crl_of(crl.der, authority.certificate):
            forgotten = () if imported.foreign_crl is not None else (forgotten_warning(name),)
            return Saved(authority, (*warnings, *forgotten))
        unsigned = (
            f"The certificate of {name} does not let it sign CRLs: clients refuse those that this console issues."
        )
        return Saved(authority, (*warnings, unsigned))

    @act
    def renew(
        self, name: str, validity: str, revision: int, progress: Progress = NO_PROGRESS
    ) -> Saved[CertificationAuthority] | Rejected | Conflict[CertificationAuthority]:
        """Give a CA a certificate that ends later, under the same subject and key; its next CRL is there then.

        What it issued goes on, and so do clients that know the earlier certificate, which stays on record. Raises
        VaultError when a key cannot be unsealed (the CA's own: the renewal stands, and its CRL follows), Cancelled, and
        RuntimeError inside a transaction.
        """
        self._crls.refuse_in_a_transaction()
        now = self._clock()
        progress.step(0, 2, f"Issuing {name}'s certificate")
        with self._store.transaction():
            authority = self._store.authorities.get(name)
            if authority is None or authority.revision != revision:
                return Conflict(authority)
            new = renewed(self._store, self._keyring, authority, validity, now)
            if not isinstance(new, RenewedCertificate):
                return new
            changed = replace(authority, certificate=new.certificate, revision=authority.revision + 1)
            self._store.authorities.put(changed)
            self._store.certificates.put(record_of(new.certificate, new.issuing_ca))
        self._crls.issue(name)
        return Saved(changed, new.warnings)

    def export(self, name: str, form: ExportForm, passphrase: Secret | None = None) -> ExportedFile | Rejected:
        """A CA as a file; PKCS12 has its key and needs a passphrase. Raises VaultError.

        A key leaves no console that is read-only: ReadOnlyError.
        """
        if form is ExportForm.PKCS12:
            self.require_acts()
        authority = self._store.authorities.get(name)
        if authority is None:
            return Rejected.because("name", f"no CA of this lab is named {name!r}")
        return export_authority(authority, chain_to_root(self._store, authority), form, self._keyring, passphrase)

    @act
    def set_crl_url(
        self, name: str, url: str, revision: int
    ) -> Saved[CertificationAuthority] | Rejected | Conflict[CertificationAuthority]:
        """Set the CRL URL that goes into the certificates which a CA issues from now on; empty for none (B-43)."""
        with self._store.transaction():
            authority = self._store.authorities.get(name)
            if authority is None or authority.revision != revision:
                return Conflict(authority)
            if problem := crl_url_problem(url):
                return Rejected.because("crl_url", problem)
            changed = replace(authority, crl_url=url, revision=authority.revision + 1)
            self._store.authorities.put(changed)
        return Saved(changed)

    def dependents(self, name: str) -> tuple[str, ...]:
        """What keeps a CA from being deleted, in words; empty when nothing does."""
        authority = self._store.authorities.get(name)
        if authority is None:
            return ()
        return dependents_of_authority(self._store, authority, self._identity.certificate())

    @act
    def delete(
        self, name: str, revision: int
    ) -> Saved[CertificationAuthority] | Rejected | Conflict[CertificationAuthority]:
        """Delete a CA with its key, unless something needs it. Its certificates stay on record, and renew no more.

        The number of its last CRL stays too: should the CA come back, its CRLs go on from there.
        """
        now = self._clock().isoformat()
        with self._store.transaction():
            authority = self._store.authorities.get(name)
            if authority is None or authority.revision != revision:
                return Conflict(authority)
            if dependents := self.dependents(name):
                return Rejected.because("name", f"{name} is needed by {', '.join(dependents)}")
            self._store.authorities.remove(name)
            live = self._store.certificates.count(
                lambda _, row: (
                    row["issuing_ca"] == name
                    and row["purpose"] != "ca"
                    and not row["revoked_at"]
                    and row["not_after"] > now
                )
            )
        if not live:
            return Saved(authority)
        gone = counted(live, "certificate that it issued is", "certificates that it issued are")
        return Saved(authority, (f"{gone} still in date: devices keep them, and no CRL can revoke them now.",))

    def crl(self, name: str) -> bytes | None:
        """A CA's CRL (DER) that is in force, None for an unknown name."""
        current = self._store.crls.get(name) if self._store.authorities.get(name) is not None else None
        return None if current is None else current.der

    def describe_crl(self, name: str) -> str | None:
        """A CA's CRL that is in force in words, None for an unknown name."""
        crl = self.crl(name)
        return None if crl is None else describe_crl(crl)

    @act
    def import_crl(
        self, name: str, data: bytes, progress: Progress = NO_PROGRESS
    ) -> Saved[CertificationAuthority] | Rejected | Conflict[CertificationAuthority]:
        """Take in the CRL, PEM or DER, that a CA issued elsewhere before it came here with its key (B-19, B-43).

        What it lists authenticates nothing, and stays on the CRLs that are issued here, whose numbers go on from its
        own; the next of them is there when this returns. Raises VaultError when the CA's key cannot be unsealed: it is
        taken in then, and the CRL follows. Raises Cancelled, and RuntimeError inside a transaction.
        """
        self._crls.refuse_in_a_transaction()
        progress.step(0, 2, "Reading the CRL")
        der, now = opened_crl(data), self._clock()
        if isinstance(der, FieldProblem):
            return Rejected((der,))
        progress.step(1, 2, "Importing it")
        with self._store.transaction():
            authority = self._store.authorities.get(name)
            if authority is None:
                return Conflict(None)
            if problem := foreign_crl_problem(authority, der, now):
                return Rejected.because("data", problem)
            changed = replace(authority, foreign_crl=der, revision=authority.revision + 1)
            self._store.authorities.put(changed)
            revoked = tuple(sub_cas_revoked_elsewhere(self._store, changed))
            for record in revoked:
                self._store.certificates.put(record)
        self._crls.issue(name)
        shut_out = (f"It revokes {record.subject}: nothing that this CA issues is taken." for record in revoked)
        return Saved(changed, (*shut_out, *foreign_crl_warnings(self._store, authority, read_crl(der))))

    @act
    def issue_crl(self, name: str) -> Saved[IssuedCrl] | Rejected:
        """Issue a CA's next CRL now (B-43). Raises VaultError."""
        try:
            return Saved(self._crls.issue(name))
        except LookupError:
            return Rejected.because("name", f"no CA of this lab is named {name!r}")

    def _name_warnings(self, name: str) -> tuple[str, ...]:
        return tuple(f"{name}: {warning}." for warning in name_warnings(self._store, name, own=True))

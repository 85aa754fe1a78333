"""The CAs of device vendors: imported, trusted or not, with their CRLs (B-19, B-39, B-42)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from estconsole.administration.acts import Subject, act
from estconsole.administration.crl_import import crl_problem, opened_crl
from estconsole.administration.dependents import aliases_that_list, lists, name_warnings
from estconsole.administration.known_cas import cut_off_without, is_same_ca, known_authorities
from estconsole.administration.vendor_overview import VendorOverview, overview_of
from estconsole.administration.vendor_preview import Preview, preview_of
from estconsole.domain.ca_drafts import ca_name_problem
from estconsole.domain.certificate import CertificateFacts
from estconsole.domain.model import VendorCa
from estconsole.domain.problems import FieldProblem
from estconsole.domain.revocation import CrlFacts
from estconsole.pki.bundles import read_certificates
from estconsole.pki.certificates import read_certificate
from estconsole.pki.chains import Paths
from estconsole.pki.crls import read_crl
from estconsole.pki.describe import describe_crl
from estconsole.progress import NO_PROGRESS, Progress
from estconsole.results import Conflict, Rejected, Saved
from estconsole.store.store import Store


class VendorCas(Subject):
    """The CAs whose devices may come with their vendor's certificate."""

    def __init__(self, store: Store, clock: Callable[[], datetime], *, read_only: bool) -> None:
        super().__init__(read_only=read_only)
        self._store = store
        self._clock = clock

    def all(self) -> tuple[VendorCa, ...]:
        """Every vendor CA, by name."""
        return tuple(sorted(self._store.vendor_cas.values(), key=lambda vendor: vendor.name))

    def overview(self) -> tuple[VendorOverview, ...]:
        """Every vendor CA by name, with what stands above it, its CRL in short, and the aliases that list it."""
        return overview_of(self._store)

    def get(self, name: str) -> VendorCa | None:
        return self._store.vendor_cas.get(name)

    def facts(self, name: str) -> CertificateFacts | None:
        """A vendor CA's certificate as facts, None for an unknown name."""
        vendor = self._store.vendor_cas.get(name)
        return None if vendor is None else read_certificate(vendor.certificate)

    def describe_crl(self, name: str) -> str | None:
        """The CRL of a vendor CA in words; None where none is imported."""
        vendor = self._store.vendor_cas.get(name)
        return None if vendor is None or vendor.crl is None else describe_crl(vendor.crl)

    def preview(self, data: bytes) -> Preview | Rejected:
        """What an import of a file or a paste would bring, certificate by certificate; nothing is changed."""
        certificates = _read(data)
        if isinstance(certificates, Rejected):
            return certificates
        return preview_of(self._store, certificates, self._clock())

    @act
    def import_(
        self,
        data: bytes,
        names: Sequence[str | None] | None = None,
        *,
        trusted: bool = True,
        progress: Progress = NO_PROGRESS,
    ) -> Saved[tuple[VendorCa, ...]] | Rejected:
        """Import every certificate of a file or a paste (PEM, DER, PKCS#7), or none of them.

        Without names each takes its subject's CN, made one that no CA has and no alias lists; one whose name is None
        is left out. Its devices are let in at the next handshake (B-39). Raises Cancelled.
        """
        progress.step(0, 2, "Reading the certificates")
        certificates, now = _read(data), self._clock()
        if isinstance(certificates, Rejected):
            return certificates
        progress.step(1, 2, "Importing them")
        with self._store.transaction():
            found = preview_of(self._store, certificates, now).certificates
            names = [each.name for each in found] if names is None else names
            if len(names) != len(found):
                message = f"there are {len(found)} certificates; give as many names, or none at all"
                return Rejected.because("names", message)
            chosen = [(each, name) for each, name in zip(found, names, strict=True) if name is not None]
            problems = [FieldProblem("data", f"{each.subject}: {each.problem}") for each, _ in chosen if each.problem]
            problems += self._name_problems([name for _, name in chosen])
            if problems:
                return Rejected(tuple(problems))
            vendors = tuple(
                VendorCa(name=name, certificate=each.certificate, trusted=trusted, imported_at=now)
                for each, name in chosen
            )
            for vendor in vendors:
                self._store.vendor_cas.put(vendor)
            warnings = tuple(
                f"{vendor.name}: {warning}."
                for (each, _), vendor in zip(chosen, vendors, strict=True)
                for warning in (*name_warnings(self._store, vendor.name, own=False, trusted=trusted), *each.warnings)
            )
        return Saved(vendors, warnings)

    @act
    def set_trusted(self, name: str, trusted: bool, revision: int) -> Saved[VendorCa] | Conflict[VendorCa]:
        """Let a vendor's devices in, or shut them out without forgetting their CA."""
        with self._store.transaction():
            vendor = self._store.vendor_cas.get(name)
            if vendor is None or vendor.revision != revision:
                return Conflict(vendor)
            changed = replace(vendor, trusted=trusted, revision=vendor.revision + 1)
            self._store.vendor_cas.put(changed)
            return Saved(changed, () if trusted else self._warnings_of_distrust(changed))

    @act
    def restore(self, before: VendorCa, revision: int) -> Saved[VendorCa] | Rejected | Conflict[VendorCa]:
        """Take an edit back, of trust or of a CRL that was removed, if nothing changed the vendor CA since.

        An import of a CRL is not taken back: what it revoked would count as good again, unsaid.
        """
        with self._store.transaction():
            vendor = self._store.vendor_cas.get(before.name)
            if vendor is None or vendor.revision != revision or vendor.certificate != before.certificate:
                return Conflict(vendor)
            if vendor.crl not in (None, before.crl):
                return Rejected.because("crl", "an import of a CRL is not taken back; remove the CRL instead")
            restored = replace(before, revision=vendor.revision + 1)
            self._store.vendor_cas.put(restored)
            distrusted = vendor.trusted and not restored.trusted
            return Saved(restored, self._warnings_of_distrust(restored) if distrusted else ())

    def distrust(self, name: str) -> tuple[str, ...]:
        """What it comes to that a vendor CA is not trusted: whom it shuts out, or why nobody; nothing if it is."""
        vendor = self._store.vendor_cas.get(name)
        return () if vendor is None or vendor.trusted else self._warnings_of_distrust(vendor)

    def _warnings_of_distrust(self, vendor: VendorCa) -> tuple[str, ...]:
        """Whom it shuts out that a vendor CA is trusted no more, or why nobody: a path may end elsewhere (B-19)."""
        if twins := self._trusted(vendor.certificate):
            return (
                f"{twins[0]} has its subject and key, and is still trusted: devices of both are let in. "
                "Switch off its trust too to shut them out.",
            )
        above = Paths(other.certificate for other in self._store.vendor_cas.values()).above(vendor.certificate)
        if trusted_above := [name for der in above for name in self._trusted(der)]:
            return (
                f"{trusted_above[0]} above it is still trusted: devices that send {vendor.name} along in TLS are let "
                f"in. Switch off its trust too, or take {vendor.name} from the aliases that list it, to shut them out.",
            )
        return self._shut_out(vendor)

    @act
    def import_crl(
        self, name: str, data: bytes, progress: Progress = NO_PROGRESS
    ) -> Saved[VendorCa] | Rejected | Conflict[VendorCa]:
        """Take in a vendor CA's CRL, PEM or DER: from now on it says which of its certificates are revoked (B-19).

        Raises Cancelled.
        """
        progress.step(0, 2, "Reading the CRL")
        der, now = opened_crl(data), self._clock()
        if isinstance(der, FieldProblem):
            return Rejected((der,))
        progress.step(1, 2, "Importing it")
        with self._store.transaction():
            vendor = self._store.vendor_cas.get(name)
            if vendor is None:
                return Conflict(None)
            if problem := _crl_problem(vendor, self._twins(vendor.certificate), der, now):
                return Rejected.because("data", problem)
            changed = replace(vendor, crl=der, revision=vendor.revision + 1)
            self._store.vendor_cas.put(changed)
        crl = read_crl(der)
        if crl.is_stale(now) and crl.next_update is not None:
            stale = f"This CRL is stale since {crl.next_update:%Y-%m-%d %H:%M} UTC: until a newer one is imported"
            return Saved(changed, (f"{stale}, every device of {name} is shut out.",))
        return Saved(changed)

    @act
    def remove_crl(self, name: str, revision: int) -> Saved[VendorCa] | Conflict[VendorCa]:
        """Forget a vendor CA's CRL: then no certificate of its is known to be revoked."""
        with self._store.transaction():
            vendor = self._store.vendor_cas.get(name)
            if vendor is None or vendor.revision != revision:
                return Conflict(vendor)
            changed = replace(vendor, crl=None, revision=vendor.revision + 1)
            self._store.vendor_cas.put(changed)
            left = [twin.name for twin in self._twins(vendor.certificate) if twin.crl is not None]
        if left:
            return Saved(changed, (f"The CRL of {left[0]}, which has its subject and key, counts for both.",))
        revoked = len(read_crl(vendor.crl).revoked) if vendor.crl is not None else 0
        return Saved(changed, (f"What it revoked ({revoked}) counts as good again.",) if revoked else ())

    def dependents(self, name: str) -> tuple[str, ...]:
        """What loses something without a vendor CA, in words: aliases that list it, own CAs whose chain it is in."""
        vendor = self._store.vendor_cas.get(name)
        cut_off = () if vendor is None else cut_off_without(self._store, vendor)
        return (
            *(f"the alias {alias} (List of Vendor CAs)" for alias in aliases_that_list(self._store, name)),
            *(f"the CA {authority} (chain to its root)" for authority in cut_off),
        )

    @act
    def delete(self, name: str, revision: int) -> Saved[VendorCa] | Conflict[VendorCa]:
        """Delete a vendor CA, and shut its devices out (B-39).

        Aliases keep its name, for the day that it is back: only a CA that is given it by hand comes into its place.
        """
        with self._store.transaction():
            vendor = self._store.vendor_cas.get(name)
            if vendor is None or vendor.revision != revision:
                return Conflict(vendor)
            cut_off = cut_off_without(self._store, vendor)
            self._store.vendor_cas.remove(name)
            return Saved(vendor, (*self._shut_out(vendor), *_cut_off(cut_off)))

    def _shut_out(self, vendor: VendorCa) -> tuple[str, ...]:
        """The aliases closed to a vendor CA's devices; those that list a renewal of it stay open if one is trusted."""
        twins = self._twins(vendor.certificate)
        left = {alias for twin in twins for alias in aliases_that_list(self._store, twin.name)}
        still_open = left if self._trusted(vendor.certificate) else set()
        aliases = sorted({*left, *aliases_that_list(self._store, vendor.name)} - still_open)
        return (f"Its devices enroll no more on {', '.join(aliases)}, which {lists(aliases)} it.",) if aliases else ()

    def _twins(self, certificate: bytes) -> tuple[VendorCa, ...]:
        """The vendor CAs of a certificate's subject and key: itself where it is here, and its renewals."""
        facts = read_certificate(certificate)
        every = self._store.vendor_cas.values()
        return tuple(vendor for vendor in every if is_same_ca(read_certificate(vendor.certificate), facts))

    def _trusted(self, certificate: bytes) -> tuple[str, ...]:
        """The names of those of them by which a path may end."""
        now = self._clock()
        return tuple(
            twin.name
            for twin in self._twins(certificate)
            if twin.trusted and read_certificate(twin.certificate).in_date(now)
        )

    def _name_problems(self, names: Sequence[str]) -> list[FieldProblem]:
        known = known_authorities(self._store)
        problems = [FieldProblem("names", problem) for name in names if (problem := ca_name_problem(name, known))]
        if len(set(names)) < len(names):
            problems.append(FieldProblem("names", "two of them are the same; each CA takes a name of its own"))
        return problems


def _read(data: bytes) -> tuple[bytes, ...] | Rejected:
    try:
        return read_certificates(data)
    except ValueError as error:
        return Rejected.because("data", str(error))


def _cut_off(authorities: Sequence[str]) -> tuple[str, ...]:
    if not authorities:
        return ()
    names = ", ".join(authorities)
    return (f"The chain of {names} ends before its root now: what cacerts returns does not verify any more (B-29).",)


def _crl_problem(vendor: VendorCa, twins: Sequence[VendorCa], der: bytes, now: datetime) -> str | None:
    """What keeps a CRL from being taken in. The newest of a CA and its renewals counts for all of them (B-19)."""
    if problem := crl_problem(vendor.name, vendor.certificate, der, now):
        return problem
    for twin in twins:
        if twin.crl is not None and _is_older(read_crl(der), last := read_crl(twin.crl)):
            here = f"the one of {last.this_update:%Y-%m-%d %H:%M} UTC that {twin.name} has"
            return f"it is older than {here}; remove that one first"
    return None


def _is_older(crl: CrlFacts, last: CrlFacts) -> bool:
    numbered = crl.number is not None and last.number is not None and crl.number < last.number
    return numbered or crl.this_update < last.this_update

"""A vendor whose devices a lab lets in, and what they ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509

from estconsole.domain.names import parse_dn
from estconsole.pki.attributes import CHANGE_SUBJECT_NAME
from estconsole.pki.certificates import read_certificate
from estconsole.pki.names import to_x509_name
from estconsole.results import Saved
from tests.labs import add, save_alias
from tests.pki.damage import tlv
from tests.server.asking import ENROLL, ask, fresh
from tests.server.authorities import Authority
from tests.server.devices import Answer, Identity
from tests.server.served import Served
from tests.support import crafted_csr_der, csr_der, ec_key


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor's CAs, imported as `<name> Root CA` and `<name> Sub CA`; the alias `<name>` lists the sub CA."""

    served: Served
    name: str
    root: Authority
    sub: Authority

    @classmethod
    def listed(cls, served: Served, **options: str) -> Vendor:
        """A new vendor, with an alias of its own in vendor mode."""
        name = fresh("vendor").replace(" ", "-")
        root = Authority.named(f"CN={name} Root CA,O={name}")
        vendor = cls(served, name, root, root.sub_authority(f"CN={name} Sub CA,O={name}"))
        import_vendor(served, vendor.root, f"{name} Root CA")
        import_vendor(served, vendor.sub, f"{name} Sub CA")
        save_alias(served.lab, name, **{"vendorcertificatemode": "true", "vendorcaids": f"{name} Sub CA", **options})
        return vendor

    def device(self, username: str, **registration: object) -> Identity:
        """A device that is registered under its vendor's name, without a code: its vendor certificate."""
        entity = add(self.served.lab, username, None, **registration)
        return self.sub.issue(str(entity.subject))

    def enroll(
        self, device: Identity, csr: bytes | None = None, *, operation: str = ENROLL, alias: str | None = None
    ) -> Answer:
        """A device's request with its vendor certificate; the CSR (DER) is one of the certificate's name."""
        csr = csr or csr_der(str(read_certificate(device.certificate).subject))
        return ask(self.served, operation, csr, alias=alias or self.name, identity=device)

    def take_crl(self, crl: bytes, ca: str = "Sub CA") -> None:
        """Import a CRL of the vendor's root or sub CA."""
        take_crl(self.served, f"{self.name} {ca}", crl)

    def trust(self, trusted: bool) -> None:
        """Switch the trust in both CAs on or off."""
        cas = self.served.lab.administration.vendor_cas
        for name in (f"{self.name} Root CA", f"{self.name} Sub CA"):
            known = cas.get(name)
            assert known is not None
            assert isinstance(cas.set_trusted(name, trusted, known.revision), Saved)

    def forget(self) -> None:
        """Delete both CAs."""
        cas = self.served.lab.administration.vendor_cas
        for name in (f"{self.name} Root CA", f"{self.name} Sub CA"):
            known = cas.get(name)
            assert known is not None
            assert isinstance(cas.delete(name, known.revision), Saved)


def import_vendor(served: Served, authority: Authority, name: str) -> None:
    saved = served.lab.administration.vendor_cas.import_(authority.pem, [name])
    assert isinstance(saved, Saved), saved


def take_crl(served: Served, name: str, crl: bytes) -> None:
    saved = served.lab.administration.vendor_cas.import_crl(name, crl)
    assert isinstance(saved, Saved), saved


def change_of_name(subject: str = "", sans: Sequence[x509.GeneralName] = ()) -> bytes:
    """A value (DER) of ChangeSubjectName: a subject, alternative names, or both."""
    name = to_x509_name(parse_dn(subject)).public_bytes() if subject else b""
    return tlv(0x30, name, x509.SubjectAlternativeName(list(sans)).public_bytes() if sans else b"")


def name_change_csr(subject: str, *values: bytes) -> bytes:
    """A CSR (DER) of a subject, with these values (DER) of ChangeSubjectName."""
    attributes = [(CHANGE_SUBJECT_NAME.dotted_string, values)]
    return crafted_csr_der(to_x509_name(parse_dn(subject)), ec_key(), attributes)

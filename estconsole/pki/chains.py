"""Paths upwards from a certificate among known CAs, by name and signature."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from estconsole.pki.parsing import PARSER_ERRORS


class Paths:
    """Known CAs (DER), by subject: the ones above a certificate are found in a time that does not grow with all."""

    def __init__(self, certificates: Iterable[bytes]) -> None:
        self._by_subject: defaultdict[x509.Name, list[tuple[x509.Certificate, bytes]]] = defaultdict(list)
        for der in certificates:
            parsed = x509.load_der_x509_certificate(der)
            self._by_subject[parsed.subject].append((parsed, der))

    def above(self, certificate: bytes) -> tuple[bytes, ...]:
        """The known CAs above a certificate (DER), its direct issuer first, up to a root or to where none is known.

        An issuer is found by its name *and* by its signature: two CAs of one subject are told apart by key (B-19).
        """
        path: list[bytes] = []
        while (issuers := self.issuers_of(path[-1] if path else certificate)) and issuers[0] not in path:
            path.append(issuers[0])
        return tuple(path)

    def issuers_of(self, certificate: bytes) -> tuple[bytes, ...]:
        """The known CAs that issued a certificate (DER), none for a self-issued one.

        There are several where a CA was renewed with its key: any of its certificates is its issuer's.
        """
        subject = x509.load_der_x509_certificate(certificate)
        if subject.issuer == subject.subject:
            return ()
        namesakes = self._by_subject.get(subject.issuer, [])
        return tuple(der for parsed, der in namesakes if _issued(parsed, subject))


def path_above(certificate: bytes, known: Iterable[bytes]) -> tuple[bytes, ...]:
    """`Paths.above` for one certificate among CAs that are not worth an index."""
    return Paths(known).above(certificate)


def _issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (*PARSER_ERRORS, InvalidSignature):
        return False
    return True

"""Paths upwards from a certificate among known CAs, by name and signature."""

from __future__ import annotations

from collections.abc import Iterable

from cryptography import x509
from cryptography.exceptions import InvalidSignature


def path_above(certificate: bytes, known: Iterable[bytes]) -> tuple[bytes, ...]:
    """The known CAs above a certificate (DER), its direct issuer first, up to a root or to where none is known.

    An issuer is found by its name *and* by its signature: two CAs of one subject are told apart by key (B-19).
    """
    candidates = [(x509.load_der_x509_certificate(der), der) for der in known]
    current, path = x509.load_der_x509_certificate(certificate), []
    while current.issuer != current.subject:
        step = next(((parsed, der) for parsed, der in candidates if _issued(parsed, current)), None)
        if step is None or step[1] in path:
            break
        current = step[0]
        path.append(step[1])
    return tuple(path)


def _issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True

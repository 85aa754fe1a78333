"""The records of requests, in words."""

from __future__ import annotations

from estconsole.activity import ActivityDetail
from estconsole.domain.body import decode_body
from estconsole.pki.describe import describe_certificate, describe_csr
from estconsole.seals import request_purpose
from estconsole.store.store import Store
from estconsole.vault import Vault


class Activities:
    """What is on record of each request."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault

    def detail(self, activity_id: int) -> ActivityDetail | None:
        """All that is on record of one row, in words, secrets masked; None when the log no longer holds it."""
        record = self._store.log.get(activity_id)
        if record is None:
            return None
        raw = self._raw(activity_id, record.sealed_request)
        csr = decode_body(raw)
        issued = self._store.certificates.get(record.issued_sha256) if record.issued_sha256 else None
        return ActivityDetail(
            activity=record.activity,
            checks=record.trace,
            csr=describe_csr(csr, record.code_fields) if isinstance(csr, bytes) else "",
            client_certificate=describe_certificate(record.presented) if record.presented else "",
            issued_certificate=describe_certificate(issued.der) if issued else "",
            has_raw_request=bool(raw),
        )

    def raw_request(self, activity_id: int) -> str | None:
        """A request's bytes as text, code and all: for the operator who asks for them (B-45)."""
        record = self._store.log.get(activity_id)
        if record is None or not record.sealed_request:
            return None
        return self._raw(activity_id, record.sealed_request).decode("utf-8", "backslashreplace")

    def _raw(self, number: int, sealed: str) -> bytes:
        return self._vault.unseal(sealed, request_purpose(number)) if sealed else b""

"""The records of requests, in words."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from estconsole.activity import Activity, ActivityDetail
from estconsole.administration.acts import Subject, act
from estconsole.domain.body import decode_body
from estconsole.pki.describe import describe_certificate, describe_csr
from estconsole.seals import request_purpose
from estconsole.store.log import never
from estconsole.store.store import Store
from estconsole.vault import Vault

SEARCH_LIMIT = 1_000
"""So many rows a search finds at most: the console shows them, and asks for what is before them."""


class Activities(Subject):
    """What is on record of each request."""

    def __init__(self, store: Store, vault: Vault, *, read_only: bool) -> None:
        super().__init__(read_only=read_only)
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
            issued_sha256=record.issued_sha256,
            presented_sha256=hashlib.sha256(record.presented).hexdigest() if record.presented else "",
        )

    def search(
        self,
        test: Callable[[Activity], bool],
        *,
        before: int | None = None,
        limit: int = SEARCH_LIMIT,
        stop: Callable[[], bool] = never,
    ) -> tuple[Activity, ...]:
        """The newest rows on disk that pass a test, oldest first: at most `limit`, and only of ids below `before`.

        `stop` is asked between rows; once it says so the search ends with what it has. Nobody waits for the store
        meanwhile, and rows that the retention takes away meanwhile are found all the same.
        """
        return self._store.log.matching(test, limit=limit, before=before, stop=stop)

    def of_entity(self, username: str, limit: int = SEARCH_LIMIT) -> tuple[Activity, ...]:
        """The newest rows of a username, oldest first: of earlier registrations too, and refused ones."""
        return self._store.log.of_username(username, limit)

    @act
    def raw_request(self, activity_id: int) -> str | None:
        """A request's bytes as text, code and all: for the operator who asks for them (B-45)."""
        record = self._store.log.get(activity_id)
        if record is None or not record.sealed_request:
            return None
        return self._raw(activity_id, record.sealed_request).decode("utf-8", "backslashreplace")

    def _raw(self, number: int, sealed: str) -> bytes:
        return self._vault.unseal(sealed, request_purpose(number)) if sealed else b""

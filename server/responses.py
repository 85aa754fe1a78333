"""HTTP answers whose header names go out in the case that EST clients compare them in (B-33)."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import formatdate

from starlette.responses import Response

from estconsole.domain.decision import Granted, Refused
from estconsole.engine import Enrollment
from estconsole.pki.cms import certs_only
from server.wire import CERTS_ONLY, WireAnswer, encode_base64, refusal_answer

_OWN_CASE = {b"www-authenticate": b"WWW-Authenticate"}  # what title() does not spell as RFC 9110 does
TEXT = "text/plain"


class WireResponse(Response):
    """An answer with Content-Length and Date, and with header names in RFC 9110's own case.

    starlette lower-cases names, and libest then says 'Missing HTTP content type header'.
    """

    def init_headers(self, headers: Mapping[str, str] | None = None) -> None:
        super().init_headers({"Date": formatdate(usegmt=True), **(headers or {})})
        self.raw_headers = [(_OWN_CASE.get(name, name.title()), value) for name, value in self.raw_headers]


def enrollment_response(
    enrollment: Enrollment, *, wrapped: bool = True, headers: Mapping[str, str] | None = None
) -> Response:
    """An enrollment as its client is told of it: certificates (B-29, B-30), or one line that says why not (B-26)."""
    match enrollment.decision:
        case Granted():
            body = encode_base64(certs_only(enrollment.certificates), wrapped=wrapped)
            return WireResponse(body, headers={"Content-Transfer-Encoding": "base64"}, media_type=CERTS_ONLY)
        case Refused(reason=reason):
            return refusal_response(refusal_answer(reason), enrollment.reference, headers)


def refusal_response(answer: WireAnswer, reference: str, headers: Mapping[str, str] | None = None) -> Response:
    """A refusal's answer; what remains of a body that is too large is not waited for, so its connection ends (B-25)."""
    closing = {"Connection": "close"} if answer.status == 413 else {}
    return WireResponse(
        answer.line(reference), answer.status, {**dict(answer.headers), **closing, **(headers or {})}, TEXT
    )


def text_response(status: int, text: str, headers: Mapping[str, str] | None = None) -> Response:
    """One line of plain text, for what is no EST request."""
    return WireResponse(f"{text}\n", status, headers, TEXT)

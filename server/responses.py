"""HTTP answers whose header names go out in the case that EST clients compare them in (B-33)."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import formatdate

from starlette.responses import Response

from estconsole.domain.decision import Granted, Refused
from estconsole.engine import Enrollment
from server.wire import WireAnswer, header_name, payload_of, refusal_answer

TEXT = "text/plain"


class WireResponse(Response):
    """An answer with Date, with Content-Length wherever it has a body, and with header names as `wire` has them."""

    def init_headers(self, headers: Mapping[str, str] | None = None) -> None:
        super().init_headers({"Date": formatdate(usegmt=True), **(headers or {})})
        self.raw_headers = [(header_name(name), value) for name, value in self.raw_headers]


def enrollment_response(
    enrollment: Enrollment, *, has_user_agent: bool = True, headers: Mapping[str, str] | None = None
) -> Response:
    """An enrollment as its client is told of it: what was granted, or one line that says why it was not (B-26)."""
    match enrollment.decision:
        case Granted():
            payload = payload_of(enrollment, has_user_agent=has_user_agent)
            return WireResponse(payload.body, payload.status, dict(payload.headers), payload.media_type)
        case Refused(reason=reason):
            answer = refusal_answer(reason, http_basic=enrollment.http_basic)
            return refusal_response(answer, enrollment.reference, headers)


def refusal_response(answer: WireAnswer, reference: str, headers: Mapping[str, str] | None = None) -> Response:
    """A refusal's answer; what remains of a body that is too large is not waited for, so its connection ends (B-25)."""
    closing = {"Connection": "close"} if answer.status == 413 else {}
    return WireResponse(
        answer.line(reference), answer.status, {**dict(answer.headers), **closing, **(headers or {})}, TEXT
    )


def text_response(status: int, text: str, headers: Mapping[str, str] | None = None) -> Response:
    """One line of plain text, for what is no EST request."""
    return WireResponse(f"{text}\n", status, headers, TEXT)

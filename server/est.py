"""The EST routes (RFC 7030 3.2.2): each decodes, asks the engine, and renders what it says."""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from collections.abc import Awaitable, Callable

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import Operation
from estconsole.engine import Engine, Enrollment
from server.arrival import PREFIX, Arrival, arrival_without_body, receive, shown
from server.responses import enrollment_response

logger = logging.getLogger(__name__)

_FULLCMC = re.compile(rf"{PREFIX}/([^/]+/)?fullcmc")
METHODS = {
    Operation.CACERTS: "GET",
    Operation.CSRATTRS: "GET",
    Operation.SIMPLEENROLL: "POST",
    Operation.SIMPLEREENROLL: "POST",
    Operation.SERVERKEYGEN: "POST",
}


def est_app(engine: Engine) -> FastAPI:
    """The application of a TLS port. Nothing on it is the framework's own: no documentation, redirect or error page."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    for operation, method in METHODS.items():
        for path in (f"{PREFIX}/{operation}", f"{PREFIX}/{{label}}/{operation}"):
            app.add_api_route(path, _route(engine, operation), methods=[method], response_model=None)
    app.add_exception_handler(HTTPException, _refusal_of_strays(engine))
    app.add_exception_handler(Exception, _refusal_of_faults(engine))
    return app


def _route(engine: Engine, operation: Operation) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        arrival = await receive(request)
        abandoned = threading.Event()
        try:
            enrollment = await asyncio.to_thread(_enroll, engine, arrival, operation, abandoned.is_set)
        except asyncio.CancelledError:
            abandoned.set()  # its thread goes on, and nobody would get what it issues
            raise
        return enrollment_response(enrollment, has_user_agent="User-Agent" in request.headers)

    return serve


def _enroll(engine: Engine, arrival: Arrival, operation: Operation, abandoned: Callable[[], bool]) -> Enrollment:
    return engine.enroll(arrival.enrollment_request(operation), abandoned)


def _record(engine: Engine, arrival: Arrival, reason: RefusalReason, came: str) -> Enrollment:
    return engine.enroll(arrival.stray_request(reason, came))


def _refusal_of_strays(engine: Engine) -> Callable[[Request, Exception], Awaitable[Response]]:
    """What stands in for the framework's 404 and 405: recorded, and answered as every refusal is (B-25)."""

    async def refuse(request: Request, error: Exception) -> Response:
        status, headers = (error.status_code, error.headers) if isinstance(error, HTTPException) else (404, None)
        reason = RefusalReason.WRONG_METHOD if status == 405 else RefusalReason.UNKNOWN_OPERATION
        if _FULLCMC.fullmatch(request.scope["path"]):
            reason = RefusalReason.FULLCMC  # B-34
        arrival = await receive(request)
        enrollment = await asyncio.to_thread(_record, engine, arrival, reason, _asked(request))
        return enrollment_response(enrollment, headers=headers)

    return refuse


def _refusal_of_faults(engine: Engine) -> Callable[[Request, Exception], Awaitable[Response]]:
    """What stands in for the framework's 500: a reference and nothing else, and the fault in the log (B-25)."""

    async def refuse(request: Request, error: Exception) -> Response:
        if isinstance(error, ClientDisconnect):
            return Response()  # nobody reads it
        arrival, came = arrival_without_body(request), type(error).__name__
        enrollment = await asyncio.to_thread(_record, engine, arrival, RefusalReason.INTERNAL_FAULT, came)
        logger.error("internal fault, reference %s", enrollment.reference, exc_info=error)
        return enrollment_response(enrollment)

    return refuse


def _asked(request: Request) -> str:
    return shown(f"{request.method} {request.scope['path']}")

"""The plain port (B-35): CA certificates and a health check; no EST operation answers here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from estconsole.administration import Administration
from server.arrival import PREFIX
from server.responses import WireResponse, text_response

_READ = ["GET", "HEAD"]
_PEM = "application/x-pem-file"
_DER = "application/pkix-cert"  # RFC 2585 4.1


def public_app(administration: Administration) -> FastAPI:
    """The application of the plain port."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    authorities = _Authorities(administration)
    app.add_api_route("/healthz", _health, methods=_READ, response_model=None)
    app.add_api_route("/ca/{name:path}.cacert.pem", authorities.pem, methods=_READ, response_model=None)
    app.add_api_route("/ca/{name:path}.cacert.der", authorities.der, methods=_READ, response_model=None)
    app.add_exception_handler(HTTPException, _refuse)
    app.add_exception_handler(Exception, _fail)
    return app


class _Authorities:
    """The certificates of the lab's CAs, by name."""

    def __init__(self, administration: Administration) -> None:
        self._administration = administration

    async def der(self, request: Request) -> Response:
        return await self._certificate(self._administration.authority_certificate, request, _DER)

    async def pem(self, request: Request) -> Response:
        return await self._certificate(self._administration.authority_pem, request, _PEM)

    async def _certificate(
        self, look_up: Callable[[str], str | bytes | None], request: Request, media_type: str
    ) -> Response:
        certificate = await asyncio.to_thread(look_up, request.path_params["name"])
        if certificate is None:
            raise HTTPException(404)
        return WireResponse(certificate, media_type=media_type)


async def _health(_request: Request) -> Response:
    return WireResponse('{"status": "ok"}\n', media_type="application/json")


async def _refuse(request: Request, error: Exception) -> Response:
    if request.scope["path"].startswith(PREFIX):
        return text_response(404, "EST is served on the TLS ports only: call https://.")
    if isinstance(error, HTTPException) and error.status_code == 405:
        return text_response(405, "This path takes GET.", error.headers)
    return text_response(404, "Nothing is served at this path.")


async def _fail(_request: Request, _error: Exception) -> Response:
    return text_response(500, "Internal fault.")

"""What anybody may read: CA certificates, CRLs and a health check; no EST operation is on their own port (B-35)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

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
_CRL = "application/pkix-crl"  # RFC 2585 4.2


def public_app(administration: Administration) -> FastAPI:
    """The application of the plain port."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    add_public_routes(app, administration)
    app.add_exception_handler(HTTPException, _refuse)
    app.add_exception_handler(Exception, _fail)
    return app


def add_public_routes(app: FastAPI, administration: Administration) -> None:
    """Let an application serve what is public: the plain port's, or the TLS port's where there is no other (B-36)."""
    authorities = administration.authorities
    app.add_api_route("/healthz", _health, methods=_READ, response_model=None)
    for path, look_up, media_type in (
        ("/ca/{name:path}.cacert.pem", authorities.pem, _PEM),
        ("/ca/{name:path}.cacert.der", authorities.certificate, _DER),
        ("/crl/{name:path}.crl", authorities.crl, _CRL),
    ):
        app.add_api_route(path, _document(look_up, media_type), methods=_READ, response_model=None)


def _document(
    look_up: Callable[[str], str | bytes | None], media_type: str
) -> Callable[[Request], Awaitable[Response]]:
    """The route of a CA's certificate or CRL, by the CA's name."""

    async def serve(request: Request) -> Response:
        document = await asyncio.to_thread(look_up, request.path_params["name"])
        if document is None:
            raise HTTPException(404)
        return WireResponse(document, media_type=media_type)

    return serve


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

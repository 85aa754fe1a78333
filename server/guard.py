"""The outermost layer of an application: what goes wrong inside ends here, in the log and in one line."""

from __future__ import annotations

import asyncio
import logging

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from estconsole.domain.refusal import RefusalReason
from server.responses import text_response
from server.wire import refusal_answer

logger = logging.getLogger(__name__)


def guarded(app: ASGIApp) -> ASGIApp:
    """An application whose faults do not reach uvicorn, which would print them over the console.

    A request that is cut off because the server stops is answered 503 (B-25).
    """

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        answer_started = False

        async def note_and_send(message: Message) -> None:
            nonlocal answer_started
            answer_started = True
            await send(message)

        try:
            await app(scope, receive, note_and_send)
        except ClientDisconnect:
            logger.debug("a client went away in the middle of its request")
        except asyncio.CancelledError:
            if not answer_started:
                stopping = refusal_answer(RefusalReason.SERVER_STOPPING)
                headers = {**dict(stopping.headers), "Connection": "close"}
                await text_response(stopping.status, stopping.text, headers)(scope, receive, send)
        except Exception:
            logger.exception("fault in answering %s", scope.get("method", "a request"))
            if not answer_started:
                await text_response(500, "Internal fault.", {"Connection": "close"})(scope, receive, send)

    return serve

"""The FastAPI app: `/healthz`, `/readyz` and `POST /events`."""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from idm.errors import IdmError, Unavailable
from idm.flow.calling import place_of
from idm.flow.intake import Receipt, Taken
from idm.web.cloudevents import events_of

log = logging.getLogger("idm.web")

MAX_BODY = 4 * 1024 * 1024
"""Bytes that a request for events may have."""

_DOORS = {
    404: ("not-found", "There is nothing at this address.", "Events go to POST /events; GET /healthz and GET /readyz tell how it is."),
    405: (
        "method-not-allowed",
        "This address doesn't take that method.",
        "Events go to POST /events; GET /healthz and GET /readyz tell how it is.",
    ),
}
_STATUS = {2: 400, 3: 422, 4: 404, 5: 403, 6: 409, 7: 503}


def make_app(
    *,
    token: str,
    take: Callable[[bytes | str], list[Receipt]],
    ready: Callable[[], dict[str, str]],
    healthy: Callable[[], bool],
) -> FastAPI:
    """The app. `take` takes a body of one or more events; `ready` names what isn't (empty: all is); `healthy` tells of the threads."""
    app = FastAPI(title="idm", docs_url=None, redoc_url=None, openapi_url=None)

    @app.exception_handler(IdmError)
    async def _answer(request: Request, error: IdmError) -> JSONResponse:
        return JSONResponse(error.as_json(), status_code=_STATUS.get(error.exit_code, 500))

    @app.exception_handler(HTTPException)
    async def _no_such_door(request: Request, error: HTTPException) -> JSONResponse:
        """An address or a method that isn't served has the same shape as any other error."""
        code, message, next_step = _DOORS.get(
            error.status_code, ("bad-request", "The request can't be answered.", "Look at what was sent.")
        )
        answer = _error(error.status_code, code, message, next_step)
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(Exception)
    async def _broke_off(request: Request, error: Exception) -> JSONResponse:
        """A fault of idm itself has the same shape as any other error, and none of the error's words."""
        log.error("%s %s broke off with %s", request.method, request.url.path, place_of(error))
        return JSONResponse(IdmError().as_json(), status_code=500)

    @app.get("/healthz")
    async def healthz() -> JSONResponse:
        """Whether this process works: 200, or 503 if one of its threads has died."""
        good = healthy()
        return JSONResponse({"schema": 1, "ok": good}, status_code=200 if good else 503)

    @app.get("/readyz")
    async def readyz() -> JSONResponse:
        """Whether it can take events and pass them on: 200, or 503 with what can't be reached."""
        faults = await run_in_threadpool(ready)
        return JSONResponse({"schema": 1, "ok": not faults, "faults": faults}, status_code=503 if faults else 200)

    @app.post("/events")
    async def events(request: Request) -> JSONResponse:
        """Take hire events (CloudEvents 1.0, HTTP binding: binary, structured or batched)."""
        if not _allowed(request, token):
            return _error(401, "unauthorised", "The bearer token is missing or wrong.", "It lies in the installation's keys folder.")
        body = await _body(request)
        if body is None:
            return _error(413, "too-large", f"The body has more than {MAX_BODY} bytes.", "Send fewer events at once.")
        text = events_of(dict(request.headers), body)
        receipts = await run_in_threadpool(take, text)
        return JSONResponse({"schema": 1, "items": [receipt.as_json() for receipt in receipts]}, status_code=_status(receipts))

    return app


def _allowed(request: Request, token: str) -> bool:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return bool(token) and scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())


async def _body(request: Request) -> bytes | None:
    """The body, or None once it is longer than allowed."""
    parts = bytearray()
    async for part in request.stream():
        parts += part
        if len(parts) > MAX_BODY:
            return None
    return bytes(parts)


def _status(receipts: list[Receipt]) -> int:
    """202 new, 200 replay, 207 mixed, 409 the same id with other content, 422 refused, 503 if a database was away."""
    codes = {_status_of(receipt) for receipt in receipts}
    return codes.pop() if len(codes) == 1 else 207


def _status_of(receipt: Receipt) -> int:
    if receipt.outcome is Taken.CREATED:
        return 202
    if receipt.outcome is Taken.REPLAYED:
        return 200
    if isinstance(receipt.error, Unavailable):
        return 503
    return 409 if receipt.error is not None and receipt.error.exit_code == 6 else 422


def _error(status: int, code: str, message: str, next_step: str) -> JSONResponse:
    body: dict[str, Any] = {"schema": 1, "error": {"code": code, "message": message, "faults": [], "next": next_step}}
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(json.loads(json.dumps(body)), status_code=status, headers=headers)

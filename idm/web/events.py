"""The doors for machines: `GET /healthz`, `GET /readyz` and `POST /events`."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from idm.errors import Unavailable
from idm.flow.intake import Receipt, Taken
from idm.web.cloudevents import events_of

MAX_BODY = 4 * 1024 * 1024
"""Bytes that a request for events may have."""

PATHS = frozenset({"/healthz", "/readyz", "/events"})
"""What is served here: no cookie is read, so no other site's page can use one."""


def events_router(
    *,
    token: str,
    take: Callable[[bytes | str], list[Receipt]],
    ready: Callable[[], dict[str, str]],
    healthy: Callable[[], bool],
) -> APIRouter:
    """The routes. `take` takes a body of one or more events; `ready` names what isn't (empty: all is); `healthy` tells of the threads."""
    router = APIRouter()

    @router.get("/healthz")
    async def healthz() -> JSONResponse:
        """Whether this process works: 200, or 503 if one of its threads has died."""
        good = healthy()
        return JSONResponse({"schema": 1, "ok": good}, status_code=200 if good else 503)

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        """Whether it can take events and pass them on: 200, or 503 with what can't be reached."""
        faults = await run_in_threadpool(ready)
        return JSONResponse({"schema": 1, "ok": not faults, "faults": faults}, status_code=503 if faults else 200)

    @router.post("/events")
    async def events(request: Request) -> JSONResponse:
        """Take hire events (CloudEvents 1.0, HTTP binding: binary, structured or batched)."""
        if not _allowed(request, token):
            return json_error(401, "unauthorised", "The bearer token is missing or wrong.", "It lies in the installation's keys folder.")
        body = await _body(request)
        if body is None:
            return json_error(413, "too-large", f"The body has more than {MAX_BODY} bytes.", "Send fewer events at once.")
        text = events_of(dict(request.headers), body)
        receipts = await run_in_threadpool(take, text)
        return JSONResponse({"schema": 1, "items": [receipt.as_json() for receipt in receipts]}, status_code=_status(receipts))

    return router


def json_error(status: int, code: str, message: str, next_step: str) -> JSONResponse:
    """An error in the shape of the outside contract."""
    body: dict[str, Any] = {"schema": 1, "error": {"code": code, "message": message, "faults": [], "next": next_step}}
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(json.loads(json.dumps(body)), status_code=status, headers=headers)


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

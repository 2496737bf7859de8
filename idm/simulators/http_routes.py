"""Which request means what: the addresses of a system behind HTTP, read into operations that can be done or refused.

    GET    /<kind>?key=K                          the record with idm's key, as a list of none or one
    GET    /<kind>?after=N&limit=M                a page of all records; "next" leads on
    GET    /<kind>/<link>                         one record
    POST   /<kind>                                create  {"key", "state"?, "attributes"}
    PATCH  /<kind>/<link>?key=K                   update  {"attributes"}; an empty text removes a field
    PUT    /<kind>/<link>/state?key=K             enable or disable  {"state"}
    PUT    /<kind>/<link>/entitlements/<R>?key=K  grant a right; DELETE revokes it
    POST   /<kind>/<link>/end?key=K               end  {"attributes"?}
    DELETE /<kind>/<link>?key=K                   delete

Every write carries `Idempotency-Key`, and `key` in the query says whose record the caller believes it to be.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from idm.simulators import http_effects
from idm.simulators.http_effects import Done
from idm.simulators.http_server import Answer, Request
from idm.simulators.http_store import STATES, Kind, Problem, Record, Store

_LONGEST_BODY = 65536
_LARGEST_PAGE = 500


@dataclass(frozen=True, slots=True)
class Reading:
    """An operation that changes nothing."""

    run: Callable[[], Answer]


@dataclass(frozen=True, slots=True)
class Writing:
    """An operation that changes a record: what the journal says of it, how it is done, and what is tidied up after it."""

    op: str
    key: str
    effect_key: str
    run: Callable[[], Done]
    tidy: Callable[[], None] = lambda: None


Route = Callable[[Request], Reading | Writing | None]
"""Reads a request into an operation; None if the address isn't its own. Raises Problem for a request that makes no sense."""


class Records:
    """The addresses of ordinary records; a posting has addresses of its own."""

    def __init__(self, kinds: Mapping[str, Kind], store: Store) -> None:
        self._kinds = kinds
        self._store = store

    def __call__(self, request: Request) -> Reading | Writing | None:
        """The operation that `request` asks for (a `Route`)."""
        kind = self._kinds.get(request.path[0]) if request.path else None
        if kind is None:
            return None
        rest = request.path[1:]
        if request.method == "GET" and not rest:
            return self._list(kind, request.query)
        if request.method == "GET" and len(rest) == 1:
            return Reading(lambda: self._show(kind, rest[0]))
        if kind.posting:
            return None
        if request.method == "POST" and not rest:
            return self._create(kind, request)
        return self._change(kind, request, rest[0], rest[1:]) if rest else None

    def _list(self, kind: Kind, query: Mapping[str, str]) -> Reading:
        if "key" in query:
            key = query["key"]
            return Reading(lambda: _listing([record] if (record := self._store.by_key(kind.name, key)) else [], None))
        try:
            after, limit = int(query.get("after", "0")), int(query.get("limit", "100"))
        except ValueError:
            raise Problem(400, "query", "after and limit must be whole numbers.") from None
        limit = max(1, min(limit, _LARGEST_PAGE))
        return Reading(lambda: _listing(*self._store.page(kind.name, after, limit)))

    def _show(self, kind: Kind, link: str) -> Answer:
        return as_answer(self._found(kind, link))

    def _found(self, kind: Kind, link: str) -> Record:
        record = self._store.by_link(kind.name, link)
        if record is None:
            raise Problem(404, "no-record", f"There is no {kind.name} with this link.")
        return record

    def _create(self, kind: Kind, request: Request) -> Writing:
        body = json_body(request)
        key, state = body.get("key") or "", body.get("state")
        if not isinstance(key, str) or len(key) > 200 or not key.isprintable():
            raise Problem(400, "body", "key must be a text of at most 200 characters.")
        if state not in (None, "enabled", "disabled"):
            raise Problem(400, "body", "state must be enabled or disabled.")
        attributes, effect_key = _attributes(body), effect_key_of(request)
        return Writing("create", key, effect_key, lambda: http_effects.create(self._store, kind, key, effect_key, state, attributes))

    def _change(self, kind: Kind, request: Request, link: str, rest: tuple[str, ...]) -> Writing | None:
        def on(op: str, effect: Callable[[Record], Done]) -> Writing:
            key = request.query.get("key", "")
            return Writing(op, key, effect_key_of(request), lambda: self._apply(kind, op, link, key, effect))

        store, method = self._store, request.method
        match method, rest:
            case "PATCH", ():
                attributes = _attributes(json_body(request))
                return on("update", lambda record: http_effects.update(store, kind, record, attributes))
            case "DELETE", ():
                return on("delete", lambda record: http_effects.delete(store, kind, record))
            case "PUT", ("state",):
                state = json_body(request).get("state")
                if state not in STATES[:2]:
                    raise Problem(400, "body", "state must be enabled or disabled.")
                return on("enable" if state == "enabled" else "disable", lambda record: http_effects.set_state(store, kind, record, state))
            case "POST", ("end",):
                closing = _attributes(json_body(request))
                return on("end", lambda record: http_effects.end(store, kind, record, closing))
            case "PUT", ("entitlements", right):
                return on("grant", lambda record: http_effects.grant(store, kind, record, right))
            case "DELETE", ("entitlements", right):
                return on("revoke", lambda record: http_effects.revoke(store, kind, record, right))
        return None

    def _apply(self, kind: Kind, op: str, link: str, key: str, effect: Callable[[Record], Done]) -> Done:
        record = self._store.by_link(kind.name, link)
        if record is None:
            if op in ("disable", "revoke", "end", "delete"):
                return Done(None, False)
            raise Problem(404, "no-record", f"There is no {kind.name} with this link.")
        if record.key != key:
            raise Problem(409, "other-key", f"The {kind.name} at this link doesn't carry this key; it is left alone.")
        return effect(record)


def as_answer(record: Record | None) -> Answer:
    """The record as the body of a 200 answer; an empty object if there is none any more."""
    return Answer(200, json.dumps(record.as_json() if record else {}).encode())


def _listing(records: list[Record], following: int | None) -> Answer:
    return Answer(200, json.dumps({"items": [record.as_json() for record in records], "next": following}).encode())


def effect_key_of(request: Request) -> str:
    """The effect key a write must carry. Raises Problem 400 without one."""
    # Headers come as latin-1; a right's name may hold Danish letters.
    effect_key = request.headers.get("idempotency-key", "").encode("latin-1").decode("utf-8", "replace")
    if not effect_key or len(effect_key) > 400:
        raise Problem(400, "idempotency-key", "A write must carry the header Idempotency-Key, of at most 400 characters.")
    return effect_key


def json_body(request: Request) -> dict[str, Any]:
    """The body as a JSON object. Raises Problem 400 if it is none, 413 if it is too long."""
    held = bytearray()
    for piece in request.body:
        held += piece
        if len(held) > _LONGEST_BODY:
            raise Problem(413, "too-long", f"The body is longer than {_LONGEST_BODY} bytes.")
    return as_object(bytes(held))


def as_object(body: bytes) -> dict[str, Any]:
    """`body` as a JSON object; nothing at all is an empty one. Raises Problem 400."""
    try:
        value = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise Problem(400, "body", "The body isn't JSON.") from None
    if not isinstance(value, dict):
        raise Problem(400, "body", "The body isn't a JSON object.")
    return value


def _attributes(body: Mapping[str, Any]) -> dict[str, object]:
    attributes = body.get("attributes", {})
    if not isinstance(attributes, dict):
        raise Problem(400, "body", "attributes must be a JSON object.")
    return attributes

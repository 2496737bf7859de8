"""Postings without content of their own: each happens once for its key, and is never changed.

    POST /<kind>    {"key", "attributes"}

Reading and listing are those of ordinary records. A posting may name another that must be there (a cancellation its order).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from idm.simulators.http_effects import Done, checked
from idm.simulators.http_fields import FieldFault
from idm.simulators.http_routes import Reading, Writing, effect_key_of, json_body
from idm.simulators.http_server import Request
from idm.simulators.http_store import Kind, Problem, Store


class Postings:
    """The addresses at which postings are made (a `Route`)."""

    def __init__(self, kinds: Sequence[Kind], store: Store, refers: Mapping[str, tuple[str, str]]) -> None:
        """`refers`: by kind, the field that names another posting's key, and the kind of that one."""
        self._kinds = {kind.name: kind for kind in kinds}
        self._store = store
        self._refers = refers

    def __call__(self, request: Request) -> Reading | Writing | None:
        """The operation that `request` asks for; None for an address that isn't a posting's own."""
        kind = self._kinds.get(request.path[0]) if len(request.path) == 1 else None
        if kind is None or request.method != "POST":
            return None
        effect_key = effect_key_of(request)
        body = json_body(request)
        key, attributes = body.get("key"), body.get("attributes", {})
        if not isinstance(key, str) or not key or len(key) > 200 or not key.isprintable() or not isinstance(attributes, dict):
            raise Problem(400, "body", "The body must hold a key of at most 200 characters, and attributes.")
        return Writing("post", key, effect_key, lambda: self._post(kind, key, effect_key, attributes))

    def _post(self, kind: Kind, key: str, effect_key: str, attributes: dict[str, object]) -> Done:
        values = checked(kind, attributes, {})
        held = self._store.by_key(kind.name, key)
        if held is not None:
            if held.attributes == {name: value for name, value in values.items() if value != ""}:
                return Done(held, False)
            raise Problem(409, "conflict", f"There is a {kind.name} with this key and other content already.")
        if kind.name in self._refers:
            field, other = self._refers[kind.name]
            if self._store.by_key(other, values[field]) is None:
                fault = FieldFault(field, "unknown", f"there is no {other} with this key")
                raise Problem(422, "faults", f"Not accepted; wrong: {field}.", [fault])
        return Done(self._store.add(kind, key, "enabled", effect_key, values), True)

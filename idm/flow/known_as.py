"""Known as: which person an id means, where another system knows them by one of its own."""

from __future__ import annotations

from collections.abc import Iterable

from idm.ports import App


def known_as(app: App, id: str) -> str:
    """The person's own id where `id` is one that another system gives them; any other, also one that nobody has, as it came."""
    return app.store.person_ids([id]).get(id, id) if id else id


def all_known_as(app: App, ids: Iterable[str]) -> list[str]:
    """`known_as` of each, in order."""
    asked = list(ids)
    found = app.store.person_ids([id for id in asked if id])
    return [found.get(id, id) for id in asked]

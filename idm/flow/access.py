"""Access: who can't act because they can't get at idm, so that nothing waits for them."""

from __future__ import annotations

from idm.domain.prose import sound_reason
from idm.errors import BadInput, Conflict, Fault, NotFound
from idm.flow.known_as import known_as
from idm.flow.power_audit import note
from idm.ports import App


def take_access(app: App, person: str, reason: str, administrator: str) -> str:
    """Say that a person has no access, and why: they aren't asked any more. The person's own id. Raises `NotFound` or `BadInput`."""
    found = _known(app, person)
    words = " ".join(sound_reason(reason).split())
    if not words:
        fault = Fault("reason", "required", "say in a few words why they have no access")
        raise BadInput("The reason is missing.", faults=[fault], next_step="Give it with --reason; nothing was changed.")
    with app.store.write() as writer:
        writer.put_access(found, words, administrator, app.clock.now())
        note(app, writer, administrator, "access-taken", {"person": found, "reason": words})
    return found


def give_access(app: App, person: str, administrator: str) -> str:
    """Say that a person has access again. The person's own id. Raises `NotFound`, or `Conflict` if they had it all along."""
    found = _known(app, person)
    if found not in app.store.without_access():
        raise Conflict(f"{found} has access already.", next_step="Nothing is to be done.")
    with app.store.write() as writer:
        writer.put_access(found, "", administrator, app.clock.now())
        note(app, writer, administrator, "access-given", {"person": found})
    return found


def _known(app: App, person: str) -> str:
    found = known_as(app, person)
    if app.store.person(found) is None:
        raise NotFound(f"There is no person '{person}'.", next_step="`idm org people` lists them.")
    return found

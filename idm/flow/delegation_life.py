"""What becomes of a delegation: a manager confirms that it goes on, or ends it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from idm.domain.authority import Delegation
from idm.domain.authority_powers import Confirmation
from idm.errors import Conflict, NotAllowed, NotFound
from idm.flow.delegate import manages
from idm.flow.known_as import known_as
from idm.flow.power_audit import note, told
from idm.ports import App


def revoke(app: App, id: str, *, revoker: str = "", administrator: str = "") -> Delegation:
    """End a delegation at once. `revoker` defaults to who granted it; the unit's manager or one above may, too.

    What was decided through it stays decided. Raises `NotFound`, `NotAllowed`, or `Conflict` if it was revoked before.
    """
    found = delegation(app, id)
    by = known_as(app, revoker) or found.granted_by
    if by != found.granted_by and not manages(app, by, found.unit, app.store.organisation()):
        raise NotAllowed(
            f"{by} did not grant this delegation, and manages neither unit '{found.unit}' nor a unit above it.",
            next_step=f"{found.granted_by} granted it; name who revokes it with --as.",
        )
    if found.revoked:
        raise Conflict(f"Delegation {id} was revoked before.", next_step="Nothing is to be done.")
    revoked = replace(found, revoked=True)
    payload = {name: value for name, value in told(found, administrator).items() if name in _ENDED}
    with app.store.write() as writer:
        writer.add_delegation(revoked)
        note(app, writer, by, "revoked", payload)
    return revoked


_ENDED = ("delegation", "authority", "unit", "to", "administrator")


def confirm(app: App, ids: Sequence[str], manager: str, administrator: str = "") -> list[Delegation]:
    """Say for each of these delegations that it goes on, as a manager of its unit or of one above. All or nothing.

    One confirmed today already is answered as it is. Raises `NotFound`, `NotAllowed`, or `Conflict` for one that is over.
    """
    by, today = known_as(app, manager), app.clock.today()
    tree = app.store.organisation()
    found = [delegation(app, id) for id in dict.fromkeys(ids)]
    for each in found:
        if not manages(app, by, each.unit, tree):
            raise NotAllowed(
                f"{by} manages neither unit '{each.unit}' of delegation {each.id} nor a unit above it; nothing was confirmed.",
                next_step="Name a manager of that unit with --as.",
            )
        if each.revoked or (each.until is not None and each.until < today):
            raise Conflict(f"Delegation {each.id} is over; nothing was confirmed.", next_step="Grant it anew by `idm delegate`.")
    confirmed = [replace(each, confirmed_on=today, confirmed_by=by) for each in found]
    with app.store.write() as writer:
        for before, after in zip(found, confirmed, strict=True):
            if before != after:
                writer.add_delegation(after)
                note(app, writer, by, "confirmed", told(after, administrator))
    return confirmed


def delegation(app: App, id: str) -> Delegation:
    """The delegation; `NotFound` if there is none."""
    found = app.store.delegation(id)
    if found is None:
        raise NotFound(f"There is no delegation '{id}'.", next_step="`idm delegations list` shows them.")
    return found


def confirmation(app: App, delegations: Iterable[Delegation]) -> dict[str, Confirmation]:
    """How each delegation in force stands with its confirmation today, by id; nothing is said where policy asks for none."""
    rule, today = app.policies.current().authority.confirm, app.clock.today()
    return {each.id: rule.state(each, today) for each in delegations if each.holds(today)} if rule is not None else {}

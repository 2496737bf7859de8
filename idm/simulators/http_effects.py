"""What a write does to a record. Each effect can be asked for twice: the second time it holds, and nothing changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from idm.simulators.http_fields import FieldFault, faults_in
from idm.simulators.http_store import Kind, Problem, Record, Store


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a write: the record as it is now (None if it is gone), and whether anything was changed."""

    record: Record | None
    applied: bool


def create(store: Store, kind: Kind, key: str, effect_key: str, state: str | None, attributes: Mapping[str, object]) -> Done:
    """Make the record of `key` ("" for one that came from elsewhere and isn't idm's).

    One that this very effect made, or that holds the same already, is left alone. Raises Problem 422 for wrong values,
    409 for a record of the same key that is another, or a unique value that is taken.
    """
    values = checked(kind, attributes, {})
    state = state or ("enabled" if kind.opens_at_once else "disabled")
    held = store.by_key(kind.name, key) if key else store.by_effect(kind.name, effect_key)
    if held is None:
        return Done(store.add(kind, key, state, effect_key, values), True)
    if held.state == "ended" and kind.revived_by_create:
        return Done(store.put(kind, replace(held, state=state, created_by=effect_key, attributes=values)), True)
    if held.created_by == effect_key or (kind.revived_by_create and _holds(held, values)):
        return Done(held, False)
    raise Problem(409, "conflict", f"There is a {kind.name} with this key already; a second one is not made.")


def update(store: Store, kind: Kind, record: Record, attributes: Mapping[str, object]) -> Done:
    """Set these fields; an empty text removes one. Raises Problem 422 for values that leave a wrong record, 409 if one is taken."""
    values = checked(kind, attributes, record.attributes)
    if _holds(record, values):
        return Done(record, False)
    return Done(store.put(kind, replace(record, attributes={**record.attributes, **values})), True)


def set_state(store: Store, kind: Kind, record: Record, state: str) -> Done:
    """Enable or disable the record. Enabling opens an ended one again; to disable what is ended changes nothing."""
    if record.state == state or (record.state == "ended" and state == "disabled"):
        return Done(record, False)
    return Done(store.put(kind, replace(record, state=state)), True)


def grant(store: Store, kind: Kind, record: Record, entitlement: str) -> Done:
    """Give the record a right. Raises Problem 422 for one the system doesn't have, 409 if the record is ended."""
    if entitlement not in kind.entitlements:
        fault = FieldFault("entitlement", "unknown", "is not known to this system")
        raise Problem(422, "faults", f"There is no right {entitlement[:80]!r} in this system.", [fault])
    if record.state == "ended":
        raise Problem(409, "ended", f"The {kind.name} is ended and takes no rights.")
    if entitlement in record.entitlements:
        return Done(record, False)
    return Done(store.put(kind, replace(record, entitlements=record.entitlements | {entitlement})), True)


def revoke(store: Store, kind: Kind, record: Record, entitlement: str) -> Done:
    """Take a right from the record; one that it hasn't is no error."""
    if entitlement not in record.entitlements:
        return Done(record, False)
    return Done(store.put(kind, replace(record, entitlements=record.entitlements - {entitlement})), True)


def end(store: Store, kind: Kind, record: Record, attributes: Mapping[str, object]) -> Done:
    """Close the record, with the fields that go with it. Its rights end with it. Raises Problem 422 as `update` does."""
    values = checked(kind, attributes, record.attributes)
    if record.state == "ended" and _holds(record, values):
        return Done(record, False)
    closed = kind.close(replace(record, state="ended", attributes={**record.attributes, **values}, entitlements=frozenset()))
    return Done(store.put(kind, closed), True)


def delete(store: Store, kind: Kind, record: Record) -> Done:
    """Take the record back as if it had never been. Raises Problem 409 with the reason if it must be kept."""
    if reason := kind.keeps(record):
        raise Problem(409, "kept", reason)
    store.remove(record)
    return Done(None, True)


def checked(kind: Kind, attributes: Mapping[str, object], held: Mapping[str, str]) -> dict[str, str]:
    """`attributes` as texts, if they and what is `held` beside them obey the kind's rules. Raises Problem 422 with every fault."""
    faults = faults_in(kind.fields, attributes, whole=not held)
    values = {name: value for name, value in attributes.items() if isinstance(value, str)}
    wrong = {fault.field for fault in faults}
    sound = {name: value for name, value in {**held, **values}.items() if value != "" and name not in wrong}
    faults += kind.rules(sound)
    if faults:
        fields = ", ".join(dict.fromkeys(fault.field for fault in faults))
        raise Problem(422, "faults", f"Not accepted; wrong: {fields}.", faults)
    return values


def _holds(record: Record, values: Mapping[str, str]) -> bool:
    return all(record.attributes.get(name, "") == value for name, value in values.items())

"""Targets: a live read of what the target systems hold of an employment, or of everyone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from idm.connector import Connector, Observed, Ref, TargetError
from idm.domain.case import Case
from idm.errors import NotFound, Unavailable
from idm.flow.explain import case_by
from idm.ports import App


def connector(app: App, system: str) -> Connector:
    """The connector of a system; `NotFound` if none of that name is set up."""
    found = app.connectors.get(system)
    if found is None:
        raise NotFound(f"There is no system '{system}'.", next_step=f"Known: {', '.join(sorted(app.connectors))}.")
    return found


def show_target(app: App, system: str, id: str = "") -> list[dict[str, Any]]:
    """What `system` holds now: of one employment (or case), or every record. `Unavailable` if it can't be read."""
    target = connector(app, system)
    try:
        if id:
            return list(_of_case(app, target, system, case_by(app, id)))
        return [
            as_item(observed, "") for kind, info in target.describe().kinds.items() if not info.posting for observed in target.scan(kind)
        ]
    except TargetError as error:
        raise Unavailable(f"{system} can't be read: {error.reason}.", next_step="`idm doctor` shows what can be reached.") from error


def _of_case(app: App, target: Connector, system: str, case: Case) -> Iterator[dict[str, Any]]:
    policy = app.policies.current().systems[system]
    owned = {(row.kind, row.key): row for row in app.store.owned(case.person, system)}
    for rule in policy.resources.values():
        keys = {"person": [case.person], "employment": [case.employment]}.get(rule.per, [d.id for d in case.documents.values() if d.id])
        for key in keys:
            row = owned.get((rule.kind, key))
            link = row.link if row is not None and not row.gone and row.link else None
            observed = target.read(Ref(rule.kind, key, link))
            if observed is not None:
                yield as_item(observed, case.employment)


def as_item(observed: Observed, employment: str) -> dict[str, Any]:
    """A record in the outside contract's shape; confidential values are masked."""
    return {
        "key": observed.key,
        "link": observed.link,
        "employment": employment,
        "kind": observed.kind,
        "state": observed.state.value,
        "managed": observed.managed,
        "attributes": {
            name: [str(item) for item in value] if isinstance(value, tuple) else str(value) for name, value in observed.attributes.items()
        },
        "entitlements": sorted(observed.entitlements),
    }

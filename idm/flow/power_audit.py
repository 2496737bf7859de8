"""What the audit tells of powers, in its stream `delegations`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idm.domain import audit
from idm.domain.authority import Delegation
from idm.ports import App
from idm.ports_store import Writer

STREAM = "delegations"


def note(app: App, writer: Writer, by: str, action: str, payload: Mapping[str, Any]) -> None:
    """Append what `by` did with a power."""
    now = app.clock.now()

    def entry(head: tuple[int, str]) -> audit.Entry:
        return audit.chain(STREAM, head, now, by, action, payload, app.random(12).hex())

    writer.append(STREAM, entry)


def told(delegation: Delegation, administrator: str) -> dict[str, Any]:
    """A delegation as its audit entries tell it; limits only where it has any."""
    limits = delegation.limits.words()
    return {
        "delegation": delegation.id,
        "authority": delegation.authority.value,
        "unit": delegation.unit,
        "to": delegation.to,
        "since": delegation.since.isoformat(),
        "until": delegation.until.isoformat() if delegation.until else "",
        "case": delegation.case,
        "administrator": administrator,
        **({"limits": limits} if limits else {}),
    }

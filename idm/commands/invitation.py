"""`idm invitation`: the personal links by which a new hire comes to their case."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from idm.commands.answer import Answer
from idm.commands.command import IdmGroup
from idm.commands.session import administrator, case_id, installation
from idm.commands.text import local, table
from idm.domain.invitations import Invitation

invitation = IdmGroup(
    "invitation",
    help="The personal links by which a new hire comes to their case.",
    examples=("idm invitation list c-4x7k2m9qhv", "idm invitation renew c-4x7k2m9qhv"),
)

_NONE = {4: "there is no such case"}


@invitation.add("list", examples=("idm invitation list c-4x7k2m9qhv", "idm invitation list c-4x7k2m9qhv --json"), exits=_NONE)
@click.argument("case")
def list_(case: str) -> Answer:
    """List the links to CASE, the newest first: when each was made, by whom or for which mail, and how it stands. No link is shown."""
    from idm.flow.invitations import invitations_of

    with installation() as found:
        now = found.app.clock.now()
        rows = invitations_of(found.app, case_id(found.app, case))
    items = [_item(row, now) for row in rows]
    heads = ("id", "state", "made", "by", "until", "used", "withdrawn")
    shown = [
        (i["id"], i["state"], local(i["made_at"]), i["by"], local(i["expires_at"]), local(i["spent_at"]), local(i["revoked_at"]))
        for i in items
    ]
    return Answer({"items": items}, table(heads, shown, "No link was made."))


@invitation.add(
    "renew",
    examples=("idm invitation renew c-4x7k2m9qhv", "idm invitation renew c-4x7k2m9qhv --json"),
    exits={**_NONE, 6: "the case is over, or the person has no e-mail address"},
)
@click.argument("case")
def renew(case: str) -> Answer:
    """Mail the new hire of CASE a fresh link at once; those sent before open nothing any more. The link isn't shown."""
    from idm.flow.invitations import renew

    with installation() as found:
        known = case_id(found.app, case)
        renew(found.app, known, administrator(), administrator())
        has_address = bool(found.app.portal())
    warned = [] if has_address else ["The portal has no address yet: set IDM_PORTAL_URL (or run `idm serve` in a demo), or the mail fails."]
    return Answer({"case": known, "renewed": True}, [f"A fresh link goes to the new hire of {known} by mail.", *warned])


@invitation.add(
    "revoke",
    examples=("idm invitation revoke c-4x7k2m9qhv", "idm invitation revoke c-4x7k2m9qhv --json"),
    exits=_NONE,
)
@click.argument("case")
def revoke(case: str) -> Answer:
    """Withdraw every link to CASE, and end the new hire's sessions. At once, in every process."""
    from idm.flow.invitations import revoke

    with installation() as found:
        known = case_id(found.app, case)
        done = revoke(found.app, known, administrator(), administrator())
    said = f"{done.links} link(s) to {known} are withdrawn, {done.sessions} session(s) of the new hire ended."
    return Answer({"case": known, "links": done.links, "sessions": done.sessions}, [said])


def _item(row: Invitation, now: datetime) -> dict[str, Any]:
    return {
        "id": row.id,
        "state": row.state(now).value,
        "made_at": row.made_at.isoformat(timespec="seconds"),
        "by": row.by,
        "expires_at": row.expires_at.isoformat(timespec="seconds"),
        "spent_at": row.spent_at.isoformat(timespec="seconds") if row.spent_at else None,
        "revoked_at": row.revoked_at.isoformat(timespec="seconds") if row.revoked_at else None,
    }

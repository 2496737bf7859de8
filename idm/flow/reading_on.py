"""Reading on: until when somebody whose hire was cancelled still comes in by the links that were made for it."""

from __future__ import annotations

from datetime import datetime

from idm.ports import App


def reading_until(app: App, case: str) -> datetime | None:
    """Until when (business time) the newest link to a case would have lasted; None if all were withdrawn, or that time is over.

    Cancelling a hire takes no link away: who was invited may still read what they handed in, as long as they could have come otherwise.
    """
    ends = [invitation.expires_at for invitation in app.store.invitations(case) if invitation.revoked_at is None]
    latest = max(ends, default=None)
    return latest if latest is not None and latest > app.clock.now() else None

"""Personal links: making one, and finding the one that a token opens."""

from __future__ import annotations

from datetime import timedelta

from idm.domain.case import Case, CaseState
from idm.domain.ids import new_id
from idm.domain.invitations import LINK_PATH, Invitation
from idm.errors import Conflict
from idm.flow.reading_on import reading_until
from idm.flow.sessions import new_token
from idm.ports import App
from idm.ports_store import Writer


def looked_up(app: App, token: str) -> Invitation | None:
    """The link that a token belongs to, however it stands; None if there is none. It only looks, however often it is asked."""
    return app.store.invitation(link_hash(app, token)) if token else None


def make_link(app: App, writer: Writer, case: Case, by: str) -> tuple[Invitation, str]:
    """A fresh link to a case in the transaction of `writer`, and its token, which is stored nowhere.

    To a cancelled case it lasts no longer than the newest before it; `Conflict` if that has ended.
    """
    token, now = new_token(app), app.clock.now()
    days = app.policies.current().deadlines.link_days
    until = reading_until(app, case.id) if case.state is CaseState.CANCELLED else now + timedelta(days=days)
    if until is None:
        raise Conflict(
            f"Case {case.id} is {case.state.value}, and the time to read it by a link has ended.", next_step="Nothing is to be done."
        )
    invitation = Invitation(new_id("l", app.random(10)), case.id, case.person, now, until, by)
    writer.add_invitation(invitation, link_hash(app, token))
    return invitation, token


def link_for_mail(app: App, case: Case, notice: str) -> str:
    """A fresh link for the mail of a notice; "" while the portal has no address, and for a cancelled case once none would last.

    That it was made isn't told in the audit: the notice is, and what is done with the link names it.
    """
    address = app.portal()
    if not address or (case.state is CaseState.CANCELLED and reading_until(app, case.id) is None):
        return ""
    with app.store.write() as writer:
        _, token = make_link(app, writer, case, notice)
    return f"{address}{LINK_PATH}{token}"


def link_hash(app: App, token: str) -> str:
    """By what a link's token is known."""
    return app.keys.blind_index("invitation", token)

"""What an administrator does about notices that failed or are in doubt: send them again, or let them be."""

from __future__ import annotations

from idm.domain import audit
from idm.domain.notices import Notice, NoticeState
from idm.errors import Conflict, NotFound
from idm.ports import App

STUCK = (NoticeState.FAILED, NoticeState.DOUBTFUL)
"""The states in which a notice waits for a person."""


def send_again(app: App, id: str, administrator: str) -> Notice:
    """Let a notice that failed or is in doubt be sent (again). Raises `NotFound`, or `Conflict` if it isn't stuck."""
    return _settle(app, id, NoticeState.WAITING, administrator)


def let_be(app: App, id: str, administrator: str) -> Notice:
    """Let a notice that failed or is in doubt be, and never send it. Raises `NotFound`, or `Conflict` if it isn't stuck."""
    return _settle(app, id, NoticeState.DROPPED, administrator)


def stuck(app: App) -> list[Notice]:
    """Every notice that waits for a person."""
    return [notice for state in STUCK for notice in app.store.notices(state=state.value)]


def _settle(app: App, id: str, state: NoticeState, administrator: str) -> Notice:
    notice = app.store.notice(id)
    if notice is None:
        raise NotFound(f"There is no notice '{id}'.", next_step="`idm notice list` shows them.")
    now = app.clock.now()
    payload = {"notice": id, "slug": notice.slug, "case": notice.case, "was": notice.state.value}
    with app.store.write() as writer:
        if notice.state not in STUCK or not writer.settle_notice(notice, state, now):
            raise Conflict(
                f"Notice {id} is {notice.state.value}: there is nothing to decide.", next_step="`idm notice list` shows the others."
            )
        again = state is NoticeState.WAITING

        def entry(head: tuple[int, str]) -> audit.Entry:
            if again:
                return audit.chain("notices", head, now, administrator, "notice-sent-again", payload, app.random(12).hex())
            return audit.chain("notices", head, now, administrator, "notice-dropped", payload, app.random(12).hex())

        writer.append("notices", entry)
    found = app.store.notice(id)
    return found if found is not None else notice

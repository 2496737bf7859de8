"""`idm notice`: mails to people, those that wait, were sent, failed or are in doubt."""

from __future__ import annotations

from typing import Any

import click

from idm.commands.answer import Answer
from idm.commands.command import IdmGroup
from idm.commands.session import administrator, case_id, installation
from idm.commands.text import local, table
from idm.domain.notices import Notice, NoticeState

notice = IdmGroup(
    "notice",
    help="Mails to people: what waits, was sent, failed or is in doubt.",
    examples=("idm notice list --state failed", "idm notice retry n-3f0c1d2e4b5a69788796a5b4"),
)

MOST = 1000
_STATES = [state.value for state in NoticeState]


@notice.add("list", examples=("idm notice list", "idm notice list --state failed"), exits={4: "there is no such case"})
@click.option("--state", type=click.Choice(_STATES), help="Only notices in this state.")
@click.option("--case", "case", default="", help="Only notices about this case.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=MOST, show_default=True, help="At most so many.")
def list_(state: str | None, case: str, limit: int) -> Answer:
    """List notices, the oldest first. No address is shown: it is looked up when the mail is sent."""
    with installation() as found:
        case = case_id(found.app, case) if case else ""
        items = [as_item(each) for each in found.app.store.notices(state=state or "", case=case, limit=limit)]
    shown = [(i["id"], i["slug"], i["state"], i["to"], i["case"], local(i["sent_at"] or i["due_at"]), i["reason"]) for i in items]
    return Answer({"items": items}, table(("notice", "mail", "state", "to", "case", "sent or due", "why"), shown, "No such notices."))


@notice.add("retry", examples=("idm notice retry n-3f0c1d2e4b5a69788796a5b4",), exits={4: "there is no such notice", 6: "it isn't stuck"})
@click.argument("notice")
def retry(notice: str) -> Answer:
    """Send a notice again that failed or is in doubt; it may then come twice."""
    from idm.flow.notice_desk import send_again

    with installation() as found:
        document = as_item(send_again(found.app, notice, administrator()))
    return Answer(document, [f"Notice {notice} will be sent."])


@notice.add("drop", examples=("idm notice drop n-3f0c1d2e4b5a69788796a5b4",), exits={4: "there is no such notice", 6: "it isn't stuck"})
@click.argument("notice")
def drop(notice: str) -> Answer:
    """Let a notice be that failed or is in doubt: it is never sent."""
    from idm.flow.notice_desk import let_be

    with installation() as found:
        document = as_item(let_be(found.app, notice, administrator()))
    return Answer(document, [f"Notice {notice} won't be sent."])


def as_item(notice: Notice) -> dict[str, Any]:
    """A notice in the outside contract's shape."""
    return {
        "id": notice.id,
        "slug": notice.slug,
        "state": notice.state.value,
        "to": notice.person,
        "case": notice.case or None,
        "due_at": notice.due_at.isoformat(timespec="seconds"),
        "sent_at": notice.sent_at.isoformat(timespec="seconds") if notice.sent_at is not None else None,
        "attempts": notice.attempts,
        "reason": notice.reason,
    }

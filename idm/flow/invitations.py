"""Invitations: the contact's side of a new hire's personal link - made, sent anew, withdrawn - and the page of a link that is used up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from idm.domain.case import Case, CaseState
from idm.domain.invitations import ASK_EVERY, Invitation, LinkState
from idm.domain.journey import Graph
from idm.domain.notices import NEW_LINK, Audience, Notice
from idm.errors import Conflict
from idm.flow.changing import Note, change
from idm.flow.graphs import load
from idm.flow.invitation_codes import enter_code, go_on, pending_of, send_again
from idm.flow.invitation_links import looked_up, make_link
from idm.flow.reading_on import reading_until
from idm.flow.sessions import end_sessions
from idm.ports import App
from idm.ports_store import Writer

__all__ = [
    "Withdrawn",
    "ask_again",
    "enter_code",
    "go_on",
    "invitations_of",
    "invite",
    "looked_up",
    "pending_of",
    "renew",
    "revoke",
    "send_again",
]


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What a revocation ended: links that could still be used, and sessions of the person hired."""

    links: int
    sessions: int


def invite(app: App, case: str, by: str, administrator: str = "") -> str:
    """A fresh link's token, for whoever hands it over otherwise than by mail. Raises `NotFound`, or `Conflict` for a case that is over."""
    made: list[str] = []

    def mutate(before: Case, graph: Graph, now: datetime) -> tuple[Case, Note]:
        _demand_going_on(before)
        return before, Note(by, "link-made", {"administrator": administrator})

    def also(writer: Writer, after: Case) -> None:
        made[:] = [make_link(app, writer, after, by)[1]]

    change(app, case, mutate, also)
    return made[0]


def renew(app: App, case: str, by: str, administrator: str = "") -> None:
    """Mail the person hired a fresh link at once; those sent before open nothing any more. Who is signed in stays so.

    Raises `NotFound`, or `Conflict` for a case that is over or a person without an e-mail address.
    """
    found = load(app, case).case
    _demand_going_on(found)
    person = app.store.person(found.person)
    if person is None or not (person.private_email.reveal() or person.email):
        raise Conflict(
            "There is no e-mail address to send a link to.",
            next_step="Enter the private e-mail address by `idm person correct`, then send the link again.",
        )

    def mutate(before: Case, graph: Graph, now: datetime) -> tuple[Case, Note]:
        _demand_going_on(before)
        return before, Note(by, "link-renewed", {"administrator": administrator})

    def also(writer: Writer, after: Case) -> None:
        writer.revoke_invitations(after.id, app.clock.now())
        writer.add_notice(_notice(app, after, f"renewed/{after.version}"))

    change(app, case, mutate, also)


def revoke(app: App, case: str, by: str, administrator: str = "") -> Withdrawn:
    """Withdraw every link to a case, stop sign-ins that wait for a code, and end the sessions of the person hired. At once."""
    done: list[Withdrawn] = []

    def mutate(before: Case, graph: Graph, now: datetime) -> tuple[Case, Note]:
        return before, Note(by, "links-revoked", {"administrator": administrator})

    def also(writer: Writer, after: Case) -> None:
        links = writer.revoke_invitations(after.id, app.clock.now())
        writer.drop_pending(case=after.id)
        sessions = app.store.sessions(case=after.id)
        done[:] = [Withdrawn(links, end_sessions(app, writer, sessions, by, "link withdrawn"))]

    change(app, case, mutate, also)
    return done[0]


def ask_again(app: App, token: str) -> None:
    """Mail a fresh link to the address on file, if `token` is a link that was used or has run out; at most one in five minutes.

    It answers the same whatever it did: nobody learns from it whether there is such a link, or where a mail went.
    """
    invitation = looked_up(app, token)
    if invitation is None or invitation.state(app.clock.now()) not in (LinkState.SPENT, LinkState.EXPIRED):
        return
    if _asked_lately(app, invitation):
        return

    def mutate(before: Case, graph: Graph, now: datetime) -> tuple[Case, Note] | None:
        if before.state is CaseState.CANCELLED and reading_until(app, before.id) is None:
            return None
        return before, Note(before.person, "link-asked-for", {"invitation": invitation.id})

    def also(writer: Writer, after: Case) -> None:
        writer.add_notice(_notice(app, after, f"asked/{_window(app)}"))

    change(app, invitation.case, mutate, also)


def invitations_of(app: App, case: str) -> Sequence[Invitation]:
    """Every link to a case, the newest first, for the page of its contact."""
    return app.store.invitations(case)


def _asked_lately(app: App, invitation: Invitation) -> bool:
    """Whether a fresh link was asked for or sent within the last minutes."""
    since = app.clock.now() - ASK_EVERY
    told = app.store.notices(case=invitation.case)
    return any(notice.slug == NEW_LINK and notice.written_at > since for notice in told)


def _window(app: App) -> int:
    """The five minutes that it is: of two that ask at the same moment, one notice is written."""
    return int(app.clock.now().timestamp() // ASK_EVERY.total_seconds())


def _notice(app: App, case: Case, key: str) -> Notice:
    now = app.clock.now()
    return Notice(f"{NEW_LINK}/{case.id}/{key}", Audience.HIRE, case.person, NEW_LINK, now, now, case.id, {})


def _demand_going_on(case: Case) -> None:
    if case.over:
        raise Conflict(f"Case {case.id} is {case.state.value}: nobody is invited to it any more.", next_step="Nothing is to be done.")

"""Sessions: signing in and out, and who a token stands for. Only a token's keyed hash is stored, so that a copy of the database opens none.

The audit tells of them in a stream of each person's own, `sessions/` and their id.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from idm.domain import audit
from idm.domain.case import CaseState
from idm.domain.ids import new_id
from idm.domain.sessions import Session, SessionKind, new_session
from idm.errors import BadInput, Fault, NotAllowed
from idm.flow.reading_on import reading_until
from idm.ports import App
from idm.ports_store import Writer

LANGUAGES = ("da", "en")
_TOKEN_BYTES = 32
_AGENT = 200
"""How much of a browser's name for itself is kept."""


def stream_of(person: str) -> str:
    """The audit stream that tells of a person's sessions."""
    return f"sessions/{person}"


def new_token(app: App) -> str:
    """A token of 256 random bits, in letters that need no escaping in an address or a cookie."""
    return base64.urlsafe_b64encode(app.random(_TOKEN_BYTES)).decode().rstrip("=")


def open_session(app: App, person: str, kind: SessionKind, case: str = "", *, language: str = "", agent: str = "", how: str = "") -> str:
    """Sign a person in; the token for their cookie. `how` says in a word how they showed who they are, for the audit.

    Raises `NotAllowed`, on record, for who isn't here, has left or has no access, and for the hire of a case that was cancelled once
    no link to it would last any more.
    """
    demand_welcome(app, person, kind, case)
    with app.store.write() as writer:
        return begin(app, writer, person, kind, case, language=language, agent=agent, how=how)


def demand_welcome(app: App, person: str, kind: SessionKind, case: str = "") -> None:
    """Raise `NotAllowed`, on record, if that person may not be signed in."""
    reason = _unwelcome(app, person, kind, case)
    if not reason:
        return
    if app.store.person(person) is not None:
        with app.store.write() as writer:
            _log(app, writer, person, person, "session-refused", {"kind": kind.value, "case": case, "reason": reason})
    raise NotAllowed(f"You can't be signed in: {reason}.", next_step="Ask your manager, or whoever looks after idm.")


def begin(
    app: App, writer: Writer, person: str, kind: SessionKind, case: str, *, language: str = "", agent: str = "", how: str = ""
) -> str:
    """Open a session in the transaction of `writer`, for somebody who is welcome; its token."""
    token = new_token(app)
    session = new_session(new_id("w", app.random(10)), person, kind, case, app.clock.machine(), language, agent[:_AGENT])
    writer.add_session(session, _hash(app, token))
    _log(app, writer, person, person, "session-opened", {"session": session.id, "kind": kind.value, "case": case, "how": how})
    return token


def session_of(app: App, token: str) -> Session | None:
    """The session of a token, noting once a minute that it was seen.

    None if it is over or was closed, or the person is not welcome any more; then every session of theirs for that is closed, too.
    """
    session = app.store.session(_hash(app, token)) if token else None
    machine = app.clock.machine()
    if session is None or session.over(machine):
        return None
    reason = _unwelcome(app, session.person, session.kind, session.case)
    if reason:
        _end(app, [session], "idm", reason)
        return None
    if session.stale(machine):
        app.store.touch_session(session.id, machine)
        return replace(session, seen_at=machine)
    return session


def _unwelcome(app: App, person: str, kind: SessionKind, case: str) -> str:
    """Why a person may not be signed in; "" if they may."""
    state = app.store.person_states([person]).get(person)
    if state is None:
        return "there is no such person"
    if state.no_access:
        return "they have no access"
    if state.last_day is not None and state.last_day < app.clock.today():
        return "they have left"
    if kind is SessionKind.HIRE:
        found = app.store.case_state(case)
        if not found:
            return "there is no such case"
        if found == CaseState.CANCELLED.value and reading_until(app, case) is None:
            return "the hire was cancelled"
    return ""


def close_session(app: App, token: str) -> None:
    """Sign out: the token opens nothing any more. A token that opened nothing changes nothing."""
    session = app.store.session(_hash(app, token)) if token else None
    if session is not None:
        _end(app, [session], session.person, "signed out")


def close_all(app: App, person: str, by: str = "", reason: str = "revoked") -> int:
    """End every session of a person, by whoever says so (the person themself, if nobody is named). How many there were."""
    return _end(app, app.store.sessions(person=person), by or person, reason)


def close_one(app: App, id: str, by: str, reason: str = "revoked") -> bool:
    """End the session with that id; False if there is none."""
    return bool(_end(app, [session for session in app.store.sessions() if session.id == id], by, reason))


def end_sessions(app: App, writer: Writer, sessions: Iterable[Session], by: str, reason: str) -> int:
    """End sessions in the transaction of `writer`; how many were there still."""
    known = {session.id: session for session in sessions}
    ended = writer.end_sessions(known)
    for id in sorted(ended):
        session = known[id]
        payload = {"session": id, "kind": session.kind.value, "case": session.case, "reason": reason}
        _log(app, writer, session.person, by, "session-closed", payload)
    return len(ended)


def sessions_of(app: App, person: str = "") -> Sequence[Session]:
    """Who is signed in now: everybody, or one person; the newest first."""
    machine = app.clock.machine()
    return [session for session in app.store.sessions(person=person) if not session.over(machine)]


def set_language(app: App, session: Session, lang: str) -> Session:
    """Let a session's pages be in another language; the session as it is now. Raises `BadInput` for one that idm doesn't speak."""
    if lang not in LANGUAGES:
        raise BadInput("idm speaks Danish and English.", faults=[Fault("language", "choice", "is neither da nor en")])
    app.store.say_language(session.id, lang)
    return replace(session, language=lang)


def _end(app: App, sessions: Sequence[Session], by: str, reason: str) -> int:
    if not sessions:
        return 0
    with app.store.write() as writer:
        return end_sessions(app, writer, sessions, by, reason)


def _hash(app: App, token: str) -> str:
    return app.keys.blind_index("session", token)


def _log(app: App, writer: Writer, person: str, by: str, action: str, payload: Mapping[str, str]) -> None:
    now, stream = app.clock.now(), stream_of(person)
    told = {name: value for name, value in payload.items() if value}
    writer.append(stream, lambda head: audit.chain(stream, head, now, by, action, told, app.random(12).hex()))

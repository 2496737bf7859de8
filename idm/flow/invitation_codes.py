"""Coming in by a personal link: going on from it sends a code to the hire's mobile, and the code opens a session.

Whatever is done is told on the case's chain, without number, address, code or token.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from idm.connector import Confidential
from idm.domain.case import Case
from idm.domain.ids import new_id
from idm.domain.invitations import CODE_DIGITS, CODE_LIFE, MOST_A_DAY, PENDING_LIFE, Invitation, LinkState, Pending
from idm.domain.journey import Graph
from idm.domain.people import Person
from idm.domain.sessions import SessionKind
from idm.errors import BadInput, Conflict, Fault, NotFound, Unavailable
from idm.flow.changing import Note, change
from idm.flow.compose import manager_name
from idm.flow.graphs import load
from idm.flow.invitation_links import looked_up
from idm.flow.sessions import begin, demand_welcome, new_token
from idm.ports import App
from idm.ports_store import Writer

_USED = {
    LinkState.SPENT: "This link was used before.",
    LinkState.EXPIRED: "This link has run out.",
    LinkState.REVOKED: "This link was withdrawn.",
    LinkState.OVER: "This link leads nowhere any more.",
}
_ASK = "Ask for a new link on the page of this one."


def go_on(app: App, token: str) -> str:
    """Spend a link and send a code to the person's mobile; the token, for a cookie, of the sign-in that waits for it.

    Of two at once, one wins. Raises `NotFound` for no link; `Conflict` for one that was used, has run out or was withdrawn, for a person
    without a mobile number, and for too many tries in a day; `Unavailable` if the code couldn't be sent: then the link can be used again.
    """
    invitation = looked_up(app, token)
    if invitation is None:
        raise NotFound("There is no such link.", next_step="Open the link in the newest mail from us.")
    _demand_open(app, invitation)
    demand_welcome(app, invitation.person, SessionKind.HIRE, invitation.case)
    person = _person(app, invitation)
    answer, machine = new_token(app), app.clock.machine()
    id, code = new_id("k", app.random(10)), _new_code(app)
    pending = Pending(
        id, invitation.id, invitation.case, invitation.person, _code_hash(app, id, code), machine + CODE_LIFE, machine + PENDING_LIFE
    )

    def also(writer: Writer, after: Case) -> None:
        if not writer.spend_invitation(invitation.id, app.clock.now()):
            raise Conflict(_USED[LinkState.SPENT], next_step=_ASK)
        writer.add_pending(pending, _hash(app, answer), machine)

    _on_record(app, invitation.case, invitation.person, "link-used", {"invitation": invitation.id, "by": invitation.by}, also)
    try:
        _send(app, pending, person, code)
    except (Unavailable, BadInput):

        def back(writer: Writer, after: Case) -> None:
            writer.unspend_invitation(invitation.id)
            writer.drop_pending(id=pending.id)

        _on_record(app, invitation.case, "idm", "code-not-sent", {"invitation": invitation.id}, back)
        raise
    return answer


def pending_of(app: App, pending: str) -> Pending | None:
    """The sign-in that waits for a code, with the tries and sends that are left; None if there is none, or it is over."""
    found = app.store.pending(_hash(app, pending)) if pending else None
    return None if found is None or found.over(app.clock.machine()) else found


def send_again(app: App, pending: str) -> Pending:
    """Send another code, which counts instead of the one before; the sign-in as it is now. Wrong codes stay counted.

    Raises `NotFound` for a sign-in that is over, `Conflict` if no further code may be sent, `Unavailable` if it couldn't be.
    """
    found = _waiting(app, pending)
    person = _person(app, found)
    code, until = _new_code(app), app.clock.machine() + CODE_LIFE

    def also(writer: Writer, after: Case) -> None:
        if not writer.take_send(found.id, _code_hash(app, found.id, code), until):
            raise Conflict("No further code can be sent for this link.", next_step=_ASK)

    _on_record(app, found.case, found.person, "code-sent-again", {"invitation": found.invitation}, also)
    after = replace(found, sends=found.sends - 1, code_until=until)
    try:
        _send(app, after, person, code)
    except (Unavailable, BadInput):
        with app.store.write() as writer:
            writer.give_send_back(found.id)
        raise
    return after


def enter_code(app: App, pending: str, code: str, *, agent: str = "") -> str:
    """Open a session for who enters the right code; its token. The sign-in is used up by it.

    Raises `NotFound` for a sign-in that is over, `BadInput` for a wrong code, `Conflict` for one that has run out and at the last try.
    """
    found = _waiting(app, pending)
    typed = "".join(code.split())
    if len(typed) != CODE_DIGITS or not (typed.isascii() and typed.isdigit()):
        raise BadInput(
            "This is no code.", faults=[Fault("code", "digits", "it has six digits")], next_step="Write the code that we sent you."
        )
    if found.code_over(app.clock.machine()):
        raise Conflict("The code has run out.", next_step="Have a new code sent.")
    # The try is taken before the code is looked at: however many guess at once, five are all there are.
    left = app.store.take_try(found.id)
    if left is None:
        raise _gone()
    if not hmac.compare_digest(_code_hash(app, found.id, typed), found.code_hash):
        raise _wrong(app, found, left)
    demand_welcome(app, found.person, SessionKind.HIRE, found.case)
    opened: list[str] = []
    person = _person(app, found)
    language = app.policies.current().deadlines.mail.language_for(person.citizenship, person.language)

    def also(writer: Writer, after: Case) -> None:
        if not writer.drop_pending(id=found.id):
            raise _gone()
        opened[:] = [begin(app, writer, found.person, SessionKind.HIRE, found.case, language=language, agent=agent, how="link and code")]

    _on_record(app, found.case, found.person, "hire-signed-in", {"invitation": found.invitation}, also)
    return opened[0]


def _wrong(app: App, found: Pending, left: int) -> BadInput | Conflict:
    """Note a wrong code; what is said of it."""

    def also(writer: Writer, after: Case) -> None:
        if not left:
            writer.drop_pending(id=found.id)

    _on_record(app, found.case, found.person, "code-wrong", {"invitation": found.invitation, "left": left}, also)
    if not left:
        return Conflict("That was the last try: this code can't be used any more.", next_step=_ASK)
    fault = Fault("code", "wrong-code", f"it isn't the code we sent; tries left: {left}")
    return BadInput("The code is wrong.", faults=[fault], next_step="Look at the newest message that we sent you.")


def _waiting(app: App, pending: str) -> Pending:
    found = pending_of(app, pending)
    if found is None:
        raise _gone()
    return found


def _gone() -> NotFound:
    return NotFound("This sign-in is over.", next_step="Open your link once more, and ask for a new one there.")


def _demand_open(app: App, invitation: Invitation) -> None:
    """Raise `Conflict` for a link that can't be gone on from, or a case with too many tries in a day."""
    now = app.clock.now()
    state = invitation.state(now)
    if state is not LinkState.OPEN:
        asked = state in (LinkState.SPENT, LinkState.EXPIRED)
        raise Conflict(_USED[state], next_step=_ASK if asked else _whom_to_ask(app, invitation.case))
    since = now - timedelta(days=1)
    spent = [each for each in app.store.invitations(invitation.case) if each.spent_at is not None and each.spent_at > since]
    if len(spent) >= MOST_A_DAY:
        raise Conflict("Too many codes were asked for today.", next_step="Try again tomorrow.")


def _person(app: App, of: Invitation | Pending) -> Person:
    """The person hired. Raises `Conflict`, naming whom to ask, if they have no mobile number."""
    person = app.store.person(of.person)
    if person is None or not person.mobile.reveal():
        raise Conflict(
            "We have no mobile number for you, so we can't send you a code.",
            faults=[Fault("mobile", "required", "is missing")],
            next_step=_whom_to_ask(app, of.case),
        )
    return person


def _whom_to_ask(app: App, case: str) -> str:
    name = manager_name(app, load(app, case).case)
    return f"Ask {name}." if name else "Ask your coming manager."


def _send(app: App, pending: Pending, person: Person, code: str) -> None:
    language = app.policies.current().deadlines.mail.language_for(person.citizenship, person.language)
    minutes = int(CODE_LIFE.total_seconds() // 60)
    number = Confidential(person.mobile.reveal())
    app.texter.send(f"{pending.id}-{pending.sent}", number, "code", language, {"code": code, "minutes": str(minutes)})


def _on_record(app: App, case: str, actor: str, action: str, payload: Mapping[str, object], also: Callable[[Writer, Case], None]) -> None:
    def mutate(before: Case, graph: Graph, now: datetime) -> tuple[Case, Note]:
        return before, Note(actor, action, payload)

    change(app, case, mutate, also)


def _new_code(app: App) -> str:
    return f"{int.from_bytes(app.random(9)) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def _code_hash(app: App, pending: str, code: str) -> str:
    return app.keys.blind_index("sms-code", f"{pending}/{code}")


def _hash(app: App, token: str) -> str:
    return app.keys.blind_index("pending", token)

"""Sending notices through the mail system's connector: each is taken by one process, and one that died is looked after by the next.

Where the mail system can be asked (keyed), a doubt is settled by looking. Where it can't (SMTP), a mail that may have gone is never
sent again by itself: policy accepts the doubt, or a person decides.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta

from idm import faults
from idm.connector import Change, Effect, Ref, Refused, Retry, Unknown, Value, Verb
from idm.domain.notices import DIGEST, Notice, NoticeState
from idm.domain.policy import SystemPolicy
from idm.errors import Unavailable
from idm.flow import circuits
from idm.flow.calling import Calls, place_of
from idm.flow.compose import NoAddress, NothingToSay, audience_hours, compose
from idm.flow.deadlines import calendar
from idm.ports import App

MESSAGE = "message"
BUDGET = 5.0
"""Seconds for which one sweep sends mails, so that timers and retries don't wait for them."""


@dataclass(frozen=True, slots=True)
class MailSystem:
    """The system that sends mails: its name, its policy, and its connector's calls."""

    name: str
    policy: SystemPolicy
    calls: Calls


def mail_system(app: App) -> MailSystem | None:
    """The mail system of the policies; None if there is none, and notices wait."""
    for name, policy in app.policies.current().systems.items():
        if policy.connector == "mail" and name in app.connectors:
            return MailSystem(name, policy, Calls(app.connectors[name], None))
    return None


def send_due(app: App, budget: float = BUDGET) -> int:
    """Send what is due, for at most about `budget` seconds. How many were sent by this call."""
    due = app.store.notices_due(app.clock.now(), app.clock.machine())
    mail = mail_system(app) if due else None
    if mail is None:
        return 0
    ends = time.monotonic() + budget
    sent = 0
    for notice in due:
        if time.monotonic() >= ends or circuits.may_call(app, mail.name, mail.policy, app.clock.machine()) is not None:
            break
        sent += _send(app, mail, notice)
    return sent


def _send(app: App, mail: MailSystem, notice: Notice) -> bool:
    """Send one notice, if it is still to be sent and nobody else has it. Whether it was."""
    now = app.clock.now()
    hours, days = audience_hours(app, notice), calendar(app.policies.current().deadlines)
    if notice.state is NoticeState.WAITING and not hours.allow(now, days):
        app.store.postpone_notice(notice, hours.next(now, days))
        return False
    # Made before it is taken: if the database goes away meanwhile, nobody need doubt whether the mail went.
    made = _made(app, notice)
    if not app.store.take_notice(notice, app.clock.machine() + timedelta(seconds=app.lease)):
        return False
    faults.point("notice.before-send")
    try:
        ending = _attempt(mail, notice, made)
    except Retry as answer:
        if answer.down:
            circuits.failed(app, mail.name, mail.policy, answer.reason)
        ending = _Ending(NoticeState.WAITING, answer.reason, answer.after or mail.policy.retry.delay(notice.attempts + 1))
    except Refused as answer:
        circuits.succeeded(app, mail.name, mail.policy)
        ending = _Ending(NoticeState.FAILED, answer.reason)
    except Unknown as answer:
        ending = _doubt(mail, notice, answer.reason)
    else:
        circuits.succeeded(app, mail.name, mail.policy)
    faults.point("notice.after-send")
    return _record(app, notice, ending)


@dataclass(frozen=True, slots=True)
class _Ending:
    """How a try ended: the notice's state, why, and in how many seconds it is looked at again (None: never by itself)."""

    state: NoticeState
    reason: str = ""
    again: float | None = None


def _made(app: App, notice: Notice) -> dict[str, Value] | _Ending:
    """The mail's attributes, or how the notice ends without one."""
    try:
        return compose(app, notice)
    except NothingToSay as reason:
        return _Ending(NoticeState.DROPPED, str(reason))
    except NoAddress as reason:
        return _Ending(NoticeState.FAILED, str(reason))
    except Unavailable:
        raise
    except Exception as error:  # noqa: BLE001 - one notice that idm can't make must not keep all others back
        return _Ending(NoticeState.FAILED, f"idm broke off with {place_of(error)} as it made the mail")


def _attempt(mail: MailSystem, notice: Notice, made: dict[str, Value] | _Ending) -> _Ending:
    if notice.state is NoticeState.SENDING:
        # Whoever took it before died, or had no answer: it may have gone.
        if mail.calls.describe().kinds[MESSAGE].effect is Effect.BLIND:
            return _doubt(mail, notice, "whoever sent it died before the answer")
        if mail.calls.read(Ref(MESSAGE, notice.id)) is not None:
            return _Ending(NoticeState.SENT)
    if isinstance(made, _Ending):
        return made
    mail.calls.perform(Change(Verb.POST, MESSAGE, notice.id, f"{MESSAGE}/{notice.id}", attributes=made))
    return _Ending(NoticeState.SENT)


def _doubt(mail: MailSystem, notice: Notice, reason: str) -> _Ending:
    """What becomes of a mail that may have gone: asked about where that can be, else as policy says."""
    if mail.calls.describe().kinds[MESSAGE].effect is not Effect.BLIND:
        return _Ending(NoticeState.SENDING, reason, mail.policy.retry.delay(notice.attempts + 1))
    if mail.policy.doubt == "accept":
        return _Ending(NoticeState.SENT, f"it may not have gone: {reason}")
    return _Ending(NoticeState.DOUBTFUL, f"it may have gone or not: {reason}")


def _record(app: App, notice: Notice, ending: _Ending) -> bool:
    again = app.clock.machine() + timedelta(seconds=ending.again) if ending.again is not None else None
    sent = ending.state is NoticeState.SENT
    now = app.clock.now()
    with app.store.write() as writer:
        ended = writer.end_notice(notice, ending.state, at=now if sent else None, again_at=again, reason=ending.reason)
        if ended and sent and notice.slug == DIGEST:
            writer.read_news(_news(notice), now)
    return ended and sent


def _news(notice: Notice) -> list[str]:
    """The news that stood in a digest."""
    sections: object = notice.context["sections"]
    items = [item for _, items in sections for item in items] if isinstance(sections, list) else []
    return [item["news"] for item in items if "news" in item]

"""Notices: written with the change that causes them, for the hour at which people may be written to.

What a new hire is told of a change of their case is found by comparing the case before and after, so no change forgets it. What
else somebody should hear is written by `tell`, in the transaction of whoever knows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from idm.domain.case import Case, CaseState, DocumentState
from idm.domain.deadlines import DeadlinePolicy
from idm.domain.journey import Actor, TaskKind
from idm.domain.notices import Audience, Notice, NoticeState
from idm.domain.papers import LAPSED
from idm.domain.projection import Task
from idm.flow.deadlines import calendar
from idm.mail_texts import DIGEST_LISTS
from idm.ports import App
from idm.ports_store import Writer

OWN_WISH = "the person hired wants to change it"
"""The reason of a form that is open again because they said so: of that they need no mail."""


def tell(
    app: App, writer: Writer, person: str, slug: str, key: str, *, case: str = "", context: Mapping[str, object] | None = None
) -> bool:
    """Let a member of staff (or `team:` and a team's id) read in their next digest what `slug` and `context` say.

    `key` names the news the same way however often it is told: a second time does nothing, and answers False. `slug` is the name of a
    list that the digest's templates show (see `mail_texts`); `context` holds ids and plain values, never a CPR number or an address.
    News of no list of their own are `news`, with `texts`: language -> one line that says it.
    """
    if slug not in DIGEST_LISTS:
        raise ValueError(f"the digest has no list {slug!r}")
    now = app.clock.now()
    return writer.add_notice(Notice(f"{slug}/{key}", Audience.STAFF, person, slug, now, now, case, context or {}, NoticeState.NEWS))


def notify_hire(app: App, writer: Writer, case: Case, slug: str, key: str, context: Mapping[str, object] | None = None) -> bool:
    """Write to the person hired in `case`, in the hours for it. False if policy leaves that mail out, or `key` was told before."""
    policy = app.policies.current().deadlines
    notice = _to_hire(policy, case, slug, key, context or {}, app.clock.now())
    return slug in policy.mail.send and writer.add_notice(notice)


def told_by(app: App, before: Case | None, after: Case, tasks: Iterable[Task], now: datetime) -> tuple[Notice, ...]:
    """What the person hired must be told because a case went from `before` to `after`, opening or closing `tasks`."""
    asked = [task for task in tasks if task.state == "open" and task.actor is Actor.HIRE and _is_new(before, task)]
    if not asked and before is not None and (before.state, before.facts) == (after.state, after.facts):
        return ()
    policy = app.policies.current().deadlines
    told = [*_asked(policy, after, asked, now), *_departures(policy, before, after, now)]
    return tuple(notice for notice in told if notice.slug in policy.mail.send)


def _asked(policy: DeadlinePolicy, after: Case, tasks: Iterable[Task], now: datetime) -> list[Notice]:
    """What the person hired is asked for from now on: each mail that says something particular by itself, the rest in one."""
    told: list[Notice] = []
    wanted: list[str] = []
    for task in tasks:
        context: dict[str, object] = {"task": task.id, "document": task.document}
        document = after.documents.get(task.document)
        if task.kind == TaskKind.CONSENT.value:
            again = {"again": True} if task.reason == LAPSED else {}
            told.append(_to_hire(policy, after, "consent_wanted", task.id, {**context, **again}, now))
        elif task.kind == TaskKind.FORM.value and task.reason != OWN_WISH:
            wanted.append(task.id)
        elif task.kind != TaskKind.DOCUMENT.value or document is None:
            continue
        elif document.state is DocumentState.RETURNED:
            told.append(_to_hire(policy, after, "document_returned", task.id, {**context, "reason": document.reason}, now))
        elif document.expires is not None:
            told.append(_to_hire(policy, after, "permit_expiring", task.id, {**context, "expires": document.expires.isoformat()}, now))
        else:
            wanted.append(task.id)
    if wanted:
        told.append(_to_hire(policy, after, "documents_wanted", ",".join(wanted), {"tasks": wanted}, now))
    return told


def _is_new(before: Case | None, task: Task) -> bool:
    """Whether a task was opened by this change: a moved date alone writes it over, too."""
    step = before.steps.get(task.step) if before is not None else None
    return step is None or step.state != "waiting" or f"{task.case}.{task.step}.{step.round}" != task.id


def _departures(policy: DeadlinePolicy, before: Case | None, after: Case, now: datetime) -> list[Notice]:
    if before is None:
        return [_to_hire(policy, after, "invitation", after.id, {}, now)]
    if after.state is CaseState.CANCELLED:
        cancelled = before.state is not CaseState.CANCELLED
        return [_to_hire(policy, after, "hire_cancelled", after.id, {}, now)] if cancelled else []
    told, key = [], f"{after.id}/{after.version}"
    was, now_is = before.facts, after.facts
    if was.start_date != now_is.start_date:
        moved = {"old_start_date": was.start_date.isoformat(), "start_date": now_is.start_date.isoformat()}
        told.append(_to_hire(policy, after, "start_moved", key, moved, now))
    if (was.unit, was.position) != (now_is.unit, now_is.position):
        context = {"old_unit": was.unit, "old_position": was.position, "unit": now_is.unit, "position": now_is.position}
        told.append(_to_hire(policy, after, "place_changed", key, context, now))
    return told


def _to_hire(policy: DeadlinePolicy, case: Case, slug: str, key: str, context: Mapping[str, object], now: datetime) -> Notice:
    due = policy.mail.hires.next(now, calendar(policy))
    return Notice(f"{slug}/{key}", Audience.HIRE, case.person, slug, due, now, case.id, context)

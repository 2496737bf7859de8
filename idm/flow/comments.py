"""Comments on a case: who may write one, who sees it, and how its text is erased."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from idm.domain.access_rules import Act, may
from idm.domain.case import Case
from idm.domain.comments import Comment, question_in, seen_by
from idm.domain.journey import Graph
from idm.domain.notices import ANSWERED
from idm.domain.prose import sound_reason
from idm.errors import BadInput, Conflict, Fault, NotAllowed, NotFound
from idm.flow.changing import Note, change
from idm.flow.graphs import load
from idm.flow.identity import fresh
from idm.flow.known_as import known_as
from idm.flow.notices import notify_hire
from idm.flow.relations import relations_of
from idm.ports import App
from idm.ports_store import Writer


def add_comment(app: App, case: str, person: str, text: str, *, to_hire: bool = False, administrator: str = "") -> Comment:
    """Add a comment by `person`, typed by `administrator`. What the person hired writes, they see themselves.

    One that answers a question of theirs is told to them by a mail, without what it says.
    `text` was checked when it was read. Raises `NotFound`, `NotAllowed` if the person has no part in the case.
    """
    person = known_as(app, person)
    made: list[Comment] = []
    answers: list[bool] = []

    def mutate(before: Case, graph: Graph, now: datetime) -> tuple[Case, Note]:
        demand_party(app, before, person, Act.WRITE_COMMENT)
        shown = to_hire or person == before.person
        comment = Comment(fresh(app, "n"), before.id, person, administrator, now, shown, text, app.random(12).hex())
        made[:] = [comment]
        answers[:] = [shown and person != before.person and question_in(before.person, app.store.comments(case)) is not None]
        told = {"comment": comment.id, "digest": comment.digest, "to_hire": shown, "administrator": administrator}
        return before, Note(person, "commented", told)

    def also(writer: Writer, after: Case) -> None:
        writer.put_comment(made[0])
        if answers[0]:
            notify_hire(app, writer, after, ANSWERED, made[0].id, {"comment": made[0].id})

    change(app, case, mutate, also)
    return made[0]


def comments_of(app: App, case: str, person: str = "") -> Sequence[Comment]:
    """The comments on a case, oldest first: all of them, or those that `person` sees. Raises `NotAllowed` if they see none of the case."""
    found = app.store.comments(case)
    if not person:
        return found
    person, loaded = known_as(app, person), load(app, case).case
    demand_party(app, loaded, person, Act.SEE_COMMENTS)
    return seen_by(person, loaded.person, found)


def erase_comment(app: App, case: str, comment: str, reason: str, administrator: str) -> Comment:
    """Erase the text of a comment for good: that there was one, by whom and when, stays on record, with the reason of the erasure."""
    why = sound_reason(reason)
    if not why:
        fault = Fault("reason", "required", "say why it is erased")
        raise BadInput("An erasure needs its reason.", faults=[fault], next_step="Give it in words.")
    found = next((each for each in app.store.comments(case) if each.id == comment), None)
    if found is None:
        raise NotFound(f"Case {case} has no comment '{comment}'.", next_step="`idm case show` lists its comments.")
    if found.text is None:
        raise Conflict(f"The text of comment {comment} was erased before.", next_step="Nothing is to be done.")
    erased = replace(found, text=None, salt=None)

    def mutate(before: Case, graph: Graph, now: datetime) -> tuple[Case, Note]:
        return before, Note(administrator or "administrator", "comment-erased", {"comment": comment, "reason": why})

    change(app, case, mutate, lambda writer, after: writer.put_comment(erased))
    return erased


def demand_party(app: App, case: Case, person: str, act: Act) -> None:
    """Raise `NotFound` or `NotAllowed` unless `person` takes part in the case and so may do `act`: see or write its comments."""
    if app.store.person(person) is None:
        raise NotFound(f"There is no person '{person}'.", next_step="Persons carry the ids of the organisation file.")
    if not may(relations_of(app, person, case), act, case.state):
        raise NotAllowed(
            f"{person} has no part in case {case.id}.",
            next_step="Its manager, its pay and IT contacts and the person hired may comment on it and read its comments.",
        )


def comment_shown(comment: Comment) -> dict[str, Any]:
    """A comment in the outside contract's shape."""
    return {
        "id": comment.id,
        "by": comment.author,
        "at": comment.at.isoformat(timespec="seconds"),
        "to_hire": comment.to_hire,
        "text": comment.text,
    }

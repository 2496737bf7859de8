"""Who may see and do what: one table of relation x act x state of the case, for pages, API and command line alike.

What isn't in `RULES` is refused. A relation is what somebody is to one case today (or to the house); one person may have several, and
then may do what any of them may: nothing takes a right away from another.

Why it is as it is:

- The person hired has a page of their own (`SEE_CHECKLIST`), never the staff's page: that one names who decides, what failed, and what
  others say. Of a cancelled hire they only keep their receipt.
- A manager follows every hire of their unit and of those below: progress, dates, which papers are missing, who waits for whom. What is
  written in the papers, the account and the pay are no business of theirs; where they review a kind of paper themselves, or approve
  the pay, the task shows them what they decide on. Only the manager in charge (the nearest who is there, as the hire's tasks go) moves
  or cancels a hire, and takes part in its comments.
- The pay contact places the pay, so they see the papers that they review, what payroll gets and the personal data that go with it. The
  IT contact sees rights and the papers that they review, nothing of pay and not what is told of other papers. Payroll control sees the
  pay and its own tasks: what it checks, and no papers, unless a kind names it as the reviewer.
- Who decided something keeps seeing the case and that decision, not the papers or the pay: for those, the reason to look is over.
- Payroll staff keep the tables, and see no hire by it. Auditors see who did what, when and on whose word, in every case: that is their
  matter, and it stands in the story, the tasks, the list of papers and the rights. The papers, the pay, private data and what people
  tell each other don't show whether a decision was made rightly by whom it should, so they stay shut: who must see one asks the
  administrator, and it goes on record.
- The administrator at the keyboard is trusted with everything (docs/security.md); what they do is on record.
- In their own hire nobody is anything but the person hired (`relations` sees to that).
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping
from typing import NamedTuple

from idm.domain.case import CaseState
from idm.domain.journey import Actor, Paper


class Relation(enum.StrEnum):
    """What somebody is to a case, or to the house where no case is meant.

    `manager`: of the unit or one above it, named by the event, or substitute of them; `in_charge`: the manager whom its tasks
    ask now, who is `manager` too.
    `pay`, `it`, `control`: hold that authority for it now, on any ground. `decided`: decided something in it; asked of a task, that one.
    `payroll_staff`, `auditor` and `starter` (who starts hires: managers, unless policy says otherwise) are so by policy. `admin` sits
    at the keyboard.
    """

    HIRE = "hire"
    IN_CHARGE = "in_charge"
    MANAGER = "manager"
    PAY = "pay"
    IT = "it"
    CONTROL = "control"
    DECIDED = "decided"
    STARTER = "starter"
    PAYROLL_STAFF = "payroll_staff"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Act(enum.StrEnum):
    """What may be done. Those about the house (`start_hire` and below) need no case."""

    SEE_CHECKLIST = "see_checklist"
    SEE_RECEIPT = "see_receipt"
    SEE_CASE = "see_case"
    SEE_STORY = "see_story"
    SEE_COMMENTS = "see_comments"
    WRITE_COMMENT = "write_comment"
    SEE_DOCUMENT_LIST = "see_document_list"
    READ_DOCUMENT = "read_document"
    ADD_DOCUMENT = "add_document"
    SEE_PERSONAL = "see_personal"
    SEE_PAY = "see_pay"
    SEE_RIGHTS = "see_rights"
    SEE_TASK = "see_task"
    DO_TASK = "do_task"
    RECEIVE_ORDER = "receive_order"
    APPOINT = "appoint"
    INVITE = "invite"
    MOVE_HIRE = "move_hire"
    CANCEL_HIRE = "cancel_hire"
    START_HIRE = "start_hire"
    DELEGATE = "delegate"
    SEE_OVERVIEW = "see_overview"
    SEE_POWERS = "see_powers"
    KEEP_TABLES = "keep_tables"
    SEE_ALL = "see_all"


class Span(enum.StrEnum):
    """In which states of a case something may be done; `house` needs no case and asks for no state."""

    LIVE = "live"
    KEPT = "kept"
    ALWAYS = "always"
    HOUSE = "house"

    def covers(self, state: CaseState | None) -> bool:
        """Whether it may be done in a case in that state; None: of no case."""
        match self:
            case Span.HOUSE:
                return True
            case Span.ALWAYS:
                return state is not None
            case Span.KEPT:
                return state is not None and state is not CaseState.CANCELLED
            case Span.LIVE:
                return state in (CaseState.RUNNING, CaseState.WAITING)


class Rule(NamedTuple):
    """In which states, and whether only of what is `theirs`.

    A task is theirs whose actor they are; a paper that they provide, and to see or read it also one that they review.
    """

    span: Span
    theirs: bool = False


LIVE, KEPT, ALWAYS, HOUSE = Rule(Span.LIVE), Rule(Span.KEPT), Rule(Span.ALWAYS), Rule(Span.HOUSE)
MY_LIVE, MY_KEPT, MY_ALWAYS = Rule(Span.LIVE, theirs=True), Rule(Span.KEPT, theirs=True), Rule(Span.ALWAYS, theirs=True)

_HIRE, _IN_CHARGE, _MANAGER, _PAY, _IT = Relation.HIRE, Relation.IN_CHARGE, Relation.MANAGER, Relation.PAY, Relation.IT
_CONTROL, _DECIDED, _STARTER = Relation.CONTROL, Relation.DECIDED, Relation.STARTER
_STAFF, _AUDITOR, _ADMIN = Relation.PAYROLL_STAFF, Relation.AUDITOR, Relation.ADMIN

RULES: Mapping[Act, Mapping[Relation, Rule]] = {
    Act.SEE_CHECKLIST: {_HIRE: KEPT, _ADMIN: ALWAYS},
    Act.SEE_RECEIPT: {_HIRE: ALWAYS, _ADMIN: ALWAYS},
    Act.SEE_CASE: {_MANAGER: ALWAYS, _PAY: ALWAYS, _IT: ALWAYS, _CONTROL: ALWAYS, _DECIDED: ALWAYS, _AUDITOR: ALWAYS, _ADMIN: ALWAYS},
    Act.SEE_STORY: {_MANAGER: ALWAYS, _PAY: ALWAYS, _AUDITOR: ALWAYS, _ADMIN: ALWAYS},
    Act.SEE_COMMENTS: {_HIRE: KEPT, _IN_CHARGE: ALWAYS, _PAY: ALWAYS, _IT: ALWAYS, _ADMIN: ALWAYS},
    Act.WRITE_COMMENT: {_HIRE: KEPT, _IN_CHARGE: ALWAYS, _PAY: ALWAYS, _IT: ALWAYS, _ADMIN: ALWAYS},
    Act.SEE_DOCUMENT_LIST: {
        _HIRE: MY_KEPT,
        _MANAGER: ALWAYS,
        _PAY: ALWAYS,
        _IT: MY_ALWAYS,
        _CONTROL: MY_ALWAYS,
        _AUDITOR: ALWAYS,
        _ADMIN: ALWAYS,
    },
    Act.READ_DOCUMENT: {_HIRE: MY_KEPT, _IN_CHARGE: MY_KEPT, _PAY: MY_KEPT, _IT: MY_KEPT, _CONTROL: MY_KEPT, _ADMIN: ALWAYS},
    Act.ADD_DOCUMENT: {_HIRE: MY_KEPT, _IN_CHARGE: MY_KEPT, _PAY: MY_KEPT, _IT: MY_KEPT, _CONTROL: MY_KEPT, _ADMIN: KEPT},
    Act.SEE_PERSONAL: {_HIRE: KEPT, _PAY: KEPT, _ADMIN: ALWAYS},
    Act.SEE_PAY: {_PAY: KEPT, _CONTROL: KEPT, _ADMIN: ALWAYS},
    Act.SEE_RIGHTS: {_MANAGER: ALWAYS, _IT: ALWAYS, _AUDITOR: ALWAYS, _ADMIN: ALWAYS},
    Act.SEE_TASK: {
        _HIRE: MY_KEPT,
        _IN_CHARGE: MY_ALWAYS,
        _PAY: MY_ALWAYS,
        _IT: MY_ALWAYS,
        _CONTROL: MY_ALWAYS,
        _DECIDED: ALWAYS,
        _AUDITOR: ALWAYS,
        _ADMIN: ALWAYS,
    },
    Act.DO_TASK: {_HIRE: MY_KEPT, _IN_CHARGE: MY_KEPT, _PAY: MY_KEPT, _IT: MY_KEPT, _CONTROL: MY_KEPT, _ADMIN: KEPT},
    Act.RECEIVE_ORDER: {_IN_CHARGE: ALWAYS, _IT: ALWAYS, _ADMIN: ALWAYS},
    Act.APPOINT: {_MANAGER: KEPT, _ADMIN: KEPT},
    Act.INVITE: {_IN_CHARGE: LIVE, _PAY: LIVE, _ADMIN: LIVE},
    Act.MOVE_HIRE: {_IN_CHARGE: KEPT, _ADMIN: KEPT},
    Act.CANCEL_HIRE: {_IN_CHARGE: KEPT, _ADMIN: KEPT},
    Act.START_HIRE: {_STARTER: HOUSE, _ADMIN: HOUSE},
    Act.DELEGATE: {_MANAGER: HOUSE, _ADMIN: HOUSE},
    Act.SEE_OVERVIEW: {_MANAGER: HOUSE, _AUDITOR: HOUSE, _ADMIN: HOUSE},
    Act.SEE_POWERS: {_MANAGER: HOUSE, _AUDITOR: HOUSE, _ADMIN: HOUSE},
    Act.KEEP_TABLES: {_STAFF: HOUSE, _ADMIN: HOUSE},
    Act.SEE_ALL: {_AUDITOR: HOUSE, _ADMIN: HOUSE},
}
"""Everything that may be done. `MY_`: only of what is theirs."""

BY_ACTOR: Mapping[Actor, Relation] = {
    Actor.HIRE: Relation.HIRE,
    Actor.MANAGER: Relation.IN_CHARGE,
    Actor.PAY: Relation.PAY,
    Actor.IT: Relation.IT,
    Actor.CONTROL: Relation.CONTROL,
}
"""Which relation does what a journey asks of an actor."""


def may(
    relations: Collection[Relation],
    act: Act,
    state: CaseState | None = None,
    *,
    document: Paper | None = None,
    actor: Actor | None = None,
) -> bool:
    """Whether somebody who is that to a case in `state` may do `act`; `document` is the paper it is about, `actor` whose task it is.

    Without a `document`, `see_document_list` means the list as such, and papers that are theirs are seen, read and added by nobody.
    """
    row = RULES[act]
    return any(
        relation in row and row[relation].span.covers(state) and (not row[relation].theirs or _theirs(relation, act, document, actor))
        for relation in relations
    )


def ever(relations: Collection[Relation], act: Act, *, document: Paper | None = None, actor: Actor | None = None) -> bool:
    """Whether they may in some state of the case: where not, it is for want of a relation, not because of what became of the case."""
    return any(may(relations, act, state, document=document, actor=actor) for state in CaseState)


def _theirs(relation: Relation, act: Act, document: Paper | None, actor: Actor | None) -> bool:
    if act in (Act.SEE_TASK, Act.DO_TASK):
        return actor is not None and relation is BY_ACTOR.get(actor)
    if document is None:
        return act is Act.SEE_DOCUMENT_LIST
    if relation is BY_ACTOR.get(document.provider):
        return True
    return act is not Act.ADD_DOCUMENT and relation is BY_ACTOR.get(document.reviewer)

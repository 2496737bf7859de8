"""Which desk a kind of task is done at."""

from __future__ import annotations

from collections.abc import Mapping

from idm.domain.case import Case
from idm.domain.four_eyes import first_look
from idm.domain.journey import TaskKind
from idm.domain.projection import Task
from idm.web.desks import appointing, approving, checks, equipment, forms, reviewing, rights, second
from idm.web.desks.desk import Desk

DESKS: Mapping[TaskKind, Desk] = {
    TaskKind.APPOINT: appointing.DESK,
    TaskKind.DOCUMENT: checks.DOCUMENT,
    TaskKind.REVIEW: reviewing.DESK,
    TaskKind.FORM: forms.DESK,
    TaskKind.RIGHTS: rights.DESK,
    TaskKind.APPROVE: approving.DESK,
    TaskKind.CONSENT: checks.DESK,
    TaskKind.ORDERED: checks.DESK,
    TaskKind.RECEIVED: checks.DESK,
    TaskKind.ASSESS: checks.DESK,
    TaskKind.ORDER: equipment.ORDER,
    TaskKind.APPROVE_ORDER: equipment.APPROVE,
    TaskKind.RECEIVE: equipment.RECEIVE,
}


def desk_of(case: Case, task: Task) -> Desk:
    """The desk of a task: where a first person has decided already, the second's."""
    return second.DESK if first_look(case, task.step) is not None else DESKS[TaskKind(task.kind)]

"""The people's parts of a hire, played at once: whoever may answer a task answers it."""

from __future__ import annotations

import io
from collections.abc import Iterable

from idm.domain.authority import Authority
from idm.domain.journey import Actor
from idm.flow.deciding import Decision
from idm.flow.delegate import delegate
from idm.flow.documents import add_document
from idm.flow.tasks import do_task, open_tasks
from idm.ports import App
from tests import data
from tests.support.answering import sound_values

ADMINISTRATOR = "root"
CHECKS = {"consent": "give", "ordered": "done", "received": "done", "assess": "clear"}
"""What is answered to each task of a check, so that it ends clear."""


def stand_in(app: App, unit: str = "town") -> None:
    """Give the pay and the IT authority over `unit` standing holders, so that contacts are appointed by themselves."""
    delegate(app, Authority.PAY, unit, [data.PAY])
    delegate(app, Authority.IT, unit, [data.IT])


def answer(app: App, case: str, kind: str, decision: Decision) -> list[str]:
    """Answer each open task of the `kind`, as the first who may; the tasks."""
    answered = []
    for task, may in open_tasks(app, case=case):
        if task.kind == kind:
            do_task(app, task.id, may[0].person, decision, ADMINISTRATOR)
            answered.append(task.id)
    return answered


def appoint(app: App, case: str) -> None:
    """The manager names the pay and the IT contact."""
    assert answer(app, case, "appoint", Decision("appoint", values={"pay": [data.PAY], "it": [data.IT]}))


def hand_in(app: App, case: str, kinds: Iterable[str] = data.DOCUMENTS) -> None:
    """The new employee hands in documents."""
    for kind in kinds:
        add_document(app, case, kind, f"{kind}.pdf", io.BytesIO(data.pdf()), administrator=ADMINISTRATOR)


def review(app: App, case: str) -> None:
    """The reviewers accept what was handed in."""
    assert answer(app, case, "review", Decision("accept"))


def tell_personal(app: App, case: str) -> None:
    """The new employee tells where they live and where the pay goes, if they are asked."""
    if any(task.kind == "form" and task.actor is Actor.HIRE for task, _ in open_tasks(app, case=case)):
        assert answer(app, case, "form", Decision("submit", values=data.personal_values()))


def fill_in(app: App, case: str) -> None:
    """The personal data are told, and the pay contact fills in the payroll form.

    Of a teacher with proof of seniority as the tests know it, else with what it proposes.
    """
    tell_personal(app, case)
    task = next(task for task, _ in open_tasks(app, case=case) if task.kind == "form")
    loaded = app.store.load(case)
    assert loaded is not None
    known = loaded.case.facts.position == "teacher" and "seniority_proof" in loaded.case.documents
    values = data.payroll_values() if known else sound_values(app, task)
    assert answer(app, case, "form", Decision("submit", values=values))


def confirm(app: App, case: str) -> None:
    """The IT contact confirms the rights."""
    assert answer(app, case, "rights", Decision("confirm"))


def check(app: App, case: str) -> None:
    """Every check that the hire takes is consented to, ordered, received and found clear."""
    while any(answer(app, case, kind, Decision(said)) for kind, said in CHECKS.items()):
        pass


def everything(app: App, case: str, kinds: Iterable[str] = data.DOCUMENTS) -> None:
    """All that people do after the contacts are known."""
    hand_in(app, case, kinds)
    review(app, case)
    fill_in(app, case)
    confirm(app, case)
    check(app, case)

"""The receipt of the person hired: what they handed in, told and consented to, and when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from idm.domain.case import Case, DocumentState, StepState
from idm.domain.journey import Actor, Graph, TaskKind
from idm.errors import NotFound
from idm.flow.graphs import graph_of, load
from idm.flow.known_as import known_as
from idm.ports import App

DOCUMENT, FORM, CONSENT = "document", "form", "consent"
"""What a line of a receipt is about."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was handed in, told or consented to.

    `sort`: document, form or consent. `subject`: the kind of document or check, or the form, with its `titles`. `state`: `handed_in`,
    `accepted`, `returned` or `replaced` for documents; `answered` or `asked_again` for forms; `given` or `refused` for consents. `at` is
    business time. `name` is the file's, `document` its id; `typed_by` the administrator who typed it for them, "" if they did themselves.
    """

    sort: str
    subject: str
    titles: dict[str, str]
    state: str
    at: datetime
    document: str = ""
    name: str = ""
    typed_by: str = ""


def receipt(app: App, case: str, person: str) -> list[Line]:
    """The receipt of `person` in their own case, in the order of time. Raises `NotFound` for anybody else's.

    It holds no confidential answer: what they told of themself, `drafts.begin_with` and `confidential.answers_for` show.
    """
    loaded = load(app, case).case
    if known_as(app, person) != loaded.person:
        raise NotFound(f"There is no case '{case}' of yours.", next_step="Open your own.")
    graph = graph_of(app, loaded)
    lines = [*_documents(app, loaded), *_forms(app, loaded, graph), *_consents(app, loaded, graph)]
    return sorted(lines, key=lambda line: line.at)


def _documents(app: App, case: Case) -> Iterator[Line]:
    kinds = app.policies.current().documents
    current = {document.id: document.state for document in case.documents.values() if document.id}
    for row in app.store.documents(case.id):
        state = current.get(row.id)
        titles = dict(kinds[row.kind].titles) if row.kind in kinds else {}
        said = state.value if state is not None and state is not DocumentState.WANTED else "replaced"
        typed = row.added_by if row.added_by != case.person else ""
        yield Line(DOCUMENT, row.kind, titles, said, row.added_at, row.id, row.name, typed)


def _forms(app: App, case: Case, graph: Graph) -> Iterator[Line]:
    forms = app.policies.current().forms
    for step in graph:
        approval = case.approvals.get(step.id)
        if step.task is TaskKind.FORM and step.actor is Actor.HIRE and approval is not None:
            state = "answered" if case.steps[step.id].state is StepState.DONE else "asked_again"
            titles = dict(forms[step.form].titles) if step.form in forms else {}
            yield Line(FORM, step.form, titles, state, approval.at, typed_by=approval.administrator)


def _consents(app: App, case: Case, graph: Graph) -> Iterator[Line]:
    checks = app.policies.current().checks
    for step in graph:
        if step.task is not TaskKind.CONSENT or step.actor is not Actor.HIRE:
            continue
        titles = dict(checks[step.document].titles) if step.document in checks else {}
        approval, status = case.approvals.get(step.id), case.steps[step.id]
        if approval is not None:
            yield Line(CONSENT, step.document, titles, "given", approval.at, typed_by=approval.administrator)
        elif "does not consent" in status.reason:
            yield Line(CONSENT, step.document, titles, "refused", status.since)

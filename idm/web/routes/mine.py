"""The new hire's own pages: the checklist, and a page for each thing on it. Their case follows from their session, not an address."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from idm.domain.access_rules import Act, may
from idm.domain.journey import Actor, TaskKind
from idm.domain.projection import Task
from idm.errors import BadInput, Conflict, Fault, IdmError, NotAllowed, NotFound, Unavailable
from idm.flow.check_form import check_values
from idm.flow.checklist import Entry, checklist
from idm.flow.comments import comments_of
from idm.flow.deciding import Decision
from idm.flow.drafts import save_draft
from idm.flow.pages import add_pages, hand_in, pages_of, remove_page
from idm.flow.questions import ask as ask_question
from idm.flow.questions import helpers
from idm.flow.reading_on import reading_until
from idm.flow.receipt import receipt
from idm.flow.relations import paper_of
from idm.flow.task_head import names_of
from idm.flow.tasks import do_task
from idm.inputs.comments import check_comment
from idm.web.access import NewHire
from idm.web.desks import forms
from idm.web.forms import NO_FAULTS
from idm.web.portal import Routes, Visit

pages = Routes()

_REFUSALS = (BadInput, Conflict, NotAllowed, Unavailable)


@pages.get("/my", access=NewHire(Act.SEE_RECEIPT))
def overview(visit: Visit) -> Response:
    """The checklist; of a cancelled hire, what becomes of it, for as long as they can come."""
    told = checklist(visit.app, visit.case, visit.language)
    if may(visit.relations, Act.SEE_CHECKLIST, visit.case.state):
        return visit.page("my/checklist.html", list=told)
    until = reading_until(visit.app, visit.case.id)
    return visit.page("my/cancelled.html", list=told, until=until, helpers=helpers(visit.app, visit.case.id))


@pages.get("/my/papers/{kind}", access=NewHire())
def paper(visit: Visit) -> Response:
    """One paper: what it is for, by when, and where to hand it in."""
    return _paper(visit)


@pages.post("/my/papers/{kind}", access=NewHire(), files=True)
def add_or_hand_in(visit: Visit) -> Response:
    """Add files to a paper; with the button that says so, hand all of them in as one."""
    kind, uploads, case = visit.path["kind"], visit.form.uploads("file"), visit.case.id
    _entry(visit, TaskKind.DOCUMENT, kind)
    try:
        if not uploads and not pages_of(visit.app, case, kind):
            raise BadInput("No file was chosen.", faults=[Fault("file", "required", "choose a file")])
        add_pages(visit.app, case, kind, [(upload.name, upload.stream) for upload in uploads], visit.person)
        if visit.form.text("step") == "add":
            return visit.go(f"/my/papers/{kind}", visit.say("It is added. Hand in when everything is there."))
        hand_in(visit.app, case, kind, visit.person)
    except _REFUSALS as error:
        return _paper(visit, error)
    return visit.go("/my", visit.say("Thank you: we have it now, and look at it."))


@pages.post("/my/papers/{kind}/{page}/remove", access=NewHire())
def remove(visit: Visit) -> Response:
    """Take a file away again, before it is handed in."""
    kind = visit.path["kind"]
    _entry(visit, TaskKind.DOCUMENT, kind)
    try:
        if all(page.id != visit.path["page"] for page in pages_of(visit.app, visit.case.id, kind)):
            raise NotFound
        remove_page(visit.app, visit.case.id, visit.path["page"], visit.person)
    except _REFUSALS as error:
        return _paper(visit, error)
    return visit.go(f"/my/papers/{kind}", visit.say("It is removed."))


@pages.get("/my/consents/{kind}", access=NewHire())
def consent(visit: Visit) -> Response:
    """What one is asked to consent to."""
    return _consent(visit)


@pages.post("/my/consents/{kind}", access=NewHire())
def answer_consent(visit: Visit) -> Response:
    """Consent, or don't."""
    entry = _entry(visit, TaskKind.CONSENT, visit.path["kind"])
    if not entry.task:
        return _consent(visit, Conflict("You have answered this before. What you pressed now was not noted."))
    try:
        do_task(visit.app, entry.task, visit.person, Decision(visit.form.text("decision")))
    except _REFUSALS as error:
        return _consent(visit, error)
    given = visit.form.text("decision") == "give"
    return visit.go("/my", visit.say("Your consent is noted.") if given else visit.say("It is noted that you don't consent."))


@pages.get("/my/forms/{form}", access=NewHire())
def fill_in(visit: Visit) -> Response:
    """A form about oneself."""
    return _form(visit)


@pages.post("/my/forms/{form}", access=NewHire())
def take_form(visit: Visit) -> Response:
    """Hand in a form."""
    entry = _entry(visit, TaskKind.FORM, visit.path["form"])
    try:
        if visit.form.text("step") == "save":
            save_draft(visit.app, visit.person, _open(entry), forms.given(visit) or {})
            return visit.go("/my", visit.say("It is saved. Go on when you like."))
        do_task(visit.app, _open(entry), visit.person, forms.read(visit))
    except _REFUSALS as error:
        return _form(visit, error)
    return visit.go("/my", visit.say("Thank you: we have it now."))


@pages.post("/my/forms/{form}/check", access=NewHire())
def check(visit: Visit) -> Response:
    """What is wrong with what was filled in so far; what is still empty is no fault. Nothing is saved."""
    return _form(visit, check=True)


@pages.get("/my/receipt", access=NewHire(Act.SEE_RECEIPT))
def handed_in(visit: Visit) -> Response:
    """What was handed in, told and consented to, and when."""
    lines, case = receipt(visit.app, visit.case.id, visit.person), visit.case
    papers = {line.document: paper_of(visit.app, case, line.subject) for line in lines if line.document}
    shown = {id for id, paper in papers.items() if may(visit.relations, Act.READ_DOCUMENT, case.state, document=paper)}
    return visit.page("my/receipt.html", lines=lines, shown=shown)


@pages.get("/my/help", access=NewHire(Act.SEE_COMMENTS))
def help_page(visit: Visit) -> Response:
    """Whom to ask, and what was asked and answered."""
    return _help(visit)


@pages.post("/my/help", access=NewHire(Act.WRITE_COMMENT))
def ask(visit: Visit) -> Response:
    """Ask."""
    text = visit.form.text("text")
    try:
        ask_question(visit.app, visit.case.id, check_comment(text))
    except _REFUSALS as error:
        return _help(visit, error)
    return visit.go("/my/help", visit.say("Your question is sent. The answer comes here."))


def _entry(visit: Visit, kind: TaskKind, id: str) -> Entry:
    """The entry of the visitor's checklist; `NotFound` for what isn't asked of them."""
    for entry in checklist(visit.app, visit.case, visit.language).entries:
        if (entry.kind, entry.id) == (kind, id):
            return entry
    raise NotFound


def _open(entry: Entry) -> str:
    if not entry.task:
        raise Conflict("This isn't asked any more.", next_step="Nothing is to be done.")
    return entry.task


def _paper(visit: Visit, error: IdmError | None = None) -> Response:
    kind = visit.path["kind"]
    entry = _entry(visit, TaskKind.DOCUMENT, kind)
    rule = visit.app.policies.current().documents.get(kind)
    files = [row for row in visit.app.store.documents(visit.case.id) if row.kind == kind]
    held = pages_of(visit.app, visit.case.id, kind)
    context: dict[str, Any] = {"entry": entry, "rule": rule, "files": files, "held": held}
    return visit.asking("my/paper.html", error, **context)


def _consent(visit: Visit, error: IdmError | None = None) -> Response:
    kind, steps = visit.path["kind"], visit.graph.steps.values()
    asked = {step.id for step in steps if step.task is TaskKind.CONSENT and step.document == kind}
    context: dict[str, Any] = {"entry": _entry(visit, TaskKind.CONSENT, kind), "given": not asked.isdisjoint(visit.case.approvals)}
    return visit.asking("my/consent.html", error, **context)


def _form(visit: Visit, error: IdmError | None = None, *, check: bool = False) -> Response:
    entry = _entry(visit, TaskKind.FORM, visit.path["form"])
    if not entry.task:
        return visit.page("my/form_done.html", entry=entry)
    visit.task_found = _task(visit, entry)
    context: dict[str, Any] = {"entry": entry, **forms.show(visit)}
    if check:
        typed = [name for name, value in (forms.given(visit) or {}).items() if value]
        found = check_values(visit.app, entry.task, forms.given(visit) or {}, typed) if typed else ()
        wrong = visit.faults(BadInput("Some of it isn't right yet.", faults=found)) if found else NO_FAULTS
        return visit.page("my/form_fields.html" if visit.live else "my/form.html", faults=wrong, **context)
    return visit.asking("my/form.html", error, **context)


def _task(visit: Visit, entry: Entry) -> Task:
    found = visit.app.store.task(entry.task)
    if found is None or found.case != visit.case.id or found.actor is not Actor.HIRE:
        raise NotFound
    return found


def _help(visit: Visit, error: IdmError | None = None) -> Response:
    told = [comment for comment in comments_of(visit.app, visit.case.id, visit.person) if comment.text is not None]
    context: dict[str, Any] = {
        "helpers": helpers(visit.app, visit.case.id),
        "told": told,
        "names": names_of(visit.app, {comment.author for comment in told}),
        "text": visit.form.text("text"),
    }
    return visit.asking("my/help.html", error, **context)

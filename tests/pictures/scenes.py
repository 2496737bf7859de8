"""The scenes: who looks at which page, in which state. What answers GET stands in one of them, or below with why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from playwright.sync_api import Page

from tests import data
from tests.pictures import people
from tests.pictures.stage import Stage

Act = Callable[[Page], None]


@dataclass(frozen=True)
class Scene:
    """One page in one state.

    `path` is its address; or `case:running/story` for the case that the stage calls so, with what stands behind it;
    `task:running/step` for an open task of it, `done:running/step` for a done one; `document:running/kind` for its newest
    document, `my_document:` as the person hired comes to it;
    `link` for a personal link. `who`: somebody of the staff, "" for nobody, or `hire:running` for the person hired.
    `act` is done before it is looked at, and changes nothing that other scenes show. `status`: what the address answers
    before that.
    """

    name: str
    who: str
    path: str
    act: Act | None = None
    status: int = 200

    def address(self, stage: Stage) -> str:
        """Where the page is."""
        kind, _, rest = self.path.partition(":")
        name, _, part = rest.partition("/")
        match kind:
            case "link":
                return stage.link()
            case "case":
                return f"/cases/{stage.case[name]}{f'/{part}' if part else ''}"
            case "task":
                return stage.task(name, part)
            case "done":
                return f"/tasks/{stage.case[name]}.{part}.1"
            case "document":
                return stage.document(name, part)
            case "my_document":
                return f"/my{stage.document(name, part)}"
            case _:
                return self.path

    def token(self, stage: Stage) -> str:
        """The session of who looks."""
        kind, _, case = self.who.rpartition(":")
        return stage.token("", stage.case[case]) if kind == "hire" else stage.token(self.who)


def press(label: str) -> Act:
    """Press a button, and look at the page that comes."""

    def act(page: Page) -> None:
        # Twice pressed in a test is once sent: what came before has been answered.
        with page.expect_navigation():
            page.locator("main").get_by_role("button").filter(has_text=label).first.evaluate("one => one.click()")

    return act


def send(selector: str) -> Act:
    """Press the button that `selector` finds, whatever the language."""

    def act(page: Page) -> None:
        with page.expect_navigation():
            page.locator(selector).first.click()

    return act


def filled(fields: Mapping[str, str], then: str) -> Act:
    """Fill in fields by name, then press what `then` finds."""

    def act(page: Page) -> None:
        for name, value in fields.items():
            field = page.locator(f"main [name='{name}']").first
            if field.evaluate("one => one.matches('select')"):
                field.select_option(value)
            else:
                field.fill(value)
        with page.expect_navigation():
            page.locator(then).first.click()

    return act


def ticked(*ids: str, then: str) -> Act:
    """Tick boxes by id, then press what `then` finds."""

    def act(page: Page) -> None:
        for id in ids:
            page.locator(f"#{id}").check()
        with page.expect_navigation():
            page.locator(then).first.click()

    return act


def unfolded(page: Page) -> None:
    """Every fold of the page is open."""
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")


def at(anchor: str) -> Act:
    """The page is scrolled to a part of it."""

    def act(page: Page) -> None:
        page.locator(anchor).first.scroll_into_view_if_needed()

    return act


def go_on(page: Page) -> None:
    """From the link to the code."""
    send("main form button")(page)


def wrong_code(page: Page) -> None:
    """A code that nobody was sent."""
    go_on(page)
    filled({"code": "000000"}, "main form button")(page)


def dated_back(page: Page) -> None:
    """A right is added for a time that is over."""
    unfolded(page)
    page.locator("#f-role-purchaser").check()
    filled({"until.purchaser": "2026-01-01"}, "button[value=confirm]")(page)


HEAD, PAY, IT, DIRECTOR = data.HEAD_NORTH, data.PAY, data.IT, data.DIRECTOR
SUBMIT = "main form button[type=submit]"
FIND = "main form button[formaction]"
NOTE = "form[action='/absence'] > .button-row button"
DECIDE = "main form button[name=decision]"
GOOD_HIRE = {
    "cpr": "010190-1234",
    "given_name": "Freja",
    "family_name": "Fjord",
    "private_email": "freja@example.net",
    "mobile": "+4520304050",
    "unit": "school_north",
    "position": "teacher",
    "start_date": data.START,
    "weekly_hours": "37",
}
WIDE_NAME = "Wolfeschlegelsteinhausenbergerdorff" * 2

SCENES: tuple[Scene, ...] = (
    # The way in
    Scene("login", "", "/login"),
    Scene("login-choose", "", "/login/choose"),
    Scene("login-choose-nobody", "", "/login/choose?q=xyzzy"),
    Scene("signed-out", "", "/signed-out"),
    Scene("signed-out-hire", "", "/signed-out?as=hire"),
    Scene("sessions", HEAD, "/sessions"),
    Scene("look", "", "/look"),
    Scene("help", HEAD, "/help"),
    Scene("help-hire", "hire:running", "/help"),
    Scene("help-nobody", "", "/help"),
    Scene("not-found", HEAD, "/cases/c-aaaaaaaaaa", status=404),
    # The new hire
    Scene("start", "", "/start"),
    Scene("start-link", "", "link"),
    Scene("start-unknown", "", "/start/nobody-knows-this", status=404),
    Scene("start-code", "", "link", go_on),
    Scene("start-code-none", "", "/start/code", status=410),
    Scene("start-code-wrong", "", "link", wrong_code),
    Scene("my", "hire:fresh", "/my"),
    Scene("my-returned", "hire:running", "/my"),
    Scene("my-handed-in", "hire:handed_in", "/my"),
    Scene("my-long", "hire:long", "/my"),
    Scene("my-complete", "hire:complete", "/my"),
    Scene("my-cancelled", "hire:cancelled", "/my"),
    Scene("my-document", "hire:running", "my_document:running/contract"),
    Scene("my-paper", "hire:fresh", "/my/papers/work_permit"),
    Scene("my-paper-none", "hire:fresh", "/my/papers/contract", send(SUBMIT)),
    Scene("my-paper-returned", "hire:running", "/my/papers/diploma"),
    Scene("my-paper-with-us", "hire:running", "/my/papers/contract"),
    Scene("my-paper-done", "hire:running", "/my/papers/seniority_proof"),
    Scene("my-consent", "hire:fresh", "/my/consents/child_protection"),
    Scene("my-consent-done", "hire:handed_in", "/my/consents/child_protection"),
    Scene("my-form", "hire:fresh", "/my/forms/personal"),
    Scene("my-form-wrong", "hire:fresh", "/my/forms/personal", filled({"v.street": "", "v.mobile": "12"}, SUBMIT)),
    Scene("my-form-done", "hire:running", "/my/forms/personal"),
    Scene("my-receipt", "hire:running", "/my/receipt"),
    Scene("my-receipt-empty", "hire:fresh", "/my/receipt"),
    Scene("my-help", "hire:running", "/my/help"),
    Scene("my-help-empty", "hire:fresh", "/my/help", send(SUBMIT)),
    # Lists
    Scene("tasks", PAY, "/tasks"),
    Scene("tasks-long", IT, "/tasks"),
    Scene("tasks-manager", HEAD, "/tasks"),
    Scene("tasks-substitute", people.STAND_IN, "/tasks"),
    Scene("tasks-empty", data.TEACHER, "/tasks"),
    Scene("tasks-filtered-empty", IT, "/tasks?kind=appoint"),
    Scene("tasks-done", PAY, "/tasks/done"),
    Scene("tasks-done-empty", data.TEACHER, "/tasks/done"),
    Scene("tasks-delegated", DIRECTOR, "/tasks/delegated"),
    Scene("tasks-delegated-empty", data.TEACHER, "/tasks/delegated"),
    Scene("hires", HEAD, "/hires"),
    Scene("hires-long-names", people.LONG_HEAD, "/hires"),
    Scene("hires-over", HEAD, "/hires?state=over"),
    Scene("hires-empty", data.TEACHER, "/hires"),
    # The manager
    Scene("hires-new", HEAD, "/hires/new"),
    Scene("hires-new-empty", HEAD, "/hires/new", send(SUBMIT)),
    Scene("hires-new-wrong", HEAD, "/hires/new", filled({"cpr": "310299-1234", "given_name": WIDE_NAME, "private_email": "no"}, SUBMIT)),
    Scene("hires-new-summary", HEAD, "/hires/new", filled(GOOD_HIRE, SUBMIT)),
    Scene("task-appoint", DIRECTOR, "task:appoint/appoint"),
    Scene("task-appoint-wrong", DIRECTOR, "task:appoint/appoint", filled({"pay_find": "Somebody Unknown"}, DECIDE)),
    Scene("task-appoint-found", DIRECTOR, "task:appoint/appoint", filled({"pay_find": "nord"}, FIND)),
    Scene("task-ordered", HEAD, "task:ordered/ordered-child_protection"),
    Scene("task-assess", HEAD, "task:assess/assess-child_protection"),
    Scene("task-assess-no-reason", HEAD, "task:assess/assess-child_protection", send("button[value=not_clear]")),
    Scene("task-approve-order", DIRECTOR, "task:costly/approve_equipment"),
    Scene("case", HEAD, "case:running"),
    Scene("case-unfolded", HEAD, "case:running", unfolded),
    Scene("case-fresh", HEAD, "case:fresh"),
    Scene("case-long", people.LONG_HEAD, "case:long"),
    Scene("case-short-notice", HEAD, "case:short"),
    Scene("case-ready", HEAD, "case:ready"),
    Scene("case-refused", HEAD, "case:refused"),
    Scene("case-complete", HEAD, "case:complete"),
    Scene("case-cancelled", HEAD, "case:cancelled"),
    Scene("case-equipment", DIRECTOR, "case:receive"),
    Scene("case-comment-empty", HEAD, "case:running", send("#comment button")),
    Scene("story", HEAD, "case:running/story"),
    Scene("story-complete", HEAD, "case:complete/story"),
    Scene("move", HEAD, "case:running/move"),
    Scene("move-preview", HEAD, "case:running/move", filled({"start_date": "2027-02-01", "reason": "Hun skal flytte først."}, SUBMIT)),
    Scene("move-wrong", HEAD, "case:running/move", filled({"start_date": "", "weekly_hours": "many"}, SUBMIT)),
    Scene("cancel", HEAD, "case:running/cancel"),
    Scene("cancel-preview", HEAD, "case:running/cancel", filled({"reason": "Hun har fået et andet job."}, SUBMIT)),
    Scene("link", HEAD, "case:running/link"),
    Scene("powers", HEAD, "/powers"),
    Scene("powers-wrong", HEAD, "/powers", filled({"to_find": "nord"}, "#grant > .button-row button")),
    Scene("absence", PAY, "/absence"),
    Scene("absence-wrong", HEAD, "/absence", filled({"substitute_find": "Somebody Unknown"}, NOTE)),
    # The pay contact and payroll
    Scene("task-review", PAY, "task:running/review-contract"),
    Scene("task-review-no-reason", PAY, "task:running/review-contract", send("button[value=return]")),
    Scene("document", PAY, "document:running/contract"),
    Scene("document-photo", PAY, "document:running/diploma"),
    Scene("task-funnel", PAY, "task:funnel/payroll_form"),
    Scene("task-funnel-wrong", PAY, "task:funnel/payroll_form", filled({"v.occupation_rate": "7"}, SUBMIT)),
    Scene("task-control", people.CONTROL, "task:head/payroll_control"),
    Scene("task-control-return", people.CONTROL, "task:head/payroll_control", unfolded),
    Scene("task-closed", PAY, "done:running/review-seniority_proof"),
    Scene("payroll", people.KEEPER, "/payroll"),
    Scene("payroll-table", people.KEEPER, "/payroll/supplements"),
    Scene("payroll-row", people.KEEPER, "/payroll/supplements/row"),
    Scene("payroll-row-wrong", people.KEEPER, "/payroll/supplements/row", send(SUBMIT)),
    # The IT contact
    Scene("task-rights", IT, "task:running/confirm_rights"),
    Scene("task-rights-conflict", IT, "task:conflict/confirm_rights", ticked("f-role-purchaser", then="button[value=confirm]")),
    Scene("task-rights-past", IT, "task:running/confirm_rights", dated_back),
    Scene("task-second", people.SECOND, "task:head/confirm_rights"),
    Scene("task-order", IT, "task:order/equipment"),
    Scene("task-order-wrong", IT, "task:order/equipment", filled({"quantity.chair": "7"}, "button[value=order]")),
    Scene("task-receive", IT, "task:receive/receive_equipment"),
)

EXEMPT: Mapping[str, str] = {
    "/": "leads on",
    "/static/{name:path}": "files that pages load",
    "/login/oidc": "leads to the provider",
    "/login/callback": "comes from the provider, and leads on",
    "/cases/{case}/live": "a part of the page of a case",
    "/payroll/{table}/file": "a file to take away",
    "/documents/{document}/pages/{number}": "a picture in a page",
    "/documents/{document}/file": "a file to take away",
    "/my/documents/{document}/pages/{number}": "a picture in a page",
    "/my/documents/{document}/file": "a file to take away",
}
"""Addresses that are no page of their own, and why."""

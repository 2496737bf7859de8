"""The hires that are told of together: everybody answers what they are asked, and somebody here and there doesn't."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial

from idm.demo.answering import answer_everything, tasks_of
from idm.demo.hires import Hire, change
from idm.demo.stage import Stage
from idm.domain.journey import TaskKind
from idm.flow.substitute import Absence, substitute
from idm.flow.waiting import wait

_WORDS = {
    "appoint": "appointments",
    "document": "documents handed in",
    "review": "reviews",
    "consent": "consents",
    "ordered": "certificates ordered",
    "received": "received",
    "assess": "assessed",
    "personal": "personal data",
    "form": "payroll forms",
    "rights": "rights confirmed",
    "order": "decisions on equipment",
    "approve_order": "orders approved",
    "receive": "receipts",
    "approve": "answers of payroll control",
}
AT_ONCE = 3
"""In how many hires people answer at the same time, as they would."""
AWAY, STANDS_IN = "P246", "P256"
"""The pay contact of School East, who is away, and her colleague at another school, who answers for her."""
UNION, UNION_WAITS = 60, "negotiation"
"""The hire whose pay is still negotiated, and the reason that policy has for it."""


def someone_is_away(stage: Stage) -> None:
    """A pay contact goes on leave and leaves a substitute."""
    today = stage.app.clock.today()
    substitute(stage.app, Absence(AWAY, STANDS_IN, today, today + timedelta(days=30)), by=AWAY, administrator=stage.administrator)
    stage.tell(f"{stage.name_of(AWAY)} (pay contact, School East) is away for a month: {stage.name_of(STANDS_IN)} stands in")


def all_answer(stage: Stage, hires: tuple[Hire, ...]) -> None:
    """Everybody answers in all these hires, each with the power that they have."""
    deeds: Counter[str] = Counter()
    people: set[str] = set()
    in_place: set[tuple[str, str]] = set()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answered = [deed for deeds_of_one in pool.map(partial(answer_everything, stage), hires) for deed in deeds_of_one]
    for kind, holder in answered:
        deeds[kind] += 1
        people.add(holder.person)
        if holder.substitute_for:
            in_place.add((holder.person, holder.principal))
    stage.tell(f"{len(people)} people answer: " + ", ".join(f"{count} {_WORDS.get(kind, kind)}" for kind, count in deeds.most_common()))
    for person, principal in sorted(in_place):
        stage.tell(f"{stage.name_of(person)} has answered in place of {stage.name_of(principal)}, and it says so in the audit")
    stage.check("a substitute answers for who is away", (STANDS_IN, AWAY) in in_place, f"{len(in_place)} substitute(s) answered")


def plans_change(stage: Stage, hires: tuple[Hire, ...], token: str) -> None:
    """The HR system tells that a start is moved, a unit changed, a name corrected; whoever must answer anew does."""
    changed = [hire for hire in hires if hire.answers.changes]
    status, answer = stage.server.post([change(hire, datetime.now(UTC)) for hire in changed], token)
    for hire in changed:
        name, value = hire.answers.changes or ("", "")
        told = hire.start if name == "start_date" else value
        stage.tell(f"the HR system tells of {hire.name}: {name} is now {told}")
    outcomes = [str(item["outcome"]) for item in answer.get("items", [])]
    ok = status < 300 and len(outcomes) == len(changed) and "refused" not in outcomes
    stage.check("changes are taken as the hires are", ok, f"{status}: {', '.join(outcomes)}")
    for hire in changed:
        answer_everything(stage, hire)


def what_came_is_received(stage: Stage, hires: tuple[Hire, ...]) -> None:
    """What was ordered has come: whoever ordered it confirms its receipt, and whatever else is asked now is answered."""
    received = [(hire, holder) for hire in hires for kind, holder in answer_everything(stage, hire) if kind == TaskKind.RECEIVE]
    for hire, holder in received:
        stage.tell(f"{stage.name_of(holder.person)} (IT contact) confirms that the equipment of {hire.name} has come")


def check_control(stage: Stage, hire: Hire) -> None:
    """Payroll control returned a field to the pay contact, who mended it; then it was approved."""
    entries = stage.app.store.audit(stage.cases[hire.number])
    said = [entry.action for entry in entries if '"form":"personal"' not in (entry.payload or "").replace(" ", "")]
    done = [action for action in said if action in ("form-submit", "approve-return", "approve-approve")]
    stage.tell(f"payroll control returns the pay step of {hire.name}; the pay contact mends it, and it is approved")
    wanted = ["form-submit", "approve-return", "form-submit", "approve-approve"]
    stage.check("payroll control returns what is wrong to who can mend it", done == wanted, ", ".join(done))


def wait_for_the_union(stage: Stage, hire: Hire) -> None:
    """A pay contact puts a hire off for a reason that policy has; the days don't count as lateness."""
    task, holder = tasks_of(stage, hire, "form")[0]
    until = stage.app.clock.today() + timedelta(days=14)
    wait(stage.app, stage.cases[hire.number], UNION_WAITS, until, holder.person, task_id=task.id, administrator=stage.administrator)
    stage.tell(f"{stage.name_of(holder.person)} lets the payroll form of {hire.name} wait until {until}: negotiation with the union")

"""Run the demo, act by act. `idm demo` is this, with its lines on the terminal or its answer as JSON."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from datetime import time as clock_time
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from idm.demo import ending, findings, people, setting_up, trouble
from idm.demo.hires import HIRES, REPLAYED, WRONG_ID, WRONG_PATHS, Hire, event, wrong_event
from idm.demo.stage import Stage
from idm.domain.projection import HOME
from idm.errors import IdmError
from idm.flow.show import show_case
from idm.flow.steer import cancel
from idm.simulators import control

CANCELLED = next(hire for hire in HIRES if hire.cancelled)
STAYING = tuple(hire for hire in HIRES if not hire.cancelled)
OWN_HIRE = next(hire for hire in HIRES if hire.id == "hire-08")


def run_demo(home: Path, *, keep: bool, tell: Callable[[str], None]) -> dict[str, Any]:
    """Play the whole demo in `home` and answer what came of it, in the outside contract's shape; `ok` if everything is as it should be.

    Empties `home`, but only if the demo marked it: raises Conflict for any other folder. `keep` leaves the simulators running. Whatever
    happens, the server is stopped, and on any error the simulators too.
    """
    home = home.absolute()
    started = time.monotonic()
    setting_up.clear_folder(home)
    stage: Stage | None = None
    good = False
    try:
        with ended_in_order():
            stage = _set_up(home, tell, started)
            _open_doors(stage)
            rows = _play(stage)
            answer = _end(stage, rows, keep=keep)
        good = True
        return answer
    except KeyboardInterrupt:
        tell("")
        tell("Interrupted: the server and the simulated systems are being stopped; `idm demo` begins anew.")
        raise
    except IdmError as error:
        tell("")
        tell(f"The demo stops here: {error.message}")
        raise
    finally:
        if stage is not None:
            stage.server.stop()
            stage.installation.close()
        if not (good and keep):
            control.stop(home / "simulators")


@contextmanager
def ended_in_order() -> Iterator[None]:
    """Treat SIGTERM and SIGHUP as a Ctrl-C for the length of a block, so that what was started is stopped."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    numbers = (signal.SIGTERM, signal.SIGHUP) if threading.current_thread() is threading.main_thread() else ()
    before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _set_up(home: Path, tell: Callable[[str], None], started: float) -> Stage:
    tell(f"idm's main job, shown on an invented municipality in {home}")
    setting_up.make_installation(home)
    setting_up.start_simulators(home)
    return setting_up.open_stage(home, tell, started)


def _open_doors(stage: Stage) -> None:
    # It needs a moment to start, and nothing of it for the import.
    stage.server.launch()
    stage.head("A new installation, with target systems to try it on")
    for status in control.status(stage.simulators):
        stage.tell(f"{status.system:<15}{status.url}")
    stage.head("The municipality")
    setting_up.import_municipality(stage)


def _play(stage: Stage) -> list[dict[str, Any]]:
    caught = _events(stage)
    _contacts(stage)
    _papers(stage)
    _accounts(stage, caught)
    _pay_and_rights(stage)
    _change_of_mind(stage)
    return _start_dates(stage)


def _events(stage: Stage) -> list[tuple[str, str]]:
    """Twelve events reach the server, and it is killed at work. The lanes that it held then."""
    stage.head("Twelve hire events come in from the HR system")
    stage.server.wait_ready()
    token = (stage.home / "keys" / "events.token").read_text().strip()
    now = datetime.now(UTC)
    batch = [*(event(hire, stage.dates, now) for hire in HIRES), wrong_event(stage.dates, now)]
    unknown, _ = stage.server.post(batch, "not the token")
    stage.check("events are taken only with the token", unknown == 401, f"POST /events with a wrong token: {unknown}")
    control.fail(stage.simulators, "ldap", "slow", seconds=0.5)
    status, answer = stage.server.post(batch, token)
    caught = trouble.kill_at_work(stage) if status == 207 else []
    items = answer.get("items", [])
    stage.events.extend(items)
    by_id = {item["id"]: item for item in items}
    for hire in HIRES:
        item = by_id.get(hire.id, {})
        if not item.get("case"):
            raise IdmError(f"Event {hire.id} was not taken: status {status}.", next_step="See its faults in the answer of POST /events.")
        stage.cases[hire.id] = item["case"]
        stage.persons[hire.id] = stage.case(hire).person
        stage.tell(f"{hire.id}  {item['outcome']}  {hire.name}: {hire.what}")
    _wrong(stage, by_id.get(WRONG_ID, {}))
    created = sum(item["outcome"] == "created" for item in items)
    good = (status, created) == (207, len(HIRES))
    stage.check("good events of a batch are taken, the bad one comes back", good, f"{status}, {created} created")
    control.fail(stage.simulators, "erp", "timeout-after", 1)
    stage.server.launch()
    stage.tell("the server is started again; the ERP system will now do one thing and give no answer")
    stage.server.wait_ready()
    status, answer = stage.server.post(event(REPLAYED, stage.dates, now), token)
    again = answer.get("items", [{}])[0]
    stage.events.append(again)
    stage.tell(f"{REPLAYED.id}  {again.get('outcome')}  the same event once more: it is the same case, nothing is done twice")
    same = again.get("case") == stage.cases[REPLAYED.id] and again.get("outcome") == "replayed"
    stage.check("a replayed event answers with the same case", same and status == 200, f"{status}, case {again.get('case')}")
    return caught


def _wrong(stage: Stage, item: dict[str, Any]) -> None:
    paths = sorted(fault["path"] for fault in item.get("faults", []))
    stage.tell(f"{WRONG_ID}  {item.get('outcome')}  a wrong event; every fault is named at once:")
    for fault in item.get("faults", []):
        stage.tell(f"             {fault['path']} {fault['message']}")
    reserved = stage.app.store.event(str(item.get("source")), WRONG_ID)
    ok = item.get("outcome") == "refused" and paths == sorted(WRONG_PATHS) and reserved is None
    stage.check("a wrong event is refused with every fault, and reserves nothing", ok, f"{len(paths)} faults: {', '.join(paths)}")


def _contacts(stage: Stage) -> None:
    stage.head("Managers say who takes care of pay and IT, where no standing delegations do")
    people.own_hire(stage, OWN_HIRE)
    people.appoint(stage, [hire for hire in HIRES if hire.appoints])


def _papers(stage: Stage) -> None:
    stage.head("New employees hand in their papers, and the contacts look at them")
    for hire in HIRES:
        if hire.id == "hire-05":
            people.wrong_paper(stage, hire)
        people.hand_in(stage, hire)
        if hire is REPLAYED:
            people.review(stage, hire, returns="seniority_proof", reason="The second page is missing. Please send all of it.")
            people.again(stage, hire, "seniority_proof")
        else:
            people.review(stage, hire)


def _accounts(stage: Stage, caught: list[tuple[str, str]]) -> None:
    stage.head("Meanwhile, in the directory, the ERP system and the mail system")
    made = ("account", "profile", "mailbox")
    stage.until(lambda: all(stage.done(hire, *made) for hire in HIRES), "accounts, profiles and mailboxes are made")
    stage.tell("accounts, ERP profiles and mailboxes are made, all of them closed")
    trouble.check_recovered(stage, caught)
    trouble.check_unanswered(stage)
    findings.check_doors(stage, "as soon as they are made", stage.app.clock.today())


def _pay_and_rights(stage: Stage) -> None:
    stage.head("Pay and rights, while the payroll system is away")
    trouble.payroll_goes_away(stage)
    for hire in HIRES:
        people.payroll_form(stage, hire)
        people.rights(stage, hire)
    trouble.check_isolated(stage, HIRES)
    trouble.payroll_comes_back(stage, HIRES)


def _change_of_mind(stage: Stage) -> None:
    stage.head("One of them takes another job")
    stage.tell(f"{stage.administrator} (administrator) cancels the hire of {CANCELLED.name}: she has taken another job")
    cancel(stage.app, stage.cases[CANCELLED.id], "she has taken another job", stage.administrator)
    stage.until(lambda: stage.over(CANCELLED), "everything is taken back")
    findings.check_taken_back(stage, CANCELLED)
    stage.tell("account, profile, mailbox, payroll record and file are taken back in every system")


def _start_dates(stage: Stage) -> list[dict[str, Any]]:
    stage.head("The first days of work")
    findings.check_doors(stage, "the day before", stage.app.clock.today())
    moved = datetime.now(UTC)
    for day in (stage.dates.first, stage.dates.second):
        stage.set_clock(_morning(day))
        begun = [hire for hire in STAYING if hire.start(stage.dates) <= day]
        stage.tell(f"the clock is set to {day} 08:00 in Denmark: {len(begun)} of {len(STAYING)} employments have begun")
        stage.until(partial(_open, stage, begun), "accounts are open")
        findings.check_doors(stage, str(day), day)
    stage.until(lambda: all(stage.over(hire) for hire in HIRES), "every case has ended")
    findings.check_never_early(stage, moved)
    return ending.people(stage)


def _open(stage: Stage, hires: list[Hire]) -> bool:
    return all(stage.done(hire, "open_account", "open_profile", "open_mailbox") for hire in hires)


def _morning(day: date) -> datetime:
    return datetime.combine(day, clock_time(8), HOME)


def _end(stage: Stage, rows: list[dict[str, Any]], *, keep: bool) -> dict[str, Any]:
    findings.check_cases(stage)
    findings.check_rights(stage, rows)
    findings.check_payroll(stage, rows)
    findings.check_archive(stage)
    findings.check_journals(stage)
    findings.check_audit(stage)
    mails = findings.check_mails(stage)
    stage.head("What each target system says it holds")
    for line in ending.table(stage, rows):
        stage.tell(line)
    stage.head(f"How it went for {REPLAYED.name}: idm case graph {stage.cases[REPLAYED.id]}")
    for line in ending.graph(stage, REPLAYED):
        stage.tell(line)
    stage.head("What was checked")
    for check in stage.checks:
        stage.tell(f"{'ok ' if check['ok'] else 'NOT'}  {check['name']}: {check['detail']}")
    stage.head(f"The mails lie in {mails['folder']} ({mails['count']} of them). What to try next:")
    for line in ending.what_next(stage, keep=keep):
        stage.tell(line)
    wrong = sum(not check["ok"] for check in stage.checks)
    stage.head(f"{wrong} of {len(stage.checks)} checks failed." if wrong else f"All {len(stage.checks)} checks are as they should be.")
    return {
        "ok": not wrong,
        "home": str(stage.home),
        "seconds": round(time.monotonic() - stage.started, 1),
        "events": {"items": stage.events, "rejects_file": None},
        "cases": [show_case(stage.app, case) for case in stage.cases.values()],
        "people": rows,
        "checks": stage.checks,
        "mails": mails,
        "simulators": {"items": [status.as_json() for status in control.status(stage.simulators)]},
    }

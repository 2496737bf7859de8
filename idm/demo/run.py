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

from idm.demo import arriving, ending, everybody, findings, outcome, people, setting_up, trouble
from idm.demo.hires import Hire
from idm.demo.stage import Stage
from idm.domain.timers import HOME
from idm.errors import IdmError
from idm.flow.depart import Word, cancel
from idm.flow.show import show_case
from idm.simulators import control

RETURNED_PAPER, WRONG_PAPER, OWN_HIRE, CANCELLED, CONTROLLED, WRONG_PAY = 1, 5, 8, 10, 26, 4
"""The hires to which something happens: a paper comes back, a file isn't what it says, a manager's own hire ..."""


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
    caught = arriving.events(stage)
    _contacts(stage)
    _papers(stage)
    _accounts(stage, caught)
    _pay_and_rights(stage)
    _change_of_mind(stage)
    _everybody(stage)
    return _start_dates(stage)


def _contacts(stage: Stage) -> None:
    stage.head("Managers say who takes care of pay and IT, where no standing delegations do")
    people.own_hire(stage, stage.hire(OWN_HIRE))
    people.appoint(stage, stage.told)


def _papers(stage: Stage) -> None:
    stage.head("New employees hand in their papers, and the contacts look at them")
    for hire in stage.told:
        if hire.number == WRONG_PAPER:
            people.wrong_paper(stage, hire)
        people.papers(stage, hire)
        if hire.number == RETURNED_PAPER:
            people.review(stage, hire, returns="seniority_proof")
            people.again(stage, hire, "seniority_proof")
        else:
            people.review(stage, hire)
        people.checked(stage, hire)


def _accounts(stage: Stage, caught: list[tuple[str, str]]) -> None:
    stage.head("Meanwhile, in the directory, the ERP system and the mail system")
    made = ("account", "profile", "mailbox")
    stage.until(lambda: all(stage.done(hire, *made) for hire in stage.told), "accounts, profiles and mailboxes are made")
    stage.tell("accounts, ERP profiles and mailboxes are made, all of them closed")
    trouble.check_recovered(stage, caught)
    trouble.check_unanswered(stage)
    # Who starts today or earlier waits for people only: some of their doors are open already.
    findings.check_doors(stage, "as soon as they are made", (), aside=_begun(stage, stage.dates.today))


def _pay_and_rights(stage: Stage) -> None:
    stage.head("Pay and rights, while the payroll system is away")
    trouble.payroll_goes_away(stage)
    for hire in stage.told:
        if hire.number == WRONG_PAY:
            people.wrong_pay(stage, hire)
        people.payroll_form(stage, hire)
        people.rights(stage, hire)
        people.approvals(stage, hire)
    trouble.check_isolated(stage, stage.told)
    trouble.payroll_comes_back(stage, stage.told)


def _change_of_mind(stage: Stage) -> None:
    hire = stage.hire(CANCELLED)
    stage.head("One of them takes another job")
    stage.tell(f"{stage.administrator} (administrator) cancels the hire of {hire.name}: she has taken another job")
    cancel(stage.app, stage.cases[hire.number], Word(administrator=stage.administrator, reason="she has taken another job"))
    stage.until(lambda: stage.over(hire), "everything is taken back")
    findings.check_taken_back(stage, hire)
    stage.tell("account, profile, mailbox, payroll record and file are taken back in every system")


def _everybody(stage: Stage) -> None:
    stage.head(f"All the same for the {len(stage.others)} others, by the same rules")
    everybody.someone_is_away(stage)
    everybody.all_answer(stage, stage.others)
    everybody.check_control(stage, stage.hire(CONTROLLED))
    everybody.wait_for_the_union(stage, stage.hire(everybody.UNION))
    everybody.plans_change(stage, stage.others, arriving.token(stage))
    stage.until(lambda: all(stage.settled(hire) for hire in stage.others), "every system has done its part")
    everybody.what_came_is_received(stage, stage.others)
    stage.until(lambda: all(stage.settled(hire) for hire in stage.others), "every system has done its part")
    stage.tell("every system has done its part")


def _start_dates(stage: Stage) -> list[dict[str, Any]]:
    stage.head("The first days of work")
    dates = stage.dates
    at_once = _begun(stage, dates.today)
    findings.check_doors(stage, "before the clock is moved", at_once)
    moved = datetime.now(UTC)
    for day in (dates.first, dates.second):
        _go_to(stage, day)
    near = [hire for hire in stage.hires if hire.start <= dates.second]
    stage.until(lambda: all(stage.over(hire) for hire in near if hire.taken), "every case has come as far as it can")
    stage.ended |= outcome.outcomes(stage, near)
    far = [hire for hire in stage.hires if hire.start > dates.second]
    for hire in far:
        _go_to(stage, hire.start)
    stage.until(lambda: all(stage.over(hire) for hire in far if hire.taken), "every case has come as far as it can")
    stage.ended |= outcome.outcomes(stage, far)
    findings.check_never_early(stage, moved, at_once)
    return ending.people(stage)


def _go_to(stage: Stage, day: date) -> None:
    """Put the clock to a day, and see that whoever has begun gets in, and nobody else."""
    stage.set_clock(_morning(day))
    begun = _begun(stage, day)
    stage.tell(f"the clock is set to {day} 08:00 in Denmark: {len(begun)} employments have begun")
    stage.until(partial(_open, stage, begun), "accounts are open")
    findings.check_doors(stage, str(day), begun)


def _begun(stage: Stage, day: date) -> list[Hire]:
    """The hires whose doors must be open on `day`."""
    return [hire for hire in stage.taken if hire.expected.opens and hire.start <= day]


def _open(stage: Stage, hires: list[Hire]) -> bool:
    return all(stage.done(hire, "open_account", "open_profile", "open_mailbox") for hire in hires)


def _morning(day: date) -> datetime:
    return datetime.combine(day, clock_time(8), HOME)


def _end(stage: Stage, rows: list[dict[str, Any]], *, keep: bool) -> dict[str, Any]:
    # What is counted and shown from here on stands still: no reminder goes out between two looks.
    stage.server.stop()
    outcome.check_table(stage)
    findings.check_somebody(stage)
    findings.check_rights(stage, rows)
    findings.check_payroll(stage, rows)
    findings.check_archive(stage)
    findings.check_journals(stage)
    findings.check_audit(stage)
    mails = findings.check_mails(stage)
    stage.head("What each target system says it holds")
    for line in ending.table(stage, rows):
        stage.tell(line)
    stage.head("What became of each event, and what it had to become by the table made beforehand")
    for line in outcome.table(stage):
        stage.tell(line)
    first = stage.hire(1)
    stage.head(f"How it went for {first.name}: idm case graph {stage.cases[1]}")
    for line in ending.graph(stage, first):
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
        "outcomes": outcome.rows(stage),
        "mails": mails,
        "simulators": {"items": [status.as_json() for status in control.status(stage.simulators)]},
    }

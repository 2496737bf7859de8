"""Claims: who may work a lane, what becomes of those who lose theirs, and of changes that slip in while a call is under way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest

from idm.connector import Change, Retry, Verb
from idm.domain.case import StepState
from idm.domain.case_json import encode
from idm.flow.advance import Advanced, advance
from idm.flow.depart import Word, cancel
from idm.flow.sweep import sweep_once
from idm.rows import Loaded, Run
from idm.store.store import SqlStore
from tests import data
from tests.support.together import together
from tests.support.world import World


def run(world: World, case: str, lane: str = "ldap") -> Run:
    loaded = world.store.load(case)
    assert loaded is not None
    return loaded.runs[lane]


@pytest.fixture
def case(world: World) -> str:
    case = world.hire()
    world.appoint(case)
    return case


def test_there_is_nothing_to_do_for_an_unknown_case_or_lane(world: World, case: str) -> None:
    assert advance(world.app, "c-gone", "ldap") is Advanced.NOTHING
    assert advance(world.app, case, "no such lane") is Advanced.NOTHING
    assert advance(world.app, case, "payroll") is Advanced.NOTHING


def test_a_lane_is_worked_until_idle_and_then_there_is_nothing_to_do(world: World, case: str) -> None:
    assert run(world, case).state == "ready"
    assert advance(world.app, case, "ldap") is Advanced.WORKED
    assert (run(world, case).state, run(world, case).epoch, run(world, case).owner) == ("idle", 1, "")
    assert advance(world.app, case, "ldap") is Advanced.NOTHING
    assert len(world.targets["ldap"].applied()) == 1


def test_steps_in_line_take_one_commit_each_and_one_more(world: World, case: str) -> None:
    world.confirm_rights(case)
    world.all_checks(case)
    world.clock.set_day(date.fromisoformat(data.START))
    sweep_once(world.app)
    before = world.case(case).version
    advance(world.app, case, "ldap")

    assert [world.states(case)[step] for step in ("account", "directory_rights", "open_account")] == ["done"] * 3
    assert world.case(case).version == before + 4
    assert world.actions(case)[-4:] == ["step-started", "step-done", "step-done", "step-done"]


def test_a_wake_up_for_a_lane_that_another_holds_is_left_to_them(world: World, case: str) -> None:
    other = world.another_worker()
    seen: list[Advanced] = []

    def meanwhile(change: Change) -> None:
        seen.append(advance(other, case, "ldap"))

    world.targets["ldap"].meanwhile = meanwhile
    assert advance(world.app, case, "ldap") is Advanced.WORKED
    assert seen == [Advanced.HELD]
    assert len(world.targets["ldap"].applied()) == 1


def test_of_many_at_once_one_claims(world: World, case: str) -> None:
    workers = [world.another_worker(f"worker-{number}") for number in range(6)]
    answers = together([partial(advance, app, case, "ldap") for app in workers])

    assert not [answer for answer in answers if isinstance(answer, Exception)], answers
    assert answers.count(Advanced.WORKED) == 1
    assert set(answers) <= {Advanced.WORKED, Advanced.HELD, Advanced.NOTHING}
    assert len(world.targets["ldap"].journal) == 1


def test_a_worker_whose_lease_ran_out_loses_to_the_next_and_writes_nothing(world: World, case: str) -> None:
    other = world.another_worker()
    seen: list[Advanced] = []

    def meanwhile(change: Change) -> None:
        world.targets["ldap"].meanwhile = None
        world.clock.pass_seconds(61)
        seen.append(advance(other, case, "ldap"))

    world.targets["ldap"].meanwhile = meanwhile
    assert advance(world.app, case, "ldap") is Advanced.LOST
    assert seen == [Advanced.WORKED]
    assert run(world, case).epoch == 2
    assert world.step(case, "account").attempts == 2
    assert world.actions(case).count("step-done") == 1
    assert len(world.targets["ldap"].applied()) == 1


def test_what_slips_in_between_is_kept_and_the_outcome_too(world: World, case: str) -> None:
    """While the directory is called, another lane finishes and a person decides: nobody's change is lost."""

    def meanwhile(change: Change) -> None:
        world.targets["ldap"].meanwhile = None
        assert advance(world.another_worker(), case, "erp") is Advanced.WORKED
        world.confirm_rights(case)

    world.targets["ldap"].meanwhile = meanwhile
    assert advance(world.app, case, "ldap") is Advanced.WORKED
    states = world.states(case)
    assert [states[step] for step in ("account", "profile", "confirm_rights", "directory_rights")] == ["done"] * 4
    assert world.store.owned(world.case(case).person, "ldap")[0].entitlements


def test_a_wake_up_that_comes_while_the_lane_is_claimed_is_not_lost(world: World, case: str) -> None:
    """The decision finds the lane held and leaves the run alone: whoever holds it must find the new step before letting go."""

    def meanwhile(change: Change) -> None:
        world.targets["ldap"].meanwhile = None
        world.confirm_rights(case)
        assert run(world, case).state == "claimed"

    world.targets["ldap"].meanwhile = meanwhile
    advance(world.app, case, "ldap")
    assert world.states(case)["directory_rights"] == "done"


def test_a_case_that_was_cancelled_meanwhile_has_its_late_result_recorded_and_undone(world: World, case: str) -> None:
    def meanwhile(change: Change) -> None:
        if change.verb is Verb.CREATE:
            cancel(world.app, case, Word(reason="declined"))

    world.targets["ldap"].meanwhile = meanwhile
    assert advance(world.app, case, "ldap") is Advanced.WORKED
    assert (world.states(case)["account"], world.states(case)["undo-ldap"]) == ("done", "done")
    assert world.targets["ldap"].everything == {}


def test_a_case_that_is_gone_from_the_database_is_lost(world: World, case: str) -> None:
    world.targets["ldap"].meanwhile = lambda change: world.sql("delete from cases")
    assert advance(world.app, case, "ldap") is Advanced.LOST


def test_a_step_that_somebody_else_settled_meanwhile_is_lost(world: World, case: str) -> None:
    def meanwhile(change: Change) -> None:
        doc = world.case(case)
        after = replace(
            doc, steps={**doc.steps, "account": replace(doc.steps["account"], state=StepState.REFUSED)}, version=doc.version + 1
        )
        world.sql("update cases set version = :version, doc = :doc", version=after.version, doc=encode(after))

    world.targets["ldap"].meanwhile = meanwhile
    assert advance(world.app, case, "ldap") is Advanced.LOST


def test_after_a_bounded_time_the_lane_is_put_back_with_its_next_step(world: World, case: str) -> None:
    world.confirm_rights(case)
    hasty = replace(world.app, yield_after=0.0)

    assert advance(hasty, case, "ldap") is Advanced.YIELDED
    assert (world.states(case)["account"], world.states(case)["directory_rights"]) == ("done", "ready")
    assert run(world, case).state == "ready"
    assert advance(hasty, case, "ldap") is Advanced.WORKED
    assert world.states(case)["directory_rights"] == "done"


def test_a_step_in_which_a_worker_died_is_taken_up_as_doubtful(world: World, case: str) -> None:
    class Died(BaseException):
        """Stands for the end of the process: nothing after it is executed."""

    def dies(change: Change) -> None:
        world.targets["ldap"].meanwhile = None
        raise Died

    world.targets["ldap"].meanwhile = dies
    with pytest.raises(Died):
        advance(world.app, case, "ldap")
    assert (world.states(case)["account"], run(world, case).state) == ("running", "claimed")
    assert advance(world.another_worker(), case, "ldap") is Advanced.HELD
    world.clock.pass_seconds(61)
    assert advance(world.another_worker(), case, "ldap") is Advanced.WORKED

    assert world.states(case)["account"] == "done"
    assert world.store.audit(case)[-2].payload is not None
    assert '"doubtful":true' in str(world.store.audit(case)[-2].payload)
    assert len(world.targets["ldap"].applied()) == 1
    assert world.store.owned(world.case(case).person, "ldap")[0].link == "link-1"


def test_a_run_that_was_claimed_and_lost_its_work_is_settled(world: World, case: str) -> None:
    advance(world.app, case, "ldap")
    world.sql("update runs set state = 'ready' where lane = 'ldap'")
    assert advance(world.app, case, "ldap") is Advanced.NOTHING
    assert run(world, case).state == "idle"


def test_a_step_put_off_is_due_when_its_time_comes(world: World, case: str) -> None:
    world.targets["ldap"].trouble(Retry("busy", after=100, down=False))
    advance(world.app, case, "ldap")
    until = world.clock.machine() + timedelta(seconds=100)
    assert (run(world, case).state, run(world, case).due, world.step(case, "account").until) == ("idle", until, until)
    assert advance(world.app, case, "ldap") is Advanced.NOTHING
    assert world.targets["ldap"].calls == 2

    world.clock.pass_seconds(100)
    assert sweep_once(world.app) == 1
    assert advance(world.app, case, "ldap") is Advanced.WORKED
    assert world.states(case)["account"] == "done"


def test_a_change_between_looking_and_claiming_is_looked_at_again(world: World, case: str) -> None:
    """The lane is settled, held or claimed only at the version that was looked at."""
    looks = 0

    class Moving(SqlStore):
        """The store, in which somebody else changes the case right after each of the first two looks."""

        def load(self, case: str) -> Loaded | None:
            nonlocal looks
            found = super().load(case)
            looks += 1
            if looks <= 2:
                world.sql("update cases set version = version + 1")
            return found

    moving = Moving(world.database, world.keys.decrypt)
    assert advance(replace(world.app, store=moving), case, "payroll") is Advanced.NOTHING
    assert looks == 3
    looks = 0
    assert advance(replace(world.app, store=moving), case, "ldap") is Advanced.WORKED
    assert looks == 3

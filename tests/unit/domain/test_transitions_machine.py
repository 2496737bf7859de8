"""Any acts, in any order: what a case promises whatever people, workers and administrators do to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from idm.domain import transitions
from idm.domain.case import Case, CaseState, DocumentState, Step, StepState
from idm.domain.case_json import decode, encode
from idm.domain.journey import Graph, StepKind
from idm.domain.projection import Task, lane_work, tasks, tasks_changed
from idm.domain.timers import timers
from idm.errors import IdmError
from tests.support.cases import HIRE, MACHINE, NOW, WANTED, approval, graph, new_case

SYSTEMS = ("ldap", "erp", "mailbox", "payroll")
LANES = ("ldap", "shared", "payroll")
AUTOMATIC = [step.id for step in HIRE.steps if step.kind is StepKind.AUTOMATIC] + [f"undo-{system}" for system in SYSTEMS]


class CaseMachine(RuleBasedStateMachine):
    """Rules try an act; one that isn't allowed must raise and change nothing. Invariants hold after each."""

    def __init__(self) -> None:
        super().__init__()
        self.machine: datetime = MACHINE
        self.now: datetime = NOW
        self.case: Case = new_case()
        self.before: Case = self.case
        self.rows: dict[str, Task] = tasks(self.case, self.graph)

    @property
    def graph(self) -> Graph:
        return graph(self.case)

    @initialize(by_itself=st.booleans(), wanted=st.sampled_from([WANTED, WANTED[:1], ()]))
    def begin(self, by_itself: bool, wanted: tuple[object, ...]) -> None:
        self.case = self.before = new_case(by_itself=by_itself, wanted=WANTED[: len(wanted)])
        self.rows = tasks(self.case, self.graph)

    def become(self, after: Case, returned: tuple[str, ...] = ()) -> None:
        """Take the next case, and hold what it may not do against it."""
        self.before, self.case = self.case, after
        for id, was in self.before.steps.items():
            if was.state is StepState.DONE and id not in returned:
                assert after.steps[id] == was, f"{id} was done and changed"
        for task in tasks_changed(self.before, after, self.graph):
            self.rows[task.id] = task

    @rule(lane=st.sampled_from(LANES), shut=st.sets(st.sampled_from(SYSTEMS)))
    def work(self, lane: str, shut: set[str]) -> None:
        step = transitions.workable(self.case, self.graph, lane, self.machine, shut)
        if step is not None:
            assert all(self.case.steps[need].state is StepState.DONE for need in step.needs)
            self.become(transitions.start(self.case, step.id, self.now))

    def running(self) -> list[str]:
        return [id for id, step in self.case.steps.items() if step.state is StepState.RUNNING]

    @precondition(lambda self: self.running())
    @rule(data=st.data(), how=st.sampled_from(["finish", "refuse", "retry", "unknown"]), seconds=st.integers(0, 100))
    def end(self, data: st.DataObject, how: str, seconds: int) -> None:
        step = data.draw(st.sampled_from(self.running()))
        until = self.machine + timedelta(seconds=seconds)
        match how:
            case "finish":
                after = transitions.finish(self.case, self.graph, step, self.now)
            case "refuse":
                after = transitions.refuse(self.case, self.graph, step, "no", self.now)
            case _:
                after = transitions.postpone(self.case, self.graph, step, StepState(how), until, "later", self.now)
        self.become(after)

    @rule(step=st.sampled_from(AUTOMATIC), how=st.sampled_from(["start", "finish", "refuse", "postpone", "again", "hold"]))
    def try_any(self, step: str, how: str) -> None:
        """An act that nobody asked whether it may be done: it is legal by the step's state, or raises."""
        if step not in self.case.steps:
            return
        state = self.case.steps[step].state
        until = self.machine + timedelta(seconds=10)
        acts = {
            "start": lambda: transitions.start(self.case, step, self.now),
            "finish": lambda: transitions.finish(self.case, self.graph, step, self.now),
            "refuse": lambda: transitions.refuse(self.case, self.graph, step, "no", self.now),
            "postpone": lambda: transitions.postpone(self.case, self.graph, step, StepState.RETRY, until, "later", self.now),
            "again": lambda: transitions.again(self.case, self.graph, step, self.now),
            "hold": lambda: transitions.hold(self.case, self.graph, step, until, "shut", self.now),
        }
        try:
            after = acts[how]()
        except IdmError:
            return
        assert state not in (StepState.PENDING, StepState.DONE, StepState.WITHDRAWN)
        self.become(after)

    def open_steps(self) -> list[str]:
        return [task.step for task in tasks(self.case, self.graph).values() if task.state == "open"]

    @precondition(lambda self: not self.case.over and self.open_steps())
    @rule(data=st.data(), back=st.booleans())
    def answer(self, data: st.DataObject, back: bool) -> None:
        step = self.graph[data.draw(st.sampled_from(self.open_steps()))]
        if step.document and not step.returns_to:
            self.become(transitions.hand_in(self.case, self.graph, step.document, f"doc-{len(self.rows)}", "f.pdf", self.now))
        elif back and step.returns_to:
            self.become(transitions.send_back(self.case, self.graph, step.id, "mend it", self.now), (step.returns_to,))
        else:
            self.become(transitions.decide(self.case, self.graph, step.id, approval("boss"), self.now))

    @rule(kind=st.sampled_from([kind for kind, *_ in WANTED]))
    def hand_in(self, kind: str) -> None:
        accepted = kind in self.case.documents and self.case.documents[kind].state is DocumentState.ACCEPTED
        try:
            after = transitions.hand_in(self.case, self.graph, kind, f"doc-{len(self.rows)}", "f.pdf", self.now)
        except IdmError:
            return
        assert not accepted and not self.case.over
        self.become(after)

    @rule()
    def fall(self) -> None:
        self.become(transitions.fire(self.case, self.graph, "opening", self.now))

    @rule(seconds=st.integers(1, 60))
    def time_passes(self, seconds: int) -> None:
        self.machine += timedelta(seconds=seconds)
        self.now += timedelta(seconds=seconds)

    @precondition(lambda self: self.case.state is not CaseState.CANCELLED)
    @rule(all_systems=st.booleans(), unlikely=st.integers(0, 4))
    def cancel(self, all_systems: bool, unlikely: int) -> None:
        if unlikely:
            return
        begun = {step.system for step in self.graph if step.system and self.case.steps[step.id].attempts > 0}
        self.become(transitions.cancel(self.case, HIRE, SYSTEMS if all_systems else tuple(sorted(begun)), self.now))
        assert self.open_steps() == []

    @invariant()
    def no_step_has_begun_before_its_needs_are_done(self) -> None:
        begun = (StepState.READY, StepState.RUNNING, StepState.RETRY, StepState.UNKNOWN, StepState.REFUSED, StepState.DONE)
        for step in self.graph:
            if step.kind is StepKind.AUTOMATIC and self.case.steps[step.id].state in begun:
                for need in step.needs:
                    assert self.case.steps[need].state is StepState.DONE

    @invariant()
    def nothing_ready_is_left_pending(self) -> None:
        for step in self.graph:
            if self.case.steps[step.id].state is StepState.PENDING:
                assert any(self.case.steps[need].state is not StepState.DONE for need in step.needs)

    @invariant()
    def lanes_say_now_exactly_when_there_is_a_step_to_work(self) -> None:
        work = lane_work(self.case, self.graph)
        for lane in LANES:
            found = transitions.workable(self.case, self.graph, lane, self.machine, SYSTEMS)
            due = work[lane].due if lane in work else None
            now = lane in work and (due is None or due <= self.machine)
            if now and found is None:
                # What waits for its target may be tried when the circuit is no longer open; with all shut it can't.
                waiting = [step for step in self.graph if step.lane == lane and self.case.steps[step.id].state is StepState.WAITING]
                assert waiting
                assert transitions.workable(self.case, self.graph, lane, self.machine) is not None
            if found is not None:
                assert now

    @invariant()
    def a_lane_with_work_later_is_woken(self) -> None:
        work = lane_work(self.case, self.graph)
        for step in self.graph:
            status = self.case.steps[step.id]
            if step.kind is StepKind.AUTOMATIC and status.until is not None and not transitions.blocked(self.case, self.graph, step):
                due = work[step.lane].due
                assert due is None or due <= status.until

    @invariant()
    def timers_wait_exactly_while_their_step_does(self) -> None:
        waiting = self.case.steps["opening"].state is StepState.WAITING
        assert [step for step, _ in timers(self.case, self.graph)] == (["opening"] if waiting else [])

    @invariant()
    def rows_written_in_turn_are_the_tasks_of_the_case(self) -> None:
        now = tasks(self.case, self.graph)
        assert {id: self.rows[id] for id in now} == now
        assert all(row.state != "open" for id, row in self.rows.items() if id not in now)

    @invariant()
    def the_document_of_a_case_is_the_case(self) -> None:
        case = replace(self.case, version=3, head=(4, "h"))
        again = decode(
            encode(case),
            id=case.id,
            person=case.person,
            employment=case.employment,
            journey_hash=case.journey_hash,
            version=3,
            state=case.state.value,
            head=(4, "h"),
        )
        assert again == case

    @invariant()
    def its_own_state_follows_from_its_steps(self) -> None:
        if self.case.state is CaseState.CANCELLED:
            assert not [task for task in tasks(self.case, self.graph).values() if task.state == "open"]
            return
        states = [step.state for step in self.case.steps.values()]
        busy = any(state in (StepState.READY, StepState.RUNNING) for state in states)
        over = all(state is StepState.DONE for state in states)
        assert self.case.state is (CaseState.COMPLETED if over else CaseState.RUNNING if busy else CaseState.WAITING)


def test_a_case_keeps_its_promises_whatever_happens() -> None:
    run_state_machine_as_test(CaseMachine, settings=settings(max_examples=150, stateful_step_count=40, deadline=None))


def test_the_machine_knows_a_step(  # what the machine checks is checked for being able to fail
) -> None:
    machine = CaseMachine()
    machine.case = replace(machine.case, steps={**machine.case.steps, "record": Step(StepState.DONE, NOW)})
    try:
        machine.no_step_has_begun_before_its_needs_are_done()
    except AssertionError:
        return
    raise AssertionError("a step done before its needs was not noticed")

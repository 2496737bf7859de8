"""A hire that departs from plan at any moment: whatever happens in which order, nothing comes too early and nothing is left behind."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from idm.connector import Change, Refused, Retry, State, TargetError, Unknown, Verb
from idm.domain.approvals import AskedOf
from idm.domain.authority import Authority
from idm.domain.case import Case, CaseState
from idm.domain.hire import Correction
from idm.domain.journey import Graph, StepDef, StepKind, revise_id
from idm.domain.people import Cpr
from idm.errors import IdmError
from idm.flow.advance import advance
from idm.flow.correct import correct
from idm.flow.delegate import delegate
from idm.flow.delegation_life import revoke
from idm.flow.depart import Word, cancel, foresee_cancel, foresee_move, move
from idm.flow.graphs import graph_of
from idm.flow.provision import attempt
from idm.flow.steer import retry
from idm.flow.sweep import sweep_once
from idm.taking import take_batch
from tests import data
from tests.support.answering import answer
from tests.support.world import World

SYSTEMS = ("ldap", "payroll", "erp", "mailbox", "personnel_file")
TROUBLES: dict[str, Callable[[], TargetError]] = {
    "away": lambda: Retry("it is away", down=True),
    "refused": lambda: Refused("it will not"),
    "lost": lambda: Unknown("no answer came"),
}
ENDED = ("done", "withdrawn")
_GIVEN = {Verb.CREATE, Verb.GRANT, Verb.POST, Verb.ENABLE}


class _Died(BaseException):
    """A worker process that is gone from one moment to the next."""


class Departures(RuleBasedStateMachine):
    """One hire of a teacher, answered, worked and departed from in any order, with targets that fail before or after they did it.

    Meanwhile the same person may be hired elsewhere too, contacts leave, policies are edited and workers die.
    """

    make: Callable[[], World]

    def __init__(self) -> None:
        super().__init__()
        self.world = type(self).make()
        # Nothing here may depend on how fast this machine is: nothing read is trusted for a while, and no work is put off for its time.
        self.world.app = dataclasses.replace(self.world.app, trust=0.0, yield_after=math.inf, lease=1e7)
        self.case = ""
        self.cases: list[str] = []
        self.shipped = self.world.policies.current()
        self.broken: list[str] = []
        self.disturbed = False
        self.number = self.deaths = 0
        self.known_by_first_number = True
        # The attempts (case, step, its number) in which a worker died: they count as running until another takes them up anew.
        self.left_running: set[tuple[str, str, int]] = set()

    @initialize(delegated=st.booleans(), days=st.sampled_from([0, 3, 20, 60]), foreign=st.booleans())
    def hired(self, delegated: bool, days: int, foreign: bool) -> None:
        if delegated:
            self.world.delegate()
        start = (self.world.clock.today() + timedelta(days=days)).isoformat()
        self.number += 1
        self.case = self.world.hire("h1", start=start, **({"citizenship": "UA"} if foreign else {}))
        self.cases.append(self.case)
        for system, target in self.world.targets.items():
            target.meanwhile_first = True
            target.meanwhile = self._watch(system)

    def _now(self) -> Case:
        return self.world.case(self.case)

    def _watch(self, system: str) -> Callable[[Change], None]:
        def seen(change: Change) -> None:
            if not self.disturbed:
                self.broken += [f"{change.verb} {change.kind} {change.entitlement or ''}: {wrong}" for wrong in self._wrong(system, change)]

        return seen

    def _everybodys(self) -> list[tuple[Case, Graph]]:
        return [(case, graph_of(self.world.app, case)) for case in map(self.world.case, self.cases)]

    def _running(self, case: Case) -> set[tuple[str, str, int]]:
        return {(case.id, step, status.attempts) for step, status in case.steps.items() if status.state == "running"}

    def _wrong(self, system: str, change: Change) -> Iterator[str]:
        """What is wrong with a change at the moment it is asked of a target: a step before its needs, something unapproved, too early."""
        cases = self._everybodys()
        running = [(c, g, g[step]) for c, g in cases for _, step, _ in self._running(c) - self.left_running if g[step].system == system]
        if not running:
            yield "no step of its system is running"
        for case, graph, step in running:
            if case.state is not CaseState.CANCELLED and any(not case.met(need, step, graph) for need in step.needs):
                yield f"step {step.id} runs before its needs"
        if change.verb not in _GIVEN:
            return
        own = [(case, graph) for case, graph in cases if case.employment == change.key] or cases
        live = [(case, graph) for case, graph in own if case.state is not CaseState.CANCELLED]
        if not live:
            yield "the hire was cancelled"
            return

        def approved(name: str) -> bool:
            return any(case.approved(name, graph) is not None for case, graph in live)

        if not approved("hire"):
            yield "the hire isn't approved"
        if system in ("payroll", "personnel_file") and change.verb is Verb.CREATE and not approved("documents"):
            yield "the documents aren't approved"
        if system == "payroll" and change.verb is Verb.CREATE and not approved("payroll"):
            yield "the pay isn't approved"
        if change.verb is Verb.GRANT and not approved("rights"):
            yield "the rights aren't approved"
        today = self.world.clock.today()
        if change.verb is Verb.ENABLE and not any(case.facts.start_date <= today and case.cleared(graph) for case, graph in live):
            yield "it is opened before its date, or before a paper that blocks the start"

    @rule()
    def work(self) -> None:
        self.world.work()
        self.disturbed = False

    @rule()
    def work_on(self) -> None:
        self.world.work_on(times=2)
        self.disturbed = False

    @precondition(lambda self: self.case)
    @rule(which=st.integers(0, 9), back=st.booleans())
    def people_answer(self, which: int, back: bool) -> None:
        tasks = self.world.store.tasks(state="open")
        if tasks:
            answer(self.world.app, tasks[which % len(tasks)], back=back)

    @rule()
    def everybody_answers(self) -> None:
        self._answer_all(3)

    def _answer_all(self, rounds: int) -> None:
        for _ in range(rounds):
            for task in self.world.store.tasks(state="open"):
                with suppress(IdmError):
                    answer(self.world.app, task)

    def _depart(self, facts: dict[str, object]) -> None:
        before = self._now()
        with suppress(IdmError):
            foreseen = foresee_move(self.world.app, self.case, facts, Word(reason="it is so"))
            assert self._now() == before, "looking ahead changed something"
            move(self.world.app, self.case, facts, Word(reason="it is so"))
            assert bool(foreseen) == (self._now() != before), "what was foreseen isn't what happened"

    @rule(days=st.sampled_from([-5, 0, 1, 10, 45, 400]))
    def start_moves(self, days: int) -> None:
        self._depart({"start_date": self.world.clock.today() + timedelta(days=days)})

    @rule(unit=st.sampled_from(["school_north", "school_south", "daycare"]), position=st.sampled_from(["teacher", "pedagogue"]))
    def place_changes(self, unit: str, position: str) -> None:
        self._depart({"unit": unit, "position": position})

    @rule(hours=st.sampled_from(["37", "18.5", "30"]))
    def hours_change(self, hours: str) -> None:
        self._depart({"weekly_hours": hours})

    @rule(name=st.sampled_from(["Ny", "Østergård-Bæk"]))
    def name_changes(self, name: str) -> None:
        correct(self.world.app, self._now().person, Correction(family_name=name), Word(reason="married"))

    @rule(number=st.integers(500, 503))
    def cpr_is_corrected(self, number: int) -> None:
        with suppress(IdmError):
            correct(self.world.app, self._now().person, Correction(cpr=Cpr(data.cpr(number))), Word(reason="typed wrongly"))
        self.known_by_first_number = False

    @precondition(lambda self: self.known_by_first_number)
    @rule()
    def another_source_tells_it_too(self) -> None:
        """The same hire from another source, and the same event again, make no second one."""
        facts = self._now().facts
        if self._now().state is CaseState.CANCELLED:
            return
        event = data.hire_event("h1", source="urn:other", start=facts.start_date.isoformat(), unit=facts.unit, position=facts.position)
        taken = take_batch(self.world.app, json.dumps(event))
        assert taken[0].outcome == "refused"

    @rule(system=st.sampled_from(SYSTEMS), trouble=st.sampled_from(sorted(TROUBLES)), after=st.booleans(), times=st.integers(1, 2))
    def target_fails(self, system: str, trouble: str, after: bool, times: int) -> None:
        self.world.targets[system].trouble(TROUBLES[trouble](), after=after and trouble == "lost", times=times)

    @rule(system=st.sampled_from(SYSTEMS), what=st.sampled_from(["cancel", "later", "place", "name"]))
    def meanwhile(self, system: str, what: str) -> None:
        """While a call is under way, the hire departs from plan."""
        target = self.world.targets[system]

        def strike(change: Change) -> None:
            target.meanwhile = self._watch(system)
            self._watch(system)(change)
            self.disturbed = True
            with suppress(IdmError):
                if what == "cancel":
                    cancel(self.world.app, self.case, Word(reason="no more"))
                elif what == "later":
                    move(self.world.app, self.case, {"start_date": self.world.clock.today() + timedelta(days=30)}, Word(reason="later"))
                elif what == "place":
                    move(self.world.app, self.case, {"unit": "school_south", "position": "teacher"}, Word(reason="there"))
                else:
                    correct(self.world.app, self._now().person, Correction(family_name="Meanwhile"), Word(reason="married"))

        target.meanwhile = strike

    @rule(days=st.sampled_from([1, 5, 20]))
    def days_pass(self, days: int) -> None:
        self.world.clock.set_day(self.world.clock.today() + timedelta(days=days))
        sweep_once(self.world.app)

    @rule(unit=st.sampled_from(["school_north", "school_south"]))
    def manager_leaves(self, unit: str) -> None:
        tree = self.world.store.organisation()
        with self.world.store.write() as writer:
            writer.put_unit(dataclasses.replace(tree.units[unit], manager=data.DIRECTOR))
        self.world.app.cache.clear()

    @rule(which=st.integers(0, 9))
    def contact_leaves(self, which: int) -> None:
        held = [each for each in self.world.store.delegations() if not each.revoked]
        if held:
            revoke(self.world.app, held[which % len(held)].id)

    @precondition(lambda self: len(self.cases) == 1)
    @rule(days=st.sampled_from([0, 10, 40]))
    def hired_elsewhere_too(self, days: int) -> None:
        person = self.world.store.person(self._now().person)
        assert person is not None
        start = (self.world.clock.today() + timedelta(days=days)).isoformat()
        known = {"cpr": person.cpr.reveal(), "given_name": person.given_name, "family_name": person.family_name}
        self.cases.append(self.world.hire("h2", unit="care", position="nurse", start=start, citizenship=person.citizenship, **known))

    @precondition(lambda self: len(self.cases) == 2)
    @rule()
    def cancelled_elsewhere(self) -> None:
        with suppress(IdmError):
            cancel(self.world.app, self.cases[1], Word(reason="one is enough"))

    @rule(what=st.sampled_from(["control", "whole", "kinds go", "as before"]))
    def policies_are_edited(self, what: str) -> None:
        shipped = self.shipped
        documents, checks, approvals = dict(shipped.documents), dict(shipped.checks), dict(shipped.approvals)
        if what == "kinds go":
            del documents["diploma"], checks["child_protection"]
        elif what != "as before":
            id = {"control": "payroll_control", "whole": "manager_approval"}[what]
            approvals[id] = dataclasses.replace(approvals[id], asked=(AskedOf("everybody"),))
        self.world.policies.edit(documents=documents, checks=checks, approvals=approvals)

    @rule(system=st.sampled_from(SYSTEMS), after=st.booleans())
    def worker_dies(self, system: str, after: bool) -> None:
        """A worker dies before a target did what it was asked, or when it had; another finds it dead."""
        self.deaths += 1
        name = f"worker-{self.deaths}-that-dies"
        target = self.world.targets[system]
        watch = self._watch(system)

        def strike(change: Change) -> None:
            watch(change)
            target.meanwhile, target.meanwhile_first = watch, True
            raise _Died

        target.meanwhile, target.meanwhile_first = strike, not after
        mortal = self.world.another_worker(name)
        try:
            while taken := self.world.store.ready_runs({}, 100):
                for case, lane in taken:
                    advance(mortal, case, lane)
        except _Died:
            # Nobody else works at the moment: whatever counts as running is what this worker, or one before it, left behind.
            self.left_running = {attempt for case, _ in self._everybodys() for attempt in self._running(case)}
        target.meanwhile, target.meanwhile_first = watch, True
        self.world.dead.add(name)
        self.world.store.requeue_all()
        sweep_once(self.world.app)

    @precondition(lambda self: self.number < 3)
    @rule()
    def cancelled(self) -> None:
        """Seldom: what comes after a cancel is little."""
        self.number += 1
        if self.number == 3:
            with suppress(IdmError):
                foresee_cancel(self.world.app, self.case, Word(reason="withdrew"))
                cancel(self.world.app, self.case, Word(reason="withdrew"))

    @invariant()
    def nothing_came_too_early(self) -> None:
        assert self.broken == []

    def teardown(self) -> None:
        if not self.case:
            return
        try:
            self._come_to_an_end()
        finally:
            super().teardown()

    def _come_to_an_end(self) -> None:
        for name, target in self.world.targets.items():
            target.heal()
            target.meanwhile = self._watch(name)
        self.world.delegate()
        delegate(self.world.app, Authority.CONTROL, "town", [data.HEAD_SOUTH])
        self._settle()
        going = [case for case, _ in self._everybodys() if case.state is not CaseState.CANCELLED]
        if going:
            for _ in range(4):
                self._answer_all(8)
                self._settle()
            self.world.clock.set_day(max(self.world.clock.today(), *(self.world.case(each.id).facts.start_date for each in going)))
            for _ in range(3):
                sweep_once(self.world.app)
                self._answer_all(8)
                self._settle()
        assert self.broken == [], self.broken
        for case, _ in self._everybodys():
            left = {step: (status.state.value, status.reason) for step, status in case.steps.items() if status.state not in ENDED}
            assert left == {}, left
            assert case.state in (CaseState.CANCELLED, CaseState.COMPLETED)
        assert not self.world.store.tasks(state="open")
        if not going:
            self._nothing_is_left()
        for case, _ in self._everybodys():
            if case.state is CaseState.CANCELLED:
                record = self.world.targets["payroll"].held("record", case.employment)
                assert record is None or record.state is State.ENDED, "a cancelled employment is paid"
            else:
                self._all_is_there(case)
            self._nothing_changes_any_more(case)

    def _settle(self) -> None:
        """Work until nothing is put off any more; what a target refused is tried again, as an administrator would."""
        for _ in range(4):
            self.world.work_on(times=6)
            self.disturbed = False
            refused = [case for case, _ in self._everybodys() if any(status.state == "refused" for status in case.steps.values())]
            if not refused:
                return
            for case in refused:
                with suppress(IdmError):
                    retry(self.world.app, case.id)

    def _nothing_is_left(self) -> None:
        for name in SYSTEMS:
            for (kind, _), record in self.world.targets[name].everything.items():
                posted = self.world.targets[name].kinds[kind].posting
                assert posted or record.state is State.ENDED, f"a {kind} was left in {name}"
                assert posted or not record.entitlements, f"rights were left in {name}"

    def _all_is_there(self, case: Case) -> None:
        account = self.world.targets["ldap"].held("account", case.person)
        pay = self.world.targets["payroll"].held("record", case.employment)
        assert account is not None
        assert pay is not None
        person = self.world.store.person(case.person)
        assert person is not None
        assert account.state is State.ENABLED
        assert account.attributes["family_name"] == person.family_name
        assert pay.attributes["from_date"] == case.facts.start_date.isoformat()
        assert (pay.attributes["department"], pay.attributes["job_position"]) == (case.facts.unit, case.facts.position)
        assert case.facts.start_date <= self.world.clock.today()
        known = {(owned.system, owned.kind): owned.entitlements for owned in self.world.store.owned(case.person) if owned.entitlements}
        there = {(name, kind): r.entitlements for name, t in self.world.targets.items() for (kind, _), r in t.everything.items()}
        assert {where: rights for where, rights in there.items() if rights} == known, "rights are there of which nobody knows"

    def _nothing_changes_any_more(self, case: Case) -> None:
        """A second convergence of everything finds it so already."""
        for target in self.world.targets.values():
            target.meanwhile = None
        for system in SYSTEMS:
            step = StepDef(revise_id(system), StepKind.AUTOMATIC, system=system, lane=system)
            if case.state is not CaseState.CANCELLED:
                outcome = attempt(self.world.app, case, step, doubtful=False)
                assert outcome.changes == (), f"{system}: {outcome.changes}"
        for id in graph_of(self.world.app, case).steps.values():
            if id.kind is StepKind.AUTOMATIC:
                outcome = attempt(self.world.app, case, id, doubtful=False)
                assert outcome.changes == (), f"{id.id}: {outcome.changes} {outcome.reason}"

"""Organisations drawn from a seed, in a real database with cases under way: everything that can make who may act on a task special."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from idm.domain.authority import Authority, Delegation
from idm.domain.authority_powers import Substitution
from idm.domain.case import Approval, Case, HireFacts, Step, StepState
from idm.domain.four_eyes import FirstLook
from idm.domain.journey import Actor, Graph, Journey, Source, TaskKind
from idm.domain.orders import LineState, OrderLine
from idm.domain.people import Cpr, Employment, Person
from idm.domain.projection import tasks
from idm.domain.transitions import begin
from idm.ports_store import Writer
from idm.rows import Commit
from tests import data
from tests.support.cases import NOW, human
from tests.support.organisations import DAY, Drawn, draw
from tests.support.world import World

JOURNEY = Journey(
    "crowd",
    "dk.idm.hire",
    (
        human("appoint", TaskKind.APPOINT, Actor.MANAGER, approves=("hire",)),
        human("form", TaskKind.FORM, Actor.PAY, form="payroll", approves=("payroll",)),
        human("check", TaskKind.REVIEW, Actor.PAY, approves=("documents",)),
        human("rights", TaskKind.RIGHTS, Actor.IT, approves=("rights",)),
        human("control", TaskKind.APPROVE, Actor.CONTROL, approves=("payroll",)),
        human("order", TaskKind.ORDER, Actor.IT, approves=("order",)),
        human("approve_order", TaskKind.APPROVE_ORDER, Actor.MANAGER, "order", approves=("order",)),
        human("consent", TaskKind.CONSENT, Actor.HIRE),
    ),
    Source("journeys/crowd.yaml", 1, "crowd"),
)


def settle(world: World, seed: int) -> list[str]:
    """Put the organisation of that seed into a world's empty database, with cases; everybody in it."""
    chance, drawn = random.Random(seed), draw(seed)
    people = [*(drawn.powers.people or {}), "newcomer"]
    world.clock.set_day(DAY)
    world.app.journeys[JOURNEY.hash] = JOURNEY
    world.policies.edit(authority=replace(drawn.powers.policy, amounts={"payroll": "amount"}))
    cases = [_case(chance, number, drawn, people) for number in range(chance.randint(1, 8))]
    granted = [*drawn.powers.delegations, *_for_cases(chance, cases, people, list(drawn.powers.policy.teams))]
    chance.shuffle(granted)
    early = chance.randint(0, len(granted))
    with world.store.write() as writer:
        for unit in drawn.organisation.units.values():
            writer.put_unit(unit)
        for number, person in enumerate(people):
            _person(world, writer, drawn, person, number)
        for absence in _substitutions(drawn):
            writer.put_substitution(absence)
        for each in granted[:early]:
            writer.add_delegation(each)
        for case in cases:
            graph = case.graph(JOURNEY)
            made = [replace(task, due=DAY + timedelta(chance.randint(-9, 9))) for task in tasks(case, graph).values()]
            assert writer.commit_case(Commit(case, None, (), tasks=tuple(made)))
            for task in made:
                if chance.random() < 0.3:
                    writer.escalate(task.id, chance.randint(1, 3))
        for each in granted[early:]:
            writer.add_delegation(each)
        for each in granted:
            if chance.random() < 0.1:
                writer.add_delegation(replace(each, revoked=True))
    return people


def _person(world: World, put: Writer, drawn: Drawn, person: str, number: int) -> None:
    cpr = data.cpr(number)
    put.put_person(Person(person, Cpr(cpr), person.title(), "Drawn"), f"i{number}", world.keys.encrypt(cpr))
    state = (drawn.powers.people or {}).get(person)
    if state is not None and (state.first_day or state.last_day):
        first = state.first_day or DAY - timedelta(2000)
        put.put_employment(Employment(f"e-{person}", person, "u0", "x", first, state.last_day))
    if state is not None and state.no_access:
        put.put_access(person, state.no_access, "admin", NOW)


def _substitutions(drawn: Drawn) -> Iterator[Substitution]:
    for held in drawn.powers.substitutions.values():
        yield from held


def _case(chance: random.Random, number: int, drawn: Drawn, people: list[str]) -> Case:
    unit = chance.choice(list(drawn.organisation.units))
    manager = chance.choice(people) if chance.random() < 0.3 else ""
    facts = HireFacts(unit, "x", DAY + timedelta(chance.randint(-5, 60)), manager=manager)
    case = begin(
        case=f"c{number}",
        person=chance.choice(people),
        employment=f"ce{number}",
        journey=JOURNEY,
        facts=facts,
        wanted=(),
        by_itself={},
        now=NOW,
    )
    graph = case.graph(JOURNEY)
    steps = {id: _step(chance, step) for id, step in case.steps.items()}
    case = replace(case, journey_hash=JOURNEY.hash, steps=steps)
    if chance.random() < 0.5:
        case = replace(case, values={"payroll": {"amount": str(chance.choice((50, 500, 5000)))}})
    if chance.random() < 0.5:
        case = replace(case, orders=tuple(_line(chance, at, people) for at in range(chance.randint(1, 2))))
    return replace(case, looks=dict(_looks(chance, case, graph, people)), version=1)


def _step(chance: random.Random, step: Step) -> Step:
    state = chance.choice((StepState.WAITING, StepState.WAITING, StepState.WAITING, StepState.DONE, StepState.PENDING))
    return replace(step, state=state, round=chance.randint(1, 2))


def _line(chance: random.Random, number: int, people: list[str]) -> OrderLine:
    state = chance.choice((LineState.PROPOSED, LineState.PROPOSED, LineState.ORDERED))
    return OrderLine(number, "pc", "PC", 1, "1", Decimal(10), "shop", True, True, state, chance.choice(people), NOW)


def _looks(chance: random.Random, case: Case, graph: Graph, people: list[str]) -> Iterator[tuple[str, FirstLook]]:
    for step in graph:
        if chance.random() < 0.2:
            # One in three is of an earlier round, and means nothing any more.
            round = case.steps[step.id].round - chance.choice((0, 0, 1))
            values = {"amount": "900"} if step.form else {}
            yield step.id, FirstLook(Approval(chance.choice(people), "manager", NOW), round, "accept", values)


def _for_cases(chance: random.Random, cases: list[Case], people: list[str], teams: list[str]) -> Iterator[Delegation]:
    """Contacts of single cases, as managers appoint them."""
    number = 0
    for case in cases:
        for authority in Authority:
            for _ in range(chance.choice((0, 0, 1, 1, 2, 3))):
                number += 1
                to = chance.choice([*people, *(f"team:{team}" for team in teams)])
                since = DAY - timedelta(chance.choice((0, 0, 3, 100, -5)))
                until = DAY + timedelta(chance.randint(-3, 3)) if chance.random() < 0.2 else None
                yield Delegation(
                    f"x{number:03}", authority, case.facts.unit, to, chance.choice(people), since, until, case.id, chance.random() < 0.1
                )

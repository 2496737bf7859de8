"""Two cases of one person are worked at the same time: what they share ends as both of them want it."""

from __future__ import annotations

import pytest

from idm.connector import Change, Verb
from idm.flow.advance import advance
from idm.flow.depart import Word, cancel
from tests import data
from tests.support.world import World

HERS = {"all-staff", "schools", "school-north", "teachers", "learning-platform"}
OTHER = {"all-staff", "town-hall", "case-handling"}


@pytest.fixture
def cases(world: World) -> tuple[str, str]:
    """Two hires of one person, with contacts appointed."""
    cpr = data.hire_event("h1")["data"]["person"]["cpr"]
    world.delegate()
    first = world.hire("h1")
    second = world.hire("h2", unit="town_hall", position="case_worker", cpr=cpr)
    world.work()
    return first, second


def once(world: World, system: str, verb: Verb, then: str, *arguments: str) -> None:
    """Let something happen while the first change of that verb is under way."""
    target = world.targets[system]

    def meanwhile(change: Change) -> None:
        if change.verb is verb:
            target.meanwhile = None
            _ACTS[then](world, *arguments)

    target.meanwhile = meanwhile


def _cancel(world: World, case: str) -> None:
    cancel(world.app, case, Word(reason="not to be"))
    advance(world.another_worker(), case, "ldap")
    assert world.step(case, "undo-ldap").state == "done"


def _confirm(world: World, case: str) -> None:
    world.confirm_rights(case)
    advance(world.another_worker(), case, "ldap")
    assert world.step(case, "directory_rights").state == "done"


def _hire(world: World, cpr: str) -> None:
    case = world.hire("h3", unit="town_hall", position="case_worker", cpr=cpr)
    advance(world.another_worker(), case, "ldap")
    assert world.step(case, "account").state == "done"


_ACTS = {"cancel": _cancel, "confirm": _confirm, "hire": _hire}


def rights(world: World, case: str) -> frozenset[str]:
    """What the directory holds of the person, which idm must own to the last."""
    person = world.case(case).person
    held = world.targets["ldap"].held("account", person)
    assert held is not None
    (owned,) = world.store.owned(person, "ldap")
    assert owned.entitlements == held.entitlements
    return held.entitlements


def test_a_right_that_the_other_case_gave_up_meanwhile_does_not_come_back(world: World, cases: tuple[str, str]) -> None:
    first, second = cases
    world.confirm_rights(second)
    world.confirm_rights(first)
    once(world, "ldap", Verb.GRANT, "cancel", second)
    advance(world.app, first, "ldap")
    world.work_on(times=2)
    assert rights(world, first) == HERS


def test_a_right_that_the_other_case_asked_for_meanwhile_is_not_taken(world: World, cases: tuple[str, str]) -> None:
    first, second = cases
    world.confirm_rights(first)
    world.work()
    cancel(world.app, first, Word(reason="not to be"))
    once(world, "ldap", Verb.REVOKE, "confirm", second)
    advance(world.app, first, "ldap")
    world.work_on(times=2)
    assert rights(world, second) == OTHER


def test_an_account_that_a_new_case_wants_meanwhile_is_there_in_the_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.delegate()
    first = world.hire("h1")
    world.work()
    cancel(world.app, first, Word(reason="not to be"))
    person = world.case(first).person
    # The undo reads, then asks to delete; the other hire comes and finds the account before it goes.
    ldap = world.targets["ldap"]
    perform = ldap.perform

    def late(change: Change) -> str:
        monkeypatch.undo()
        _hire(world, data.hire_event("h1")["data"]["person"]["cpr"])
        return perform(change)

    monkeypatch.setattr(type(ldap), "perform", lambda _, change: late(change))
    advance(world.app, first, "ldap")
    world.work_on(times=2)
    assert ldap.held("account", person) is not None

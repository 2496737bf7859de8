"""A person is corrected: every system follows, the user name stays, and no correction is lost or undone by an older word."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from idm.connector import Change, State
from idm.domain.case import CaseState
from idm.domain.hire import Correction
from idm.domain.people import Cpr, Person
from idm.errors import Conflict, NotFound
from idm.flow.correct import correct, foresee_correction
from idm.flow.depart import Word
from tests import data
from tests.support.world import World

WHY = Word(reason="told by the person")


def person_of(world: World, case: str) -> Person:
    found = world.store.person(world.case(case).person)
    assert found is not None
    return found


def account(world: World, case: str) -> Any:
    return world.targets["ldap"].held("account", world.case(case).person)


def test_a_new_name_reaches_every_system_and_the_user_name_stays(world: World) -> None:
    case = world.whole_hire()
    before = person_of(world, case)

    after = correct(world.app, before.id, Correction(family_name="Østergård-Bæk"), WHY)
    world.work()

    assert (after.username, after.address) == (before.username, before.address)
    held = account(world, case).attributes
    assert (held["family_name"], held["username"]) == ("Østergård-Bæk", before.username)
    assert world.case(case).state is CaseState.COMPLETED
    assert world.actions("people") == ["person-corrected"]


def test_what_follows_is_told_without_a_word_of_what_is_corrected(world: World) -> None:
    case = world.whole_hire()
    before = world.case(case)

    told = foresee_correction(world.app, before.person, Correction(cpr=Cpr(data.cpr(700)), family_name="Hemmelig"))

    assert world.case(case) == before
    assert ("person", "cpr") in [(each.what, each.about) for each in told]
    assert not any("Hemmelig" in each.words or data.cpr(700) in each.words for each in told)


def test_what_is_so_already_changes_nothing(world: World) -> None:
    case = world.hire()
    known, before = person_of(world, case), world.case(case)

    assert foresee_correction(world.app, known.id, Correction(family_name=known.family_name)) == ()
    correct(world.app, known.id, Correction(family_name=known.family_name), WHY)

    assert world.case(case) == before
    assert world.actions("people") == []


def test_a_corrected_cpr_number_is_found_by_from_now_on(world: World) -> None:
    case = world.whole_hire()
    known = person_of(world, case)

    correct(world.app, known.id, Correction(cpr=Cpr(data.cpr(700))), WHY)
    world.work()

    found = world.store.person_by_cpr(world.app.keys.blind_index("cpr", data.cpr(700)))
    assert found is not None and found.id == known.id
    assert world.store.person_by_cpr(world.app.keys.blind_index("cpr", known.cpr.reveal())) is None


def test_a_number_that_belongs_to_another_is_refused_and_names_them(world: World) -> None:
    case = world.hire()
    before = world.case(case)

    with pytest.raises(Conflict) as refused:
        correct(world.app, before.person, Correction(cpr=Cpr(data.cpr(6))), WHY)

    assert data.TEACHER in refused.value.message
    assert data.cpr(6) not in f"{refused.value.message} {refused.value.faults} {refused.value.next_step}"
    assert world.case(case) == before


def test_an_unknown_person_is_refused(world: World) -> None:
    with pytest.raises(NotFound):
        correct(world.app, "p-nobody", Correction(family_name="Ny"), WHY)


def test_a_permit_wanted_only_now_shuts_what_was_open_until_it_is_accepted_and_then_opens_it_again(world: World) -> None:
    case = world.whole_hire()
    assert account(world, case).state is State.ENABLED

    correct(world.app, world.case(case).person, Correction(citizenship="UA"), WHY)
    world.work()

    assert world.case(case).state is CaseState.WAITING
    assert account(world, case).state is State.DISABLED
    world.hand_in(case, "work_permit")
    world.do(case, "review-work_permit", data.PAY, "accept", values={"expires": "2029-06-30"})
    world.work()
    assert account(world, case).state is State.ENABLED
    assert world.case(case).state is CaseState.COMPLETED


def test_a_name_corrected_while_a_call_is_under_way_is_what_the_systems_hold_in_the_end(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    target = world.targets["ldap"]

    def strike(change: Change) -> None:
        target.meanwhile = None
        correct(world.app, world.case(case).person, Correction(family_name="Meanwhile"), WHY)

    target.meanwhile = strike
    world.work()

    assert account(world, case).attributes["family_name"] == "Meanwhile"


def test_two_corrections_at_once_are_both_kept(world: World) -> None:
    case = world.hire()
    known = person_of(world, case)
    store = world.app.store

    class Slow:
        """The store of a process that looks at the person just before another corrects them."""

        def __init__(self) -> None:
            self.struck = False

        def __getattr__(self, name: str) -> Any:
            if name == "cases_of" and not self.struck:
                self.struck = True
                correct(world.app, known.id, Correction(family_name="First"), WHY)
            return getattr(store, name)

    other = dataclasses.replace(world.app, store=Slow())
    correct(other, known.id, Correction(given_name="Second"), WHY)

    after = person_of(world, case)
    assert (after.given_name, after.family_name) == ("Second", "First")


def test_a_cancelled_case_is_left_alone(world: World) -> None:
    from idm.flow.depart import cancel

    case = world.hire()
    cancel(world.app, case, Word(reason="withdrew"))
    before = world.case(case)

    correct(world.app, before.person, Correction(family_name="Ny"), WHY)

    assert world.case(case) == before
    assert person_of(world, case).family_name == "Ny"

"""The policy folder changes while events are taken: every case can find the text of the journey that it pinned."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from idm.bootstrap import opened
from idm.domain.policy import Policies
from idm.flow.intake import take
from idm.flow.organisation import import_organisation
from idm.flow.sweep import sweep_once
from idm.initialise import initialise
from idm.inputs.organisation import read_organisation
from idm.settings import Settings
from idm.taking import take_batch
from tests import data
from tests.support.world import World


def test_a_journey_that_was_edited_a_moment_ago_is_kept_with_its_text(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "var")
    initialise(settings, "test")
    with opened(settings) as installation:
        app = installation.app
        found = read_organisation(json.dumps(data.organisation()), app.clock.today())
        import_organisation(app, found.units, found.positions, found.people, found.employments, "test")
        # A process looks at the folder a few times a second: for a moment it doesn't know of the edit.
        app.policies.current()
        file = tmp_path / "var" / "policies" / "journeys" / "hire.yaml"
        file.write_text(file.read_text() + "\n# edited\n")
        (receipt,) = take_batch(app, json.dumps(data.hire_event("h1")))
        case = app.store.load(receipt.case)
        assert case is not None
        assert app.store.policy_text(case.case.journey_hash) is not None


def test_texts_that_came_in_force_between_two_questions_are_asked_for_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    real = world.policies.current()
    older = replace(real, files={**real.files, "journeys/hire.yaml": "older"})
    answers = [older]

    def current() -> Policies:
        return answers.pop() if answers else real

    monkeypatch.setattr(world.policies, "current", current)
    case = take(world.app, world.hire_of("h1")).case
    assert world.store.policy_text(world.case(case).journey_hash) is not None


def test_a_case_whose_journey_is_lost_keeps_no_other_from_its_day(world: World) -> None:
    lost, sound = world.hire("h1", start="2027-01-03"), world.hire("h2")
    for case in (lost, sound):
        world.appoint(case)
    world.sql("update cases set journey_hash = 'lost' where id = :case", case=lost)
    world.arrive()
    assert world.step(sound, "opening").state == "done"
    assert sweep_once(world.app) >= 0

"""What is kept of a check, and what accepting a paper that ends takes."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest

from idm.errors import BadInput, IdmError
from idm.flow.documents import add_document
from tests import data
from tests.support.world import World

CHECK = "child_protection"


def test_of_a_check_a_note_is_kept_and_no_file_is_taken(world: World) -> None:
    world.delegate()
    case = world.hire()
    world.do(case, f"consent-{CHECK}", world.case(case).person, "give")
    name, content = data.file_of("contract")

    with pytest.raises(IdmError):
        add_document(world.app, case, CHECK, name, io.BytesIO(content), "", "admin")
    world.all_checks(case)

    after = world.case(case)
    assert CHECK not in after.documents
    assert {after.steps[f"{step}-{CHECK}"].state for step in ("consent", "ordered", "received", "assess")} == {"done"}
    assert after.approvals[f"assess-{CHECK}"].by == data.HEAD_NORTH
    assert [row.kind for row in world.store.documents(case)] == []
    assert set(world.app.vault.sweep(world.store.vault_names(), timedelta(days=-1))) == set()


@pytest.mark.parametrize(("values", "rule"), [({}, "required"), ({"expires": "soon"}, "required"), ({"expires": "2020-01-01"}, "ended")])
def test_a_permit_is_accepted_with_its_last_day_which_covers_the_start(world: World, values: dict[str, str], rule: str) -> None:
    world.delegate()
    case = world.hire(citizenship="UA")
    world.hand_in(case, "work_permit")

    with pytest.raises(BadInput) as refused:
        world.do(case, "review-work_permit", data.PAY, "accept", values=values)

    assert [(fault.path, fault.rule) for fault in refused.value.faults] == [("values.expires", rule)]
    assert world.states(case)["review-work_permit"] == "waiting"


def test_an_assessment_against_the_hire_needs_a_reason_and_holds_the_start(world: World) -> None:
    world.delegate()
    case = world.hire()
    world.do(case, f"consent-{CHECK}", world.case(case).person, "give")
    world.do(case, f"ordered-{CHECK}", data.HEAD_NORTH, "done")
    world.do(case, f"received-{CHECK}", data.HEAD_NORTH, "done")

    with pytest.raises(BadInput):
        world.do(case, f"assess-{CHECK}", data.HEAD_NORTH, "not_clear")
    world.do(case, f"assess-{CHECK}", data.HEAD_NORTH, "not_clear", "we shall talk about it")

    step = world.step(case, f"assess-{CHECK}")
    assert (step.state, step.reason) == ("waiting", "not cleared: we shall talk about it")

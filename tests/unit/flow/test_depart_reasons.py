"""Whatever door a reason comes in by, a CPR number in it is refused, and nothing is done."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from idm.errors import BadInput
from idm.flow.access import take_access
from idm.flow.comments import add_comment, erase_comment
from idm.flow.depart import Word, cancel, foresee_cancel, foresee_move, move
from idm.flow.own_data import give_anew
from tests import data
from tests.support.world import World

CPR = "Søren was 120395-2345"


def _returned(world: World, case: str) -> object:
    return world.do(case, "review-contract", data.PAY, "return", CPR)


def _erased(world: World, case: str) -> object:
    comment = add_comment(world.app, case, data.HEAD_NORTH, "He comes on Monday.")
    return erase_comment(world.app, case, comment.id, CPR, "root")


DOORS: dict[str, Callable[[World, str], object]] = {
    "cancel": lambda world, case: cancel(world.app, case, Word(reason=CPR)),
    "cancel foreseen": lambda world, case: foresee_cancel(world.app, case, Word(reason=CPR)),
    "move": lambda world, case: move(world.app, case, {"start_date": "2027-02-01"}, Word(reason=CPR)),
    "move foreseen": lambda world, case: foresee_move(world.app, case, {"start_date": "2027-02-01"}, Word(reason=CPR)),
    "a paper returned": _returned,
    "a form again": lambda world, case: give_anew(world.app, case, "personal", data.PAY, CPR),
    "access taken": lambda world, case: take_access(world.app, data.IT, CPR, "root"),
    "comment erased": _erased,
}


@pytest.mark.parametrize("door", DOORS)
def test_a_cpr_number_in_a_reason_is_refused_at_every_door(world: World, door: str) -> None:
    world.delegate()
    case = world.hire()
    world.hand_in(case)
    world.tell_personal(case)

    with pytest.raises(BadInput) as refused:
        DOORS[door](world, case)

    assert [(fault.path, fault.rule) for fault in refused.value.faults] == [("reason", "cpr-number")]
    kept = [str(entry.payload) for stream in (case, "powers") for entry in world.store.audit(stream)]
    assert not any("120395" in entry for entry in kept)

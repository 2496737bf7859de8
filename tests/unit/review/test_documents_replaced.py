"""A review is of the document that is there: one that was replaced while its review was open is looked at anew."""

from __future__ import annotations

import pytest

from idm.errors import Conflict
from idm.flow.deciding import Decision
from idm.flow.tasks import do_task
from tests import data
from tests.support.world import World


@pytest.mark.parametrize("answer", [Decision("accept"), Decision("return", "it is unsigned")])
def test_an_answer_to_the_review_of_a_document_that_was_replaced_is_refused(world: World, answer: Decision) -> None:
    case = world.hire()
    world.appoint(case)
    world.hand_in(case, "contract")
    seen = world.task_of(case, "review-contract")
    second = world.hand_in(case, "contract")

    with pytest.raises(Conflict, match="replaced"):
        do_task(world.app, seen, data.PAY, answer)
    assert world.case(case).documents["contract"].state == "handed_in"
    assert {task.id: task.state for task in world.store.tasks(case=case) if task.step == "review-contract"} == {
        seen: "withdrawn",
        f"{case}.review-contract.2": "open",
    }
    world.accept(case, "contract")
    assert (world.case(case).documents["contract"].id, world.case(case).documents["contract"].state) == (second, "accepted")


def test_a_return_and_a_new_document_go_on_as_before(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    world.hand_in(case, "contract")
    world.hand_in(case, "contract")
    world.do(case, "review-contract", data.PAY, "return", "it is unsigned")
    assert world.states(case)["document-contract"] == "waiting"
    world.hand_in(case, "contract")
    world.accept(case, "contract")
    assert world.states(case)["review-contract"] == "done"

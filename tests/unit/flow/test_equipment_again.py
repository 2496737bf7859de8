"""Equipment asked for again: a line that the ERP system refuses, a hire that changes; and nobody approves their own order."""

from __future__ import annotations

from typing import Any

import pytest

from idm.connector import Change, Refused, Retry, Verb
from idm.errors import NotAllowed
from idm.flow.depart import Word, cancel, move
from idm.flow.tasks import actors, describe, task
from tests import data
from tests.support.world import World
from tests.unit.flow.test_equipment import ACCOUNT, CHAIR, HEADSET, LAPTOP, SCREEN, asked, lines, order, posted, states

__all__ = ["asked"]

PHONE = {"item": "phone", "account": ACCOUNT}
DEAR = (LAPTOP, SCREEN, CHAIR, PHONE)
WHY = Word(reason="agreed with the new employee")


def refuse(world: World, item: str, field: str | None = "account") -> None:
    """The ERP system takes no line of that item from now on."""

    def refuses(change: Change) -> None:
        if change.kind == "order" and change.attributes.get("item") == item:
            raise Refused("this account is closed", field=field)

    world.targets["erp"].meanwhile, world.targets["erp"].meanwhile_first = refuses, True


def accept(world: World) -> None:
    world.targets["erp"].meanwhile = None


def test_a_refused_line_goes_back_to_whoever_ordered_with_the_reason(asked: World) -> None:
    case = asked.hire()
    order(asked, case, SCREEN, CHAIR, HEADSET)
    refuse(asked, "chair")
    asked.work()

    assert states(asked, case) | {"receive_equipment": ""} == {
        "equipment": "waiting",
        "approve_equipment": "done",
        "order_equipment": "pending",
        "receive_equipment": "",
    }
    assert lines(asked, case) == {1: "ordered", 2: "proposed", 3: "proposed"}
    again = task(asked.app, asked.task_of(case, "equipment"))
    assert "this account is closed" in again.reason
    assert [line["item"] for line in describe(asked.app, again)["example"]["values"]["lines"]] == ["chair", "headset"]

    accept(asked)
    order(asked, case, HEADSET)
    asked.work()
    assert lines(asked, case) == {1: "ordered", 2: "ordered"}
    assert posted(asked, "order") == [f"{case}.order.1", f"{case}.order.2"]
    assert states(asked, case)["order_equipment"] == "done"


def test_whoever_ordered_may_let_a_refused_line_be_and_what_went_is_still_received(asked: World) -> None:
    case = asked.hire()
    order(asked, case, LAPTOP, CHAIR)
    refuse(asked, "chair")
    asked.work()
    asked.do(case, "equipment", data.IT, "none")
    asked.work()
    assert lines(asked, case) == {1: "ordered"}
    assert posted(asked, "order") == [f"{case}.order.1"]
    assert states(asked, case) == dict.fromkeys(states(asked, case), "done") | {"receive_equipment": "waiting"}


def test_what_is_refused_for_another_reason_waits_for_an_administrator(asked: World) -> None:
    case = asked.hire()
    order(asked, case, CHAIR)
    refuse(asked, "chair", field=None)
    asked.work()
    assert states(asked, case)["order_equipment"] == "refused"
    assert states(asked, case)["equipment"] == "done"
    assert lines(asked, case) == {1: "ordered"}


def test_a_cancel_after_a_refusal_takes_back_only_what_went(asked: World) -> None:
    case = asked.hire()
    order(asked, case, SCREEN, CHAIR)
    refuse(asked, "chair")
    asked.work()
    accept(asked)
    cancel(asked.app, case, Word(administrator="admin", reason="the hire fell through"))
    asked.work()
    assert lines(asked, case) == {1: "to_return", 2: "withdrawn"}
    assert posted(asked, "order_cancel") == [f"{case}.order.1"]


def test_an_order_in_parts_is_over_the_limit_as_one_in_whole_would_be(asked: World) -> None:
    case = asked.hire()
    order(asked, case, LAPTOP, SCREEN, CHAIR)
    refuse(asked, "chair")
    asked.work()
    accept(asked)
    order(asked, case, CHAIR, PHONE)
    assert states(asked, case)["approve_equipment"] == "waiting"
    assert "with what was ordered before" in asked.step(case, "approve_equipment").reason


def test_nobody_approves_their_own_order(asked: World) -> None:
    asked.delegate("school_north", it=data.HEAD_NORTH)
    case = asked.hire()
    asked.do(case, "equipment", data.HEAD_NORTH, "order", values={"lines": list(DEAR)})
    row = task(asked.app, asked.task_of(case, "approve_equipment"))
    assert [holder.person for holder in actors(asked.app, asked.case(case), row.actor, row.step)] == [data.DIRECTOR]
    with pytest.raises(NotAllowed, match="made the order"):
        asked.do(case, "approve_equipment", data.HEAD_NORTH, "approve")
    asked.do(case, "approve_equipment", data.DIRECTOR, "approve")
    asked.work()
    assert len(posted(asked, "order")) == 4


@pytest.mark.parametrize("facts", [{"unit": "school_south"}, {"position": "substitute_teacher"}])
def test_a_change_of_place_asks_again_and_keeps_what_was_ordered(asked: World, facts: dict[str, Any]) -> None:
    case = asked.hire()
    order(asked, case, SCREEN, LAPTOP)
    asked.work()
    move(asked.app, case, facts, WHY)
    assert states(asked, case)["equipment"] == "waiting"
    assert lines(asked, case) == {1: "ordered", 2: "ordered"}
    order(asked, case, HEADSET)
    asked.work()
    assert posted(asked, "order") == [f"{case}.order.{number}" for number in (1, 2, 3)]
    assert states(asked, case) == dict.fromkeys(states(asked, case), "done") | {"receive_equipment": "waiting"}


def test_what_was_approved_and_did_not_go_yet_goes_though_the_place_changed(asked: World) -> None:
    case = asked.hire()
    asked.targets["erp"].trouble(Retry("it is away"), verb=Verb.POST)
    order(asked, case, SCREEN)
    asked.work()
    assert posted(asked, "order") == []
    move(asked.app, case, {"unit": "school_south"}, WHY)
    asked.do(case, "equipment", data.IT, "none")
    asked.work_on()
    assert posted(asked, "order") == [f"{case}.order.1"]


def test_an_order_that_waits_for_approval_is_approved_as_it_is_made_anew(asked: World) -> None:
    case = asked.hire()
    order(asked, case, *DEAR)
    old = asked.task_of(case, "approve_equipment")
    move(asked.app, case, {"unit": "school_south"}, WHY)
    assert states(asked, case)["approve_equipment"] == "pending"
    order(asked, case, *DEAR, HEADSET)
    assert asked.task_of(case, "approve_equipment") != old
    asked.do(case, "approve_equipment", data.HEAD_SOUTH, "approve")
    asked.work()
    assert len(posted(asked, "order")) == 5


def test_where_nobody_is_asked_any_more_what_was_ordered_is_still_received(world: World) -> None:
    world.delegate()
    ask = world.policies.current().equipment.ask
    assert ask is not None
    position = next(iter(sorted(set(ask.positions))))
    world.sql("insert into positions (id, title) select :id, :id where not exists (select 1 from positions where id = :id)", id=position)
    world.app.cache.clear()
    case = world.hire(position=position)
    order(world, case, LAPTOP, CHAIR)
    world.work()
    move(world.app, case, {"position": "teacher"}, WHY)
    world.work()
    assert lines(world, case) == {1: "ordered", 2: "ordered"}
    assert states(world, case) == dict.fromkeys(states(world, case), "done") | {"receive_equipment": "waiting"}
    world.do(case, "receive_equipment", data.IT, "receive")
    assert lines(world, case) == {1: "received", 2: "ordered"}

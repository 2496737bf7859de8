"""Events that depart from a hire: taken once, in the order of their time, and refused in words that say what to do."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from idm.domain.case import CaseState
from idm.flow.intake import Receipt
from idm.taking import take_batch
from tests import data
from tests.support.world import World


def event(kind: str, id: str, time: str = "2026-11-25T09:00:00+01:00", subject: str = "h1", **content: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": id,
        "source": "/hr/test",
        "type": f"dk.idm.{kind}",
        "subject": subject,
        "time": time,
        "data": content,
    }


def changed(id: str, time: str = "2026-11-25T09:00:00+01:00", subject: str = "h1", **facts: Any) -> dict[str, Any]:
    return event("hire.changed", id, time, subject, employment=facts)


def send(world: World, *events: dict[str, Any]) -> list[Receipt]:
    return take_batch(world.app, json.dumps(list(events)))


def one(world: World, told: dict[str, Any]) -> tuple[str, str]:
    """The outcome, and the rule that was broken if one was."""
    receipt = send(world, told)[0]
    return str(receipt.outcome), receipt.error.faults[0].rule if receipt.error is not None and receipt.error.faults else ""


def test_a_change_is_taken_once_however_often_it_comes(world: World) -> None:
    case = world.hire()

    outcomes = [one(world, changed("m1", start_date="2027-02-01"))[0] for _ in range(3)]

    assert outcomes == ["created", "replayed", "replayed"]
    assert world.case(case).facts.start_date.isoformat() == "2027-02-01"
    assert world.actions(case).count("hire-moved") == 1


def test_the_same_id_with_other_content_is_refused(world: World) -> None:
    case = world.hire()
    one(world, changed("m1", start_date="2027-02-01"))

    assert one(world, changed("m1", start_date="2027-03-01"))[0] == "refused"
    assert world.case(case).facts.start_date.isoformat() == "2027-02-01"


def test_a_change_of_a_hire_that_was_never_taken_is_refused_and_may_be_sent_again_after_it(world: World) -> None:
    told = changed("m1", start_date="2027-02-01")

    assert one(world, told) == ("refused", "unknown-hire")
    case = world.hire()
    assert one(world, told) == ("created", "")
    assert world.case(case).facts.start_date.isoformat() == "2027-02-01"


def test_an_older_event_changes_nothing_after_a_newer_one(world: World) -> None:
    case = world.hire()
    one(world, changed("m2", "2026-11-26T09:00:00+01:00", start_date="2027-03-01"))

    assert one(world, changed("m1", "2026-11-25T09:00:00+01:00", start_date="2027-02-01")) == ("refused", "older")
    assert world.case(case).facts.start_date.isoformat() == "2027-03-01"


def test_times_are_compared_as_moments_whatever_their_zone(world: World) -> None:
    world.hire()
    one(world, changed("m2", "2026-11-26T09:00:00+01:00", start_date="2027-03-01"))

    assert one(world, changed("m3", "2026-11-26T08:30:00Z", weekly_hours=30))[0] == "created"


def test_a_newer_event_that_tells_what_is_so_already_keeps_an_older_one_from_changing_it(world: World) -> None:
    case = world.hire()

    assert one(world, changed("m2", "2026-11-26T09:00:00+01:00", start_date=data.START)) == ("created", "")
    assert one(world, changed("m1", "2026-11-25T09:00:00+01:00", start_date="2027-02-01")) == ("refused", "older")
    assert world.case(case).facts.start_date.isoformat() == data.START
    assert one(world, changed("m2", "2026-11-26T09:00:00+01:00", start_date=data.START)) == ("replayed", "")


def test_corrections_keep_to_the_order_of_their_time_too(world: World) -> None:
    case = world.hire()
    newer = event("person.corrected", "p2", "2026-11-26T09:00:00+01:00", person={"family_name": "Newer"})
    older = event("person.corrected", "p1", "2026-11-25T09:00:00+01:00", person={"family_name": "Older"})

    assert [one(world, newer)[0], one(world, older)] == ["created", ("refused", "older")]
    person = world.store.person(world.case(case).person)
    assert person is not None and person.family_name == "Newer"
    assert one(world, newer)[0] == "replayed"


def test_a_correction_that_is_so_already_is_known_when_it_comes_again(world: World) -> None:
    case = world.hire()
    person = world.store.person(world.case(case).person)
    assert person is not None
    told = event("person.corrected", "p1", person={"family_name": person.family_name})

    assert [one(world, told)[0] for _ in range(2)] == ["created", "replayed"]


def test_a_cancel_is_taken_once_and_ends_what_may_come_after_it(world: World) -> None:
    case = world.hire()
    told = event("hire.cancelled", "x1", reason="took another position")

    assert [one(world, told)[0], one(world, told)[0]] == ["created", "replayed"]
    assert world.case(case).state is CaseState.CANCELLED
    assert one(world, changed("m9", "2026-12-01T09:00:00+01:00", start_date="2027-02-01"))[0] == "refused"


def test_an_event_of_another_source_does_not_reach_the_hire(world: World) -> None:
    world.hire()

    assert one(world, {**changed("m1", start_date="2027-02-01"), "source": "/other"}) == ("refused", "unknown-hire")


def test_events_of_one_batch_are_taken_in_their_order(world: World) -> None:
    receipts = send(world, data.hire_event("h1"), changed("m1", weekly_hours=30), event("hire.cancelled", "x1", reason="withdrew"))

    assert [str(receipt.outcome) for receipt in receipts] == ["created"] * 3
    assert len({receipt.case for receipt in receipts}) == 1


def test_two_processes_that_take_one_event_at_once_answer_alike(world: World) -> None:
    world.hire()
    told = changed("m1", start_date="2027-02-01")
    looked: list[str] = []

    class Racing:
        """A store whose first look at the event comes just before another process takes it."""

        def __getattr__(self, name: str) -> Any:
            return self._event if name == "event" else getattr(world.store, name)

        def _event(self, source: str, id: str) -> Any:
            found = world.store.event(source, id)
            if not looked:
                looked.append(id)
                send(world, told)
            return found

    other = dataclasses.replace(world.app, store=Racing())

    assert [str(receipt.outcome) for receipt in take_batch(other, json.dumps([told]))] == ["replayed"]

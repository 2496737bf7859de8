from __future__ import annotations

import io
from datetime import date
from functools import partial

import pytest

from idm.connector import Change
from idm.flow.advance import Advanced, advance
from idm.flow.depart import Word, cancel
from idm.flow.relay import relay_once
from idm.flow.sweep import LOST_MESSAGE, UPLOAD, clear_vault, fire_timers, release_dead, sweep_once
from tests import data
from tests.support.together import together
from tests.support.world import World


class Died(BaseException):
    """Stands for the end of the process."""


@pytest.fixture
def case(world: World) -> str:
    case = world.hire()
    world.appoint(case)
    return case


def state(world: World, case: str, lane: str = "ldap") -> str:
    loaded = world.store.load(case)
    assert loaded is not None
    return loaded.runs[lane].state


def die(world: World, case: str) -> None:
    """Let `dead` die in the midst of a call."""

    def dies(change: Change) -> None:
        raise Died

    world.targets["ldap"].meanwhile = dies
    with pytest.raises(Died):
        advance(world.another_worker("dead"), case, "ldap")
    world.targets["ldap"].meanwhile = None


def test_the_claim_of_a_dead_process_is_released_at_once(world: World, case: str) -> None:
    die(world, case)
    assert release_dead(world.app) == 0
    world.dead.add("dead")
    assert sweep_once(world.app) == 1
    assert state(world, case) == "ready"
    assert advance(world.app, case, "ldap") is Advanced.WORKED


def test_its_own_claims_are_never_released(world: World, case: str) -> None:
    die(world, case)
    world.dead.add("dead")
    assert release_dead(world.another_worker("dead")) == 0


def test_a_claim_whose_lease_ran_out_is_taken_up(world: World, case: str) -> None:
    die(world, case)
    world.clock.pass_seconds(59)
    assert sweep_once(world.app) == 0
    world.clock.pass_seconds(2)
    assert sweep_once(world.app) == 1
    assert state(world, case) == "ready"


def test_a_message_that_nobody_took_is_sent_again(world: World, case: str) -> None:
    relay_once(world.app)
    assert sweep_once(world.app) == 0
    world.clock.pass_seconds(LOST_MESSAGE + 5)
    assert sweep_once(world.app) == 3
    assert state(world, case) == "ready"


def test_a_timer_falls_on_its_day_and_not_before(world: World, case: str) -> None:
    world.all_documents(case)
    world.work()
    world.clock.set_day(date(2027, 1, 3), 23)
    assert fire_timers(world.app) == 0
    world.clock.set_day(date.fromisoformat(data.START), 0)
    assert fire_timers(world.app) == 1
    assert world.states(case)["opening"] == "done"
    assert world.states(case)["open_mailbox"] == "ready"
    assert fire_timers(world.app) == 0
    assert world.actions(case)[-1] == "timer-fell"


def test_many_sweepers_do_each_thing_once(world: World, case: str) -> None:
    world.all_documents(case)
    world.work()
    world.clock.set_day(date.fromisoformat(data.START))
    apps = [world.another_worker(f"worker-{number}") for number in range(5)]
    answers = together([partial(sweep_once, app) for app in apps])

    assert not [answer for answer in answers if isinstance(answer, Exception)], answers
    assert world.actions(case).count("timer-fell") == 1


def test_a_sweep_without_anything_lost_changes_nothing(world: World, case: str) -> None:
    world.work()
    before = world.case(case)
    assert sweep_once(world.app) == 0
    assert world.case(case) == before


def test_a_cancelled_case_has_no_timers(world: World, case: str) -> None:
    cancel(world.app, case, Word(reason="no"))
    world.clock.set_day(date.fromisoformat(data.START))
    assert fire_timers(world.app) == 0


def test_one_case_that_cannot_be_read_does_not_keep_others_from_their_day(
    world: World, case: str, caplog: pytest.LogCaptureFixture
) -> None:
    other = world.hire("h2")
    world.appoint(other)
    world.all_documents(other)
    world.sql("update cases set journey_hash = 'lost' where id = :case", case=case)
    world.clock.set_day(date.fromisoformat(data.START))
    assert fire_timers(world.app) == 1
    assert world.states(other)["opening"] == "done"
    assert case in caplog.text


def test_what_a_dead_upload_left_is_cleared_once_no_upload_can_be_under_way(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case = world.hire()
    world.appoint(case)
    id = world.hand_in(case)
    world.app.vault.put("doc-of-a-dead-process", io.BytesIO(b"left behind"), 100)

    assert clear_vault(world.app) == 0, "it may be an upload under way"
    monkeypatch.setattr("idm.flow.sweep.UPLOAD", -UPLOAD)
    assert clear_vault(world.app) == 1
    assert clear_vault(world.app) == 0
    row = world.store.document(id)
    assert row is not None
    with world.app.vault.open(row.id, row.vault_name, row.wrapped_key) as kept:
        assert kept.read(4) == b"%PDF"

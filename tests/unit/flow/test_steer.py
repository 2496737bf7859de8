from __future__ import annotations

from datetime import date

import pytest

from idm.connector import Change, Refused, Retry, State, Unknown, Verb
from idm.errors import BadInput, Conflict, NotFound
from idm.flow.depart import Word, cancel
from idm.flow.steer import retry
from tests import data
from tests.support.world import World


def everything(world: World) -> dict[str, State]:
    """What all targets hold but postings, as system/kind: state."""
    return {
        f"{system}/{kind}": record.state
        for system, target in world.targets.items()
        for (kind, _), record in target.everything.items()
        if not target.kinds[kind].posting
    }


def test_a_refused_step_is_tried_again_when_somebody_says_so(world: World) -> None:
    world.targets["erp"].trouble(Refused("no such cost centre"))
    case = world.hire()
    world.appoint(case)
    world.work_on(times=2)
    step = world.step(case, "profile")
    assert (step.state, step.reason) == ("refused", "no such cost centre")

    retry(world.app, case, "profile", "admin")
    world.work()
    assert world.states(case)["profile"] == "done"
    assert world.store.audit(case)[-3].action == "retried"


def test_without_a_step_everything_stuck_is_tried_again(world: World) -> None:
    for system in ("ldap", "erp"):
        world.targets[system].trouble(Refused("no"))
    world.targets["mailbox"].trouble(Retry("busy", after=5000))
    case = world.hire()
    world.appoint(case)
    world.work()
    assert [world.states(case)[step] for step in ("account", "profile", "mailbox")] == ["refused", "refused", "retry"]

    retry(world.app, case)
    world.work()
    assert [world.states(case)[step] for step in ("account", "profile", "mailbox")] == ["done"] * 3
    with pytest.raises(Conflict, match="No step"):
        retry(world.app, case)


def test_only_what_is_stuck_can_be_tried_again(world: World) -> None:
    case = world.hire()
    with pytest.raises(Conflict, match="appoint"):
        retry(world.app, case, "appoint")
    with pytest.raises(NotFound):
        retry(world.app, case, "nothing")
    with pytest.raises(NotFound, match="no case 'x'"):
        retry(world.app, "x")


def test_a_cancel_needs_a_reason_and_happens_once(world: World) -> None:
    case = world.hire()
    with pytest.raises(BadInput) as refusal:
        cancel(world.app, case, Word(reason=" "))
    assert refusal.value.faults[0].path == "reason"
    cancel(world.app, case, Word(administrator="admin", reason="declined"))
    assert world.store.audit(case)[-1].actor == "admin"
    with pytest.raises(Conflict, match="cancelled before"):
        cancel(world.app, case, Word(reason="declined"))
    assert not world.store.tasks(case=case, state="open")


def test_a_cancel_before_anything_was_done_touches_no_target(world: World) -> None:
    case = world.hire()
    cancel(world.app, case, Word(reason="declined"))
    world.work()
    passed_over = {"approve_whole", "payroll_control", "equipment", "approve_equipment", "order_equipment", "receive_equipment"}
    assert {state for step, state in world.states(case).items() if step not in passed_over} == {"withdrawn"}
    assert sum(target.calls for target in world.targets.values()) == 0


def test_a_cancel_takes_back_everything_that_was_never_used(world: World) -> None:
    case = world.hire()
    world.people_act(case)
    world.work()
    assert len(everything(world)) == 5
    cancel(world.app, case, Word(reason="declined"))
    world.work()

    # Nobody was paid and nobody could log in: records go. The personnel file was open at once, but not before its date.
    assert everything(world) == {}
    assert world.case(case).state == "cancelled"
    assert {state for step, state in world.states(case).items() if step.startswith("undo-")} == {"done"}
    assert len(world.targets["mail"].everything) == 1
    assert all(owned.gone for owned in world.store.owned(world.case(case).person) if owned.system not in ("mail", "personnel_file"))


def test_a_cancel_after_the_start_ends_what_was_in_use(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    world.all_checks(case)
    world.confirm_rights(case)
    world.work()
    world.arrive()
    world.work()
    cancel(world.app, case, Word(reason="never came"))
    world.work()

    assert everything(world) == {"ldap/account": "ended", "erp/profile": "ended", "mailbox/mailbox": "ended"}
    account = world.targets["ldap"].held("account", world.case(case).person)
    assert account is not None and account.entitlements == frozenset()


def test_a_completed_hire_that_has_begun_is_not_cancelled(world: World) -> None:
    case = world.whole_hire()
    assert world.case(case).state == "completed"
    with pytest.raises(Conflict, match="has begun"):
        cancel(world.app, case, Word(reason="too late"))
    world.clock.set_day(date(2026, 12, 1))
    assert cancel(world.app, case, Word(reason="the clock was wrong")).state == "cancelled"


@pytest.mark.parametrize(
    ("error", "after"),
    [(Retry("busy"), False), (Unknown("no answer"), False), (Unknown("no answer"), True), (Refused("no"), False)],
)
def test_a_cancel_in_any_state_of_a_step_leaves_nothing_behind(world: World, error: Exception, after: bool) -> None:
    world.targets["ldap"].trouble(error, after=after, verb=Verb.CREATE)
    case = world.hire()
    world.appoint(case)
    world.work()
    cancel(world.app, case, Word(reason="declined"))
    world.work_on(times=3)

    assert everything(world) == {}
    assert world.states(case)["undo-ldap"] == "done"
    assert world.states(case)["account"] == "withdrawn"


@pytest.mark.parametrize("after_performing", [False, True])
def test_a_cancel_while_the_call_is_under_way_is_met_by_the_undo(world: World, after_performing: bool) -> None:
    case = world.hire()
    world.appoint(case)
    target = world.targets["ldap"]

    def meanwhile(change: Change) -> None:
        if change.verb is Verb.CREATE:
            target.meanwhile = None
            cancel(world.app, case, Word(reason="declined"))
            assert world.states(case)["account"] == "running"
            assert world.states(case)["undo-ldap"] == "ready"

    target.meanwhile, target.meanwhile_first = meanwhile, not after_performing
    world.work_on(times=3)

    assert everything(world) == {}
    assert world.states(case)["account"] == "done"
    assert world.states(case)["undo-ldap"] == "done"


def test_an_undo_that_fails_is_tried_until_it_succeeds(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    world.work()
    world.targets["ldap"].trouble(Retry("busy"), times=2)
    world.targets["erp"].trouble(Unknown("no answer"), after=True)
    cancel(world.app, case, Word(reason="declined"))
    world.work()
    assert world.states(case)["undo-ldap"] == "retry"
    world.work_on(times=4)

    assert everything(world) == {}
    assert {state for step, state in world.states(case).items() if step.startswith("undo-")} == {"done"}


def test_a_cancel_of_one_of_two_employments_keeps_what_the_other_wants(world: World) -> None:
    world.delegate()
    first = world.hire("h1", cpr=data.cpr(500))
    second = world.hire("h2", cpr=data.cpr(500), position="nurse", unit="care")
    for case in (first, second):
        world.confirm_rights(case)
    world.work()
    person = world.case(first).person
    account = world.targets["ldap"].held("account", person)
    assert account is not None and {"teachers", "care", "all-staff"} <= account.entitlements
    cancel(world.app, first, Word(reason="declined"))
    world.work()

    account = world.targets["ldap"].held("account", person)
    assert account is not None
    assert account.entitlements == {"all-staff", "care", "care-records"}
    assert account.attributes["department"] == "Pleje"
    assert set(everything(world)) == {"ldap/account", "erp/profile", "mailbox/mailbox"}

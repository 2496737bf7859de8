"""A connector that raises what it never should, and reasons that no database would take: a person sees a state with a reason."""

from __future__ import annotations

import pytest

from idm.connector import Refused, Verb
from idm.errors import IdmError, Unavailable
from tests.support.world import World

SECRET = "0101001234"


@pytest.mark.parametrize(
    ("error", "state", "reason"),
    [
        (KeyError(SECRET), "unknown", "the connector broke off with KeyError at target.py"),
        (RecursionError(SECRET), "unknown", "the connector broke off with RecursionError at target.py"),
        (Unavailable("The credential 'erp' can't be read.", next_step="Put it there."), "retry", "The credential 'erp' can't be read."),
        (IdmError("The document is damaged."), "refused", "The document is damaged."),
    ],
)
@pytest.mark.parametrize("reading", [True, False])
def test_what_a_connector_should_never_raise_becomes_a_state(
    world: World, error: Exception, state: str, reason: str, *, reading: bool
) -> None:
    case = world.hire()
    world.appoint(case)
    target = world.targets["mailbox"]
    if reading:
        target.trouble_reading(error)
    else:
        target.trouble(error, after=True)
    world.work()
    step = world.step(case, "mailbox")
    assert (step.state, step.reason[: len(reason)]) == (state, reason)
    assert SECRET not in str(world.store.audit(case))
    assert "mailbox" not in world.store.circuits()
    world.work_on(times=2)
    assert len(target.applied(Verb.CREATE)) == 1 or state == "refused"


def test_a_mail_whose_connector_broke_off_is_not_sent_again_by_itself(world: World) -> None:
    case = world.hire()
    world.people_act(case)
    world.targets["mail"].trouble(ValueError("odd"), after=True)
    world.work_on(times=3)
    assert len(world.targets["mail"].applied()) == 1
    assert world.step(case, "welcome").state == "done"


def test_a_reason_with_a_nul_at_its_end_as_directories_send_it_is_recorded(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    world.targets["ldap"].trouble(Refused("80090308: LdapErr: DSID-0C090446, data 52e\x00"))
    world.work()
    step = world.step(case, "account")
    assert (step.state, step.reason) == ("refused", "80090308: LdapErr: DSID-0C090446, data 52e")


def test_a_fault_of_idm_itself_is_seen_in_the_case(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case = world.hire()
    world.appoint(case)

    def broken(*_: object) -> None:
        raise ZeroDivisionError(SECRET)

    monkeypatch.setattr("idm.flow.provision.desired_state", broken)
    world.work()
    step = world.step(case, "account")
    assert step.state == "refused"
    assert step.reason.startswith("idm itself broke off with ZeroDivisionError at test_connector_breaks.py")
    assert SECRET not in step.reason

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from idm.connector import Change, Effect, KindInfo, Observed, Ref, Refused, Retry, State, Unknown, Verb
from idm.domain.case import StepState
from idm.domain.case_json import encode
from idm.flow.advance import advance
from idm.flow.depart import Word, cancel
from tests import data
from tests.support.target import MemoryTarget
from tests.support.world import World


@pytest.fixture
def case(world: World) -> str:
    case = world.hire()
    world.appoint(case)
    return case


def account(world: World, case: str) -> Observed:
    found = world.targets["ldap"].held("account", world.case(case).person)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("error", "after", "state", "reason"),
    [
        (Retry("busy"), False, "retry", "busy"),
        (Unknown("no answer"), False, "unknown", "no answer"),
        (Unknown("no answer"), True, "unknown", "no answer"),
        (Refused("not so", field="title"), False, "refused", "not so (field: title)"),
        (Refused("not so"), False, "refused", "not so"),
    ],
)
def test_each_answer_of_a_target_becomes_a_state_with_its_reason(
    world: World, case: str, error: Exception, after: bool, state: str, reason: str
) -> None:
    world.targets["ldap"].trouble(error, after=after)
    advance(world.app, case, "ldap")
    assert (world.step(case, "account").state, world.step(case, "account").reason) == (state, reason)


@pytest.mark.parametrize(("error", "after"), [(Retry("busy"), False), (Unknown("no answer"), False), (Unknown("no answer"), True)])
def test_whatever_a_lost_answer_left_nothing_is_made_twice_and_all_is_remembered(
    world: World, case: str, error: Exception, after: bool
) -> None:
    world.targets["ldap"].trouble(error, after=after, times=1, verb=Verb.CREATE)
    world.all_checks(case)
    world.confirm_rights(case)
    world.targets["ldap"].trouble(error, after=after, times=2, verb=Verb.GRANT)
    world.work_on()
    world.arrive()
    world.work()

    assert [done.verb for done in world.targets["ldap"].applied()] == [Verb.CREATE, *[Verb.GRANT] * 5, Verb.ENABLE]
    (owned,) = world.store.owned(world.case(case).person, "ldap")
    assert (owned.link, owned.opened, owned.gone) == (account(world, case).link, True, False)
    assert owned.entitlements == account(world, case).entitlements


def test_a_worker_that_died_in_the_midst_of_its_grants_leaves_nothing_that_is_not_remembered(world: World, case: str) -> None:
    class Died(BaseException):
        """Stands for the end of the process."""

    granted: list[str] = []

    def dies(change: Change) -> None:
        if change.verb is Verb.GRANT:
            granted.append(change.entitlement or "")
            if len(granted) == 3:
                raise Died

    world.confirm_rights(case)
    world.targets["ldap"].meanwhile = dies
    with pytest.raises(Died):
        advance(world.app, case, "ldap")
    world.clock.pass_seconds(61)
    advance(world.another_worker(), case, "ldap")

    (owned,) = world.store.owned(world.case(case).person, "ldap")
    assert owned.entitlements == account(world, case).entitlements
    assert len(world.targets["ldap"].applied(Verb.GRANT)) == 5


def test_a_record_that_is_not_idms_is_never_adopted(world: World, case: str) -> None:
    username = world.store.person(world.case(case).person)
    assert username is not None
    world.targets["ldap"].put_foreign("account", "theirs", username=username.username)
    world.work()

    step = world.step(case, "account")
    assert (step.state, step.reason) == ("refused", "the username is taken there by another record (field: username)")
    assert world.store.owned(world.case(case).person, "ldap") == []
    assert world.targets["ldap"].applied() == []


def test_a_record_that_vanished_is_not_made_again_by_itself(world: World, case: str) -> None:
    world.work()
    world.targets["ldap"].change_behind_the_back("account", world.case(case).person, lambda record: None)
    world.confirm_rights(case)
    world.work()

    step = world.step(case, "directory_rights")
    assert step.state == "refused"
    assert "not there any more" in step.reason
    assert world.targets["ldap"].everything == {}


def test_rights_that_somebody_else_gave_are_left_alone(world: World, case: str) -> None:
    world.work()
    key = world.case(case).person
    world.targets["ldap"].change_behind_the_back("account", key, lambda record: replace(record, entitlements=frozenset({"theirs"})))
    world.confirm_rights(case)
    world.work()
    assert "theirs" in account(world, case).entitlements
    assert "theirs" not in world.store.owned(key, "ldap")[0].entitlements


def test_a_step_that_finds_all_as_it_should_be_says_so(world: World, case: str) -> None:
    world.targets["ldap"].trouble(Unknown("no answer"), after=True)
    world.work_on(times=1)
    assert '"reason":"it was so already"' in next(
        str(entry.payload) for entry in world.store.audit(case) if entry.action == "step-done" and '"step":"account"' in str(entry.payload)
    )


def test_a_system_that_is_not_set_up_is_a_refusal_that_says_so(world: World, case: str) -> None:
    del world.targets["ldap"]
    world.policies.edit(systems={name: system for name, system in world.policies.current().systems.items() if name != "erp"})
    world.work()
    assert "no system called 'ldap'" in world.step(case, "account").reason
    assert "systems.yaml" in world.step(case, "profile").reason


def test_a_kind_that_the_connector_does_not_know_is_a_refusal(world: World, case: str) -> None:
    world.targets["ldap"].kinds = {"group": KindInfo(Effect.KEYED)}
    world.work()
    assert "does not know the kind 'account'" in world.step(case, "account").reason


def test_a_person_who_is_gone_from_the_database_is_a_refusal(world: World, case: str) -> None:
    world.sql("delete from people where id = :id", id=world.case(case).person)
    world.work()
    assert "isn't in the database" in world.step(case, "account").reason


def test_a_connector_that_breaks_its_promise_stops_its_step_and_no_other(world: World, case: str) -> None:
    """Anything but the three answers counts as unknown: it may have happened."""
    world.targets["ldap"].trouble(RuntimeError("a bug in the connector"), after=True)
    world.work()
    assert world.step(case, "account").state == "unknown"
    assert world.states(case)["profile"] == "done"
    world.work_on(times=2)
    assert world.states(case)["account"] == "done"
    assert len(world.targets["ldap"].applied(Verb.CREATE)) == 1


def hired(world: World) -> str:
    case = world.hire()
    world.appoint(case)
    world.confirm_rights(case)
    return case


def mails(world: World) -> int:
    return len(world.targets["mail"].applied(Verb.POST))


@pytest.mark.parametrize(("doubt", "state"), [("accept", "done"), ("ask", "refused")])
@pytest.mark.parametrize("after", [False, True])
def test_a_blind_effect_without_an_answer_is_accepted_or_asked_about_and_never_repeated(
    new_world: Callable[..., World], doubt: str, state: str, after: bool
) -> None:
    world = new_world(mail_is_blind=True)
    world.policies.edit_system("mail", lambda system: replace(system, doubt=doubt))
    world.targets["mail"].trouble(Unknown("no answer"), after=after, times=1)
    case = hired(world)
    world.work_on(times=3)

    assert world.states(case)["welcome"] == state
    assert mails(world) == (1 if after else 0)
    if doubt == "ask":
        assert "look whether it arrived" in world.step(case, "welcome").reason
    else:
        assert '"changes":["accepted in doubt: message"]' in "".join(str(entry.payload) for entry in world.store.audit(case))


@pytest.mark.parametrize(("doubt", "state"), [("accept", "done"), ("ask", "refused")])
def test_a_worker_that_died_in_a_blind_effect_leaves_a_doubt(new_world: Callable[..., World], doubt: str, state: str) -> None:
    class Died(BaseException):
        """Stands for the end of the process."""

    def dies(change: object) -> None:
        raise Died

    world = new_world(mail_is_blind=True)
    world.policies.edit_system("mail", lambda system: replace(system, doubt=doubt))
    case = hired(world)
    for lane in ("ldap", "erp", "mailbox"):
        advance(world.app, case, lane)
    world.targets["mail"].meanwhile = dies
    with pytest.raises(Died):
        advance(world.app, case, "mail")
    world.targets["mail"].meanwhile = None
    world.work_on(times=2)

    assert world.states(case)["welcome"] == state
    assert mails(world) == 1


def test_a_blind_effect_that_certainly_did_not_happen_is_tried_again(new_world: Callable[..., World]) -> None:
    world = new_world(mail_is_blind=True)
    world.targets["mail"].trouble(Retry("busy"), times=2)
    case = hired(world)
    world.work_on(times=3)
    assert (world.states(case)["welcome"], mails(world)) == ("done", 1)


def test_a_blind_effect_that_is_known_to_have_happened_is_not_repeated(new_world: Callable[..., World]) -> None:
    world = new_world(mail_is_blind=True)
    case = hired(world)
    world.work()
    world.sql("update runs set state = 'ready' where lane = 'mail'")
    doc = world.case(case)
    again = replace(doc, steps={**doc.steps, "welcome": replace(doc.steps["welcome"], state=StepState.READY)})
    world.sql("update cases set doc = :doc", doc=encode(again))
    world.work()
    assert (world.states(case)["welcome"], mails(world)) == ("done", 1)


def test_documents_go_to_the_archive_as_they_were_handed_in_once_each(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    world.all_documents(case)
    archive = world.targets["personnel_file"]
    archive.trouble(Unknown("no answer"), after=True, times=2, verb=Verb.POST)
    world.work_on(times=4)

    assert {done.key for done in archive.applied(Verb.POST)} == {document.id for document in world.case(case).documents.values()}
    assert len(archive.applied(Verb.POST)) == 3
    assert set(archive.attachments.values()) == {data.pdf()}


def test_an_update_is_made_by_a_rehire_in_another_place(world: World) -> None:
    world.delegate()
    first = world.hire("h1", cpr=data.cpr(500))
    world.work()
    second = world.hire("h2", cpr=data.cpr(500), position="nurse", unit="care", start="2027-02-01")
    cancel(world.app, first, Word(reason="declined"))
    world.work()
    assert account(world, second).attributes["title"] == "Sygeplejerske"
    assert account(world, second).state is State.DISABLED
    assert len(world.targets["ldap"].applied(Verb.CREATE)) == 1


def test_the_undo_of_a_rehire_after_a_record_was_taken_back_makes_it_anew(world: World) -> None:
    world.delegate()
    first = world.hire("h1", cpr=data.cpr(500))
    world.work()
    cancel(world.app, first, Word(reason="declined"))
    world.work()
    assert world.targets["ldap"].everything == {}
    second = world.hire("h2", cpr=data.cpr(500))
    world.confirm_rights(second)
    world.work()

    assert world.states(second)["account"] == "done"
    (owned,) = world.store.owned(world.case(second).person, "ldap")
    assert (owned.gone, owned.employment, owned.link) == (False, world.case(second).employment, account(world, second).link)
    assert owned.entitlements == account(world, second).entitlements


def test_targets_keep_the_connectors_promises_in_these_tests() -> None:
    target = MemoryTarget({"mail": KindInfo(Effect.BLIND, posting=True)})
    target.perform(Change(Verb.POST, "mail", "k", "e"))
    target.perform(Change(Verb.POST, "mail", "k", "e"))
    assert len(target.applied()) == 2
    with pytest.raises(Refused):
        target.read(Ref("mail", "k"))

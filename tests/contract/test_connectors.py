"""What idm asks of every connector, asked of each over a real wire."""

from __future__ import annotations

import os
import re
import signal
import time
import traceback
from dataclasses import replace
from pathlib import Path

import pytest

from idm.connector import Change, Connector, Effect, Observed, Ref, Refused, Retry, State, TargetError, Unknown, Verb
from idm.simulators import control
from idm.simulators.files import SYSTEMS
from tests.contract.targets import CPR, GROUPS, Target, new_key, simulated
from tests.waiting import wait_until

BUSY = 30
"""Seconds that a busy machine may add to a short deadline; the systems here would keep a call waiting far longer."""


def found(connector: Connector, made: Change, link: str | None = None) -> Observed:
    record = connector.read(Ref(made.kind, made.key, link))
    assert record is not None
    return record


def test_it_describes_itself(target: Target) -> None:
    described = target.connect(deadline=3).describe()
    assert described.deadline == 3
    assert described.kinds[target.kind].effect in (Effect.KEYED, Effect.UNIQUE)
    assert not described.kinds[target.kind].posting


def test_a_probe_logs_in(target: Target) -> None:
    assert target.connect().probe()


def test_what_is_not_there_is_positively_absent(target: Target) -> None:
    assert target.connect().read(Ref(target.kind, new_key())) is None


def test_a_created_record_is_read_by_link_and_by_key(target: Target) -> None:
    connector, made = target.connect(), target.creation(new_key())
    link = connector.perform(made)
    for record in (found(connector, made, link), found(connector, made)):
        assert (record.kind, record.key, record.link, record.state) == (made.kind, made.key, link, State.DISABLED)
        assert record.managed
        assert {name: record.attributes[name] for name in made.attributes} == made.attributes


def test_creating_twice_makes_one(target: Target) -> None:
    connector, made = target.connect(), target.creation(new_key())
    assert connector.perform(made) == connector.perform(made)
    assert [record.key for record in connector.scan(target.kind)].count(made.key) == 1


@pytest.mark.parametrize("by_link", [True, False])
def test_a_record_lives_from_opening_to_end(target: Target, by_link: bool) -> None:
    connector, made = target.connect(), target.creation(new_key())
    created = connector.perform(made)
    link = created if by_link else None
    for verb, state in ((Verb.ENABLE, State.ENABLED), (Verb.DISABLE, State.DISABLED), (Verb.ENABLE, State.ENABLED)):
        for _ in "twice":
            assert connector.perform(target.change(verb, made, link)) == created
        assert found(connector, made).state is state
    for _ in "twice":
        connector.perform(target.change(Verb.UPDATE, made, link, attributes=target.update))
    assert {name: found(connector, made).attributes[name] for name in target.update} == target.update
    for _ in "twice":
        connector.perform(target.change(Verb.END, made, link))
    left = connector.read(Ref(made.kind, made.key, created))
    assert left is None or left.state is State.ENDED


def test_what_never_was_in_use_is_deleted(target: Target) -> None:
    connector, made = target.connect(), target.creation(new_key())
    link = connector.perform(made)
    for _ in "twice":
        connector.perform(target.change(Verb.DELETE, made, link))
    assert connector.read(Ref(made.kind, made.key, link)) is None
    assert connector.read(Ref(made.kind, made.key)) is None
    connector.perform(target.change(Verb.END, made, link))


def test_rights_are_granted_and_revoked(target: Target) -> None:
    if target.entitlement is None:
        connector, made = target.connect(), target.creation(new_key())
        link = connector.perform(made)
        with pytest.raises(Refused):
            connector.perform(target.change(Verb.GRANT, made, link, entitlement="anything"))
        return
    connector, made = target.connect(), target.creation(new_key())
    link = connector.perform(made)
    for _ in "twice":
        connector.perform(target.change(Verb.GRANT, made, link, entitlement=target.entitlement))
    assert found(connector, made).entitlements == {target.entitlement}
    for _ in "twice":
        connector.perform(target.change(Verb.REVOKE, made, link, entitlement=target.entitlement))
    assert found(connector, made).entitlements == frozenset()


def test_a_right_the_system_has_not_is_refused(target: Target) -> None:
    connector, made = target.connect(), target.creation(new_key())
    link = connector.perform(made)
    with pytest.raises(Refused, match="no-such-right"):
        connector.perform(target.change(Verb.GRANT, made, link, entitlement="no-such-right"))


def test_what_another_record_has_is_refused(target: Target) -> None:
    connector, first, second = target.connect(), target.creation(new_key()), target.creation(new_key())
    link = connector.perform(first)
    if target.clash is None:
        # Nothing but the key is unique here: another effect can't make a second record of it, nor write over the first.
        with pytest.raises(Refused, match="key"):
            connector.perform(replace(second, key=first.key, effect_key="another/effect"))
        assert found(connector, first, link).attributes == first.attributes
        return
    clashing = target.creation(new_key(), **target.clash(dict(second.attributes), dict(first.attributes)))
    with pytest.raises(Refused) as refused:
        connector.perform(clashing)
    assert refused.value.reason
    assert connector.read(Ref(target.kind, clashing.key)) is None


def test_another_record_of_the_same_key_is_not_adopted(target: Target) -> None:
    connector, mine, theirs = target.connect(), target.creation(new_key()), target.creation(new_key())
    link = connector.perform(theirs)
    with pytest.raises((Refused, Retry)):
        connector.perform(Change(Verb.ENABLE, target.kind, mine.key, "x/enabled", link=link))
    assert found(connector, theirs).state is State.DISABLED


def test_what_is_gone_is_not_changed(target: Target) -> None:
    connector, made = target.connect(), target.creation(new_key())
    link = connector.perform(made)
    connector.perform(target.change(Verb.DELETE, made, link))
    for verb in (Verb.REVOKE, Verb.DISABLE, Verb.END, Verb.DELETE):
        connector.perform(target.change(verb, made, link, entitlement=target.entitlement or "any"))
    with pytest.raises((Retry, Refused)) as answer:
        connector.perform(target.change(Verb.ENABLE, made, link))
    assert not (isinstance(answer.value, Retry) and answer.value.down)


def test_an_unknown_kind_is_refused(target: Target) -> None:
    with pytest.raises(Refused):
        target.connect().read(Ref("no-such-kind", "K"))


def test_a_wrong_credential_is_refused(target: Target) -> None:
    connector = target.connect("wrong")
    with pytest.raises(Refused, match="secret"):
        connector.probe()
    with pytest.raises(Refused):
        connector.perform(target.creation(new_key()))


def test_nobody_is_created_under_the_readers_credential(target: Target) -> None:
    made = target.creation(new_key())
    with pytest.raises(Refused):
        target.connect("reader").perform(made)
    assert target.connect().read(Ref(made.kind, made.key)) is None


def test_a_scan_finds_all(target: Target) -> None:
    connector = target.connect()
    made = [target.creation(new_key()) for _ in range(3)]
    links = {connector.perform(change) for change in made}
    seen = {record.link: record for record in connector.scan(target.kind)}
    assert links <= set(seen)
    assert {seen[link].key for link in links} == {change.key for change in made}


def test_nobody_at_the_port_is_a_retry_of_the_whole_target(target: Target, unused_port: int) -> None:
    url = re.sub(r":\d+", f":{unused_port}", target.connection["url"])
    connector = target.connect(url=url)
    for ask in (lambda: connector.read(Ref(target.kind, "K")), lambda: connector.perform(target.creation(new_key())), connector.probe):
        with pytest.raises(Retry) as retry:
            ask()
        assert retry.value.down


def test_the_journal_shows_what_was_done_and_what_held(simulated_target: Target) -> None:
    target = simulated_target
    connector, made = target.connect(), target.creation(new_key())
    link = connector.perform(made)
    connector.perform(made)
    changes = [target.change(Verb.ENABLE, made, link), target.change(Verb.UPDATE, made, link, attributes=target.update)]
    expected = [("create", "applied"), ("create", "unchanged")]
    if target.entitlement:
        changes += [target.change(verb, made, link, entitlement=target.entitlement) for verb in (Verb.GRANT, Verb.REVOKE)]
    for change in [*changes, target.change(Verb.DISABLE, made, link), target.change(Verb.END, made, link)]:
        connector.perform(change)
        connector.perform(change)
        expected += [(str(change.verb), "applied"), (str(change.verb), "unchanged")]
    told = target.journal(made.key)
    if target.system == "ldap":
        # The connector often looks first and doesn't ask for what holds; and a directory sees the end of an account as an update.
        assert [result for _, result in told].count("applied") == len(changes) + 3
    else:
        assert told == expected


def test_a_late_replay_of_a_creation_changes_nothing(simulated_target: Target) -> None:
    target = simulated_target
    connector, made = target.connect(), target.creation(new_key())
    link = connector.perform(made)
    connector.perform(target.change(Verb.UPDATE, made, link, attributes=target.update))
    assert connector.perform(made) == link
    assert {name: found(connector, made).attributes[name] for name in target.update} == target.update
    assert target.journal(made.key).count(("create", "applied")) == 1


def test_told_to_refuse_it_refuses_writes_alone(simulated_target: Target) -> None:
    target = simulated_target
    connector, made = target.connect(), target.creation(new_key())
    target.fail("refuse", times=1)
    assert connector.read(Ref(target.kind, made.key)) is None
    with pytest.raises(Refused):
        connector.perform(made)
    connector.perform(made)
    assert target.journal(made.key) == [("create", "refused"), ("create", "applied")]


def test_down_is_a_retry_of_the_whole_target_and_passes(simulated_target: Target) -> None:
    target = simulated_target
    connector, made = target.connect(), target.creation(new_key())
    connector.probe()
    target.fail("down")
    for _ in range(3):
        with pytest.raises(Retry) as retry:
            connector.perform(made)
        assert retry.value.down
    with pytest.raises(Retry):
        connector.read(Ref(target.kind, made.key))
    with pytest.raises(Retry):
        list(connector.scan(target.kind))
    assert target.folder is not None
    control.clear(target.folder, target.system)
    connector.perform(made)
    assert target.journal(made.key) == [("create", "applied")]


def test_counted_down_hits_so_many_operations(simulated_target: Target) -> None:
    target = simulated_target
    connector = target.connect()
    target.fail("down", times=2)
    answers = []
    for _ in range(4):
        try:
            answers.append(connector.read(Ref(target.kind, "nobody")) is None)
        except Retry:
            answers.append(False)
    assert answers[-1]
    assert False in answers


@pytest.mark.parametrize(("mode", "happened"), [("timeout-before", False), ("timeout-after", True)])
def test_no_answer_to_a_write_is_unknown_and_a_read_tells(simulated_target: Target, mode: str, happened: bool) -> None:
    target = simulated_target
    connector, made, impatient = target.connect(), target.creation(new_key()), target.connect(deadline=2)
    impatient.probe()
    target.fail(mode, times=1)
    began = time.monotonic()
    with pytest.raises(Unknown):
        impatient.perform(made)
    assert time.monotonic() - began < BUSY
    if happened:
        wait_until(lambda: target.journal(made.key), message="what was asked for is never done")
    assert (connector.read(Ref(target.kind, made.key)) is not None) is happened
    connector.perform(made)
    assert target.journal(made.key).count(("create", "applied")) == 1


def test_slow_within_the_deadline_is_done_and_holds_up_nobody(simulated_target: Target) -> None:
    target = simulated_target
    made = target.creation(new_key())
    target.fail("slow", times=1, seconds=0.3)
    target.connect().perform(made)
    assert target.journal(made.key) == [("create", "applied")]


def test_too_slow_ends_at_the_deadline(simulated_target: Target) -> None:
    target = simulated_target
    connector, made = target.connect(deadline=0.3), target.creation(new_key())
    target.fail("slow", seconds=600)
    for ask in (lambda: connector.perform(made), lambda: connector.read(made.ref)):
        began = time.monotonic()
        with pytest.raises((Unknown, Retry)):
            ask()
        assert time.monotonic() - began < BUSY


def test_no_cpr_number_in_any_answer(simulated_target: Target) -> None:
    target = simulated_target
    made = target.creation(new_key())
    told: list[TargetError] = []
    for mode in ("refuse", "timeout-before", "down"):
        target.fail(mode)
        try:
            target.connect(deadline=0.2).perform(made)
        except TargetError as error:
            told.append(error)
    assert len(told) == 3
    shown = "".join("".join(traceback.format_exception(error)) + repr(error.__dict__) for error in told) + repr(made)
    assert CPR not in shown
    assert all(CPR not in str(entry) for entry in control.journal(target.folder or Path()))


def test_they_outlive_a_kill(tmp_path: Path) -> None:
    before = control.start(tmp_path, groups=GROUPS)
    made = {}
    for system in SYSTEMS:
        target = simulated(tmp_path, system)
        connector, creation = target.connect(), target.creation(new_key())
        made[system] = (target, connector, creation, connector.perform(creation))
    pid = before[0].pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not any(status.running for status in control.status(tmp_path)))
    with pytest.raises(Retry):
        made["erp"][1].read(made["erp"][2].ref)
    try:
        after = control.start(tmp_path, groups=GROUPS)
        assert [status.url for status in after] == [status.url for status in before]
        assert after[0].pid != pid
        for target, connector, creation, link in made.values():
            assert found(connector, creation, link).key == creation.key
            assert connector.perform(creation) == link
            assert target.journal(creation.key).count(("create", "applied")) == 1
            target.close()
    finally:
        control.stop(tmp_path)

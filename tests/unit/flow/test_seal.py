from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from idm.domain.seals import Anchored
from idm.errors import CheckFailed, Unavailable
from idm.flow import seal
from idm.flow.seal import accept_restore, seal_audit, sealing_in_words, sweep_seals
from idm.flow.verify import verify_audit
from idm.ports import Sealing
from idm.sealing import AnchorFiles, SealKeyFile
from tests.support.tampering import found, with_seals
from tests.support.world import World


@pytest.fixture
def sealing(world: World, tmp_path: Path) -> World:
    return with_seals(world, tmp_path)


def test_a_round_seals_what_is_new_and_the_next_finds_nothing(sealing: World) -> None:
    case = sealing.hire()
    first = seal_audit(sealing.app)
    second = seal_audit(sealing.app)
    sealing.appoint(case)
    third = seal_audit(sealing.app)

    assert (first.seals, second.seals, third.seals) == (1, 0, 1)
    # The case and the organisation; afterwards the case and the delegations that appointing made.
    assert (first.heads, third.heads) == (2, 2)
    assert first.newest == second.newest != third.newest
    assert sealing.app.sealing is not None
    assert sealing.app.sealing.anchor.newest() == third.newest == sealing.store.newest_seal()


def test_many_streams_take_several_seals_each_chained_to_the_one_before(sealing: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal, "STREAMS", 2)
    for number in range(5):
        sealing.hire(f"h{number}")
    done = seal_audit(sealing.app)

    assert (done.seals, done.heads, done.newest.number) == (3, 6, 3)
    assert found(sealing) == []


def test_sealers_at_once_seal_everything_exactly_once(sealing: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal, "STREAMS", 1)
    for number in range(8):
        sealing.hire(f"h{number}")
    done: list[seal.Sealed] = []
    threads = [threading.Thread(target=lambda: done.append(seal_audit(sealing.app))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(each.seals for each in done) == sealing.store.newest_seal().number == 9
    assert (found(sealing), verify_audit(sealing.app).unsealed, verify_audit(sealing.app).anchored) == ([], 0, 9)


def test_what_commits_while_others_are_sealed_is_sealed_next(sealing: World) -> None:
    case = sealing.hire()
    seal_audit(sealing.app)
    sealing.appoint(case)
    assert verify_audit(sealing.app, case).unsealed == 1
    assert found(sealing) == []
    seal_audit(sealing.app)
    assert verify_audit(sealing.app).unsealed == 0


def test_a_process_that_died_before_the_anchor_leaves_it_to_the_next(sealing: World, tmp_path: Path) -> None:
    sealing.hire()
    assert sealing.app.sealing is not None
    away = AnchorFiles([tmp_path / "gone" / "deeper" / "seals.jsonl"])
    with pytest.raises(Unavailable, match="anchor"):
        seal_audit(replace(sealing.app, sealing=Sealing(sealing.app.sealing.keys, away)))
    assert sealing.store.newest_seal().number == 1
    assert sealing.app.sealing.anchor.newest().number == 0

    assert seal_audit(sealing.app).seals == 0
    assert sealing.app.sealing.anchor.newest() == sealing.store.newest_seal()


def test_without_the_key_nothing_is_sealed_and_the_rest_is_verified(sealing: World, tmp_path: Path) -> None:
    sealing.hire()
    seal_audit(sealing.app)
    elsewhere = replace(sealing.app, sealing=Sealing(None, AnchorFiles([tmp_path / "anchor" / "seals.jsonl"])))

    assert sweep_seals(elsewhere) == sweep_seals(replace(elsewhere, sealing=None)) == 0
    with pytest.raises(Unavailable, match="no sealing key"):
        seal_audit(elsewhere)
    verified = verify_audit(elsewhere)
    assert (verified.faults, verified.keyed, verified.seals) == ((), False, 1)
    sealing.sql("delete from sealed_heads")
    assert [fault.kind for fault in verify_audit(elsewhere).faults if fault.stream == "seals"] == ["removed"]


def test_seals_of_an_older_key_stay_checkable_after_a_rotation(sealing: World, tmp_path: Path) -> None:
    case = sealing.hire()
    seal_audit(sealing.app)
    SealKeyFile.add(tmp_path / "seal.keys")
    with_seals(sealing, tmp_path)
    sealing.appoint(case)
    seal_audit(sealing.app)

    assert found(sealing) == []
    sealing.sql("update seals set key = (select key from seals where number = 2) where number = 1")
    assert found(sealing) == [("seals", 1, "changed")]


def test_the_sweeper_tells_of_an_older_database_and_goes_on(sealing: World, caplog: pytest.LogCaptureFixture) -> None:
    sealing.hire()
    assert sweep_seals(sealing.app) == 1
    assert sealing.app.sealing is not None
    sealing.app.sealing.anchor.append(Anchored(7, "unknown"), sealing.clock.machine())
    sealing.hire("h2")

    assert sweep_seals(sealing.app) == 0
    assert "knows seal 7" in caplog.text
    assert [fault.kind for fault in verify_audit(sealing.app).faults] == ["truncated"] * 6


def test_after_a_restore_on_purpose_sealing_goes_on(sealing: World) -> None:
    sealing.hire()
    seal_audit(sealing.app)
    assert sealing.app.sealing is not None
    sealing.app.sealing.anchor.append(Anchored(7, "unknown"), sealing.clock.machine())
    accept_restore(sealing.app, "back-up of Monday", "root")
    sealing.hire("h2")

    assert seal_audit(sealing.app).newest.number == 2
    assert found(sealing) == []


def test_only_one_process_leads_on_postgresql(new_world: Callable[..., World], tmp_path: Path) -> None:
    world = with_seals(new_world(), tmp_path)
    world.hire()
    with world.store.lead(seal.LEAD) as leads:
        assert leads
        assert sweep_seals(world.app) == (1 if world.database.sqlite else 0)
    assert sweep_seals(world.app) == (0 if world.database.sqlite else 1)


def test_how_sealing_stands_is_said_in_words(sealing: World) -> None:
    case = sealing.hire()
    assert sealing_in_words(sealing.app) == "0 seal(s), 2 entries to seal, the oldest for 0 seconds"
    seal_audit(sealing.app)
    assert sealing_in_words(sealing.app) == "1 seal(s), all entries sealed"
    assert sealing_in_words(replace(sealing.app, sealing=None)) == "nothing seals the audit here"
    assert sealing.app.sealing is not None
    sealing.app.sealing.anchor.append(Anchored(7, "unknown"), sealing.clock.machine())
    sealing.appoint(case)
    with pytest.raises(CheckFailed, match="knows seal 7"):
        sealing_in_words(sealing.app)

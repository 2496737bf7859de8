from __future__ import annotations

import multiprocessing
import threading
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from idm.domain.people import Cpr, Person
from idm.flow.advance import advance
from idm.flow.changing import Note, prepare
from idm.flow.graphs import graph_of, load
from idm.ports_store import Duplicate, NameTaken
from idm.rows import Commit, Run
from idm.store.engine import Database
from idm.store.store import SqlStore
from tests import data
from tests.support.databases import copied
from tests.support.together import together
from tests.support.world import World
from tests.waiting import wait_until


def a_commit(world: World, case: str, **changes: Any) -> Commit:
    loaded = load(world.app, case)
    after = replace(loaded.case, **changes)
    return prepare(world.app, loaded, after, graph_of(world.app, after), Note("boss", "touched", {}), world.clock.now())


def counts(world: World) -> dict[str, int]:
    with world.database.reading() as connection:
        return {
            table: int(connection.execute(text(f"select count(*) from {table}")).scalar_one())  # noqa: S608 - the schema's own names
            for table in ("cases", "audit", "tasks", "runs", "timers", "resources")
        }


def test_a_case_whose_version_moved_is_not_written_nor_anything_with_it(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    stale = a_commit(world, case)
    world.confirm_rights(case)
    now, before = world.case(case), counts(world)
    due = world.clock.machine()
    stale = replace(stale, timers={"other": due}, tasks=tuple(world.store.tasks(case=case)))

    assert world.store.commit(stale) is False
    assert (world.case(case), counts(world)) == (now, before)
    with world.store.write() as writer:
        assert writer.commit_case(stale) is False
    assert (world.case(case), counts(world)) == (now, before)


def test_of_many_commits_from_one_version_one_is_written(world: World) -> None:
    case = world.hire()
    commits = [a_commit(world, case) for _ in range(6)]
    answers = together([partial(world.store.commit, commit) for commit in commits])

    assert sorted(map(str, answers)) == ["False"] * 5 + ["True"]
    assert world.case(case).version == 2
    assert world.actions(case) == ["hire-taken", "touched"]


def test_a_commit_is_read_back_as_it_was_written(world: World) -> None:
    case = world.hire()
    commit = a_commit(world, case, values={"payroll": {"note": 'Åse\'s "quote" \\ 李 %(x)s :name'}})
    commit = replace(commit, timers={"opening": world.clock.machine()})
    assert world.store.commit(commit)
    assert world.case(case) == commit.case
    assert world.store.audit(case)[-1] == commit.entries[0]


def test_a_transaction_that_fails_writes_nothing(world: World) -> None:
    case = world.hire()
    before = world.case(case)
    with pytest.raises(ZeroDivisionError), world.store.write() as writer:
        writer.put_setting("a", "x")
        assert writer.commit_case(a_commit(world, case))
        raise ZeroDivisionError
    assert world.case(case) == before
    assert "a" not in world.store.settings()


def test_names_and_cpr_numbers_are_only_once(world: World) -> None:
    now = world.clock.now()
    with world.store.write() as writer:
        writer.reserve_name("username", "aasbae", "p-1", now)
        writer.reserve_name("address", "aasbae", "p-1", now)
        with pytest.raises(NameTaken):
            writer.reserve_name("username", "aasbae", "p-2", now)
        writer.put_setting("after", "the transaction goes on")
    assert world.store.settings()["after"]
    index = world.keys.blind_index("cpr", data.cpr(1))
    with pytest.raises(Duplicate), world.store.write() as writer:
        writer.put_person(Person("other", Cpr(data.cpr(1)), "A", "B"), index, world.keys.encrypt(data.cpr(1)))


def test_a_person_is_kept_with_the_number_encrypted(world: World) -> None:
    case = world.hire()
    person = world.store.person(world.case(case).person)
    assert person is not None
    with world.database.reading() as connection:
        rows = connection.execute(text("select * from people")).all()
    assert person.cpr.reveal() not in str(rows)
    assert str(person.cpr) == str(person.private_email) == "***"
    assert world.store.person_by_cpr(world.keys.blind_index("cpr", person.cpr.reveal())) == person
    assert world.store.people([person.id, "gone"]) == {person.id: person}
    assert world.store.people([]) == {}
    assert len(world.store.people([f"p{number}" for number in range(1200)] + [person.id])) == 1


def test_cases_are_listed_by_start_date_and_filtered(world: World) -> None:
    late, early = world.hire("late", start="2027-03-01"), world.hire("early", unit="school_south")
    rows = world.store.list_cases()
    assert [row.id for row in rows] == [early, late]
    person = world.store.person(rows[0].person)
    assert person is not None
    assert (rows[0].person_name, rows[0].journey, rows[0].state, rows[0].version) == (person.full_name, "hire", "waiting", 1)
    assert rows[0].created_at == world.clock.now()
    assert [row.id for row in world.store.list_cases(unit="school_south")] == [early]
    assert [row.id for row in world.store.list_cases(person=rows[1].person)] == [late]
    assert [row.id for row in world.store.list_cases(employment=rows[1].employment)] == [late]
    assert world.store.list_cases(state="completed") == []
    assert len(world.store.list_cases(limit=1)) == 1
    assert [each.id for each in world.store.cases_of(rows[0].person)] == [early]
    assert world.store.cases_of(rows[0].person, early) == []


def test_what_is_not_there_is_none(world: World) -> None:
    store = world.store
    assert store.load("x") is None and store.task("x") is None and store.event("x", "y") is None
    assert store.person("x") is None and store.employment("x") is None and store.document("x") is None
    assert store.policy_text("x") is None and store.next_due() is None
    assert store.vault_names() == set()


def test_a_reader_that_waits_hears_of_a_commit_of_its_own_process(world: World) -> None:
    heard = threading.Event()

    def wait() -> None:
        world.store.wait(20)
        heard.set()

    world.database.ready.clear()
    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    case = world.hire()

    def again() -> bool:
        world.sql("update runs set state = 'idle'")
        world.store.commit(replace(a_commit(world, case), runs=(Run("ldap", "ready"),)))
        return heard.is_set()

    wait_until(again)
    thread.join(5)


def test_a_wait_ends_by_itself(world: World) -> None:
    world.database.ready.clear()
    world.store.wait(0.01)
    world.store.wait(0.01)


def test_other_processes_hear_of_a_commit_on_postgresql(world: World, database_url: str) -> None:
    """Another process is another `Database`: nothing of this one's memory tells it."""
    if world.database.sqlite:
        assert not Database(database_url, 1).ready.is_set()
        return
    listener = SqlStore(Database(database_url, 2), world.keys.decrypt)
    heard: list[bool] = []
    try:
        listener.wait(0.01)

        def wait() -> None:
            listener.wait(20)
            heard.append(True)

        thread = threading.Thread(target=wait, daemon=True)
        thread.start()
        case = world.hire()
        world.appoint(case)
        wait_until(lambda: heard, 10, "the other process was not told")
        thread.join(5)
        advance(world.app, case, "ldap")
    finally:
        listener.close()


def add_settings(url: str, name: str, count: int) -> None:
    """What a process of its own does: take turns with others at writing."""
    database = Database(url, 2)
    try:
        for number in range(count):
            with database.writing() as connection:
                found = connection.execute(text("select value from settings where name = 'count'")).scalar_one()
                connection.execute(text("update settings set value = :value where name = 'count'"), {"value": str(int(found) + 1)})
                connection.execute(text("insert into settings values (:name, 'x')"), {"name": f"{name}-{number}"})
    finally:
        database.close()


def test_writers_in_threads_and_processes_lose_nothing_on_sqlite(sqlite_template: Path, tmp_path: Path) -> None:
    url = copied(sqlite_template, tmp_path / "idm.sqlite")
    database = Database(url, 4)
    try:
        with database.writing() as connection:
            connection.execute(text("insert into settings values ('count', '0')"))
        context = multiprocessing.get_context("spawn")
        processes = [context.Process(target=add_settings, args=(url, f"process-{number}", 25)) for number in range(2)]
        for process in processes:
            process.start()
        answers = together([partial(add_settings, url, f"thread-{number}", 25) for number in range(4)])
        for process in processes:
            process.join(60)
        assert answers == [None] * 4
        assert [process.exitcode for process in processes] == [0, 0]
        with database.reading() as connection:
            assert connection.execute(text("select value from settings where name = 'count'")).scalar_one() == "150"
            assert connection.execute(text("select count(*) from settings")).scalar_one() == 151
    finally:
        database.close()


def test_runs_and_moments_keep_their_microseconds(world: World) -> None:
    case = world.hire()
    due = world.clock.machine() + timedelta(microseconds=123457)
    run = Run("ldap", "claimed", 7, "worker", due, due + timedelta(seconds=1))
    assert world.store.commit(replace(a_commit(world, case), runs=(run,)))
    assert load(world.app, case).runs["ldap"] == run
    assert world.store.claims() == [(case, "ldap", "worker")]

from __future__ import annotations

import resource
import shutil
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from idm.errors import Damaged, Unavailable
from idm.store.engine import Database
from tests.servers.ports import free_port
from tests.support.databases import migrated, sqlite_url


def ask(url: str, statement: str = "select count(*) from cases", *, write: bool = False) -> Unavailable:
    database = Database(url, 1)
    try:
        with pytest.raises(Unavailable) as refusal, database.writing() if write else database.reading() as connection:
            connection.execute(text(statement))
    finally:
        database.close()
    return refusal.value


def test_a_missing_folder_is_said_with_what_to_do(tmp_path: Path) -> None:
    error = ask(sqlite_url(tmp_path / "nowhere" / "idm.sqlite"))
    assert "unable to open" in error.message
    assert "IDM_HOME" in error.next_step


def test_a_file_that_is_no_database_is_said_to_be_damaged(tmp_path: Path) -> None:
    path = tmp_path / "idm.sqlite"
    path.write_bytes(b"this is no database " * 500)
    error = ask(sqlite_url(path))
    assert "damaged" in error.message
    assert "back-up" in error.next_step


def test_a_file_with_a_broken_page_is_said_to_be_damaged(sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "idm.sqlite"
    shutil.copyfile(sqlite_template, path)
    content = bytearray(path.read_bytes())
    content[4096 : len(content)] = b"\x55" * (len(content) - 4096)
    path.write_bytes(bytes(content))
    assert "damaged" in ask(sqlite_url(path)).message


def test_a_read_only_file_is_read_and_not_written(sqlite_template: Path) -> None:
    url = f"sqlite:///file:{sqlite_template}?mode=ro&uri=true"
    database = Database(url, 1)
    try:
        with database.reading() as connection:
            assert connection.execute(text("select count(*) from cases")).scalar() == 0
    finally:
        database.close()
    error = ask(url, "delete from cases", write=True)
    assert "readonly" in error.message
    assert "writable" in error.next_step


def test_a_full_disk_is_said_and_nothing_is_half_written(sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "idm.sqlite"
    shutil.copyfile(sqlite_template, path)
    database = Database(sqlite_url(path), 1)
    try:
        with pytest.raises(Unavailable, match="full") as refusal, database.writing() as connection:
            connection.execute(text("insert into settings values ('before', 'x')"))
            pages = connection.execute(text("pragma page_count")).scalar_one()
            connection.execute(text(f"pragma max_page_count = {pages}"))
            connection.execute(text("insert into settings values ('big', :big)"), {"big": "x" * 200_000})
        assert "make room" in refusal.value.next_step
    finally:
        database.close()
    database = Database(sqlite_url(path), 1)
    try:
        with database.reading() as connection:
            assert connection.execute(text("select count(*) from settings")).scalar() == 0
    finally:
        database.close()


def test_a_database_without_tables_is_said_with_what_to_do(tmp_path: Path, postgres_url: str) -> None:
    for url in (sqlite_url(tmp_path / "new.sqlite"), postgres_url):
        error = ask(url)
        assert "idm db upgrade" in error.next_step
        assert "cases" in error.message or "no tables" in error.message


@pytest.mark.parametrize("url", ["nonsense", "oracle+nothing://x", "mysql://u@h/d", ""])
def test_an_address_that_is_none_is_said_with_how_it_looks(url: str) -> None:
    with pytest.raises(Unavailable) as refusal:
        Database(url)
    assert "postgresql+psycopg://" in refusal.value.next_step


def test_a_server_that_is_away_is_said_without_its_password() -> None:
    error = ask(f"postgresql+psycopg://idm:hush@127.0.0.1:{free_port()}/idm")
    assert "can't be used" in error.message
    assert "hush" not in error.message
    assert "***" in error.message
    assert "idm doctor" in error.next_step


def test_a_fault_of_idms_own_is_not_hidden(database_url: str) -> None:
    database = Database(database_url, 1)
    try:
        with pytest.raises(IntegrityError), database.writing() as connection:
            for _ in range(2):
                connection.execute(text("insert into settings values ('same', 'x')"))
    finally:
        database.close()


def test_what_is_written_is_seen_by_a_reader_only_when_it_is_committed(database_url: str) -> None:
    database = Database(database_url, 3)
    try:
        with database.writing() as writer:
            writer.execute(text("insert into settings values ('a', 'x')"))
            with database.reading() as reader:
                assert reader.execute(text("select count(*) from settings")).scalar() == 0
        with database.reading() as reader:
            assert reader.execute(text("select count(*) from settings")).scalar() == 1
    finally:
        database.close()


def test_migrating_twice_is_migrating_once(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "x.sqlite")
    assert migrated(migrated(url)) == url


def test_a_disk_that_takes_no_more_is_said_with_its_file_and_all_goes_on_when_it_does_again(sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "idm.sqlite"
    shutil.copyfile(sqlite_template, path)
    database = Database(sqlite_url(path), 2)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def write(name: str) -> None:
        with database.writing() as connection:
            connection.execute(text("insert into settings values (:name, :text)"), {"name": name, "text": "x" * 100_000})

    try:
        write("before")
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.with_name("idm.sqlite-wal").stat().st_size, before[1]))
        try:
            with pytest.raises(Unavailable) as refusal:
                write("meanwhile")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert str(path) in refusal.value.message and "Nothing of it was written" in refusal.value.message
        assert str(tmp_path) in refusal.value.next_step
        assert database.trouble is refusal.value
        assert database.try_writing() is None and database.trouble is None
        with database.reading() as connection:
            assert connection.execute(text("select count(*) from settings where name in ('before', 'meanwhile')")).scalar() == 1
    finally:
        database.close()


def test_damage_that_was_met_stays_until_every_page_was_found_well(sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "idm.sqlite"
    shutil.copyfile(sqlite_template, path)
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + b"\x55" * (len(whole) - 8192))
    database = Database(sqlite_url(path), 1)
    try:
        with pytest.raises(Damaged), database.reading() as connection:
            connection.execute(text("select count(*) from cases, people, audit"))
        assert isinstance(database.try_writing(), Damaged)
        database.close()
        path.write_bytes(whole)
        assert isinstance(database.try_writing(), Damaged), "a look at every page is not taken each time"
        assert database.quick_check() is None
    finally:
        database.close()


def test_a_postgresql_that_takes_no_changes_is_said_so(postgres_url: str) -> None:
    migrated(postgres_url)
    database = Database(postgres_url, 1)
    try:
        with database.writing() as connection:
            name = connection.execute(text("select current_database()")).scalar_one()
            connection.exec_driver_sql(f'alter database "{name}" set default_transaction_read_only = on')
    finally:
        database.close()
    error = ask(postgres_url, "delete from cases", write=True)
    assert "read-only" in error.message and "Nothing of it was written" in error.message and error.next_step

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from idm.domain.notices import Audience, Notice, NoticeState
from idm.store.store import SqlStore
from tests.support.together import together
from tests.support.world import World

NOW = datetime(2026, 11, 23, 9, 0, 0, 123456, tzinfo=UTC)
NOTICE = Notice("invitation/c-1", Audience.HIRE, "p-1", "invitation", NOW, NOW, "c-1", {"å": ["b", 1], "c": "d"})


def add(store: SqlStore, notice: Notice) -> bool:
    with store.write() as writer:
        return writer.add_notice(notice)


def test_a_notice_comes_back_as_it_went_in_and_only_once(store: SqlStore) -> None:
    assert add(store, NOTICE)
    assert not add(store, replace(NOTICE, person="p-2"))
    assert store.notice(NOTICE.id) == NOTICE
    assert list(store.notices(state="waiting", person="p-1", case="c-1")) == [NOTICE]
    assert not store.notices(case="c-2")
    assert store.notice("n-none") is None


def test_a_key_makes_its_id_and_different_keys_make_different_ones() -> None:
    assert NOTICE.id == replace(NOTICE, person="somebody else").id
    assert len({replace(NOTICE, key=f"k{number}").id for number in range(1000)}) == 1000


def test_one_of_many_takes_it_and_ends_it(store: SqlStore) -> None:
    add(store, NOTICE)
    until = NOW + timedelta(seconds=60)
    assert sorted(map(str, together([lambda: store.take_notice(NOTICE, until)] * 5))) == ["False"] * 4 + ["True"]
    assert not store.notices_due(NOW, NOW)
    (left,) = store.notices_due(NOW, until)
    assert (left.state, left.attempts) == (NoticeState.SENDING, 1)
    assert store.take_notice(left, until + timedelta(seconds=60))
    with store.write() as writer:
        assert not writer.end_notice(NOTICE, NoticeState.SENT, at=NOW), "it was taken from whoever took it first"
        assert writer.end_notice(left, NoticeState.SENT, at=NOW)
    found = store.notice(NOTICE.id)
    assert found is not None
    assert (found.state, found.sent_at, found.attempts) == (NoticeState.SENT, NOW, 2)


def test_what_is_not_due_yet_waits(store: SqlStore) -> None:
    add(store, replace(NOTICE, due_at=NOW + timedelta(hours=1)))
    assert not store.notices_due(NOW, NOW)
    assert len(store.notices_due(NOW + timedelta(hours=1), NOW)) == 1


def test_a_postponed_notice_is_due_later(store: SqlStore) -> None:
    add(store, NOTICE)
    assert store.postpone_notice(NOTICE, NOW + timedelta(hours=1))
    assert not store.notices_due(NOW, NOW)
    assert not store.postpone_notice(replace(NOTICE, attempts=3), NOW)


def test_news_are_marked_as_read_and_nothing_else(store: SqlStore) -> None:
    news, other = replace(NOTICE, key="a", state=NoticeState.NEWS), replace(NOTICE, key="b")
    add(store, news)
    add(store, other)
    with store.write() as writer:
        writer.read_news([news.id, other.id], NOW)
    assert [notice.state for notice in store.notices()].count(NoticeState.SENT) == 1
    assert not store.notices(state="news")


def test_a_reminder_is_noted_once_for_each_task_level_and_day(store: SqlStore) -> None:
    day = date(2026, 12, 1)
    with store.write() as writer:
        noted = [
            writer.add_reminder(*each) for each in (("t", 0, day), ("t", 0, day), ("t", 1, day), ("t", 0, date(2026, 12, 2)), ("u", 0, day))
        ]
    assert noted == [True, False, True, True, True]


def test_a_task_goes_up_and_never_down_whatever_is_committed_meanwhile(world: World) -> None:
    case = world.hire()
    task = world.task_of(case, "appoint")
    for level in (2, 1):
        with world.store.write() as writer:
            writer.escalate(task, level)
    world.sql("update tasks set reason = 'touched'")
    found = world.store.task(task)
    assert found is not None
    assert found.escalated == 2
    assert set(world.store.open_cases()) == {case}


def test_the_last_digest_of_each_reader(store: SqlStore) -> None:
    digest = replace(NOTICE, slug="digest", audience=Audience.STAFF, state=NoticeState.SENT)
    for number, person in enumerate(("a", "a", "b")):
        add(store, replace(digest, key=f"d{number}", person=person, written_at=NOW + timedelta(days=number)))
    add(store, replace(digest, key="unsent", person="a", state=NoticeState.WAITING, written_at=NOW + timedelta(days=9)))
    assert store.last_digests() == {"a": NOW + timedelta(days=1), "b": NOW + timedelta(days=2)}

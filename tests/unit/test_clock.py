from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from freezegun import freeze_time

from idm.clock import StoredClock


def test_without_an_offset_business_time_is_machine_time() -> None:
    with freeze_time("2026-11-23T09:00:00Z"):
        clock = StoredClock(None)
        assert clock.now() == clock.machine() == datetime(2026, 11, 23, 9, tzinfo=UTC)
        assert clock.today() == date(2026, 11, 23)


def test_an_offset_moves_business_time_alone_and_it_goes_on_ticking() -> None:
    with freeze_time("2026-11-23T09:00:00Z") as frozen:
        clock = StoredClock(lambda: 86400.0)
        assert clock.machine() == datetime(2026, 11, 23, 9, tzinfo=UTC)
        assert clock.now() == datetime(2026, 11, 24, 9, tzinfo=UTC)
        frozen.tick(timedelta(hours=1))
        assert clock.now() == datetime(2026, 11, 24, 10, tzinfo=UTC)


def test_the_day_is_that_of_denmark() -> None:
    clock = StoredClock(None)
    with freeze_time("2026-11-23T23:30:00Z"):
        assert clock.today() == date(2026, 11, 24)
    with freeze_time("2026-07-01T21:59:59Z"):
        assert clock.today() == date(2026, 7, 1)
    with freeze_time("2026-07-01T22:00:00Z"):
        assert clock.today() == date(2026, 7, 2)


def test_the_offset_is_read_now_and_then_and_at_once_after_it_was_forgotten() -> None:
    offsets = [0.0]
    reads: list[float] = []

    def read() -> float:
        reads.append(offsets[-1])
        return offsets[-1]

    with freeze_time("2026-11-23T09:00:00Z") as frozen:
        clock = StoredClock(read)
        assert clock.now() == clock.now()
        assert len(reads) == 1
        offsets.append(3600.0)
        assert clock.now().hour == 9
        clock.forget()
        assert clock.now().hour == 10
        offsets.append(7200.0)
        frozen.tick(timedelta(seconds=1))
        assert clock.now().hour == 11
    assert len(reads) == 3

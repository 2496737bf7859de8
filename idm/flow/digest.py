"""The digest: one mail per reader and day with all that concerns them, written at policy's hour by whichever process is first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from idm.domain.hours import HOME
from idm.domain.notices import DIGEST, Audience, Notice, NoticeState
from idm.flow.board import Board
from idm.flow.digest_morning import Item, Morning
from idm.flow.digest_sections import SECTIONS
from idm.ports import App

WRITTEN = "digest"
"""The setting that names the day whose digests are written."""

Contents = dict[str, dict[str, list[Item]]]
"""By reader, by section."""


def write_digests(app: App, board: Callable[[], Board]) -> int:
    """Write today's digests if their hour has come and nobody has. How many. `board` is asked only then."""
    now = app.clock.now()
    local = now.astimezone(HOME)
    day = local.date().isoformat()
    # The clock of a demo installation may have gone back: what was written for a day is never written again.
    if app.cache.get(WRITTEN, (0.0, ""))[1] == day or local.hour < app.policies.current().deadlines.mail.digest:
        return 0
    seen = board()
    if not seen.policy.mail.staff.allow(now, seen.late.days):
        return 0
    if app.store.settings().get(WRITTEN) == day:
        app.cache[WRITTEN] = (0.0, day)
        return 0
    morning = Morning(app, seen, now, app.store.last_digests())
    contents = collect(morning)
    written = 0
    with app.store.write() as writer:
        for reader, sections in contents.items():
            context = {"day": day, "sections": [[name, items] for name, items in sections.items()]}
            written += writer.add_notice(Notice(f"{DIGEST}/{reader}/{day}", Audience.STAFF, reader, DIGEST, now, now, "", context))
        writer.put_setting(WRITTEN, day)
    app.cache[WRITTEN] = (0.0, day)
    return written


def collect(morning: Morning) -> Contents:
    """What each reader should read this morning: the sections in their order, then their news."""
    contents: Contents = {}
    for name, section in SECTIONS.items():
        for reader, item in section(morning):
            contents.setdefault(reader, {}).setdefault(name, []).append(item)
    for news in morning.app.store.notices(state=NoticeState.NEWS.value, limit=100_000):
        if news.written_at <= morning.now + timedelta(minutes=1):
            item = {**news.context, "case": news.case, "news": news.id}
            contents.setdefault(news.person, {}).setdefault(news.slug, []).append(item)
    return contents

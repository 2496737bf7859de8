"""The story of a case: its audit entries as sentences that a manager understands, a day at a time.

What systems did is folded: attempts that failed, and times at which a system didn't answer, become part of the sentence that tells how
it ended. Sentences name people, steps and papers as they are called; numbers and addresses of people never stand in the audit.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from idm.domain.audit import Entry
from idm.domain.hours import HOME
from idm.domain.story_says import Names, changes_in_words, clause, sentence_of, without_stop
from idm.domain.story_words import Words

_MACHINE = frozenset({"step-started", "step-done", "step-retry", "step-unknown", "step-refused", "target-waited-for"})
_QUIET = frozenset({"lanes-moved"})


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence (or a few) about what happened at `at`; `entries` are the numbers of the audit entries that it tells.

    `system` did it; `quiet` if there was nothing to do.
    """

    at: datetime
    text: str
    entries: tuple[int, ...]
    system: str = ""
    quiet: bool = False

    @property
    def day(self) -> date:
        """The day in Denmark."""
        return self.at.astimezone(HOME).date()

    @property
    def time(self) -> str:
        """The time of day in Denmark."""
        return clock_time(self.at)


def clock_time(moment: datetime) -> str:
    """The time of day in Denmark, such as 10:02."""
    return f"{moment.astimezone(HOME):%H:%M}"


def tell(entries: Iterable[Entry], names: Names, words: Words) -> list[Sentence]:
    """The story of `entries`, which come in order."""
    told: list[Sentence] = []
    for sentence in _Teller(names, words).story(entries):
        before = next((at for at in reversed(range(len(told))) if told[at].system == sentence.system), None) if sentence.quiet else None
        if before is None:
            told.append(sentence)
        else:
            # That a system had nothing left to do belongs to what it did last.
            told[before] = replace(told[before], entries=tuple(sorted((*told[before].entries, *sentence.entries))))
    return told


def by_day(sentences: Iterable[Sentence]) -> dict[date, list[Sentence]]:
    """The sentences by day, in order."""
    days: dict[date, list[Sentence]] = {}
    for sentence in sentences:
        days.setdefault(sentence.day, []).append(sentence)
    return days


@dataclass(slots=True)
class _Work:
    """What is known of a step that a system works at, until it ends."""

    entries: list[int] = field(default_factory=list)
    failed: int = 0
    since: datetime | None = None
    at: datetime | None = None
    ending: str = ""
    reason: str = ""


class _Teller:
    """Goes through the entries once."""

    def __init__(self, names: Names, words: Words) -> None:
        self.names = names
        self.words = words
        self.work: dict[str, _Work] = {}
        self.down: dict[str, tuple[datetime, int]] = {}

    def story(self, entries: Iterable[Entry]) -> Iterator[Sentence]:
        for entry in entries:
            payload: dict[str, Any] = json.loads(entry.payload) if entry.payload is not None else {}
            if entry.action in _QUIET:
                continue
            if entry.action in _MACHINE:
                told = self._machine(entry, payload)
                if told is not None:
                    yield told
                continue
            if entry.payload is None:
                text = self.words.sentences["erased"].format(who=self.names.people.get(entry.actor, entry.actor), action=entry.action)
            else:
                text = sentence_of(entry, payload, self.names, self.words)
            yield Sentence(entry.at, text, (entry.seq,))
        yield from self._open()

    def _machine(self, entry: Entry, payload: Mapping[str, Any]) -> Sentence | None:
        if entry.action == "target-waited-for":
            lane = str(payload.get("lane", ""))
            self.down.setdefault(self.names.lanes.get(lane, lane), (entry.at, entry.seq))
            return None
        step = str(payload.get("step", ""))
        work = self.work.setdefault(step, _Work())
        work.entries.append(entry.seq)
        if entry.action in ("step-retry", "step-unknown"):
            work.failed += 1
            work.since = work.since or entry.at
            work.at, work.ending, work.reason = entry.at, entry.action, str(payload.get("reason", ""))
            return None
        if entry.action == "step-started":
            return None
        del self.work[step]
        return self._ended(entry, payload, step, work)

    def _ended(self, entry: Entry, payload: Mapping[str, Any], step: str, work: _Work) -> Sentence:
        system = self.names.systems_of.get(step, "")
        called = self._system(system)
        changes = changes_in_words([str(change) for change in payload.get("changes", ())], self.words)
        refused = entry.action == "step-refused"
        base = "step-refused" if refused else "step-done" if changes else "step-so"
        title = self.names.steps.get(step, step)
        parts = [self.words.sentences[base].format(system=called, step=title, changes=self.words.listed(changes))]
        if refused:
            parts.append(clause(self.words, "reason", reason=without_stop(payload.get("reason", ""))))
        if work.failed and work.since is not None:
            since, until = clock_time(work.since), clock_time(entry.at)
            count = work.failed + 1
            parts.append(
                clause(self.words, "attempts", count=count, system=called, since=since, until=until, reason=without_stop(work.reason))
            )
        elif system in self.down:
            silent, seq = self.down[system]
            work.entries.append(seq)
            parts.append(clause(self.words, "down", system=called, since=clock_time(silent), until=clock_time(entry.at)))
        self.down.pop(system, None)
        quiet = base == "step-so" and len(parts) == 1
        return Sentence(entry.at, " ".join(part for part in parts if part), tuple(sorted(work.entries)), system, quiet)

    def _open(self) -> Iterator[Sentence]:
        """What hasn't ended: steps that were tried in vain so far, and systems that don't answer."""
        for step, work in self.work.items():
            if not work.failed or work.at is None or work.since is None:
                continue
            title = self.names.steps.get(step, step)
            system = self._system(self.names.systems_of.get(step, ""))
            text = self.words.sentences[work.ending].format(system=system, step=title)
            tried = clause(self.words, "tried", count=work.failed, since=clock_time(work.since), reason=without_stop(work.reason))
            yield Sentence(work.at, f"{text} {tried}", tuple(work.entries))
        for name, (since, seq) in self.down.items():
            text = self.words.sentences["target-waited-for"].format(system=self._system(name), since=clock_time(since))
            yield Sentence(since, text, (seq,))

    def _system(self, name: str) -> str:
        return self.names.systems.get(name) or self.words.systems.get(name, name) or "idm"

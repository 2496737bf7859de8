"""The story of a case: its audit entries as sentences that a manager understands, a day at a time.

What systems did is folded: attempts that failed, and times at which a system didn't answer, become part of the sentence that tells how
it ended. Sentences name people, steps and papers as they are called; numbers and addresses of people never stand in the audit.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from idm.domain.audit import Entry
from idm.domain.case import Approval
from idm.domain.hours import HOME
from idm.domain.story_words import Words

_MACHINE = frozenset({"step-started", "step-done", "step-retry", "step-unknown", "step-refused", "target-waited-for"})
_QUIET = frozenset({"lanes-moved"})
_SECOND = ("first-look", "agree", "disagree")


@dataclass(frozen=True, slots=True)
class Names:
    """How things are called, by their ids; what isn't here is told by its id. `lanes` maps a lane to its system, `systems_of` a step."""

    hire: str = ""
    hire_id: str = ""
    people: Mapping[str, str] = field(default_factory=dict)
    steps: Mapping[str, str] = field(default_factory=dict)
    papers: Mapping[str, str] = field(default_factory=dict)
    systems: Mapping[str, str] = field(default_factory=dict)
    systems_of: Mapping[str, str] = field(default_factory=dict)
    lanes: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    positions: Mapping[str, str] = field(default_factory=dict)
    approvals: Sequence[Approval] = ()


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
            text = _sentence(entry, payload, self.names, self.words)
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
        changes = _changes([str(change) for change in payload.get("changes", ())], self.words)
        refused = entry.action == "step-refused"
        base = "step-refused" if refused else "step-done" if changes else "step-so"
        title = self.names.steps.get(step, step)
        parts = [self.words.sentences[base].format(system=called, step=title, changes=self.words.listed(changes))]
        if refused:
            parts.append(_clause(self.words, "reason", reason=_stop(payload.get("reason", ""))))
        if work.failed and work.since is not None:
            since, until = clock_time(work.since), clock_time(entry.at)
            count = work.failed + 1
            parts.append(_clause(self.words, "attempts", count=count, system=called, since=since, until=until, reason=_stop(work.reason)))
        elif system in self.down:
            silent, seq = self.down[system]
            work.entries.append(seq)
            parts.append(_clause(self.words, "down", system=called, since=clock_time(silent), until=clock_time(entry.at)))
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
            tried = _clause(self.words, "tried", count=work.failed, since=clock_time(work.since), reason=_stop(work.reason))
            yield Sentence(work.at, f"{text} {tried}", tuple(work.entries))
        for name, (since, seq) in self.down.items():
            text = self.words.sentences["target-waited-for"].format(system=self._system(name), since=clock_time(since))
            yield Sentence(since, text, (seq,))

    def _system(self, name: str) -> str:
        return self.names.systems.get(name) or self.words.systems.get(name, name) or "idm"


def _changes(changes: Sequence[str], words: Words) -> list[str]:
    """Changes in words: rights that were given or taken together, and the same done several times, told once."""
    told: dict[str, int] = {}
    rights: dict[str, list[str]] = {}
    for change in changes:
        verb, _, rest = change.partition(" ")
        if verb in ("grant", "revoke"):
            rights.setdefault(verb, []).append(rest.partition(" ")[2])
        else:
            said = _change(change, words)
            told[said] = told.get(said, 0) + 1
    said = [f"{text} ({count})" if count > 1 else text for text, count in told.items()]
    together = {verb: words.verbs[verb if len(names) == 1 else f"{verb}s"] for verb, names in rights.items()}
    return [*said, *(together[verb].format(right=words.listed(names)) for verb, names in rights.items())]


def _change(change: str, words: Words) -> str:
    """A change such as `create account` in words."""
    if change.startswith("accepted in doubt: "):
        kind = change.removeprefix("accepted in doubt: ")
        return words.verbs["doubt"].format(kind=words.kinds.get(kind, kind))
    verb, _, kind = change.partition(" ")
    return words.verbs.get(verb, "{kind}: " + verb).format(kind=words.kinds.get(kind, kind))


def _sentence(entry: Entry, payload: Mapping[str, Any], names: Names, words: Words) -> str:
    """What one entry says, with the clauses that its particulars ask for."""
    action = entry.action
    for second in _SECOND:
        action = second if action.endswith(f"-{second}") else action
    template = words.sentences.get(action, words.sentences["other"])
    said = template.format_map(_fields(entry, payload, names, words))
    return " ".join([said[:1].upper() + said[1:], *(clause for clause in _clauses(entry, payload, names, words) if clause)])


def _fields(entry: Entry, payload: Mapping[str, Any], names: Names, words: Words) -> dict[str, object]:
    step = str(payload.get("step", ""))
    kind, form = str(payload.get("kind", "")), str(payload.get("form", ""))
    return {
        "who": _who(entry, names, words),
        "action": entry.action,
        "hire": names.hire,
        "contacts": _contacts(payload, names, words),
        "what": names.papers.get(kind, kind) or words.forms.get(form, form),
        "step": names.steps.get(step, step),
        "steps": words.listed([names.steps.get(each, each) for each in _texts(payload.get("steps"))]),
        "field": payload.get("field", ""),
        "roles": words.listed([names.roles.get(role, role) for role in _texts(payload.get("roles"))]) or words.clauses["none"],
        "late": payload.get("late", ""),
        "line": payload.get("line", ""),
        "moved": words.listed(list(_moved(payload, names, words))),
        "corrected": words.listed([words.facts.get(name, name) for name in _texts(payload.get("fields"))]),
        "to": _people(payload.get("to"), names, words) or words.clauses["nobody"],
        "to_hire": words.clauses["to-hire"] if payload.get("to_hire") is True else "",
        "scope": f"“{names.steps.get(step, step)}”" if step else words.clauses["case"],
        "until": _date(payload.get("until"), words),
        "cause": names.reasons.get(str(payload.get("reason", "")), str(payload.get("reason", ""))),
        "authority": payload.get("authority", ""),
        "unit": names.units.get(str(payload.get("unit", "")), str(payload.get("unit", ""))),
    }


def _moved(payload: Mapping[str, Any], names: Names, words: Words) -> Iterator[str]:
    """Each fact that changed, from what to what."""
    was = _mapping(payload.get("was"))
    for fact, value in _mapping(payload.get("facts")).items():
        before, after = (_value(fact, each, names, words) for each in (was.get(fact), value))
        yield _clause(words, "moved", fact=words.facts.get(fact, fact), before=before, after=after)


def _value(fact: str, value: object, names: Names, words: Words) -> str:
    text = str(value or "")
    if not text:
        return words.clauses["none"]
    match fact:
        case "start_date" | "end_date":
            return _date(text, words)
        case "unit":
            return names.units.get(text, text)
        case "position":
            return names.positions.get(text, text)
        case _:
            return names.people.get(text, text)


def _clauses(entry: Entry, payload: Mapping[str, Any], names: Names, words: Words) -> Iterator[str]:
    for step, given in _mapping(payload.get("by_itself")).items():
        approver = _mapping(given).get("approver", "")
        yield _clause(words, "by-itself", step=names.steps.get(step, step), approver=names.people.get(approver, approver))
    for key in ("added", "removed"):
        if payload.get(key):
            yield _clause(words, key, roles=words.listed([names.roles.get(role, role) for role in _texts(payload[key])]))
    if payload.get("expires"):
        yield _clause(words, "expires", day=_date(payload["expires"], words))
    if payload.get("systems"):
        called = [names.systems.get(name) or words.systems.get(name, name) for name in _texts(payload["systems"])]
        yield _clause(words, "systems", systems=words.listed(called))
    if payload.get("first"):
        yield _clause(words, "with", name=_people(payload["first"], names, words))
    yield from _ground(entry, payload, names, words)
    if payload.get("reason") and not entry.action.startswith("waiting-"):
        yield _clause(words, "reason", reason=_stop(payload["reason"]))
    if payload.get("administrator") and payload["administrator"] != entry.actor:
        yield _clause(words, "typed", name=payload["administrator"])


def _ground(entry: Entry, payload: Mapping[str, Any], names: Names, words: Words) -> Iterator[str]:
    """On whose authority somebody decided."""
    if payload.get("substitute_for"):
        yield _clause(words, "substitute", names=_people(payload["substitute_for"], names, words))
    via = str(payload.get("via", ""))
    if via.startswith("team"):
        yield _clause(words, "team", name=via.partition(":")[2] or via)
    elif via == "backup":
        yield _clause(words, "backup")
    given = next((each for each in names.approvals if each.at == entry.at and each.by == entry.actor), None)
    if (
        given is not None
        and payload.get("task")
        and not via
        and not payload.get("substitute_for")
        and f"ground-{given.authority}" in words.clauses
    ):
        granter = names.people.get(given.granted_by, given.granted_by)
        if granter or given.authority not in ("pay", "it"):
            yield _clause(words, f"ground-{given.authority}", granter=granter)


def _contacts(payload: Mapping[str, Any], names: Names, words: Words) -> str:
    pay, it = _people(payload.get("pay"), names, words), _people(payload.get("it"), names, words)
    which = "contacts" if pay and it else "contacts-pay" if pay else "contacts-it" if it else ""
    return words.clauses[which].format(pay=pay, it=it) if which else ""


def _who(entry: Entry, names: Names, words: Words) -> str:
    if entry.actor == "idm":
        return words.clauses["idm"]
    if entry.action == "hire-taken":
        return words.clauses["source"].format(name=entry.actor)
    return names.people.get(entry.actor, entry.actor)


def _people(value: object, names: Names, words: Words) -> str:
    return words.listed([names.people.get(person, names.steps.get(person, person)) for person in _texts(value)])


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value] if value else []
    return [str(item) for item in value] if isinstance(value, list | tuple) else []


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _date(value: object, words: Words) -> str:
    try:
        return words.day(date.fromisoformat(str(value)))
    except ValueError:
        return str(value) if value is not None else ""


def _clause(words: Words, clause: str, /, **fields: object) -> str:
    return words.clauses[clause].format(**fields)


def _stop(reason: object) -> str:
    """A reason without its own full stop, which the sentence has."""
    return str(reason).strip().rstrip(".")

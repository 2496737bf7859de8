"""One audit entry of a case as a sentence: who did what, on whose authority, with which particulars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from idm.domain.audit import Entry
from idm.domain.case import Approval
from idm.domain.hire import started_by
from idm.domain.story_words import Words

_SECOND = ("first-look", "agree", "disagree")


@dataclass(frozen=True, slots=True)
class Names:
    """How things are called, by their ids; what isn't here is told by its id. `lanes` maps a lane to its system, `systems_of` a step.

    `facts`: unit, position and start_date with which the hire came in.
    """

    hire: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
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
    approvals: Mapping[str, Approval] = field(default_factory=dict)


def changes_in_words(changes: Sequence[str], words: Words) -> list[str]:
    """Changes in words: rights that were given or taken together, and the same done several times, told once."""
    told: dict[str, int] = {}
    rights: dict[str, list[str]] = {}
    for change in changes:
        verb, _, rest = change.partition(" ")
        if verb in ("grant", "revoke"):
            rights.setdefault(verb, []).append(rest.partition(" ")[2])
        else:
            words_of_it = _change(change, words)
            told[words_of_it] = told.get(words_of_it, 0) + 1
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


def sentence_of(entry: Entry, payload: Mapping[str, Any], names: Names, words: Words) -> str:
    """What one entry says, with the clauses that its particulars ask for."""
    action = entry.action
    for second in _SECOND:
        action = second if action.endswith(f"-{second}") else action
    if action == "escalated" and not payload.get("to"):
        # Nobody more may do it, as with what only the new employee can do: managers hear of it.
        action = "escalated-told"
    template = words.sentences.get(action, words.sentences["other"])
    said = template.format_map(_fields(entry, payload, names, words))
    return " ".join([said[:1].upper() + said[1:], *(each for each in _clauses(entry, payload, names, words) if each)])


def _fields(entry: Entry, payload: Mapping[str, Any], names: Names, words: Words) -> dict[str, object]:
    step = str(payload.get("step", ""))
    kind, form = str(payload.get("kind", "")), str(payload.get("form", ""))
    return {
        "who": _who(entry, names, words),
        "action": entry.action,
        "hire": names.hire,
        "hired": _hired(names, words),
        "contacts": _contacts(payload, names, words),
        "what": names.papers.get(kind, kind) or words.forms.get(form, form),
        "step": names.steps.get(step, step),
        "steps": words.listed([names.steps.get(each, each) for each in _texts(payload.get("steps"))]),
        "field": payload.get("field", ""),
        "roles": words.listed([names.roles.get(role, role) for role in _texts(payload.get("roles"))]) or words.clauses["none"],
        "late": payload.get("late", ""),
        "file": payload.get("file", payload.get("table", "")),
        "line": payload.get("line", ""),
        "moved": words.listed(list(_moved(payload, names, words))),
        "corrected": words.listed([words.facts.get(name, name) for name in _texts(payload.get("fields"))]),
        "person": _people(payload.get("person"), names, words),
        "to": _people(payload.get("to", payload.get("substitute")), names, words) or words.clauses["nobody"],
        "told": _people(payload.get("told"), names, words) or words.clauses["nobody"],
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
        yield clause(words, "moved", fact=words.facts.get(fact, fact), before=before, after=after)


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
        yield clause(words, "by-itself", step=names.steps.get(step, step), approver=names.people.get(approver, approver))
    for key in ("added", "removed"):
        if payload.get(key):
            yield clause(words, key, roles=words.listed([names.roles.get(role, role) for role in _texts(payload[key])]))
    if payload.get("expires"):
        yield clause(words, "expires", day=_date(payload["expires"], words))
    if payload.get("systems"):
        called = [names.systems.get(name) or words.systems.get(name, name) for name in _texts(payload["systems"])]
        yield clause(words, "systems", systems=words.listed(called))
    if payload.get("first"):
        yield clause(words, "with", name=_people(payload["first"], names, words))
    yield from _ground(entry, payload, names, words)
    if payload.get("reason") and not entry.action.startswith("waiting-"):
        yield clause(words, "reason", reason=without_stop(payload["reason"]))
    if payload.get("administrator") and payload["administrator"] != entry.actor:
        yield clause(words, "typed", name=payload["administrator"])


def _ground(entry: Entry, payload: Mapping[str, Any], names: Names, words: Words) -> Iterator[str]:
    """On whose authority somebody decided."""
    if payload.get("substitute_for"):
        yield clause(words, "substitute", names=_people(payload["substitute_for"], names, words))
    via = str(payload.get("via", ""))
    if via in ("team", "backup"):
        yield clause(words, via)
    if str(payload.get("basis", "")).startswith("on escalation"):
        yield clause(words, "escalated")
    given = names.approvals.get(str(payload.get("step", "")))
    decided = given is not None and given.at == entry.at and given.by == entry.actor and not entry.action.endswith("-return")
    if given is not None and decided and not via and not payload.get("substitute_for") and f"ground-{given.authority}" in words.clauses:
        granter = names.people.get(given.granted_by, given.granted_by)
        if granter or given.authority not in ("pay", "it"):
            yield clause(words, f"ground-{given.authority}", granter=granter)


def _hired(names: Names, words: Words) -> str:
    if not names.facts:
        return ""
    position, unit, start = (_value(fact, names.facts.get(fact), names, words) for fact in ("position", "unit", "start_date"))
    return clause(words, "hired", position=position, unit=unit, start=start)


def _contacts(payload: Mapping[str, Any], names: Names, words: Words) -> str:
    pay, it = _people(payload.get("pay"), names, words), _people(payload.get("it"), names, words)
    which = "contacts" if pay and it else "contacts-pay" if pay else "contacts-it" if it else ""
    return words.clauses[which].format(pay=pay, it=it) if which else ""


def _who(entry: Entry, names: Names, words: Words) -> str:
    if entry.actor == "idm":
        return words.clauses["idm"]
    if entry.action == "hire-taken":
        starter = started_by(entry.actor)
        return names.people.get(starter, starter) if starter else words.clauses["source"].format(name=entry.actor)
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


def clause(words: Words, which: str, /, **fields: object) -> str:
    """A clause of the language, with its fields filled in."""
    return words.clauses[which].format(**fields)


def without_stop(reason: object) -> str:
    """A reason without its own full stop, which the sentence has."""
    return str(reason).strip().rstrip(".")

"""The history of a case as a story: what the audit holds, in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from idm.domain.audit import Entry
from idm.domain.case import Case
from idm.domain.grants import borders
from idm.domain.hire import started_by
from idm.domain.journey import REVISE, RIGHTS, UNDO, Graph, StepDef, StepKind, revise_id
from idm.domain.policy import Policies
from idm.domain.story import Sentence, by_day, tell
from idm.domain.story_da import DANISH
from idm.domain.story_en import ENGLISH
from idm.domain.story_says import Names
from idm.domain.story_words import Words
from idm.domain.timers import ENDED, EXPIRY, LAPSE, WAIVE
from idm.domain.titles import within
from idm.flow.graphs import graph_of, load
from idm.ports import App

LANGUAGES = {"da": DANISH, "en": ENGLISH}
"""The languages that a story can be told in."""

_ALL = 1_000_000


def history(app: App, case: str, language: str = "da") -> dict[str, Any]:
    """The story of a case in the outside contract's shape, by days."""
    loaded, words = load(app, case).case, LANGUAGES[language]
    entries = app.store.audit(case, limit=_ALL)
    sentences = tell(entries, names_of(app, loaded, entries, language), words)
    days = by_day(sorted(sentences, key=lambda sentence: (sentence.at, sentence.entries)))
    return {
        "id": case,
        "lang": language,
        "days": [{"date": day.isoformat(), "title": words.day(day), "items": [_item(each) for each in told]} for day, told in days.items()],
    }


def _item(sentence: Sentence) -> dict[str, Any]:
    at = sentence.at.isoformat(timespec="seconds")
    return {"at": at, "time": sentence.time, "text": sentence.text, "entries": list(sentence.entries)}


def names_of(app: App, case: Case, entries: Sequence[Entry], language: str) -> Names:
    """How everything in the entries is called, in `language`."""
    policies, graph, words = app.policies.current(), graph_of(app, case), LANGUAGES[language]
    tree = app.store.organisation()
    beside = {given.granted_by for given in case.approvals.values()} | {started_by(entry.actor) for entry in entries}
    people = {id: person.full_name for id, person in app.store.people({*_texts(entries), *beside} - {""}).items()}
    kinds = {id: kind.titles for id, kind in policies.documents.items()} | {id: kind.titles for id, kind in policies.checks.items()}
    papers = {id: within(titles.get(language, id), language) for id, titles in kinds.items()}
    return Names(
        hire=people.get(case.person, case.person),
        facts=_came_in_with(case, entries),
        people=people,
        steps={step.id: step_title(step, papers, policies, words, language) for step in graph} | timer_titles(case, papers, words),
        papers=papers,
        systems_of={step.id: step.system for step in graph if step.system},
        lanes=_lanes(graph),
        roles={id: role.titles.get(language, id) for id, role in policies.roles.items()},
        reasons={id: reason.titles.get(language, id) for id, reason in policies.waiting.items()},
        units={unit.id: unit.name for unit in tree.units.values()},
        positions={position.id: position.title for position in tree.positions.values()},
        approvals=case.approvals,
    )


def timer_titles(case: Case, papers: dict[str, str], words: Words, *, ahead: bool = False) -> dict[str, str]:
    """The timers that are no steps, in words: rights that begin or end, and what becomes of papers. `ahead`: while they are to come."""
    said = {**words.tasks, **words.ahead} if ahead else words.tasks
    rights = {f"{RIGHTS}@{day.isoformat()}": said["rights_change"] for day in borders(case.grants.values(), None)}
    of_papers = {
        f"{what}@{paper.kind}": said[what].format(what=papers.get(paper.kind, paper.kind))
        for paper in case.wanted
        for what in (LAPSE, EXPIRY, ENDED, WAIVE)
    }
    return rights | of_papers


def step_title(step: StepDef, papers: dict[str, str], policies: Policies, words: Words, language: str) -> str:
    """A step in words, as what is to be done."""
    if step.kind is StepKind.TIMER:
        return words.tasks.get(step.until, step.until)
    if step.task is not None:
        approval = policies.approvals.get(step.asked_by)
        asked = approval.titles.get(language, "") if approval is not None else ""
        what = papers.get(step.document, step.document) or words.forms.get(step.form, step.form) or asked or words.tasks["approval"]
        return words.tasks[step.task.value].format(what=within(what, language))
    done = [words.resources.get(each) or words.kinds.get(each, each) for each in step.resources]
    paper = within(papers.get(step.document, step.document), language)
    return words.listed(done) + (f" ({paper})" if paper else "") if done else words.resources[resourceless(step)]


def resourceless(step: StepDef) -> str:
    """What a system's step does that makes nothing of its own: bring into line what is there, or take it back."""
    return REVISE if step.id == revise_id(step.system) else UNDO


def _came_in_with(case: Case, entries: Sequence[Entry]) -> dict[str, str]:
    """The facts that the hire came in with: those of now, with every later change taken back."""
    facts = {"unit": case.facts.unit, "position": case.facts.position, "start_date": case.facts.start_date.isoformat()}
    for entry in reversed(entries):
        if entry.action == "hire-moved" and entry.payload is not None:
            was = json.loads(entry.payload).get("was", {})
            facts |= {name: str(was[name]) for name in facts if name in was}
    return facts


def _lanes(graph: Graph) -> dict[str, str]:
    """Each lane's first system: lanes are mostly those of one system, and called like it."""
    found: dict[str, str] = {}
    for step in graph:
        if step.lane:
            found.setdefault(step.lane, step.system)
    return found


def _texts(entries: Sequence[Entry]) -> Iterator[str]:
    """Every text in the entries that may be a person's id."""
    for entry in entries:
        yield entry.actor
        if entry.payload is not None:
            yield from _inside(json.loads(entry.payload))


def _inside(value: object) -> Iterator[str]:
    if isinstance(value, str):
        if value and len(value) <= 64 and not any(letter.isspace() for letter in value):
            yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _inside(each)
    elif isinstance(value, list):
        for each in value:
            yield from _inside(each)

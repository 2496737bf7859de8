"""What the ids in messages are called, for a reader who knows people, units, papers and steps by their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from idm.domain.journey import Graph
from idm.domain.policy import Policies
from idm.domain.titles import within
from idm.flow.step_titles import shown_title
from idm.ports import App

_ID = re.compile(r"[^\W_][\w.@:+-]*", re.ASCII)
_MOST = 500
"""So many words of a page are looked up as persons at most."""


def called(app: App, texts: Iterable[str], language: str, graph: Graph | None = None) -> Mapping[str, str]:
    """Id -> name, in `language`, of all that `texts` may name: people, units, positions, roles, equipment, papers, fields, steps.

    It takes two queries, however many texts there are.
    """
    words = {word.rstrip(".:") for text in texts for word in _ID.findall(text)}
    if not words:
        return {}
    policies, tree = app.policies.current(), app.store.organisation()
    names = {id: within(item.titles.get(language, id), language) for id, item in policies.equipment.items.items()}
    names |= {conflict.id: conflict.titles.get(language, conflict.id) for conflict in policies.conflicts}
    names |= _papers(policies, language)
    names |= {id: role.titles.get(language, id) for id, role in policies.roles.items()}
    if graph is not None:
        papers = _papers(policies, language)
        names |= {step.id: shown_title(step, papers, policies, language) for step in graph if step.id not in names}
    names |= {unit.id: unit.name for unit in tree.units.values()}
    names |= {position.id: position.title for position in tree.positions.values()}
    # Last, since what is wrong with a form names fields more than anything: a unit may be called `town`, too.
    names |= _fields(policies, language)
    known = {id: name for id, name in names.items() if id in words}
    people = app.store.people(set(sorted(words - known.keys())[:_MOST]))
    return known | {id: person.full_name for id, person in people.items()}


def _papers(policies: Policies, language: str) -> dict[str, str]:
    titles = {kind.id: kind.titles for kind in policies.documents.values()} | {check.id: check.titles for check in policies.checks.values()}
    return {id: within(known.get(language, id), language) for id, known in titles.items()}


def _fields(policies: Policies, language: str) -> dict[str, str]:
    forms = policies.forms.values()
    named = {name: form.titles[language] for name, form in policies.forms.items() if language in form.titles}
    named |= {field.id: field.titles.get(language, field.id) for form in forms for field in form.fields}
    return {id: within(title, language) for id, title in named.items()}

"""What a language gives to the story of a case: sentences for each action, and the words that go into them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Words:
    """One language. `sentences` by action; their fields are those that `idm.domain.story_says` fills.

    `verbs` and `kinds` make up what a system did; `tasks` is how a human step is called, with {what} for its paper or form; `resources`
    how an automatic one is. `clauses` are added to a sentence when there is something to say. `ahead`: those of `tasks` that are told
    otherwise of a day that is to come. `systems`: the shipped ones; another is
    told by its name. `facts`: those of an employment or a person. `day` writes a date in full.
    """

    sentences: Mapping[str, str]
    verbs: Mapping[str, str]
    kinds: Mapping[str, str]
    tasks: Mapping[str, str]
    resources: Mapping[str, str]
    clauses: Mapping[str, str]
    ahead: Mapping[str, str]
    forms: Mapping[str, str]
    systems: Mapping[str, str]
    facts: Mapping[str, str]
    day: Callable[[date], str]

    def listed(self, names: Sequence[str]) -> str:
        """The names as people list them: a, b and c."""
        if len(names) < 2:
            return "".join(names)
        return f"{', '.join(names[:-1])} {self.clauses['and']} {names[-1]}"

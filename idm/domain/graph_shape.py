"""The shape of a task graph as people look at it: without needs that go without saying, and with what is over folded together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

Needs = Mapping[str, Sequence[str]]
"""What each step needs, by id, in an order where every step follows its needs."""


def reduced(needs: Needs) -> dict[str, tuple[str, ...]]:
    """The needs without those that another need of the same step comes after anyway."""
    before = _all_before(needs)
    return {
        step: tuple(need for need in asked if not any(need in before[other] for other in asked if other in before))
        for step, asked in needs.items()
    }


def _all_before(needs: Needs) -> dict[str, set[str]]:
    """Every step that must be done before each, however far back."""
    before: dict[str, set[str]] = {}
    for step, asked in needs.items():
        before[step] = {*asked, *(earlier for need in asked for earlier in before.get(need, ()))}
    return before


def in_order(needs: Needs) -> list[str]:
    """The ids so that each follows its needs, else in the order given. Needs that aren't among the steps don't count."""
    waits = {step: {need for need in asked if need in needs} for step, asked in needs.items()}
    ordered: list[str] = []
    while waits:
        free = [step for step, asked in waits.items() if not asked]
        if not free:
            raise ValueError("the graph has a cycle")
        ordered += free
        gone = set(free)
        waits = {step: asked - gone for step, asked in waits.items() if step not in gone}
    return ordered


def folded(needs: Needs, alike: Iterable[Collection[str]]) -> dict[str, tuple[str, ...]]:
    """The steps as groups, by each group's first step: of the steps `alike`, those go together that follow one another or begin alike.

    What isn't alike stays by itself. The groups still form a graph without cycles: following one another means directly, and beginning
    alike means to need the very same.
    """
    ordered = in_order(needs)
    groups: dict[str, tuple[str, ...]] = {step: (step,) for step in ordered}
    kinds = {step: number for number, steps in enumerate(alike) for step in steps}
    while True:
        between = group_needs(needs, groups)
        pair = _pair(between, kinds)
        if pair is None:
            return groups
        one, other = pair
        members = {*groups[one], *groups[other]}
        merged = tuple(step for step in ordered if step in members)
        # Kept in the order of the first of each group, so that a picture of it stays put while the case goes on.
        groups = {members[0]: members for members in (merged if id in pair else known for id, known in groups.items())}


def group_needs(needs: Needs, groups: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """What each group needs of the others, reduced, in an order where every group follows its needs."""
    group_of = {step: id for id, members in groups.items() for step in members}
    found = {
        id: tuple(dict.fromkeys(group_of[need] for step in members for need in needs[step] if need in group_of and group_of[need] != id))
        for id, members in groups.items()
    }
    return reduced({id: found[id] for id in in_order(found)})


def _pair(between: Needs, kinds: Mapping[str, int]) -> tuple[str, str] | None:
    """Two groups of one kind to fold: one needs the other, or both need the same."""
    beginning: dict[tuple[int, tuple[str, ...]], str] = {}
    for id, asked in between.items():
        kind = kinds.get(id)
        if kind is None:
            continue
        for need in asked:
            if kinds.get(need) == kind:
                return need, id
        same = beginning.setdefault((kind, tuple(sorted(asked))), id)
        if same != id:
            return same, id
    return None

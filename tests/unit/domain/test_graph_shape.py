from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.domain.graph_shape import folded, group_needs, in_order, reduced

Needs = dict[str, tuple[str, ...]]


@st.composite
def graphs(draw: st.DrawFn) -> Needs:
    """Graphs of up to fourteen steps, each of which needs some of those before it."""
    needs: Needs = {}
    for number in range(draw(st.integers(0, 14))):
        earlier = draw(st.lists(st.integers(0, number - 1), max_size=4, unique=True)) if number else []
        needs[f"s{number}"] = tuple(f"s{each}" for each in earlier)
    return needs


def before(needs: Needs, step: str) -> set[str]:
    """Everything that comes before a step, found by walking."""
    found: set[str] = set()
    left = list(needs[step])
    while left:
        need = left.pop()
        if need not in found:
            found.add(need)
            left += needs[need]
    return found


@given(graphs())
def test_what_goes_without_saying_is_left_out_and_nothing_else(needs: Needs) -> None:
    kept = reduced(needs)
    for step in needs:
        assert before(kept, step) == before(needs, step)
        for need in kept[step]:
            assert not any(need in before(needs, other) for other in kept[step])


@given(graphs(), st.randoms(use_true_random=False))
def test_steps_are_put_in_order_however_they_come(needs: Needs, random: Random) -> None:
    names = list(needs)
    random.shuffle(names)
    ordered = in_order({name: needs[name] for name in names})
    assert sorted(ordered) == sorted(needs)
    assert all(ordered.index(need) < ordered.index(step) for step in needs for need in needs[step])


@given(graphs(), st.sets(st.integers(0, 13)))
def test_folding_loses_no_step_mixes_no_kinds_and_makes_no_circle(needs: Needs, chosen: set[int]) -> None:
    alike = {f"s{number}" for number in chosen} & set(needs)
    groups = folded(needs, (alike,))

    assert sorted(step for members in groups.values() for step in members) == sorted(needs)
    assert all(id == members[0] for id, members in groups.items())
    assert all(len(members) == 1 or set(members) <= alike for members in groups.values())
    between = group_needs(needs, groups)
    assert in_order(between) == list(between)
    # Nothing is left that could be folded.
    ids = [id for id in between if id in alike]
    assert not [(id, need) for id in ids for need in between[id] if need in alike]
    assert len({frozenset(between[id]) for id in ids}) == len(ids)


def test_a_chain_and_what_begins_alike_become_one() -> None:
    needs: Needs = {"hire": (), "account": ("hire",), "mailbox": ("hire",), "rights": ("account",), "form": ("hire",)}
    assert folded(needs, (("account", "mailbox", "rights"),)) == {
        "hire": ("hire",),
        "account": ("account", "mailbox", "rights"),
        "form": ("form",),
    }


def test_a_circle_has_no_order() -> None:
    with pytest.raises(ValueError, match="cycle"):
        in_order({"one": ("other",), "other": ("one",)})

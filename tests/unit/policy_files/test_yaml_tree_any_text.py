from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from idm.errors import PolicyInvalid
from idm.policy_files import check_texts, journey_from_text, policy_text
from idm.policy_files.yaml_tree import MOST_PARTS, parse
from tests.unit.policy_files.base import BASE

plain = st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6) | st.text(max_size=8)
keys = st.sampled_from(["journey", "event", "steps", "kind", "needs", "human", "value", "roles", "rules", "attributes", "a", "", "[key]"])
trees = st.recursive(plain, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=20)


@given(text=st.text(max_size=60), file=st.sampled_from(sorted(BASE)))
def test_any_text_gives_faults_and_never_an_exception(text: str, file: str) -> None:
    policies, faults, _ = check_texts([policy_text(name, text if name == file else whole) for name, whole in BASE.items()])

    assert policies is None
    assert {fault.path.rpartition(":")[0] for fault in faults} >= {file}
    assert all(int(fault.path.rpartition(":")[2]) >= 1 for fault in faults)


@given(tree=trees, file=st.sampled_from(sorted(BASE)))
def test_any_yaml_gives_faults_and_never_an_exception(tree: Any, file: str) -> None:
    text = yaml.safe_dump(tree)
    policies, faults, _ = check_texts([policy_text(name, text if name == file else whole) for name, whole in BASE.items()])

    assert policies is None
    assert faults


@given(data=st.data(), file=st.sampled_from(sorted(BASE)))
@settings(max_examples=200)
def test_a_set_with_one_part_replaced_is_sound_or_has_faults(data: st.DataObject, file: str) -> None:
    tree = yaml.safe_load(BASE[file])
    at = tree
    while isinstance(at, dict) and at:
        key = data.draw(st.sampled_from(sorted(at)))
        if not isinstance(at[key], dict) or data.draw(st.booleans()):
            at[key] = data.draw(trees)
            break
        at = at[key]
    texts = {**BASE, file: yaml.safe_dump(tree, allow_unicode=True, sort_keys=False)}
    policies, faults, _ = check_texts([policy_text(name, text) for name, text in texts.items()])

    assert (policies is None) == bool(faults)


@given(text=st.text(max_size=60) | trees.map(yaml.safe_dump))
def test_any_pinned_text_is_refused_with_faults(text: str) -> None:
    try:
        journey_from_text(text, "journeys/x.yaml")
    except PolicyInvalid as error:
        assert error.faults
    else:
        raise AssertionError("taken")


@given(tree=st.dictionaries(st.text("abc", min_size=1, max_size=3), st.lists(st.text("abcæ -", max_size=9), max_size=3), max_size=4))
def test_text_is_read_as_the_yaml_library_reads_it(tree: dict[str, list[str]]) -> None:
    assert parse(yaml.safe_dump(tree, default_style='"'), "x.yaml").data == tree


def test_aliases_cannot_blow_up(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    tree = parse("\n".join(lines), "x.yaml")

    assert [(fault.path, fault.rule) for fault in tree.faults] == [("x.yaml:1", "too-large")]
    assert len(tree.lines) <= MOST_PARTS + 20


def test_an_endless_alias_and_great_depth_are_faults() -> None:
    assert [fault.rule for fault in parse("a: &a [*a]", "x.yaml").faults] == ["alias"]
    assert [fault.rule for fault in parse("[" * 100_000, "x.yaml").faults] == ["too-deep"]
    assert [fault.rule for fault in parse("x" * 2_000_000, "x.yaml").faults] == ["too-large"]

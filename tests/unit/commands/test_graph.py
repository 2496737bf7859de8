"""Drawing the task graph: every step once, under what it needs, with what it waits for."""

from __future__ import annotations

import re
from typing import Any

from idm.commands import graph
from idm.domain.case import StepState


def step(
    id: str, *needs: str, state: str = "pending", waits_for: dict[str, Any] | None = None, reason: str = "", **more: Any
) -> dict[str, Any]:
    given = {"kind": "automatic", "system": None, "attempts": 0, "task": None, "since": "2026-11-22T13:00:00+00:00", **more}
    return {"id": id, "needs": list(needs), "state": state, "waits_for": waits_for, "reason": reason, **given}


def person(*ids: str) -> dict[str, Any]:
    return {"kind": "person", "ids": list(ids), "until": None}


STEPS = [
    step("appoint", state="done", kind="human"),
    step("account", "appoint", state="refused", system="ldap", waits_for=person(), reason="the name is taken"),
    step("confirm", "appoint", state="waiting", kind="human", waits_for=person("it_officer", "chief")),
    step("opening", "appoint", state="waiting", kind="timer", waits_for={"kind": "date", "ids": [], "until": "2027-01-03T23:00:00+00:00"}),
    step("record", "appoint", state="retry", system="payroll", waits_for={"kind": "target", "ids": ["payroll"], "until": None}),
    step("rights", "confirm", "account"),
    step("open", "opening", "rights"),
]


def test_the_tree_shows_every_step_once_under_the_deepest_it_needs() -> None:
    assert graph.tree(STEPS) == [
        "appoint        ✓ done       since 2026-11-22 14:00",
        "├─ account     ✗ refused    ldap; waits for somebody who may act; since 2026-11-22 14:00; the name is taken",
        "├─ confirm     ◷ waiting    waits for it_officer, chief; since 2026-11-22 14:00",
        "│  └─ rights   · pending    also needs account",
        "│     └─ open  · pending    also needs opening",
        "├─ opening     ◷ waiting    until 2027-01-04 00:00; since 2026-11-22 14:00",
        "└─ record      ↻ retry      payroll; waits for payroll; since 2026-11-22 14:00",
    ]


def test_without_unicode_the_tree_is_ascii_and_says_the_same() -> None:
    lines = graph.tree(STEPS, unicode=False)
    assert all(line.isascii() for line in lines)
    assert [re.findall(r"[a-z_]+", line)[0] for line in lines] == [re.findall(r"[a-z_]+", line)[0] for line in graph.tree(STEPS)]


def test_colour_adds_nothing_but_colour() -> None:
    coloured = graph.tree(STEPS, colour=True)
    assert "\x1b[31m✗ refused" in coloured[1]
    assert [re.sub(r"\x1b\[\d+m", "", line) for line in coloured] == graph.tree(STEPS)


def test_steps_that_need_nothing_stand_at_the_left() -> None:
    lines = graph.tree([step("undo-ldap", state="ready"), step("undo-erp", state="running")])
    assert [line.split()[0] for line in lines] == ["undo-ldap", "undo-erp"]


def test_no_steps_are_no_lines() -> None:
    assert graph.tree([]) == []


def test_every_state_has_a_mark_and_a_colour_of_its_own_in_both_forms() -> None:
    assert set(graph.MARKS) == {state.value for state in StepState}
    text = "\n".join(graph.mermaid([step(state.value, state=state.value) for state in StepState]))
    assert all(f"classDef {state.value} " in text for state in StepState)


def test_mermaid_has_a_node_for_each_step_and_an_arrow_for_each_need() -> None:
    lines = graph.mermaid(STEPS)
    assert lines[0] == "flowchart LR"
    assert len([line for line in lines if ":::" in line]) == len(STEPS)
    assert len([line for line in lines if "-->" in line]) == sum(len(each["needs"]) for each in STEPS)


def test_mermaid_labels_can_t_break_out_of_their_quotes() -> None:
    lines = graph.mermaid([step("x", state="refused", waits_for=person(), reason='say "no" <b>&#\nnow')])
    assert lines[1] == ('  s0["x<br/>refused<br/>waits for somebody who may act<br/>say #quot;no#quot; #lt;b#gt;#amp;#35; now"]:::refused')


def test_nodes_keep_what_scripts_ask_for() -> None:
    assert {"id", "kind", "system", "needs", "state", "waits_for", "since", "reason"} <= set(graph.nodes(STEPS)[0])


def test_what_goes_without_saying_is_not_said() -> None:
    """A step that follows another comes after all that the other needs: saying that too would hide what matters."""
    steps = [*STEPS, step("welcome", "appoint", "account", "open")]
    assert graph.tree(steps)[5].endswith("└─ welcome  · pending")
    names = {
        line.split('"')[1].split("<")[0]: line.split("(")[0].split("[")[0].split("{")[0].strip()
        for line in graph.mermaid(steps)
        if '"' in line
    }
    arrows = [line.strip() for line in graph.mermaid(steps) if "-->" in line]
    assert f"{names['open']} --> {names['welcome']}" in arrows
    assert f"{names['appoint']} --> {names['welcome']}" not in arrows

"""The keyboard alone: it reaches all that can be acted on, in order and visibly, and comes out again; and a task is done with it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import data
from tests.pictures.camera import opened
from tests.pictures.scenes import SCENES
from tests.pictures.stage import Stage
from tests.support.browser import Chromium

PAGES = (
    "login-choose",
    "tasks",
    "hires",
    "hires-new",
    "hires-new-wrong",
    "case",
    "task-appoint",
    "task-review",
    "task-funnel",
    "task-rights",
    "task-order",
    "powers",
    "absence",
    "payroll-table",
    "start-link",
    "start-code",
    "my-returned",
    "my-paper",
    "my-form",
)
MOST = 400
"""Presses of Tab after which a page is taken for a trap."""

NUMBERED = """() => {
    const stops = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
    const radios = new Set();
    let number = 0;
    for (const one of document.querySelectorAll(stops)) {
        if (one.disabled || !one.checkVisibility({checkVisibilityCSS: true})) continue;
        if (one.matches('[type=radio]')) {
            // Of a group the one that is chosen is a stop, or where none is, the first; arrows lead on from there.
            const group = Array.from(document.getElementsByName(one.name)).filter((each) => each.form === one.form);
            if (one !== (group.find((each) => each.checked) || group[0])) continue;
        }
        one.dataset.stop = number++;
    }
    return number;
}"""
FOCUSED = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const style = getComputedStyle(one);
    const box = one.querySelector('.graph-box');
    const drawn = box && parseFloat(getComputedStyle(box).strokeWidth) >= 3;
    const seen = drawn || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
    return {stop: one.dataset.stop === undefined ? -1 : Number(one.dataset.stop), seen, name: one.outerHTML.slice(0, 150)};
}"""


def tab_through(page: Page) -> list[dict[str, Any]]:
    """Press Tab from the page's beginning until its end; each element that had the focus, once."""
    found: list[dict[str, Any]] = []
    page.locator("[data-stop='0']").focus()
    page.keyboard.press("Shift+Tab")
    for _ in range(MOST):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if found and (focused is None or focused["stop"] == 0 != found[-1]["stop"]):
            return found
        assert focused is not None, "nothing took the focus"
        if not found or found[-1]["stop"] != focused["stop"]:
            found.append(focused)
    raise AssertionError(f"the keyboard doesn't come out again; at last it was at {found[-3:]}")


@pytest.mark.parametrize("name", PAGES)
def test_tab_reaches_everything_in_order_and_visibly(chromium: Chromium, scenes_at: str, stage: Stage, name: str) -> None:
    scene = next(scene for scene in SCENES if scene.name == name)
    with opened(chromium, scenes_at, stage, scene, width=1280, language="en") as window:
        stops = window.page.evaluate(NUMBERED)

        found = tab_through(window.page)

        assert [each["stop"] for each in found] == list(range(stops)), [each["name"] for each in found if each["stop"] < 0]
        assert [each["name"] for each in found if not each["seen"]] == []


def test_a_task_is_done_by_keyboard_alone(chromium: Chromium, scenes_at: str, stage: Stage) -> None:
    case = stage.world.hire("by-keyboard", position="substitute_teacher", given_name="Tasta", family_name="Tur")
    stage.world.hand_in(case, "contract")
    with chromium.window(scenes_at, token=stage.token(data.PAY)) as window:
        page = window.page
        page.goto("/tasks")

        def go_to(what: str) -> None:
            for _ in range(MOST):
                page.keyboard.press("Tab")
                if page.evaluate("what => !!document.activeElement && document.activeElement.matches(what)", what):
                    return
            raise AssertionError(f"the keyboard never came to {what}")

        go_to(f"a[href^='/tasks/{case}.review-contract']")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Review signed contract of employment")).to_be_visible()
        go_to("button[value=accept]")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status").filter(has_text="The paper is accepted:")).to_be_visible()

        assert window.complaints == []
    assert stage.world.case(case).documents["contract"].state.value == "accepted"

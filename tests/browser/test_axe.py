"""Every scene in a real browser: nothing that axe finds, nothing to scroll sideways for, nothing that the page's policy forbids."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.routing import Match, Route

from idm.web.app import specs
from tests.pictures.camera import opened, smaller, take
from tests.pictures.guides import GUIDES, HEIGHT, MOST, files
from tests.pictures.scenes import EXEMPT, SCENES, Scene
from tests.pictures.stage import Stage
from tests.support.browser import Chromium, axe, too_wide

NARROWEST = 320


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_everybody_can_use_the_page(chromium: Chromium, scenes_at: str, stage: Stage, scene: Scene) -> None:
    """By light on a phone and by dark on a wide screen; the language changes from scene to scene."""
    language = "da" if SCENES.index(scene) % 2 else "en"
    with opened(chromium, scenes_at, stage, scene, width=NARROWEST, language=language) as window:
        assert too_wide(window.page) == []
        window.page.set_viewport_size({"width": 390, "height": 844})
        assert axe(window.page) == []
        window.page.set_viewport_size({"width": 1280, "height": 900})
        window.page.emulate_media(color_scheme="dark")
        assert axe(window.page) == []
        assert window.page.locator("h1").count() == 1
        assert window.complaints == []


def test_every_page_stands_in_a_scene(stage: Stage) -> None:
    asked = {spec.path for spec in specs() if spec.method == "GET"}
    shown = {_shown_by(scene.address(stage).partition("?")[0], asked) for scene in SCENES}

    assert asked - shown == set(EXEMPT), "add a scene for each page; exempt only what is none"


def test_scenes_have_names_of_their_own() -> None:
    assert len({scene.name for scene in SCENES}) == len(SCENES)
    assert set(GUIDES) <= {scene.name for scene in SCENES}


@pytest.mark.parametrize("name", ["my", "task-review"])
def test_a_picture_for_the_guides_is_small_and_the_same_again(chromium: Chromium, scenes_at: str, stage: Stage, name: str) -> None:
    scene = next(scene for scene in SCENES if scene.name == name)
    width = GUIDES[name].width
    pictures = []
    for _ in range(2):
        with opened(chromium, scenes_at, stage, scene, width=width, language="da") as window:
            pictures.append(smaller(take(window, "light", height=HEIGHT[width]), MOST))

    assert pictures[0] == pictures[1]
    assert pictures[0].startswith(b"\x89PNG") and len(pictures[0]) <= MOST


def test_the_guides_have_their_pictures() -> None:
    folder = Path(__file__).parents[2] / "docs" / "pictures"
    found = {path.name: path.stat().st_size for path in folder.glob("*.png")}

    assert set(found) == files(), "run `make pictures`"
    assert max(found.values()) <= MOST


def _shown_by(address: str, templates: set[str]) -> str:
    """The template of the route that answers an address, the most literal first as the portal's own order has it."""
    for spec in specs():
        if spec.method == "GET" and spec.path in templates:
            match, _ = Route(spec.path, lambda request: request).matches({"type": "http", "method": "GET", "path": address})
            if match is Match.FULL:
                return spec.path
    return ""

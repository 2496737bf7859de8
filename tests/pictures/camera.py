"""Opens scenes in a browser, and takes their pictures."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import FloatRect

from tests.pictures.scenes import Scene
from tests.pictures.stage import Stage
from tests.support.browser import Chromium, Theme, Window

WIDTHS = (390, 1280)
THEMES: tuple[Theme, ...] = ("light", "dark")
LANGUAGES = ("da", "en")
TALLEST = 6000
"""Pixels of a page that are taken; lists may be longer."""


@contextmanager
def opened(
    chromium: Chromium, url: str, stage: Stage, scene: Scene, *, width: int, language: str, theme: Theme = "light"
) -> Iterator[Window]:
    """A window in which the scene stands, its act done and its pictures loaded."""
    with chromium.window(url, width=width, theme=theme, language=language, token=scene.token(stage)) as window:
        answer = window.page.goto(scene.address(stage))
        assert answer is not None
        assert answer.status == scene.status, f"{scene.name}: {answer.status} at {window.page.url}"
        if scene.act is not None:
            scene.act(window.page)
        window.page.wait_for_load_state("load")
        window.page.evaluate(_LOADED)
        window.complaints[:] = [text for text in window.complaints if not (_REFUSED.search(text) and (scene.act or scene.status >= 400))]
        yield window


_LOADED = """Promise.all([document.fonts.ready, ...Array.from(document.images, (one) => {
    one.loading = 'eager';  // what is put off until somebody scrolls would never be there
    return one.decode().catch(() => null);
})])"""
_REFUSED = re.compile(r"responded with a status of 4\d\d")
"""What the console says of a page that tells what is wrong."""


def take(window: Window, theme: Theme, *, height: int = TALLEST, begins: str = "") -> bytes:
    """The window's page as a PNG, from above or from the element that `begins` selects, at most `height` pixels of it."""
    page = window.page
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    size = page.viewport_size
    assert size is not None
    tall = int(page.evaluate("document.documentElement.scrollHeight"))
    top = int(page.locator(begins).first.evaluate(_TOP)) if begins else 0
    clip: FloatRect = {"x": 0, "y": top, "width": size["width"], "height": min(tall - top, height)}
    return page.screenshot(full_page=True, clip=clip, animations="disabled", caret="hide")


_TOP = "one => Math.max(0, (one.closest('.field') || one).getBoundingClientRect().top + window.scrollY - 24)"
"""Where an element begins on its page, with its label and a little air above."""


def smaller(picture: bytes, most: int, *, shrink: float = 1.0) -> bytes:
    """The picture with as many colours as fit into `most` bytes (256 at best, 8 at worst), the same for the same picture."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    if shrink != 1.0:
        image = image.resize((round(image.width * shrink), round(image.height * shrink)), Image.Resampling.LANCZOS)
    for colours in (128, 64, 32, 16, 8):
        out = io.BytesIO()
        image.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        if out.tell() <= most:
            return out.getvalue()
    raise ValueError(f"the picture doesn't fit into {most} bytes")


def write(path: Path, content: bytes) -> bool:
    """Write a picture, unless it is there already as it is; whether it was written."""
    if path.exists() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return True

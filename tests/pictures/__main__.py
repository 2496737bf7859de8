"""`make pictures`: every scene in both languages, both widths, light and dark, into .build/pictures; what the guides show into docs.

python -m tests.pictures [--to FOLDER] [--only WORD] [--guides-only] [--themes light,dark] [--widths 390,1280] [--languages da,en]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.pictures.camera import LANGUAGES, THEMES, WIDTHS, opened, smaller, take, write
from tests.pictures.guides import GUIDES, HEIGHT, MOST, Shown
from tests.pictures.scenes import SCENES
from tests.pictures.stage import Stage
from tests.servers import NotInstalled
from tests.support.browser import FLAGS, Chromium, Served, installed

ROOT = Path(__file__).parents[2]


def main(arguments: list[str]) -> int:
    """Take the pictures; 1 if a page complained or was not as its scene says."""
    asked = _asked(arguments)
    try:
        program = installed()
    except NotInstalled as reason:
        sys.stderr.write(f"{reason}\n")
        return 1
    begun, faults, count = time.monotonic(), list[str](), 0
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        stage = Stage(Path(folder))
        # What the browser itself says, in fields for dates and files, it says in the language that it runs in.
        browsers = {
            each: playwright.chromium.launch(executable_path=program, args=FLAGS, env={**os.environ, "LANGUAGE": each})
            for each in LANGUAGES
        }
        with Served(stage.portal.asgi) as served:
            for scene in SCENES:
                guide = GUIDES.get(scene.name)
                if asked.only not in scene.name or (asked.guides_only and guide is None):
                    continue
                for language in asked.languages:
                    shown = guide if guide is not None and language in guide.languages else None
                    for width in _only(shown) if asked.guides_only else asked.widths:
                        try:
                            with opened(Chromium(browsers[language]), served.url, stage, scene, width=width, language=language) as window:
                                for theme in asked.themes:
                                    picture = take(window, theme)
                                    count += write(asked.to / f"{scene.name}-{language}-{width}-{theme}.png", picture)
                                if shown is not None and shown.width == width:
                                    small = smaller(take(window, "light", height=HEIGHT[width], begins=shown.begins), MOST)
                                    write(ROOT / "docs" / "pictures" / f"{scene.name}-{language}.png", small)
                                faults += [f"{scene.name} {language} {width}: {complaint}" for complaint in window.complaints]
                        except Exception as error:  # noqa: BLE001  # the rest is taken all the same
                            faults.append(f"{scene.name} {language} {width}: {str(error)[:300]}")
        for browser in browsers.values():
            browser.close()
        stage.close()
    sys.stdout.write(f"{count} pictures are new or changed in {asked.to} ({time.monotonic() - begun:.0f} s)\n")
    sys.stderr.write("".join(f"{fault}\n" for fault in faults))
    return 1 if faults else 0


def _only(shown: Shown | None) -> tuple[int, ...]:
    return (shown.width,) if shown is not None else ()


def _asked(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.pictures")
    parser.add_argument("--to", type=Path, default=ROOT / ".build" / "pictures", help="where the pictures go")
    parser.add_argument("--only", default="", help="scenes with this in their name")
    parser.add_argument("--guides-only", action="store_true", help="only what the guides show")
    parser.add_argument("--themes", type=lambda text: text.split(","), default=THEMES)
    parser.add_argument("--widths", type=lambda text: [int(each) for each in text.split(",")], default=WIDTHS)
    parser.add_argument("--languages", type=lambda text: text.split(","), default=LANGUAGES)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The demo's folder: only one that the demo marked itself is ever emptied."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from idm.errors import Conflict, Unavailable

MARKER = "MADE_BY_IDM_DEMO"
_TEXT = "The demo made this folder, and `idm demo` empties it without asking. Keep nothing here.\n"


def check_ours(home: Path) -> bool:
    """Whether the demo has been here before; False for a folder that isn't there or is empty.

    Raises Conflict for any other folder: it may hold somebody's installation.
    """
    if home.is_symlink() or (home.exists() and not home.is_dir()):
        raise Conflict(f"{home} is not a folder.", next_step=_ELSEWHERE)
    marker = home / MARKER
    if marker.is_file() and not marker.is_symlink() and marker.read_text(errors="replace") == _TEXT:
        return True
    if home.is_dir() and any(home.iterdir()):
        raise Conflict(f"{home} holds something that the demo didn't make, so it isn't touched.", next_step=_ELSEWHERE)
    return False


def make_empty(home: Path) -> None:
    """Have `home` be an empty folder with the demo's mark. Raises as `check_ours`, or Unavailable if the disk won't."""
    check_ours(home)
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The mark is renewed first: if the emptying breaks off, the folder is still known as the demo's.
        (home / MARKER).write_text(_TEXT)
        for child in home.iterdir():
            if child.name == MARKER:
                continue
            if child.is_dir() and not child.is_symlink():
                shutil.rmtree(child)
            else:
                child.unlink()
    except OSError as error:
        raise Unavailable(f"{home} can't be emptied: {os.strerror(error.errno or 0)}.", next_step=_ELSEWHERE) from error


_ELSEWHERE = "Choose another folder, such as IDM_HOME=./demo-var idm demo, or move this one away."

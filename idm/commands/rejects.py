"""The folder of refused events: what came and wasn't taken, kept for whoever mends it, written whole or not at all."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from idm.commands.session import writing
from idm.durable import write_new
from idm.errors import Unavailable


def keep_rejects(folder: Path, content: bytes, suffix: str, at: datetime) -> Path:
    """Write `content` to a new file in `folder`, which its owner alone may read: it holds personal data. Durable when it returns.

    Raises Unavailable, leaving nothing behind, if the disk can't take it.
    """
    with writing(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number in range(1, 10_000):
        path = folder / f"{at:%Y%m%dT%H%M%SZ}-{number}{suffix}"
        with writing(path):
            try:
                write_new(path, content)
            except FileExistsError:
                continue
        return path
    raise Unavailable(f"{folder} is full of rejects.", next_step="Clear it: those files hold personal data.")

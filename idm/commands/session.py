"""What commands need around a flow: the opened installation, who sits at the keyboard, files that may be anything."""

from __future__ import annotations

import contextlib
import os
import pwd
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from idm.commands.answer import note
from idm.errors import BadInput, Fault, NotFound, Unavailable
from idm.flow.explain import case_by
from idm.flow.known_as import known_as
from idm.ports import App

if TYPE_CHECKING:
    from idm.bootstrap import Installation

STDIN = "-"
"""The file name that means standard input."""


@contextlib.contextmanager
def installation(**options: Any) -> Iterator[Installation]:
    """The installation that IDM_HOME names, opened for the length of a block."""
    from idm.bootstrap import opened

    with opened(**options) as found:
        if found.policy_folder.fault() is not None:
            note("The policies in the folder are broken; the last sound set is in force. `idm policy check` says what is wrong.")
        yield found


def administrator() -> str:
    """The operating system's name of whoever runs this process: it goes on record beside the person they act for."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid-{os.getuid()}"


def case_id(app: App, id: str) -> str:
    """The case that an id means: its own, or that of an employment. Raises NotFound."""
    return case_by(app, id).id


def demand_known(app: App, *, unit: str = "", person: str = "") -> str:
    """The person's own id, whichever of theirs was named.

    Raises NotFound for a unit or person that isn't here: a list without them would look as if there were nothing to do.
    """
    if unit and unit not in app.store.organisation().units:
        raise NotFound(f"There is no unit '{unit}'.", next_step="`idm org show` lists the units.")
    found = known_as(app, person)
    if found and app.store.person(found) is None:
        raise NotFound(f"There is no person '{person}'.", next_step="`idm org people` lists them.")
    return found


def read_bytes(name: str) -> bytes:
    """What the file `name` holds, or standard input for `-`. Raises NotFound, BadInput or Unavailable, each saying what to do."""
    if name == STDIN:
        return read_stdin()
    path = regular(name)
    with reading(path):
        return path.read_bytes()


def read_stdin() -> bytes:
    """All of standard input. Raises Unavailable if there is none."""
    try:
        return sys.stdin.buffer.read()
    except (OSError, AttributeError) as error:
        # The interpreter has no sys.stdin at all if it was closed.
        reason = error.strerror if isinstance(error, OSError) else "it is closed"
        raise Unavailable(f"Standard input can't be read: {reason}.", next_step="Pipe the content in, or name a file.") from error


def regular(name: str) -> Path:
    """The path of a file that exists and isn't a folder. Raises NotFound or BadInput."""
    path = Path(name)
    with reading(path):
        kind = path.stat().st_mode
    if stat.S_ISDIR(kind):
        fault = Fault(name, "folder", "is a folder")
        raise BadInput(f"{name} is a folder, not a file.", faults=[fault], next_step="Name a file, or - for standard input.")
    return path


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn the operating system's objections to reading `path` into errors that say what to do."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound(f"There is no file {path}.", next_step="Check the name.") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its name can't be one"
        raise Unavailable(f"{path} can't be read: {reason}.", next_step="Mend its rights, or name another file.") from error


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the operating system's objections to writing `path` into errors that say what to do."""
    try:
        yield
    except OSError as error:
        raise Unavailable(
            f"{path} can't be written: {error.strerror}.", next_step="Choose a place that you may write, with room."
        ) from error


def new_private_file(path: Path) -> int:
    """A descriptor of the new file `path`, which only its owner may read. Raises FileExistsError and other OSErrors."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)

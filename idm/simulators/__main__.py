"""`python -m idm.simulators DIRECTORY [--detach]`: run the embedded target systems.

With --detach the command ends when every port answers, and the systems go on in a session of their own.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Run; the exit code. 0: stopped as told, or detached and ready."""
    paths = [argument for argument in arguments if argument != "--detach"]
    if len(paths) != 1 or paths[0].startswith("-"):
        sys.stderr.write((__doc__ or "") + "\n")
        return 2
    directory = Path(paths[0]).resolve()
    return _detached(directory) if "--detach" in arguments else _run(directory, None)


def _detached(directory: Path) -> int:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.setsid()
        return _run(directory, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as ready:
        if ready.read(1):
            return 0
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) or 1


def _run(directory: Path, on_ready: int | None) -> int:
    # Imported late, so that the launcher of a detached run stays small.
    from idm.errors import IdmError
    from idm.simulators.process import run

    # The records hold CPR numbers.
    os.umask(0o077)
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        run(directory, on_ready)
    except IdmError as error:
        sys.stderr.write(f"{error.message} {error.next_step}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

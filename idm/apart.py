"""One of idm's own scripts as a process of its own: a file that crashes, hangs or swells the library that reads it harms nobody else.

The scripts (`vault_parse`, `vault_join_parse`, `page_draw`) stand beside this file and import nothing of idm. Each limits its own memory
and processor time before it looks at the first byte; how long it may take in all is bounded here.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_KEPT = ("PYTHONPATH", "LD_LIBRARY_PATH", "LANG")
"""What the script needs of the environment; settings and secrets stay behind."""


class NotRun(Exception):
    """The process did not start, or did not end in time; it says nothing about the file."""


def run_apart(script: str, *arguments: str, source: int | bytes, seconds: float) -> subprocess.CompletedProcess[bytes]:
    """Run `script` ("vault_parse.py") on `source`, a descriptor at its beginning or the bytes themselves, for `seconds` at most.

    What it wrote, and how it ended: a negative code if a limit or a crash of the library ended it. Raises `NotRun`.
    """
    command = [sys.executable, "-P", str(Path(__file__).with_name(script)), *arguments]
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    given, descriptor = (source, None) if isinstance(source, bytes) else (None, source)
    try:
        return subprocess.run(command, input=given, stdin=descriptor, capture_output=True, timeout=seconds, env=environment, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotRun(f"{script} did not start, or took more than {seconds:g} s") from error

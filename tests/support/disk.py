"""A disk of a test's own: small, so that it can be full; and one that can be made read only."""

from __future__ import annotations

import contextlib
import os
import subprocess
from pathlib import Path

HOW_TO_GET_IT = "a disk of a test's own needs root's right to mount (run the tests as root, in a container with CAP_SYS_ADMIN)"


class NoMount(Exception):
    """This process may mount nothing."""


class SmallDisk:
    """A file system in memory with `megabytes` of room, mounted at `path`."""

    def __init__(self, path: Path, megabytes: int) -> None:
        """Mount it. Raises `NoMount` where that isn't allowed."""
        self.path = path
        path.mkdir(parents=True)
        self._mount("-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "tmpfs")

    def _mount(self, *arguments: str) -> None:
        done = subprocess.run(["mount", *arguments, str(self.path)], capture_output=True, text=True)
        if done.returncode != 0:
            raise NoMount(HOW_TO_GET_IT)

    def fill(self) -> None:
        """Leave no byte free."""
        with contextlib.suppress(OSError), self._filler.open("ab", buffering=0) as file:
            for size in (1 << 20, 4096, 1):
                with contextlib.suppress(OSError):
                    while file.write(b"\0" * size) == size:
                        pass

    def free(self) -> None:
        """Give the room back."""
        self._filler.unlink()

    def read_only(self, yes: bool = True) -> None:
        """Let nothing be written any more, or again."""
        self._mount("-o", f"remount,{'ro' if yes else 'rw'}")

    def close(self) -> None:
        """Unmount it."""
        subprocess.run(["umount", "--lazy", str(self.path)], check=True, capture_output=True)

    def files(self, *, but: tuple[str, ...] = ()) -> list[str]:
        """Every file on it with its size, without the filler and those whose names begin so."""
        found = [Path(folder) / name for folder, _, names in os.walk(self.path) for name in names]
        kept = [path for path in found if path != self._filler and not path.name.startswith(but or ("\0",))]
        return sorted(f"{path.relative_to(self.path)} {path.stat().st_size}" for path in kept)

    @property
    def _filler(self) -> Path:
        return self.path / "filler"

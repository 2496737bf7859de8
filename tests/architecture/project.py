"""The project's own files, as the architecture tests read them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ("idm", "connectors")
FOLDERS = (*PRODUCT, "policies", "templates", "tests", "docs", "requirements", ".ci")
_MADE_BY_TOOLS = {"__pycache__", "node_modules", "vendor"}
_TEXT = {
    "",
    ".py",
    ".md",
    ".txt",
    ".in",
    ".toml",
    ".yaml",
    ".yml",
    ".json",
    ".html",
    ".css",
    ".svg",
    ".po",
    ".js",
    ".sh",
    ".mako",
    ".cfg",
    ".ini",
    ".ldif",
}


def product_modules() -> Iterator[Path]:
    """Every Python file that the wheel ships."""
    yield ROOT / "cli.py"
    for folder in PRODUCT:
        yield from _files(ROOT / folder, "*.py")


def modules_of_tests() -> Iterator[Path]:
    """Every Python file of the tests."""
    yield from _files(ROOT / "tests", "*.py")


def texts() -> Iterator[tuple[Path, str]]:
    """Every text file that a person or a tool wrote into the project, with what it says."""
    for path in sorted(ROOT.iterdir()):
        if path.is_file() and path.suffix in _TEXT and not path.name.startswith(".coverage") and path.name != ".git":
            yield path, path.read_text()
    for folder in FOLDERS:
        for path in _files(ROOT / folder, "*"):
            if path.suffix in _TEXT:
                yield path, path.read_text()


def short(path: Path) -> str:
    """`path` as seen from the project's top."""
    return str(path.relative_to(ROOT))


def _files(folder: Path, pattern: str) -> Iterator[Path]:
    for path in sorted(folder.rglob(pattern)):
        if path.is_file() and not _MADE_BY_TOOLS & set(path.parts):
            yield path

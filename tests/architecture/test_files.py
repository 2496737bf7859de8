"""What every file of the project keeps to."""

from __future__ import annotations

import re

from tests.architecture.project import modules_of_tests, product_modules, short, texts

LONGEST = 400


def spelt(*parts: str) -> str:
    """A forbidden word in pieces, so that this file doesn't hold it."""
    return "".join(parts)


HOSTS = [
    spelt("py", "pi.org"),
    spelt("python", "hosted.org"),
    spelt("registry.", "npmjs.org"),
    spelt("deb.", "debian.org"),
    spelt("--find", "-links "),
    spelt("--index", "-url "),
]
MACHINE_PATHS = re.compile(
    "|".join((spelt(r"(?<![\w.}])/wo", "rk/"), spelt(r"(?<![\w.}])/ro", r"ot\b"), spelt(r"(?<![\w.}])/tm", r"p/\w")))
)
UNFINISHED = re.compile(r"\b(" + "|".join((spelt("TO", "DO"), spelt("FIX", "ME"), spelt("XX", "X"))) + r")\b")


def test_no_module_is_too_long_to_hold_in_the_head() -> None:
    lengths = {short(path): len(path.read_text().splitlines()) for path in [*product_modules(), *modules_of_tests()]}
    assert lengths
    assert {path: length for path, length in lengths.items() if length > LONGEST} == {}


def test_no_file_names_a_registry() -> None:
    assert [(short(path), host) for path, text in texts() for host in HOSTS if host in text] == []


def test_no_file_names_a_path_of_one_machine() -> None:
    assert [(short(path), match.group()) for path, text in texts() for match in MACHINE_PATHS.finditer(text)] == []


def test_nothing_is_marked_as_unfinished() -> None:
    assert [(short(path), match.group()) for path, text in texts() for match in UNFINISHED.finditer(text)] == []

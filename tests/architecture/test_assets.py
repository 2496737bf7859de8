"""What pages take from npm: locked, named by no address, fetched whole or not at all, and never needed."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.architecture.project import ROOT

NPM = ROOT / "idm" / "web" / "npm"
VENDOR = ROOT / "idm" / "web" / "vendor"


def test_every_package_is_locked_to_one_version_with_its_hash_and_no_address() -> None:
    wanted = json.loads((NPM / "package.json").read_text())
    text = (NPM / "package-lock.json").read_text()
    locked = json.loads(text)["packages"]
    asked = {**wanted["dependencies"], **wanted["devDependencies"]}

    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in asked.values()), asked
    assert {name.removeprefix("node_modules/"): entry["version"] for name, entry in locked.items() if name} == asked
    assert all(entry["integrity"].startswith("sha512-") for name, entry in locked.items() if name)
    assert "://" not in text and "resolved" not in text


def test_what_was_fetched_is_what_its_manifest_says_and_comes_with_its_licences() -> None:
    if not VENDOR.is_dir():
        pytest.skip("npm's files aren't there: make assets")
    lines = [line.split("  ./") for line in (VENDOR / "MANIFEST.sha256").read_text().splitlines()]
    said = {name: digest for digest, name in lines}
    found = {path.relative_to(VENDOR).as_posix(): path for path in VENDOR.rglob("*") if path.is_file()}

    assert {name: hashlib.sha256(found[name].read_bytes()).hexdigest() for name in said} == said
    assert set(found) - set(said) == {"MANIFEST.sha256", "STATE"}
    assert {"licences/htmx.txt", "licences/dkfds.md", "licences/IBMPlexSans-OFL-1.1.txt", "licences/icons-Apache-2.0.txt"} <= set(said)
    assert not any("logo" in name for name in said)


def test_a_font_is_loaded_under_an_address_that_carries_its_digest() -> None:
    if not VENDOR.is_dir():
        pytest.skip("npm's files aren't there: make assets")
    loaded = re.findall(r'url\("([^"?]+)\?v=(\w+)"\)', (VENDOR / "plex.css").read_text())

    assert len(loaded) == 6
    assert {name: hashlib.sha256((VENDOR / name).read_bytes()).hexdigest()[:16] for name, _ in loaded} == dict(loaded)


def test_every_icon_that_is_asked_for_was_put_into_the_one_file() -> None:
    if not VENDOR.is_dir():
        pytest.skip("npm's files aren't there: make assets")
    made = re.findall(r'<symbol id="([\w-]+)" viewBox="[^"]+"><', (VENDOR / "icons.svg").read_text())

    assert made == (NPM / "icons.txt").read_text().split()


@pytest.mark.parametrize(("arguments", "code"), [(["--if-possible"], 0), ([], 1)])
def test_without_npm_it_is_said_and_only_who_asked_for_it_fails(tmp_path: Path, arguments: list[str], code: int) -> None:
    shutil.copytree(NPM, tmp_path / "idm" / "web" / "npm")
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "assets.sh", tmp_path / ".ci")
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("bash", "cat", "cut", "dirname", "sha256sum"):
        (tools / tool).symlink_to(str(shutil.which(tool)))

    done = subprocess.run(["bash", ".ci/assets.sh", *arguments], cwd=tmp_path, env={"PATH": str(tools)}, capture_output=True, text=True)

    assert done.returncode == code, done.stderr
    assert "There is no npm here" in done.stderr and "plainer" in done.stderr
    assert not (tmp_path / "idm" / "web" / "vendor").exists()

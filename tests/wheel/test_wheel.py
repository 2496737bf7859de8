"""The built wheel works on its own, away from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(command: list[str | Path], folder: Path, **variables: str) -> str:
    """What `command` prints, run in `folder` with nothing of the checkout in sight; fails with its output if it fails."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "IDM_", "COVERAGE", "VIRTUAL_ENV"))}
    done = subprocess.run(command, cwd=folder, env=kept | variables, capture_output=True, text=True)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT], folder)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin/ of a virtual environment with the wheel installed, and the tests' own libraries beside it."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    run([sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-index", "--no-deps", wheel], folder)
    [site_packages] = folder.glob("lib/python*/site-packages")
    # A folder named in a .pth file has its own .pth files ignored: an editable install of the checkout doesn't come along.
    (site_packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin"


def test_the_wheel_ships_code_policies_and_templates_and_no_tests(wheel: Path) -> None:
    shipped = set(zipfile.ZipFile(wheel).namelist())
    expected = {"cli.py"}
    for source, place in (
        ("idm", "idm"),
        ("connectors", "connectors"),
        ("policies", "idm/_shipped/policies"),
        ("templates", "idm/_shipped/templates"),
    ):
        files = [path for path in (ROOT / source).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
        assert files, source
        expected |= {f"{place}/{path.relative_to(ROOT / source)}" for path in files}
    assert expected - shipped == set()
    assert [name for name in shipped - expected if ".dist-info/" not in name] == []


def test_the_command_runs_from_the_wheel(programs: Path, tmp_path: Path) -> None:
    assert "0.1.0" in run([programs / "idm", "--version"], tmp_path)
    where = run([programs / "python", "-c", "import idm; print(idm.__file__)"], tmp_path)
    assert not where.startswith(str(ROOT))


def test_an_installation_made_from_the_wheel_has_the_shipped_policies(programs: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    run([programs / "idm", "init"], tmp_path, IDM_HOME=str(home))
    expected = {path.relative_to(ROOT / "policies") for path in (ROOT / "policies").rglob("*.yaml")}
    assert {path.relative_to(home / "policies") for path in (home / "policies").rglob("*.yaml")} == expected
    run([programs / "idm", "policy", "check"], tmp_path, IDM_HOME=str(home))

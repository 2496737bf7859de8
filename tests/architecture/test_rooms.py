"""The rooms of idm: on the map, and opening only where the design says."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.project import ROOT, product_modules, short

PURE_MAY_SEE = {"idm.domain", "idm.connector", "idm.errors"}
MAY_READ_SETTINGS = (
    "idm/bootstrap",
    "idm/connecting",
    "idm/initialise",
    "idm/worker",
    "idm/settings",
    "idm/commands/",
    "idm/demo/",
    "cli.py",
)
HEAVY = {"alembic", "celery", "cryptography", "fastapi", "jinja2", "kombu", "ldap3", "pikepdf", "PIL", "pydantic", "sqlalchemy", "uvicorn"}


def rooms() -> list[str]:
    """Every module and package directly under idm/."""
    inside = (ROOT / "idm").iterdir()
    return sorted(path.stem for path in inside if (path.suffix == ".py" and path.stem != "__init__") or (path / "__init__.py").is_file())


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Every absolute import in a file: its line and the module's full name."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, f"{node.module}.{node.names[0].name}" if node.module == "idm" else str(node.module)


def test_the_map_names_every_room() -> None:
    text = ast.get_docstring(ast.parse((ROOT / "idm" / "__init__.py").read_text())) or ""
    assert [room for room in rooms() if not re.search(rf"\b{room}\b", text)] == []


def test_every_folder_of_code_is_a_package() -> None:
    folders = {path.parent for path in product_modules() if path.parent != ROOT}
    assert [short(folder) for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []


def test_the_import_contracts_hold() -> None:
    run = "from importlinter.cli import lint_imports_command as run; run()"
    done = subprocess.run([sys.executable, "-c", run, "--no-cache", "--no-logo"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_domain_sees_the_standard_library_and_the_connector_page_only() -> None:
    files = list((ROOT / "idm" / "domain").rglob("*.py"))
    assert files
    strangers = [
        f"{short(path)}:{line} {module}"
        for path in files
        for line, module in imported(path)
        if module.partition(".")[0] not in sys.stdlib_module_names and ".".join(module.split(".")[:2]) not in PURE_MAY_SEE
    ]
    assert strangers == []


def test_settings_are_read_where_everything_is_wired_and_nowhere_else() -> None:
    readers = {short(path) for path in product_modules() for _, module in imported(path) if module.startswith("idm.settings")}
    assert readers
    assert [reader for reader in sorted(readers) if not reader.startswith(MAY_READ_SETTINGS)] == []


def test_the_command_line_loads_only_what_a_command_needs() -> None:
    run = f"import sys, cli; print(*sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", run], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [], "import these inside the commands that use them"

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from idm import faults
from idm.bootstrap import open_installation, opened, shipped
from idm.errors import BadInput, Conflict, PolicyInvalid, Unavailable
from idm.initialise import initialise
from idm.settings import Settings


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    """Opening an installation arms fault points for the whole process."""
    yield
    faults.arm(None)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The settings of an installation of the kind "test" that was just made."""
    made = Settings(home=tmp_path / "home")
    initialise(made, "test")
    return made


def test_without_an_installation_it_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="no installation") as refusal:
        open_installation(Settings(home=tmp_path))
    assert "idm init" in refusal.value.next_step


def test_an_installation_is_made_once_and_opened_often(settings: Settings) -> None:
    again = initialise(settings, "test")
    assert again.existed
    assert again.token_file.stat().st_mode & 0o777 == 0o600
    with opened(settings) as first, opened(settings) as second:
        assert (first.kind, second.kind) == ("test", "test")
        assert first.app.keys.blind_index("cpr", "x") == second.app.keys.blind_index("cpr", "x")
        assert first.app.owner == second.app.owner
        assert first.app.alive(first.app.owner)
        assert first.app.policies.current().hash
        assert first.app.policies.texts()["roles.yaml"][0] == first.app.policies.current().files["roles.yaml"]
        with pytest.raises(Unavailable, match="sends no messages"):
            first.app.publisher.publish([("c", "l")])


def test_an_installation_keeps_its_kind(settings: Settings) -> None:
    with pytest.raises(Conflict, match="test installation"):
        initialise(settings, "production")


def test_a_database_that_is_no_installations_is_refused(settings: Settings) -> None:
    with sqlite3.connect(settings.home / "idm.sqlite") as connection:
        connection.execute("delete from settings")
    connection.close()
    with pytest.raises(Unavailable, match="doesn't belong"):
        open_installation(settings)


def test_a_journey_is_rebuilt_from_its_text_with_the_lanes_in_force(settings: Settings) -> None:
    with opened(settings) as installation:
        policies = installation.app.policies
        hash, text = policies.texts()["journeys/hire.yaml"]
        assert policies.journey_from_text(text, "journeys/hire.yaml") == policies.current().journeys["hire"]
        assert policies.current().journeys["hire"].hash == hash


def test_broken_policies_are_refused_with_every_fault(settings: Settings) -> None:
    (settings.home / "policies" / "naming.yaml").write_text("naming: [")
    with pytest.raises(PolicyInvalid) as refusal:
        open_installation(settings)
    assert refusal.value.faults[0].path.startswith("naming.yaml:")


def test_a_system_that_cannot_be_set_up_is_known_with_the_reason(settings: Settings) -> None:
    systems = settings.home / "policies" / "systems.yaml"
    systems.write_text(systems.read_text().replace("connector: erp", "connector: nothing_here"))
    with opened(settings) as installation:
        assert set(installation.connector_faults) == set(installation.app.connectors) - {"mail"}
        assert "connectors/nothing_here.py" in installation.connector_faults["erp"].message
        assert "idm simulators start" in installation.connector_faults["ldap"].next_step


def test_a_lease_shorter_than_a_call_is_refused(settings: Settings) -> None:
    with pytest.raises(Unavailable, match="must be longer") as refusal:
        open_installation(settings.model_copy(update={"lease_seconds": 1.0}))
    assert "IDM_LEASE_SECONDS" in refusal.value.next_step


def test_the_clock_is_set_in_demo_and_test_installations_only(settings: Settings, tmp_path: Path) -> None:
    production = Settings(home=tmp_path / "production")
    initialise(production, "production")
    for each, moves in ((settings, True), (production, False)):
        with opened(each) as installation:
            with installation.store.write() as writer:
                writer.put_setting("clock_offset", "86400")
            installation.clock.forget()
            assert (installation.app.clock.now() - installation.app.clock.machine()).total_seconds() == pytest.approx(
                86400 if moves else 0, abs=5
            )


def test_fault_points_are_armed_in_demo_and_test_installations_only(settings: Settings, tmp_path: Path) -> None:
    production = Settings(home=tmp_path / "production")
    initialise(production, "production")
    code = (
        "import sys; from pathlib import Path\n"
        "from idm import faults; from idm.bootstrap import opened; from idm.settings import Settings\n"
        "with opened(Settings(home=Path(sys.argv[1]), fault='call.before:2')):\n"
        "    faults.point('call.before'); faults.point('call.before')"
    )
    ended = [
        subprocess.run([sys.executable, "-c", code, str(each.home)], env={**os.environ, "PYTHONPATH": os.getcwd()}).returncode  # noqa: PTH109 - the checkout
        for each in (settings, production)
    ]
    assert ended == [-signal.SIGKILL, 0]
    with pytest.raises(ValueError, match="unknown fault point"):
        open_installation(settings.model_copy(update={"fault": "call.befor"}))


def test_the_shipped_policies_and_templates_are_there() -> None:
    assert (shipped("policies") / "systems.yaml").is_file()
    assert (shipped("templates") / "email").is_dir()


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises((Unavailable, BadInput, Conflict)) as refusal:
        initialise(Settings(home=tmp_path / "file" / "home"), "test")
    assert refusal.value.next_step

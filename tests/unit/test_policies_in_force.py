"""A broken edit of the policies stops nobody: the last sound set goes on, also in processes that start while it is broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from idm.bootstrap import opened
from idm.errors import PolicyInvalid
from idm.initialise import initialise
from idm.policy_files.payroll_csv import written
from idm.settings import Settings
from idm.table_keeping import look, rows, take
from tests.waiting import wait_until


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The settings of an installation of the kind "test" that was just made."""
    made = Settings(home=tmp_path / "home")
    initialise(made, "test")
    return made


def test_a_process_that_starts_on_broken_policies_goes_on_with_the_last_sound_set(settings: Settings) -> None:
    with opened(settings) as before:
        sound = before.app.policies.current().hash
    (settings.home / "policies" / "roles.yaml").write_text("roles: [\n")
    with opened(settings) as after:
        assert after.app.policies.current().hash == sound
        fault = after.policy_folder.fault()
    assert fault is not None
    assert fault.faults[0].path.startswith("roles.yaml:")


def test_without_a_sound_set_ever_the_faults_are_told(settings: Settings) -> None:
    (settings.home / "policies" / "roles.yaml").write_text("roles: [\n")
    with pytest.raises(PolicyInvalid), opened(settings):
        pass


def test_every_set_that_was_in_force_can_be_read_by_its_hash(settings: Settings) -> None:
    with opened(settings) as first:
        old = first.app.policies.texts()["naming.yaml"]
    file = settings.home / "policies" / "naming.yaml"
    file.write_text(file.read_text() + "\n# a later word\n")
    with opened(settings) as second:
        new = second.app.policies.texts()["naming.yaml"]
        assert new[0] != old[0]
        assert second.store.policy_text(old[0]) == ("naming.yaml", old[1])
        assert second.store.policy_text(new[0]) == ("naming.yaml", new[1])


def test_a_server_keeps_a_set_that_changes_while_it_runs(settings: Settings) -> None:
    with opened(settings) as running:
        file = settings.home / "policies" / "naming.yaml"
        file.write_text(file.read_text() + "\n# a later word\n")
        hash = running.policy_folder.current().files["naming.yaml"]
        wait_until(lambda: running.app.policies.current().files["naming.yaml"] == hash, message="the change isn't in force")
        running.policies.keep(running.app.clock.now())
        assert running.store.policy_text(hash) is not None


def test_a_table_that_is_taken_is_in_the_very_next_list(settings: Settings) -> None:
    with opened(settings) as found:
        folder = settings.home / "policies"
        _, before = rows(found.app, "supplements")
        content = written("supplements", before[1:]).encode()
        take(found.app, folder, look(found.app, folder, "supplements", "supplements.csv", content).proposal, "clerk")

        assert len(rows(found.app, "supplements")[1]) == len(before) - 1

"""Before the play: a marked, empty folder, an installation in it, target systems, a municipality and a server."""

from __future__ import annotations

import json
import os
import pwd
import shutil
from collections.abc import Callable
from pathlib import Path

from idm.bootstrap import open_installation
from idm.demo.dates import dates_after
from idm.demo.folder import check_ours, make_empty
from idm.demo.hires import hires
from idm.demo.municipality import DATA, organisation_file, standing
from idm.demo.server import Server
from idm.demo.stage import Stage
from idm.errors import Conflict, IdmError
from idm.flow.delegate import delegate
from idm.flow.organisation import import_organisation
from idm.initialise import initialise
from idm.inputs.organisation import read_organisation
from idm.policy_files import PolicyFolder, entitlements
from idm.settings import MEMORY_BROKER, Settings, read_settings
from idm.simulators import control

_ENVIRONMENT = """# The demo's own pace: a target has 3 seconds to answer, and what is due is looked for 5 times a second.
IDM_DEADLINE_SECONDS=3
IDM_SWEEP_SECONDS=0.2
"""

_PATIENT = """
      first: 5
      factor: 2
      most: 600
"""
_HASTY = """
      first: 0.2
      most: 2
      circuit_failures: 3
      cool_down: 1
"""
"""What is edited in the demo's copy of systems.yaml: it can't wait as long for payroll as a real installation should."""


def clear_folder(home: Path) -> None:
    """Have `home` be the demo's empty folder. Raises Conflict if it isn't the demo's, or if a server works on it."""
    if check_ours(home):
        if (home / "server.lock").exists():
            _refuse_if_served(home)
        control.stop(home / "simulators")
    make_empty(home)


def _refuse_if_served(home: Path) -> None:
    # Celery comes with it, so it is loaded only when there may be a server.
    from idm.worker import lock_server

    try:
        held = lock_server(_settings(home))
    except Conflict as error:
        raise Conflict(error.message, next_step=f"Stop it first ({_how(home)}), then run the demo again.") from error
    if held is not None:
        held.close()


def _how(home: Path) -> str:
    try:
        return f"kill {json.loads((home / 'server.json').read_text())['pid']}"
    except (OSError, ValueError, KeyError):
        return "Ctrl-C where it runs"


def make_installation(home: Path) -> None:
    """Make a demo installation on the embedded default, whatever the caller's settings say."""
    (home / "idm.env").write_text(_ENVIRONMENT)
    initialise(_settings(home), "demo")
    systems = home / "policies" / "systems.yaml"
    text = systems.read_text()
    if text.count(_PATIENT) != 1:
        raise IdmError("The shipped systems.yaml doesn't retry payroll as the demo knows it.")
    systems.write_text(text.replace(_PATIENT, _HASTY))
    for policy in (DATA / "policies").glob("*.yaml"):
        shutil.copyfile(policy, home / "policies" / policy.name)


def start_simulators(home: Path) -> list[control.Status]:
    """Start the simulated systems, with the groups and roles that the policies speak of."""
    policies = PolicyFolder(home / "policies").current()
    return control.start(home / "simulators", groups=entitlements(policies, "ldap"), roles=entitlements(policies, "erp"))


def open_stage(home: Path, tell: Callable[[str], None], started: float) -> Stage:
    """The stage over the new installation; its server is not started yet."""
    installation = open_installation(_settings(home), pool=6)
    dates = dates_after(installation.app.clock.today())
    return Stage(home, installation, Server(home), dates, hires(dates), tell, started, _administrator())


def import_municipality(stage: Stage) -> None:
    """Import the invented municipality, and grant the standing delegations."""
    file = read_organisation(json.dumps(organisation_file()), stage.app.clock.today())
    counts = import_organisation(stage.app, file.units, file.positions, file.people, file.employments, stage.administrator)
    stage.tell(f"{counts.units} units, {counts.positions} positions, {counts.people} people")
    granted = standing()
    for each in granted:
        delegate(stage.app, each.authority, each.unit, [each.to], granter=each.granted_by, administrator=stage.administrator)
    managers = {each.granted_by for each in granted}
    both = sum(each.to == each.granted_by for each in granted) // 2
    stage.tell(f"{len(granted)} standing delegations by {len(managers)} managers, {both} of whom keep both authorities themselves")
    stage.tell("a central back-up for each authority, and payroll control outside the house for the pay of those who lead")


def _settings(home: Path) -> Settings:
    return read_settings(home=home, database_url="", broker_url=MEMORY_BROKER, smtp_url="", fault="")


def _administrator() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid-{os.getuid()}"

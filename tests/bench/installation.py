"""The installation that is measured: one journey of eight automatic steps with a fork and a join, in one system that does nothing."""

from __future__ import annotations

import json
from pathlib import Path

from idm.bootstrap import opened
from idm.domain.authority import Authority
from idm.flow.delegate import delegate
from idm.flow.organisation import import_organisation
from idm.initialise import initialise
from idm.inputs.organisation import read_organisation
from idm.settings import Settings
from tests.bench.target import KINDS

_NEEDS = {"part1": "[appoint]", "part8": f"[{', '.join(KINDS[1:7])}]"}
_LETTERS = str.maketrans("0123456789", "abcdefghij")
"""Digits as letters: no person's name holds a digit."""


def make(settings: Settings) -> None:
    """Make the installation, with a unit, a manager and standing delegations, so that a hire event starts its steps at once."""
    initialise(settings, "test")
    folder = settings.home / "policies"
    _replace_journey(folder)
    _add_system(folder)
    organisation = {
        "units": [{"id": "unit", "name": "Unit", "manager": "M1"}],
        "positions": [{"id": "teacher", "title": "Teacher"}],
        "people": [
            {"id": "M1", "cpr": "0101701000", "given_name": "Mona", "family_name": "Madsen", "email": "m@example.org", "employments": []},
            {"id": "C1", "cpr": "0101701001", "given_name": "Carl", "family_name": "Carlsen", "email": "c@example.org", "employments": []},
        ],
    }
    with opened(settings, pool=2) as installation:
        app = installation.app
        read = read_organisation(json.dumps(organisation), app.clock.today())
        import_organisation(app, read.units, read.positions, read.people, read.employments, "bench")
        for authority in Authority:
            delegate(app, authority, "unit", ["C1"])


def _replace_journey(folder: Path) -> None:
    for file in (folder / "journeys").glob("*.yaml"):
        file.unlink()
    steps = ["  appoint:\n    kind: human\n    task: appoint\n    actor: manager\n    approves: hire\n    by_itself: true\n"]
    for kind in KINDS:
        needs = _NEEDS.get(kind, "[part1]")
        steps.append(f"  {kind}:\n    kind: automatic\n    system: nothing\n    resources: [{kind}]\n    needs: {needs}\n")
    (folder / "journeys" / "bench.yaml").write_text(f"journey: bench\nevent: dk.idm.hire\nsteps:\n{''.join(steps)}")


def _add_system(folder: Path) -> None:
    lines = ["\n  nothing:\n    connector: nothing\n    config: {}\n    lane_limit: 64\n    resources:\n"]
    for kind in KINDS:
        lines.append(
            f"      {kind}:\n        per: employment\n        approved_by: [hire]\n        attributes:\n          who: person.id\n"
        )
    with (folder / "systems.yaml").open("a") as file:
        file.write("".join(lines))


def event(number: int) -> dict[str, object]:
    """The hire event of that number, each of another person."""
    day, month, year, serial = number % 28 + 1, number // 28 % 12 + 1, 60 + number // 336 % 40, 1000 + number // 13440
    return {
        "specversion": "1.0",
        "id": f"bench-{number}",
        "source": "/bench",
        "type": "dk.idm.hire",
        "time": "2026-11-01T08:00:00Z",
        "data": {
            "person": {
                "cpr": f"{day:02d}{month:02d}{year:02d}{serial:04d}",
                "given_name": "Given" + str(number).translate(_LETTERS),
                "family_name": "Family",
                "private_email": "someone@example.com",
                "mobile": "20304050",
            },
            "employment": {"unit": "unit", "position": "teacher", "start_date": "2027-01-04", "weekly_hours": 37},
        },
    }

"""More people in the municipality than the few that every test knows."""

from __future__ import annotations

import json
import zlib
from typing import Any

from idm.flow.organisation import import_organisation
from idm.inputs.organisation import read_organisation
from tests import data
from tests.support.world import World


def import_more(world: World, *people: tuple[str, str, str, str], **employment: Any) -> None:
    """Import the municipality with these beside everybody else: id, given and family name, unit. `employment` changes what they are."""
    file = data.organisation()
    for id, given, family, unit in people:
        held = {"id": f"e-{id}", "unit": unit, "position": "case_worker", "start_date": "2015-08-01", **employment}
        person = {
            "id": id,
            "cpr": data.cpr(zlib.crc32(id.encode())),
            "given_name": given,
            "family_name": family,
            "email": f"{id}@example.org",
        }
        file["people"].append({**person, "employments": [held]})
    found = read_organisation(json.dumps(file), world.clock.today())
    import_organisation(world.app, found.units, found.positions, found.people, found.employments, "test")

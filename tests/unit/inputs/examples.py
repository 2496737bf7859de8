"""Sound inputs about invented people, to be broken one field at a time."""

from __future__ import annotations

import copy
import json
from datetime import date
from typing import Any

TODAY = date(2026, 11, 23)

EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "hire-1",
    "source": "/hr/north",
    "type": "dk.idm.hire",
    "time": "2026-11-22T10:00:00+01:00",
    "subject": "hire-1",
    "data": {
        "person": {
            "cpr": "010190-1234",
            "given_name": "Åse",
            "family_name": "Brun",
            "private_email": "ase.brun@example.net",
            "mobile": "+45 20 30 40 50",
            "citizenship": "DK",
        },
        "employment": {
            "unit": "school_north",
            "position": "teacher",
            "start_date": "2027-01-04",
            "end_date": "2027-12-31",
            "weekly_hours": 37,
            "manager": "p1",
        },
    },
}

ORGANISATION: dict[str, Any] = {
    "units": [
        {"id": "town", "name": "Kommunen", "manager": "p1"},
        {"id": "school", "name": "Skolen", "parent": "town", "manager": ""},
    ],
    "positions": [{"id": "teacher", "title": "Lærer"}, {"id": "head", "title": "Skoleleder"}],
    "people": [
        {
            "id": "p1",
            "cpr": "0101701235",
            "given_name": "Bo",
            "family_name": "Grøn",
            "email": "bo.groen@example.org",
            "employments": [{"id": "e1", "unit": "school", "position": "head", "start_date": "2020-01-01"}],
        },
        {
            "id": "p2",
            "cpr": "311299-4321",
            "given_name": "Ida",
            "family_name": "Hvid",
            "employments": [{"unit": "school", "position": "teacher", "start_date": "2021-08-01", "end_date": "2021-08-01"}],
        },
    ],
}

MISSING = object()


def changed(content: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """The content with the part at `path` (`data.person.cpr`, `people.1.cpr`) set to `value`, or taken out if it is MISSING."""
    whole = copy.deepcopy(content)
    at: Any = whole
    *way, last = [int(name) if name.isdigit() else name for name in path.split(".")]
    for name in way:
        at = at[name]
    if value is MISSING:
        del at[last]
    else:
        at[last] = value
    return whole


def text(content: object) -> str:
    """The content as a file would hold it."""
    return json.dumps(content, ensure_ascii=False, indent=1)

"""An invented municipality, the events and answers of a hire, and small sound documents. Everything fits the shipped policies."""

from __future__ import annotations

import io
import json
import zlib
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

DIRECTOR = "director"
HEAD_NORTH = "head_north"
HEAD_SOUTH = "head_south"
PAY = "pay_officer"
IT = "it_officer"
TEACHER = "teacher_north"
"""Ids of people in the organisation: the municipal director, two heads of school, who may hold the authorities, and a teacher."""

START = "2027-01-04"
DOCUMENTS = ("contract", "diploma", "seniority_proof")
"""The kinds of document that a teacher hands in."""

_GIVEN = ("Åse", "Bjørn", "Cæcilie", "Ditte", "Emil", "Frida", "Gunnar", "Hanne", "Iben", "Jørgen", "Karen", "Lars")
_FAMILY = ("Østergård", "Bæk", "Lindholm", "Møller", "Nygaard", "Skov", "Thomsen", "Vestergaard", "Winther", "Krogh")

_UNITS = (
    ("town", "Eksempel Kommune", "", DIRECTOR),
    ("town_hall", "Rådhuset", "town", DIRECTOR),
    ("schools", "Skoler", "town", DIRECTOR),
    ("school_north", "Nordskolen", "schools", HEAD_NORTH),
    ("school_south", "Sydskolen", "schools", HEAD_SOUTH),
    ("daycare", "Dagtilbud", "town", DIRECTOR),
    ("care", "Pleje", "town", ""),
)
_POSITIONS = {
    "teacher": "Lærer",
    "substitute_teacher": "Lærervikar",
    "school_head": "Skoleleder",
    "pedagogue": "Pædagog",
    "student_worker": "Studentermedhjælper",
    "nurse": "Sygeplejerske",
    "caretaker": "Teknisk servicemedarbejder",
    "case_worker": "Sagsbehandler",
    "payroll_officer": "Lønkonsulent",
    "it_technician": "It-tekniker",
    "director": "Direktør",
}
_PEOPLE = (
    (DIRECTOR, "Dorthe", "Dahl", "town", "director"),
    (HEAD_NORTH, "Nanna", "Nord", "school_north", "school_head"),
    (HEAD_SOUTH, "Søren", "Syd", "school_south", "school_head"),
    (PAY, "Pia", "Lønholm", "town_hall", "payroll_officer"),
    (IT, "Ivan", "Teknik", "town_hall", "it_technician"),
    (TEACHER, "Tove", "Tavle", "school_north", "teacher"),
)


def cpr(number: int) -> str:
    """A CPR number of nobody: a birthday between 1960 and 1998 and a serial number, the same for the same `number`, else another."""
    born = date(1960, 1, 1) + timedelta(days=number * 37 % 14000)
    return f"{born:%d%m%y}{1000 + number % 2999:04d}"


def organisation() -> dict[str, Any]:
    """The organisation file: units in a tree (one without a manager), positions, six people with one employment each."""
    return {
        "units": [{key: value for key, value in zip(("id", "name", "parent", "manager"), unit, strict=True) if value} for unit in _UNITS],
        "positions": [{"id": id, "title": title} for id, title in _POSITIONS.items()],
        "people": [
            {
                "id": id,
                "cpr": cpr(index + 1),
                "given_name": given,
                "family_name": family,
                "email": f"{id}@example.org",
                "employments": [{"id": f"e-{id}", "unit": unit, "position": position, "start_date": "2015-08-01"}],
            }
            for index, (id, given, family, unit, position) in enumerate(_PEOPLE)
        ],
    }


def hire_event(id: str, *, unit: str = "school_north", position: str = "teacher", start: str = START, **changes: Any) -> dict[str, Any]:
    """A hire event about a person of its own. `changes` replace fields of person, employment or envelope by name; None takes one out."""
    number = zlib.crc32(id.encode())
    given, family = _GIVEN[number % len(_GIVEN)], _FAMILY[number // len(_GIVEN) % len(_FAMILY)]
    person = {
        "cpr": cpr(100 + number % 10_000_000),
        "given_name": given,
        "family_name": family,
        "private_email": f"hire{number}@example.net",
        "mobile": f"+45{20000000 + number % 70000000}",
        "citizenship": "DK",
    }
    employment = {"unit": unit, "position": position, "start_date": start, "end_date": None, "weekly_hours": 37, "manager": None}
    data = {"person": person, "employment": employment}
    event = {
        "specversion": "1.0",
        "id": id,
        "source": "/hr/test",
        "type": "dk.idm.hire",
        "time": "2026-11-20T09:00:00+01:00",
        "data": data,
    }
    for name, value in changes.items():
        part = next((part for part in (person, employment, event) if name in part), None)
        if part is None:
            raise KeyError(f"a hire event has no field {name!r}")
        part[name] = value
    for part in (person, employment, event):
        for name in [name for name, value in part.items() if value is None]:
            del part[name]
    return event


def payroll_values(**changes: str) -> dict[str, str]:
    """The payroll form filled in for a teacher, as the form and the payroll system take it."""
    return {
        "institution": "0210",
        "agreement": "TEACH",
        "pay_class": "TEACH-1",
        "scale_step": "35",
        "seniority_date": "2020-08-01",
        "occupation_rate": "1",
        "pension_code": "P40",
        "pay_type": "monthly",
        **changes,
    }


def personal_values(**changes: str) -> dict[str, str]:
    """The personal data of somebody who lives in Denmark and has a NemKonto."""
    return {"residence": "denmark", "street": "Nørregade 10", "postcode": "8000", "town": "Aarhus C", "pay_to": "nemkonto", **changes}


@cache
def pdf() -> bytes:
    """A PDF of one empty page."""
    import pikepdf

    made, out = pikepdf.Pdf.new(), io.BytesIO()
    made.add_blank_page()
    made.save(out, static_id=True)
    return out.getvalue()


@cache
def _picture(format: str) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(out, format)
    return out.getvalue()


def jpeg() -> bytes:
    """A small JPEG picture."""
    return _picture("JPEG")


def png() -> bytes:
    """A small PNG picture."""
    return _picture("PNG")


def write_json(path: Path, content: object) -> Path:
    """Put `content` into the file `path` as JSON, and answer the path."""
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def file_of(kind: str) -> tuple[str, bytes]:
    """A file as the shipped policies take it for that kind of document: its name and content."""
    return (f"{kind}.png", png()) if kind.endswith("photo") else (f"{kind}.pdf", pdf())

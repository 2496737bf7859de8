"""The embedded payroll system: one record per employment, checked against the catalogue of agreements.

    GET  /catalogue            agreements, pay classes, scale steps, pension codes
    GET  /runs                 {"through": date of the last payroll run, or null}
    POST /runs {"through": D}  run payroll through D (payroll staff's act, here under idm's credential; not in the journal)

A record that payroll was run for can be ended but not deleted. One that is ended without a date ends with the last day
that was run, or with the day it began.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from idm.simulators.http_fields import Field, FieldFault, as_date, choice, cpr, faults_in, iso_date, number, pattern, text
from idm.simulators.http_routes import Reading, Writing, json_body
from idm.simulators.http_server import Answer, Request
from idm.simulators.http_simulator import HttpSimulator
from idm.simulators.http_store import Kind, Problem, Record, Store
from idm.simulators.payroll_catalogue import AGREEMENTS, PENSIONS, SUPPLEMENTS, catalogue
from idm.simulators.service import Failures, Journal


def _supplements(value: str) -> tuple[str, str] | None:
    """Codes of supplements with a blank between."""
    return None if all(code in SUPPLEMENTS for code in value.split()) else ("unknown", "has a code that is no known supplement")


FIELDS = {
    "institution": Field(pattern(r"[A-Z0-9]{2,10}", "0101")),
    "cpr": Field(cpr),
    "employment_id": Field(text(60)),
    "department": Field(text(60)),
    "cost_centre": Field(pattern(r"[A-Z0-9-]{2,20}", "210100"), required=False),
    "job_position": Field(text(80)),
    "occupation_rate": Field(number("0", "1")),
    "agreement": Field(choice(AGREEMENTS, "agreement")),
    "pay_class": Field(text(20)),
    "scale_step": Field(text(3)),
    "seniority_date": Field(iso_date),
    "pension_code": Field(choice(PENSIONS, "pension code")),
    "pay_type": Field(choice(("monthly", "hourly"), "pay type: monthly or hourly")),
    "supplements": Field(_supplements, required=False),
    "hours": Field(number("0", "60", above_low=True)),
    "from_date": Field(iso_date),
    "to_date": Field(iso_date, required=False),
    "street": Field(text(100), required=False),
    "postcode": Field(pattern(r"[0-9]{4}", "8000"), required=False),
    "foreign_postcode": Field(text(20), required=False),
    "town": Field(text(100), required=False),
    "country": Field(pattern(r"[A-Z]{2}", "DE"), required=False),
    "pay_to": Field(choice(("nemkonto", "account", "iban"), "way of paying: nemkonto, account or iban"), required=False),
    "registration_number": Field(pattern(r"[0-9]{4}", "1234"), required=False),
    "account_number": Field(pattern(r"[0-9]{10}", "0012345678"), required=False),
    "iban": Field(pattern(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", "DE89370400440532013000"), required=False),
}


def payroll(port: int, journal: Journal, failures: Failures, *, secret: str, reader_secret: str) -> HttpSimulator:
    """The payroll system on `port`."""
    runs = _Runs(journal)
    record = Kind(
        "record",
        FIELDS,
        unique=(("institution", "employment_id"),),
        rules=rules,
        opens_at_once=True,
        revived_by_create=False,
        keeps=runs.objection,
        close=runs.close,
    )
    return HttpSimulator(
        "payroll",
        [record],
        port,
        journal,
        failures,
        store=Store(journal),
        secret=secret,
        reader_secret=reader_secret,
        routes=(_catalogue, runs),
    )


def rules(values: Mapping[str, str]) -> list[FieldFault]:
    """What is wrong with sound fields taken together: class, step, pension, pay type and supplements by agreement; the dates' order."""
    faults = _account(values)
    agreement = AGREEMENTS.get(values.get("agreement", ""))
    if agreement is not None:
        pay_class = agreement.classes.get(values.get("pay_class", ""))
        if "pay_class" in values and pay_class is None:
            known = ", ".join(agreement.classes)
            faults.append(FieldFault("pay_class", "unknown", f"pay_class is not one of this agreement; known: {known}"))
        if pay_class is not None and "scale_step" in values and not pay_class.has_step(values["scale_step"]):
            steps = f"{pay_class.first_step} to {pay_class.last_step}"
            faults.append(FieldFault("scale_step", "range", f"scale_step is outside this pay class: {steps}"))
        if "pension_code" in values and values["pension_code"] not in agreement.pension_codes:
            known = ", ".join(agreement.pension_codes)
            faults.append(FieldFault("pension_code", "agreement", f"pension_code does not belong to this agreement; known: {known}"))
        if "pay_type" in values and values["pay_type"] not in agreement.pay_types:
            faults.append(FieldFault("pay_type", "agreement", "pay_type is not used under this agreement"))
        foreign = [
            code
            for code in values.get("supplements", "").split()
            if SUPPLEMENTS.get(code, (values["agreement"],))[0] != values["agreement"]
        ]
        if foreign:
            faults.append(FieldFault("supplements", "agreement", f"not a supplement of this agreement: {', '.join(foreign)}"))
    first, last = as_date(values.get("from_date", "")), as_date(values.get("to_date", ""))
    if first and last and last < first:
        faults.append(FieldFault("to_date", "order", "to_date is before from_date"))
    return faults


def _account(values: Mapping[str, str]) -> list[FieldFault]:
    """What is missing of the account that pay goes to."""
    wanted = {"account": ("registration_number", "account_number"), "iban": ("iban",)}.get(values.get("pay_to", ""), ())
    return [FieldFault(name, "account", f"{name} is missing for this way of paying") for name in wanted if name not in values]


def _catalogue(request: Request) -> Reading | None:
    if request.method == "GET" and request.path == ("catalogue",):
        return Reading(lambda: Answer(200, json.dumps(catalogue()).encode()))
    return None


class _Runs:
    """Through which day payroll was run, and what that means for a record."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        with journal.transaction() as db:
            db.execute("create table if not exists run (through text not null)")

    def __call__(self, request: Request) -> Reading | Writing | None:
        if request.path != ("runs",):
            return None
        if request.method == "GET":
            return Reading(self._answer)
        if request.method != "POST":
            return None
        through = json_body(request).get("through")
        faults = faults_in({"through": Field(iso_date)}, {"through": through}, whole=True)
        if faults:
            raise Problem(422, "faults", "Not accepted; wrong: through.", faults)
        return Reading(lambda: self._run(str(through)))

    def _run(self, through: str) -> Answer:
        with self._journal.transaction() as db:
            db.execute("insert into run (through) values (?)", (through,))
        return self._answer()

    def _answer(self) -> Answer:
        return Answer(200, json.dumps({"through": self._through()}).encode())

    def _through(self) -> str | None:
        with self._journal.transaction() as db:
            through: str | None = db.execute("select max(through) from run").fetchone()[0]
        return through

    def objection(self, record: Record) -> str | None:
        """Why the record can't be annulled: payroll was run for it already."""
        through = self._through()
        if through is not None and record.attributes["from_date"] <= through:
            return "Payroll was run for this record; it can be ended, not deleted."
        return None

    def close(self, record: Record) -> Record:
        """The record as it ends: with a last day, even if nobody named one."""
        if record.attributes.get("to_date"):
            return record
        last = max(record.attributes["from_date"], self._through() or "")
        return replace(record, attributes={**record.attributes, "to_date": last})

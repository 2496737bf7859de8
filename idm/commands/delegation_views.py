"""`idm delegations resolve`, `export` and `used`: who may act and why, every power there is, and the decisions made by each."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any

import click

from idm.commands.answer import Answer
from idm.commands.command import single
from idm.commands.session import case_id, demand_known, installation
from idm.commands.text import local, table
from idm.domain.authority_directory import Directory, Finding, Power
from idm.errors import BadUsage
from idm.inputs.table import guarded

GAPS = 8
"""The exit code of `export --check` where units have nobody."""


@single(
    "resolve",
    examples=(
        "idm delegations resolve --case c-4x7k2m9qhv",
        "idm delegations resolve --case c-4x7k2m9qhv --authority pay --json",
        "idm delegations resolve --case c-4x7k2m9qhv --step payroll_form",
    ),
    exits={3: "no person does that step", 4: "there is no such case"},
)
@click.option("--case", "case", required=True, help="The case, or its employment.")
@click.option("--authority", type=click.Choice(["manager", "pay", "it", "control"]), default=None, help="Only this authority.")
@click.option("--step", default="", help="Who may do this step: with its limits, and the first pair of eyes.")
def resolve(case: str, authority: str | None, step: str) -> Answer:
    """Show who may act in a case today: in the order of preference, on what ground, and why everybody else was passed over."""
    from idm.flow.directory import resolve_case

    with installation() as found:
        document = resolve_case(found.app, case_id(found.app, case), authority or "", step)
    lines = [f"Case {document['case']} in {document['unit']}, on {document['day']}:"]
    for item in document["items"]:
        lines += ["", *_resolved(item)]
    return Answer(document, lines)


def _resolved(item: Mapping[str, Any]) -> list[str]:
    at = f" at {item['step']}" if item["step"] else ""
    lines = [f"{item['authority']}{at}:"]
    for number, holder in enumerate(item["asked"], 1):
        lines.append(f"  {number}. {_who(holder)}: {holder['basis']}")
    if not item["asked"]:
        lines.append("  nobody is there to act")
    lines += [f"  may act, too: {_who(holder)}: {holder['basis']}" for holder in item["also"]]
    lines += [f"  would be next: {_who(holder)}: {holder['basis']}" for holder in item["next"]]
    lines += [f"  passed over: {_who(passed)}: {passed['words']} ({passed['basis']})" for passed in item["passed"]]
    return lines


def _who(holder: Mapping[str, Any]) -> str:
    return f"{holder['person']} ({holder['name']})" if holder["name"] else str(holder["person"])


@single(
    "export",
    examples=("idm delegations export", "idm delegations export --csv > powers.csv", "idm delegations export --check --json"),
    exits={GAPS: "with --check: some unit has no pay contact, IT contact or manager who is there"},
)
@click.option("--csv", "as_csv", is_flag=True, help="The powers as a table for a spreadsheet (UTF-8, separated by semicolons).")
@click.option("--all", "everything", is_flag=True, help="Also powers that ended or were revoked.")
@click.option("--check", is_flag=True, help="End with exit code 8 if there are gaps.")
def export(as_csv: bool, everything: bool, check: bool) -> Answer:
    """Write out the full directory of powers: who may do what, where, since when, until when, on whose word, and when last used.

    With the gaps (units that nobody can act for) and the oddities (powers of someone who left, unconfirmed ones, ...).
    """
    from idm.flow.directory import directory_today

    if as_csv and click.get_current_context().obj["json"]:
        raise BadUsage("--csv and --json are two forms of the same answer.", next_step="Ask for one of them.")
    with installation() as found:
        known = directory_today(found.app)
        shown = [power for power in known.powers if everything or power.state not in ("ended", "revoked")]
        names = {id: person.full_name for id, person in found.app.store.people({power.person for power in shown}).items()}
    items = [{"name": names.get(power.person), **_json(power)} for power in shown]
    document = {"items": items, "gaps": [_json(each) for each in known.gaps], "oddities": [_json(each) for each in known.oddities]}
    exit_code = GAPS if check and known.gaps else 0
    return Answer(document, _table_of(items) if as_csv else _listed(items, known), exit_code)


def _json(row: Power | Finding) -> dict[str, Any]:
    return {field.name: _plain(getattr(row, field.name)) for field in fields(row)}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return value or None


def _table_of(items: Sequence[Mapping[str, Any]]) -> list[str]:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    heads = ["person", "name", *(field.name for field in fields(Power) if field.name != "person")]
    writer.writerow(heads)
    writer.writerows([guarded(str(item[head] or "")) for head in heads] for item in items)
    return out.getvalue().splitlines()


def _listed(items: Sequence[Mapping[str, Any]], known: Directory) -> list[str]:
    heads = ("authority", "unit", "person", "name", "how", "since", "until", "on the word of", "last used", "state", "limits")
    rows = [
        (
            item["authority"],
            item["unit"] or "everywhere",
            item["person"],
            item["name"],
            f"for {item['place_of']}" if item["place_of"] else f"team {item['team']}" if item["team"] else item["how"],
            item["since"],
            item["until"],
            item["word"],
            local(item["last_used"]),
            item["state"],
            item["limits"],
        )
        for item in items
    ]
    return [
        *table(heads, rows, "Nobody has any power yet: `idm delegate`."),
        *_found("Gaps", known.gaps),
        *_found("Oddities", known.oddities),
    ]


def _found(title: str, findings: Iterable[Finding]) -> list[str]:
    lines = [f"  {each.kind}: {each.words}" for each in findings]
    return ["", f"{title}:", *(lines or ["  none"])]


@single(
    "used",
    examples=(
        "idm delegations used --in-place-of pay_officer",
        "idm delegations used --by deputy --json",
        "idm delegations used --case c-4x7k2m9qhv",
    ),
    exits={4: "there is no such person or case"},
)
@click.option(
    "--in-place-of", "place_of", default="", metavar="PERSON", help="Only decisions that substitutes made in this person's place."
)
@click.option("--by", default="", metavar="PERSON", help="Only decisions that this person made.")
@click.option("--case", "case", default="", help="Only decisions in this case.")
def used(place_of: str, by: str, case: str) -> Answer:
    """List decisions, the newest first, with the power that each was made by: so the one substituted sees what was decided for them."""
    with installation() as found:
        app = found.app
        place_of, by = demand_known(app, person=place_of), demand_known(app, person=by)
        rows = app.store.decisions(case=case_id(app, case) if case else "", by=by, place_of=place_of)
    items = [
        {
            "task": row.task,
            "case": row.case,
            "action": row.action,
            "at": row.at.isoformat(timespec="seconds"),
            "by": row.by,
            "authority": row.authority,
            "via": row.via,
            "delegation": row.delegation or None,
            "in_place_of": row.place_of or None,
        }
        for row in rows
    ]
    heads = ("when", "task", "decided", "by", "as", "how", "in place of", "delegation")
    shown = [(local(i["at"]), i["task"], i["action"], i["by"], i["authority"], i["via"], i["in_place_of"], i["delegation"]) for i in items]
    return Answer({"items": items}, table(heads, shown, "No decisions."))

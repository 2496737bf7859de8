"""`idm equipment`: the catalogue, what was ordered, what came, and what goes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from idm.commands.answer import Answer
from idm.commands.command import IdmGroup
from idm.commands.session import administrator, case_id, demand_known, installation
from idm.commands.text import table
from idm.domain.orders import LineState, total

if TYPE_CHECKING:
    from idm.domain.case import Case
    from idm.ports import App

equipment = IdmGroup(
    "equipment",
    help="Equipment for new employees: the catalogue, orders, receipts and returns.",
    examples=("idm equipment catalogue", "idm equipment list --to-return", "idm equipment receive c-4x7k2m9qhv 1 --as it_officer"),
)


@equipment.add(
    "catalogue",
    examples=("idm equipment catalogue", "idm equipment catalogue --case c-4x7k2m9qhv"),
    exits={4: "there is no such case"},
)
@click.option("--case", default="", help="Only what may be ordered in this case, with the accounts that may be used there.")
def catalogue(case: str) -> Answer:
    """Show the catalogue: prices in kroner, supplier, the most for one person, and who may get it."""
    from idm.flow.equipment_rules import catalogue as read
    from idm.flow.graphs import load

    with installation() as found:
        app = found.app
        items = read(app, load(app, case_id(app, case)).case if case else None)
    rows = [
        (i["item"], i["titles"]["en"], i["price"], i["supplier"], i["maximum"], i["account"] or "", "; ".join(i["only_for"]) or "everybody")
        for i in items
    ]
    heads = ("item", "title", "kroner", "supplier", "most", "account", "for")
    accounts = items[0]["accounts"] if items else []
    told = [f"Accounts that may be used here: {', '.join(accounts)}"] if accounts else []
    return Answer({"items": items}, [*table(heads, rows, "Nothing can be ordered: see equipment.yaml."), *told])


@equipment.add(
    "list",
    examples=("idm equipment list", "idm equipment list --to-return", "idm equipment list --case c-4x7k2m9qhv"),
    exits={4: "there is no such case or unit"},
)
@click.option("--case", default="", help="Only this case.")
@click.option("--unit", default="", help="Only this unit and all below it.")
@click.option("--to-return", is_flag=True, help="Only what must be returned because the hire was cancelled.")
@click.option("--awaited", is_flag=True, help="Only lines whose receipt somebody must confirm.")
def list_(case: str, unit: str, to_return: bool, awaited: bool) -> Answer:
    """List every line that was ordered, with where it is: proposed, ordered, received, withdrawn, to_return, returned or kept."""
    from idm.flow.equipment import ordered_lines

    with installation() as found:
        app = found.app
        demand_known(app, unit=unit)
        case = case_id(app, case) if case else ""
        states = (LineState.TO_RETURN,) if to_return else (LineState.ORDERED,) if awaited else ()
        lines = [each for each in ordered_lines(app, case=case, unit=unit, states=states) if not awaited or each.line.receipt == "awaited"]
        names = {id: person.full_name for id, person in app.store.people({each.case.person for each in lines}).items()}
    items = [each.as_json(names.get(each.case.person, "")) for each in lines]
    rows = [
        (i["case"], i["line"], i["hire"], i["unit"], f"{i['quantity']} x {i['title']}", i["amount"], i["account"], i["state"])
        for i in items
    ]
    document = {"items": items, "total": str(total(each.line for each in lines))}
    return Answer(document, table(("case", "line", "for", "unit", "what", "kroner", "account", "state"), rows, "Nothing here."))


_EXITS = {4: "there is no such case or line", 5: "that person may not", 6: "the line isn't where this could happen to it"}


@equipment.add("receive", examples=("idm equipment receive c-4x7k2m9qhv 1 --as it_officer",), exits=_EXITS)
@click.argument("case")
@click.argument("line", type=int)
@click.option("--as", "person", required=True, metavar="PERSON", help="The person who confirms: the IT contact, or the unit's manager.")
def receive(case: str, line: int, person: str) -> Answer:
    """Confirm that an ordered line came. The task is done when no receipt is awaited any more."""
    from idm.flow import equipment as flow

    return _moved(case, line, person, flow.receive)


@equipment.add("return", examples=("idm equipment return c-4x7k2m9qhv 1 --as it_officer",), exits=_EXITS)
@click.argument("case")
@click.argument("line", type=int)
@click.option("--as", "person", required=True, metavar="PERSON", help="The person who confirms: the IT contact, or the unit's manager.")
def return_(case: str, line: int, person: str) -> Answer:
    """Confirm that a line of a cancelled hire was returned, or never came."""
    from idm.flow import equipment as flow

    return _moved(case, line, person, flow.give_back)


def _moved(case: str, line: int, person: str, act: Callable[[App, str, int, str, str], Case]) -> Answer:
    from idm.flow.equipment_rules import line_json

    with installation() as found:
        app = found.app
        after = act(app, case_id(app, case), line, person, administrator())
    document = {"case": after.id, **next(line_json(each) for each in after.orders if each.number == line)}
    left = [each.number for each in after.orders if each.state in (LineState.TO_RETURN,) or each.receipt == "awaited"]
    return Answer(document, [f"Line {line} of {after.id} is {document['state']}.", *([f"Still open: {left}"] if left else [])])

"""`idm case again`: the person hired tells something anew."""

from __future__ import annotations

import click

from idm.commands.answer import Answer
from idm.commands.command import single
from idm.commands.session import administrator, case_id, installation


@single(
    "again",
    examples=(
        "idm case again c-4x7k2m9qhv personal --as p-03fpjgh9k5",
        'idm case again c-4x7k2m9qhv personal --as pay_officer --reason "This account is closed."',
    ),
    exits={
        3: "no such form of theirs, or no reason",
        4: "there is no such case or person",
        5: "that person may not",
        6: "it isn't answered yet, or the hire was cancelled",
    },
)
@click.argument("case")
@click.argument("form")
@click.option("--as", "person", required=True, metavar="PERSON", help="Who wishes it: the person hired, or whoever approves it.")
@click.option("--reason", default="", help="Why, in words for the person hired. They themselves need none.")
def again(case: str, form: str, person: str, reason: str) -> Answer:
    """Ask the person hired a FORM of theirs again, such as their personal data and account.

    What was built on it waits until it is answered; another account is then approved by the pay contact anew.
    """
    from idm.flow.own_data import give_anew

    with installation() as found:
        after = give_anew(found.app, case_id(found.app, case), form, person, reason, administrator())
    return Answer({"case": after.id, "form": form, "version": after.version}, [f"The form '{form}' of case {after.id} is asked again."])

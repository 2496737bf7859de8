"""`idm person`: correct what was told of a person."""

from __future__ import annotations

import click

from idm.commands.answer import Answer
from idm.commands.command import IdmGroup
from idm.commands.session import administrator, installation, read_bytes

person = IdmGroup(
    "person",
    help="Persons: correct what was told of them. PERSON is a person's id.",
    examples=("idm person correct p-7m3k9x2qva --input correction.json --preview",),
)


@person.add(
    "correct",
    examples=(
        "idm person correct p-7m3k9x2qva --input correction.json --preview",
        "idm person correct p-7m3k9x2qva --input - --reason 'married' < correction.json",
    ),
    exits={3: "the correction breaks a rule", 4: "there is no such person", 6: "the CPR number belongs to somebody else here"},
)
@click.argument("person")
@click.option("--input", "source", required=True, metavar="FILE", help="A JSON object with what is to be corrected; - for standard input.")
@click.option("--reason", default="", help="Why, in words without personal data; it goes on record.")
@click.option("--preview", is_flag=True, help="Only show what would follow; nothing is done.")
def correct(person: str, source: str, reason: str, preview: bool) -> Answer:
    """Correct a person's CPR number, name, citizenship or ways to reach them; every system that holds it is brought into line.

    The file is a JSON object with any of cpr, given_name, family_name, private_email, mobile, citizenship, language. User name and address
    stay.
    """
    from idm.flow.correct import correct as write
    from idm.flow.correct import foresee_correction
    from idm.flow.depart import Word
    from idm.inputs.departure_events import correction_in

    raw = read_bytes(source)
    with installation() as found:
        correction = correction_in(raw, found.app.clock.today())
        follows = foresee_correction(found.app, person, correction)
        after = None
        if not preview and follows:
            after = write(found.app, person, correction, Word(administrator=administrator(), reason=reason))
    document = {
        "person": after.id if after is not None else person,
        "fields": list(correction.fields),
        "preview": preview,
        "consequences": [each.as_json() for each in follows],
    }
    head = "This would follow; nothing was done:" if preview else "It was so already." if not follows else "The person was corrected."
    return Answer(document, [head, *(f"  {each.words}" for each in follows)])

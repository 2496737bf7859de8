"""`idm case history`: a case as a story."""

from __future__ import annotations

from typing import Any

import click

from idm.commands.answer import Answer
from idm.commands.command import single
from idm.commands.session import case_id, installation


@single(
    "history",
    examples=("idm case history c-4x7k2m9qhv", "idm case history c-4x7k2m9qhv --lang en", "idm case history e-9mzq47kd2c --json"),
    exits={4: "there is no such case"},
)
@click.argument("case")
@click.option("--lang", type=click.Choice(["da", "en"]), default="da", show_default=True, help="Danish or English.")
def history(case: str, lang: str) -> Answer:
    """Tell what happened in a case, day by day, in sentences: who did what on whose authority, and what each system did.

    Times are Danish. `idm audit list` has the entries themselves, whose numbers --json names with each sentence.
    """
    from idm.flow import history as flow

    with installation() as found:
        document = flow.history(found.app, case_id(found.app, case), lang)
    return Answer(document, _shown(document))


def _shown(document: dict[str, Any]) -> list[str]:
    lines: list[str] = []
    for day in document["days"]:
        lines += [*([""] if lines else []), day["title"]]
        lines += [f"  {item['time']}  {item['text']}" for item in day["items"]]
    return lines

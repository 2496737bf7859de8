"""`idm demo`: show the whole thing."""

from __future__ import annotations

import click

from idm.commands.answer import Answer, note, say
from idm.commands.command import single, wants_json
from idm.errors import CheckFailed


@single(
    "demo",
    examples=("idm demo", "idm demo --keep", "idm demo --json"),
    exits={6: "the folder isn't a demo's own", 8: "something isn't as it should be"},
)
@click.option("--keep", is_flag=True, help="Leave the simulated systems running at the end, to look into them.")
def demo(keep: bool) -> Answer:
    """Show the whole thing in IDM_HOME: hires from event to open accounts, with failures, in under a minute.

    It wipes only a folder that it marked itself.
    """
    from idm.demo.run import run_demo
    from idm.settings import read_settings

    home = read_settings().home
    document = run_demo(home, keep=keep, tell=note if wants_json() else say)
    return Answer(document, (), 0 if document["ok"] else CheckFailed.exit_code)

"""`idm init` and `idm db`: make an installation, and bring its database up to this version."""

from __future__ import annotations

import click

from idm.commands.answer import Answer
from idm.commands.command import IdmGroup, single
from idm.errors import BadUsage, Unavailable


@single(
    "init",
    examples=("idm init", "IDM_HOME=/srv/idm idm init", "idm init --demo --json"),
    exits={6: "there is an installation of another kind", 7: "the folder or the database can't be used"},
)
@click.option("--demo", is_flag=True, help="A demo installation: its clock can be set, and it works with simulated systems.")
@click.option("--test", is_flag=True, help="A test installation: the same, for trying out your own policies.")
def init(demo: bool, test: bool) -> Answer:
    """Make an installation in the folder IDM_HOME: database, keys, vault, policies. Where there is one, nothing changes."""
    if demo and test:
        raise BadUsage("An installation is of one kind: --demo or --test.", next_step="Choose one.")
    from idm.initialise import initialise, kind_of
    from idm.settings import read_settings

    made = initialise(read_settings(), kind_of(demo=demo, test=test))
    document = {"home": str(made.home), "kind": made.kind, "token_file": str(made.token_file), "created": not made.existed}
    first = "was there already" if made.existed else "is made"
    return Answer(
        document,
        [
            f"The {made.kind} installation in {made.home} {first}.",
            f"The credential for POST /events lies in {made.token_file}.",
            "Back up the folder `keys` apart from the rest: without it nothing encrypted can be read.",
            "Next: `idm doctor`, then `idm org import FILE`.",
        ],
    )


db = IdmGroup("db", help="The database.", examples=("idm db upgrade",))


@db.add("upgrade", examples=("idm db upgrade", "idm db upgrade --json"), exits={7: "there is no installation, or no database"})
def upgrade() -> Answer:
    """Bring the database's tables up to this version of idm. Back it up first; stop servers that run."""
    from idm.settings import read_settings
    from idm.store import migrate
    from idm.store.engine import Database

    settings = read_settings()
    if not (settings.home / "keys").is_dir():
        raise Unavailable(f"There is no installation in {settings.home}.", next_step="Make one with `idm init`, or set IDM_HOME.")
    database = Database(settings.database(), 2)
    try:
        before, after = migrate.upgrade(database)
    finally:
        database.close()
    words = f"The database is at revision {after}." if before == after else f"The database went from {before or 'nothing'} to {after}."
    return Answer({"before": before or None, "after": after, "changed": before != after}, [words])

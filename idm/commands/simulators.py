"""`idm simulators`: the simulated target systems, which run in a process of their own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from idm.commands.answer import Answer
from idm.commands.command import IdmGroup
from idm.commands.session import installation
from idm.commands.text import local, table
from idm.errors import NotAllowed
from idm.simulators import control
from idm.simulators.control import Status
from idm.simulators.files import SYSTEMS

if TYPE_CHECKING:
    from idm.bootstrap import Installation

MODES = ("refuse", "timeout-before", "timeout-after", "slow", "down")
_EXITS = {5: "this is a production installation", 7: "the simulators don't run, or don't start"}

simulators = IdmGroup(
    "simulators",
    help="The simulated target systems of a demo or test installation: a directory, payroll, ERP, mailboxes, personnel files.",
    examples=("idm simulators start", "idm simulators fail payroll --mode refuse --times 1", "idm simulators journal payroll"),
)


@contextlib.contextmanager
def _playground() -> Iterator[tuple[Installation, Path]]:
    """The installation, if it is no production one, and the folder of its simulators."""
    with installation() as found:
        if found.kind == "production":
            raise NotAllowed(
                "Simulators belong to demo and test installations; this is a production one.",
                next_step="Make another with `idm init --test` and another IDM_HOME.",
            )
        yield found, found.settings.home / "simulators"


@simulators.add("start", examples=("idm simulators start", "idm simulators start --json"), exits=_EXITS)
def start() -> Answer:
    """Start all systems, with the groups and roles that the policies name. They go on running when this command ends."""
    from idm.policy_files import entitlements

    with _playground() as (found, folder):
        policies = found.app.policies.current()
        running = control.start(folder, groups=entitlements(policies, "ldap"), roles=entitlements(policies, "erp"))
    return _statuses(running)


@simulators.add("stop", examples=("idm simulators stop",), exits=_EXITS)
def stop() -> Answer:
    """Stop all systems; what they hold stays."""
    with _playground() as (_, folder):
        control.stop(folder)
        return _statuses(control.status(folder))


@simulators.add("status", examples=("idm simulators status", "idm simulators status --json"), exits=_EXITS)
def status() -> Answer:
    """Show every system: its address, its process, and the credential with which others may read it."""
    with _playground() as (_, folder):
        return _statuses(control.status(folder))


def _statuses(found: Sequence[Status]) -> Answer:
    items = [each.as_json() for each in found]
    shown = [(i["system"], "running" if i["running"] else "stopped", i["url"], i["pid"], i["secret_file"]) for i in items]
    return Answer({"items": items}, table(("system", "state", "address", "process", "reader's credential"), shown, "Never started."))


@simulators.add(
    "fail",
    examples=(
        "idm simulators fail payroll --mode refuse --times 1",
        "idm simulators fail ldap --mode slow --seconds 3",
        "idm simulators fail erp --mode down",
    ),
    exits={**_EXITS, 3: "a number is wrong", 4: "there is no such system"},
)
@click.argument("system", metavar="SYSTEM")
@click.option("--mode", required=True, type=click.Choice(MODES), help="How it fails; timeout-after does the work but doesn't answer.")
@click.option("--times", type=int, help="So many times; until `clear`, if left out.")
@click.option("--seconds", type=float, default=5.0, show_default=True, help="How long a slow operation takes.")
def fail(system: str, mode: str, times: int | None, seconds: float) -> Answer:
    """Have SYSTEM fail, to see what idm makes of it."""
    with _playground() as (_, folder):
        control.fail(folder, system, mode, times, seconds)
    much = f"{times} time(s)" if times is not None else "until `idm simulators clear`"
    return Answer({"system": system, "mode": mode, "times": times, "seconds": seconds}, [f"{system}: {mode}, {much}."])


@simulators.add("clear", examples=("idm simulators clear payroll",), exits={**_EXITS, 4: "there is no such system"})
@click.argument("system", metavar="SYSTEM")
def clear(system: str) -> Answer:
    """Have SYSTEM work as usual again."""
    with _playground() as (_, folder):
        control.clear(folder, system)
    return Answer({"system": system, "mode": None}, [f"{system} works as usual."])


@simulators.add(
    "journal", examples=("idm simulators journal", "idm simulators journal payroll --json"), exits={**_EXITS, 4: "there is no such system"}
)
@click.argument("system", metavar="[SYSTEM]", required=False)
def journal(system: str | None) -> Answer:
    """List every effect that the systems, or SYSTEM alone, were asked for: applied, unchanged or refused."""
    with _playground() as (_, folder):
        items = control.journal(folder, system)
    shown = [(i["seq"], local(i["at"]), i["system"], i["op"], i["key"], i["effect_key"], i["result"]) for i in items]
    return Answer(
        {"items": items}, table(("seq", "at", "system", "op", "key", "effect", "result"), shown, f"Nothing yet in {', '.join(SYSTEMS)}.")
    )

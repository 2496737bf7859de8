"""The command `idm`: which commands there are, and how errors leave the process. Everything else is in idm/commands/."""

from __future__ import annotations

import errno
import os
import re
import sys
import traceback
from collections.abc import Iterator, Sequence
from typing import NoReturn

import click

from idm.commands.answer import emit_error, last_flush, note
from idm.commands.command import IdmGroup
from idm.errors import BadUsage, IdmError, Unavailable

COMMANDS = {
    "init": ("idm.commands.setup", "make an installation"),
    "doctor": ("idm.commands.doctor", "say what is configured, what can be reached, and what is wrong"),
    "db": ("idm.commands.setup", "the database: bring its tables up to this version"),
    "policy": ("idm.commands.policy", "check and show the policies"),
    "template": ("idm.commands.template", "list, preview and check the texts of the mails"),
    "payroll": ("idm.commands.payroll", "the payroll tables: check, import and export them"),
    "org": ("idm.commands.org", "import and show units, positions and people"),
    "delegate": ("idm.commands.delegation", "grant pay or IT authority to people"),
    "delegations": ("idm.commands.delegation", "list, confirm, resolve and export who may act for which unit"),
    "substitute": ("idm.commands.substitute", "enter and list who acts for somebody who is away"),
    "access": ("idm.commands.access", "say who can't get at idm, so that nothing waits for them"),
    "hire": ("idm.commands.hire", "take hire events"),
    "case": ("idm.commands.case", "list, show, draw, move, retry and cancel cases"),
    "person": ("idm.commands.person", "correct what was told of a person"),
    "task": ("idm.commands.task", "list and do what waits for people"),
    "document": ("idm.commands.document", "hand in, list and get documents"),
    "equipment": ("idm.commands.equipment", "what is ordered for new employees, what came, and what goes back"),
    "invitation": ("idm.commands.invitation", "list, send anew and withdraw the links by which new hires come in"),
    "session": ("idm.commands.sessions", "list and end sessions of the portal"),
    "notice": ("idm.commands.notice", "list mails to people, and decide on those that failed"),
    "target": ("idm.commands.target", "show what a target system holds now"),
    "explain": ("idm.commands.target", "say why each record and right is there"),
    "audit": ("idm.commands.audit", "list and verify the audit trail"),
    "serve": ("idm.commands.serve", "run the server: web, worker, relay and sweeper"),
    "worker": ("idm.commands.serve", "run a worker beside a server"),
    "work": ("idm.commands.work", "do what is ready, straight from the database"),
    "simulators": ("idm.commands.simulators", "run the simulated target systems"),
    "clock": ("idm.commands.clock", "show and set the business time"),
    "demo": ("idm.commands.demo", "show the whole thing"),
}
"""Every command: the module that defines it, and what it is for. In the order of use."""

_DATES = {"%Y": "YYYY", "%m": "MM", "%d": "DD", "%H": "HH", "%M": "MM", "%S": "SS"}
"""How people write what click tells of dates in the codes of strftime."""
_WRITTEN = re.compile("|".join(_DATES))
_OF_THE_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG, errno.EACCES, errno.EPERM})
_TEN_DIGITS = re.compile(r"(?<![0-9A-Za-z])[0-9]{6}[- ]?[0-9]{4}(?![0-9A-Za-z])")


def _show_version(ctx: click.Context, option: click.Parameter, asked: bool) -> None:
    if asked:
        from importlib.metadata import PackageNotFoundError, version

        try:
            click.echo(f"idm {version('idm')}")
        except PackageNotFoundError:
            click.echo("idm, from a checkout that isn't installed")
        ctx.exit()


@click.group(
    "idm",
    cls=IdmGroup,
    lazy=COMMANDS,
    examples=("idm init --demo", "idm hire events.json", "idm case show c-4x7k2m9qhv", "idm COMMAND --help"),
)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show the version and exit.")
def idm() -> None:
    """Onboarding and identity management: a hire event goes in, everything the new employee needs comes out.

    The installation is the folder IDM_HOME (./var if it isn't set). Every command takes --json.
    """


def run(arguments: Sequence[str]) -> int:
    """Run one command line; the exit code. Nothing but KeyboardInterrupt's own end leaves it as an exception."""
    as_json = "--json" in arguments
    try:
        _refuse_cpr(arguments)
        with idm.make_context("idm", list(arguments)) as context:
            return int(idm.invoke(context) or 0)
    except click.exceptions.Exit as exit:
        return exit.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        note(error.format_message())
        return 2
    except click.ClickException as error:
        return _end(_usage(error), as_json)
    except IdmError as error:
        return _end(error, as_json)
    except (KeyboardInterrupt, click.Abort):
        note("Interrupted; what was done before stays done.")
        return 130
    except BrokenPipeError:
        return 0
    except OSError as error:
        return _end(_disk(error), as_json)
    except Exception as error:  # noqa: BLE001 - the last door: people get a sentence, never a traceback
        return _end(_unexpected(error), as_json)


def _end(error: IdmError, as_json: bool) -> int:
    emit_error(error, as_json=as_json)
    return error.exit_code


def _usage(error: click.ClickException) -> BadUsage:
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "idm"
    return BadUsage(
        _WRITTEN.sub(lambda found: _DATES[found[0]], error.format_message()), next_step=f"`{path} --help` shows how it is used."
    )


def _disk(error: OSError) -> IdmError:
    """What the operating system refused, where no command put it in better words: a disk that is full, or read only."""
    if error.errno not in _OF_THE_DISK:
        return _unexpected(error)
    where = error.filename2 or error.filename or "A file"
    return Unavailable(
        f"{where} can't be used: {os.strerror(error.errno)}. The command broke off there.",
        next_step="Look after the disk's room and rights, then give the command again: what it did before stays done.",
    )


def _unexpected(error: Exception) -> IdmError:
    """A fault of idm itself. The exception's own text stays out of it: it might hold anything."""
    if os.environ.get("IDM_DEBUG") == "1":
        traceback.print_exception(error)
    places = [frame for frame in traceback.extract_tb(error.__traceback__) if "/idm/" in frame.filename or "/connectors/" in frame.filename]
    where = f" at {_short(places[-1].filename)}:{places[-1].lineno}" if places else ""
    return IdmError(
        f"A fault of idm itself: {type(error).__name__}{where}.",
        next_step="Run it again with IDM_DEBUG=1 to see all of it, and report it. The output may then hold personal data.",
    )


def _short(file: str) -> str:
    return re.sub(r".*/(?=(idm|connectors)/)", "", file)


def _refuse_cpr(arguments: Sequence[str]) -> None:
    """Refuse a CPR number in an argument: arguments are seen by others, and kept in histories."""
    if any(_cpr_in(arguments)):
        raise BadUsage(
            "An argument looks like a CPR number; idm never takes one there, as others can see arguments and histories keep them.",
            next_step="Put it into a file, or give the file on standard input with -. Then clear it from your shell's history.",
        )


def _cpr_in(arguments: Sequence[str]) -> Iterator[bool]:
    for argument in arguments:
        for found in _TEN_DIGITS.findall(argument):
            from idm.inputs.cpr import looks_like_cpr

            yield looks_like_cpr(found)


def main() -> NoReturn:
    """The entry point of the command `idm`."""
    if "_IDM_COMPLETE" in os.environ:
        idm.main(prog_name="idm")
    code = run(sys.argv[1:])
    last_flush()
    sys.exit(code)


if __name__ == "__main__":
    main()

"""`idm doctor`: what is configured, what can be reached, and what is wrong, each with what to do."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from idm.commands.answer import Answer
from idm.commands.command import single
from idm.commands.disk import write_fault
from idm.commands.session import installation
from idm.commands.text import local
from idm.connector import Connector, TargetError
from idm.errors import CheckFailed, IdmError

if TYPE_CHECKING:
    from idm.bootstrap import Installation
    from idm.settings import Settings

LEAST_FREE = 200 * 1024 * 1024
"""Bytes of free disk below which the doctor warns."""
BUILT = datetime(2026, 1, 1, tzinfo=UTC)
"""No machine whose clock shows an earlier time is right."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: whether it is well, what was seen, and what to do if it isn't."""

    name: str
    ok: bool
    detail: str
    next: str = ""

    def as_json(self) -> dict[str, Any]:
        """The check in the outside contract's shape."""
        return {"name": self.name, "ok": self.ok, "detail": self.detail, "next": self.next}


@single("doctor", examples=("idm doctor", "idm doctor --json"), exits={8: "something is wrong; each fault says what to do"})
def doctor() -> Answer:
    """Say what is configured (secrets masked), what can be reached, and what is wrong, each with what to do."""
    from idm.settings import read_settings

    settings = read_settings()
    checks = list(_checks(settings))
    good = all(check.ok for check in checks)
    shown = settings.masked()
    text = ["Settings:", *(f"  IDM_{name.upper()} = {value}" for name, value in shown.items()), "", "Checks:"]
    for check in checks:
        text.append(f"  {'ok   ' if check.ok else 'WRONG'}  {check.name}: {check.detail}")
        text += [f"         Next: {check.next}"] if check.next and not check.ok else []
    text.append("All is well." if good else "Something is wrong.")
    document = {"ok": good, "settings": shown, "items": [check.as_json() for check in checks]}
    return Answer(document, text, 0 if good else CheckFailed.exit_code)


def _checks(settings: Settings) -> Iterator[Check]:
    yield _check("disk", lambda: _disk(settings.home))
    yield _check("keys", lambda: _keys(settings.home))
    yield _check("policies", lambda: _policies(settings.home))
    yield _check("templates", lambda: _templates(settings.home))
    yield _check("database", lambda: _database(settings))
    yield _check("broker", lambda: _broker(settings))
    yield _check("hires", lambda: _hires(settings))
    yield _check("clock", _machine_clock)
    try:
        with installation() as found:
            yield Check("installation", True, f"a {found.kind} installation, business time {local(found.app.clock.now())} in Denmark")
            yield from _systems(found)
            yield _check("portal", lambda: _portal(found))
            yield _check("text messages", lambda: _messages(found))
            yield _check("audit", lambda: _audit(found))
            yield _check("tasks", lambda: _tasks(found))
            yield _check("notices", lambda: _notices(found))
            yield _check("payroll tables", lambda: _payroll(found))
            yield _check("sign-in", lambda: _sign_in(found))
    except IdmError as error:
        yield Check("installation", False, _said(error), error.next_step)


def _check(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except IdmError as error:
        return Check(name, False, _said(error), error.next_step)


def _said(error: IdmError) -> str:
    faults = "; ".join(f"{fault.path}: {fault.message}" for fault in error.faults[:10])
    return f"{error.message} {faults}".strip()


def _disk(home: Path) -> str:
    if not home.is_dir():
        raise CheckFailed(f"There is no folder {home}.", next_step="Make an installation with `idm init`, or set IDM_HOME.")
    if fault := write_fault(home):
        raise CheckFailed(fault, next_step="Make room, mend the disk, or run idm as the folder's owner: what runs goes on by itself then.")
    free = shutil.disk_usage(home).free
    if free < LEAST_FREE:
        raise CheckFailed(f"{home} has {free // 2**20} MB left.", next_step="Make room: without it nothing can be taken.")
    return f"{home} can be written, {free // 2**20} MB free"


def _keys(home: Path) -> str:
    from idm.vault_keys import KeyRing, exposed

    KeyRing.open(home / "keys")
    if open_to_others := exposed(home / "keys"):
        names = ", ".join(str(path) for path in open_to_others)
        raise CheckFailed(f"Others may read or write {names}.", next_step=f"chmod 700 {home / 'keys'}; chmod 600 {home / 'keys'}/*")
    return f"{home / 'keys'} is whole and idm's alone"


def _audit(found: Installation) -> str:
    from idm.flow.seal import sealing_in_words

    return sealing_in_words(found.app)


def _policies(home: Path) -> str:
    from idm.policy_files import load

    policies = load(home / "policies")
    return (
        f"valid; {len(policies.journeys)} journey(s), {len(policies.roles)} roles, {len(policies.systems)} systems ({policies.hash[:12]})"
    )


def _templates(home: Path) -> str:
    from idm.bootstrap import shipped
    from idm.mail_texts import TEXTS
    from idm.render import Renderer
    from idm.template_check import template_faults

    renderer = Renderer([home / "templates", shipped("templates")])
    if faults := template_faults(renderer):
        raise CheckFailed(
            f"{len(faults)} fault(s) in the installation's own templates; meanwhile the shipped texts are sent.",
            faults=faults,
            next_step="`idm template check` names each; mend the files.",
        )
    return f"all {len(TEXTS)} mails can be sent in both languages; {len(renderer.own())} file(s) are this installation's own"


def _database(settings: Settings) -> str:
    from idm.settings import mask
    from idm.store import migrate
    from idm.store.engine import Database

    if settings.database().startswith("sqlite") and not settings.home.is_dir():
        raise CheckFailed("There is no database yet.", next_step="Make an installation with `idm init`, or set IDM_HOME.")
    database = Database(settings.database(), 2)
    try:
        at, newest = migrate.current(database), migrate.newest(database)
        if (trouble := database.quick_check()) is not None:
            raise trouble
    finally:
        database.close()
    if at != newest:
        raise CheckFailed(f"The database is at revision {at or 'none'}, this version needs {newest}.", next_step="Run `idm db upgrade`.")
    return f"{mask(settings.database())} answers, at revision {at}"


def _broker(settings: Settings) -> str:
    from idm.commands.serve import reach_broker
    from idm.dispatch.app import make_celery
    from idm.settings import mask

    if settings.embedded:
        return "in memory: everything runs in `idm serve`"
    reach_broker(make_celery(settings.broker_url, ()))
    return f"{mask(settings.broker_url)} answers"


def _hires(settings: Settings) -> str:
    from idm.dispatch.hires import HIRES, REJECTED, waiting

    if settings.embedded:
        return "no queue without a broker: they come from files and POST /events"
    counted = waiting(settings.broker_url)
    if counted[REJECTED]:
        raise CheckFailed(
            f"{counted[REJECTED]} refused message(s) lie in the queue {REJECTED}.", next_step="`idm hire --rejected` hands them out."
        )
    return f"{counted[HIRES]} message(s) wait in the queue {HIRES}, none was refused"


def _tasks(found: Installation) -> str:
    from idm.flow.stranded import stranded

    if lost := stranded(found.app):
        named = ", ".join(each.card.task.id for each in lost[:5])
        raise CheckFailed(f"Nobody can do {len(lost)} open task(s): {named}.", next_step="`idm task stranded` says why, and who was told.")
    return "somebody can do every open task"


def _notices(found: Installation) -> str:
    from idm.flow.notice_desk import stuck

    if held := stuck(found.app):
        raise CheckFailed(
            f"{len(held)} mail(s) failed or are in doubt, the first because {held[0].reason or 'of no known reason'}.",
            next_step="`idm notice list --state failed` (and `doubtful`) shows them; then `idm notice retry` or `drop`.",
        )
    return "no mail failed"


def _machine_clock() -> str:
    now = datetime.now(UTC)
    if now < BUILT:
        raise CheckFailed(f"This machine's clock says {now:%Y-%m-%d}.", next_step="Set it right; leases, timers and certificates go by it.")
    return f"{local(now)} in Denmark"


def _payroll(found: Installation) -> str:
    from idm.domain.payroll_watch import warnings

    tables = found.app.policies.current().payroll
    if not tables:
        return "there are none; the payroll form takes what it lists itself"
    told = list(warnings(tables, found.app.clock.today(), found.app.store.organisation()))
    empty = [warning for warning in told if warning.rule == "no-choice"]
    if empty:
        raise CheckFailed("Some positions can't be paid today.", faults=empty, next_step="`idm payroll check` tells all; mend the tables.")
    return f"{len(told)} warning(s); `idm payroll check` tells them" if told else f"nothing ends within {tables.warn_days} days"


def _portal(found: Installation) -> str:
    url = found.app.portal()
    if found.kind == "production" and not url.startswith("https://"):
        told = "is not an https:// address, so nobody can sign in there" if url else "isn't known, so mails to new hires carry no link"
        raise CheckFailed(
            f"The portal's address {told}.",
            next_step="Set IDM_PORTAL_URL to the address by which people reach it, such as https://idm.example.org.",
        )
    return f"links in mails lead to {url}" if url else "no server runs here, so mails to new hires carry no link"


def _messages(found: Installation) -> str:
    from idm.settings import mask
    from idm.sms import check_set_up

    url, home = found.settings.sms_url, found.settings.home
    if url:
        check_set_up(url, home)
        return f"they go to {mask(url)}"
    if found.kind == "production":
        raise CheckFailed(
            f"They become files in {home / 'sms'}, so no new hire gets the code to sign in.",
            next_step="Set IDM_SMS_URL to your gateway, and put its token into keys/sms-token.",
        )
    return f"they become files in {home / 'sms'}"


def _sign_in(found: Installation) -> str:
    from idm.commands.sign_in import check_login

    return check_login(found.settings, found.kind, found.app.keys, found.app.clock.machine)


def _systems(found: Installation) -> Iterator[Check]:
    for name, error in found.connector_faults.items():
        yield Check(f"system {name}", False, error.message, error.next_step)
    set_up = {name: connector for name, connector in found.app.connectors.items() if name not in found.connector_faults}
    with ThreadPoolExecutor(max(len(set_up), 1)) as pool:
        yield from pool.map(_probe, set_up.items())


def _probe(named: tuple[str, Connector]) -> Check:
    name, connector = named
    try:
        return Check(f"system {name}", True, connector.probe())
    except TargetError as error:
        return Check(f"system {name}", False, error.reason, "Start or mend the system, or correct its settings in systems.yaml.")
    except IdmError as error:
        return Check(f"system {name}", False, _said(error), error.next_step)

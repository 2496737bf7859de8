"""How the sixty events arrive: most over HTTP, in a batch during which the server is killed; some as a table; one of them twice."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from io import StringIO
from typing import Any

from idm.demo import trouble
from idm.demo.hires import FROM_TABLE, REPLAY, WRONG, Hire, event
from idm.demo.server import run_command
from idm.demo.stage import Stage
from idm.errors import IdmError
from idm.simulators import control


def events(stage: Stage) -> list[tuple[str, str]]:
    """Sixty events reach the server, and it is killed at work. The lanes that it held then."""
    stage.head(f"{len(stage.hires)} hire events come in from the HR system")
    stage.server.wait_ready()
    now = datetime.now(UTC)
    caught = _batch(stage, [hire for hire in stage.hires if hire.number != REPLAY and hire.number < FROM_TABLE], now)
    control.fail(stage.simulators, "erp", "timeout-after", 1)
    stage.server.launch()
    stage.tell("the server is started again; the ERP system will now do one thing and give no answer")
    _table(stage, [hire for hire in stage.hires if hire.number >= FROM_TABLE], now)
    stage.server.wait_ready()
    _again(stage, now)
    return caught


def token(stage: Stage) -> str:
    """What whoever posts events shows."""
    return (stage.home / "keys" / "events.token").read_text().strip()


def _batch(stage: Stage, sent: list[Hire], now: datetime) -> list[tuple[str, str]]:
    batch = [event(hire, now) for hire in sent]
    unknown, _ = stage.server.post(batch, "not the token")
    stage.check("events are taken only with the token", unknown == 401, f"POST /events with a wrong token: {unknown}")
    control.fail(stage.simulators, "ldap", "slow", seconds=0.5)
    status, answer = stage.server.post(batch, token(stage))
    caught = trouble.kill_at_work(stage) if status == 207 else []
    items = answer.get("items", [])
    stage.events.extend(items)
    for hire, item in zip(sent, items, strict=True):
        _receive(stage, hire, item)
    created = sum(item["outcome"] == "created" for item in items)
    more = created - len(stage.told)
    stage.tell(f"and {more} more are created, {len(items) - created} refused; what became of each is told at the end")
    good = (status, created) == (207, sum(hire.taken for hire in sent))
    stage.check("good events of a batch are taken, the bad ones come back", good, f"{status}, {created} created")
    return caught


def _table(stage: Stage, sent: list[Hire], now: datetime) -> None:
    """The last events come as a table, as somebody keeps one who has no HR system."""
    rows = [_as_row(event(hire, now)) for hire in sent]
    out = StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    (stage.home / "hires.csv").write_text(out.getvalue(), encoding="utf-8")
    ran = run_command(stage.home, "hire", str(stage.home / "hires.csv"), "--json")
    items = json.loads(ran.stdout)["items"] if ran.stdout else []
    stage.events.extend(items)
    for hire, item in zip(sent, items, strict=True):
        _receive(stage, hire, item)
    stage.tell(f"{len(items)} more come as a table: idm hire hires.csv")
    stage.check("hires are taken from a table too", ran.returncode == 0, f"exit code {ran.returncode}, {len(items)} rows")


def _as_row(told: dict[str, Any]) -> dict[str, Any]:
    envelope = {name: told[name] for name in ("id", "source", "time")}
    return {**envelope, **told["data"]["person"], **told["data"]["employment"]}


def _again(stage: Stage, now: datetime) -> None:
    status, answer = stage.server.post(event(stage.hire(1), now), token(stage))
    again = answer.get("items", [{}])[0]
    stage.events.insert(REPLAY - 1, again)
    stage.tell(f"{again.get('id')}  {again.get('outcome')}  the same event once more: it is the same case, nothing is done twice")
    same = again.get("case") == stage.cases[1] and again.get("outcome") == "replayed"
    stage.check("a replayed event answers with the same case", same and status == 200, f"{status}, case {again.get('case')}")


def _receive(stage: Stage, hire: Hire, item: dict[str, Any]) -> None:
    """Take note of what became of an event; tell of it, if it is one of those that are told of one by one."""
    if hire.number == WRONG:
        _wrong(stage, hire, item)
    if item.get("outcome") == "created":
        stage.cases[hire.number] = item["case"]
        stage.persons[hire.number] = stage.case(hire).person
    elif hire.taken:
        faults = "; ".join(f"{fault['path']} {fault['message']}" for fault in item.get("faults", []))
        raise IdmError(f"Event {hire.id} was not taken: {faults or item.get('reason')}", next_step="See what refused it.")
    if hire in stage.told:
        stage.tell(f"{hire.id}  {item['outcome']}  {hire.name}: {hire.about}")


def _wrong(stage: Stage, hire: Hire, item: dict[str, Any]) -> None:
    paths = sorted(fault["path"] for fault in item.get("faults", []))
    stage.tell(f"{hire.id}  {item.get('outcome')}  a wrong event; every fault is named at once:")
    for fault in item.get("faults", []):
        stage.tell(f"             {fault['path']} {fault['message']}")
    reserved = stage.app.store.event(hire.source, hire.id)
    ok = item.get("outcome") == "refused" and paths == sorted(hire.expected.because.split()) and reserved is None
    stage.check("a wrong event is refused with every fault, and reserves nothing", ok, f"{len(paths)} faults: {', '.join(paths)}")

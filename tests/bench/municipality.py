# ruff: noqa: S608 - the statements are put together from names of this file; values are bound
"""A municipality with as many cases as wanted: a few real hires at different stages, copied by the database with other people and places.

One unit, `own`, has forty cases however many there are in all: what its manager and contact have to do stays the same while everything
around them grows. Half of the departments have standing pay contacts, the others appoint one for each case.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import text

from idm.domain.authority import Authority, Delegation
from idm.domain.authority_powers import Backup, Substitution, Team
from idm.domain.people import Cpr, Employment, Person, Unit
from idm.flow.depart import Word, cancel
from idm.ports_store import Writer
from tests import data
from tests.support.world import World

OWN, OWN_CASES = "own", 40
DEPARTMENTS, INSTITUTIONS = 12, 24
TODAY = date(2026, 11, 23)
_AT_ONCE = 4000

_COPIES = (
    "create table copies (n integer primary key, template text, case_id text, person text, employment text, unit text, pay text, it text,"
    " start_day text, shift integer)"
)


def build(world: World, cases: int) -> None:
    """Fill the empty database of a world with the municipality and so many cases."""
    world.clock.set_day(TODAY)
    world.import_municipality()
    templates = _templates(world)
    _staff(world)
    _copy(world, templates, cases)


def _templates(world: World) -> list[str]:
    """Hires at different stages: just begun, under way with contacts of their own or standing ones, finished, and called off."""
    begun = world.hire("t-begun")
    appointed = world.hire("t-appointed")
    world.appoint(appointed)
    handed_in = world.hire("t-documents")
    world.appoint(handed_in)
    for kind in list(world.case(handed_in).documents)[:2]:
        world.hand_in(handed_in, kind)
    world.confirm_rights(handed_in)
    cancelled = world.hire("t-cancelled")
    cancel(world.app, cancelled, Word(data.HEAD_NORTH, reason="another took it"))
    world.delegate("schools")
    standing = world.hire("t-standing")
    world.work()
    finished = world.hire("t-finished")
    world.people_act(finished)
    world.work()
    return [begun, appointed, handed_in, standing, finished, cancelled, finished, appointed, handed_in, standing]


def _staff(world: World) -> None:
    """Units with managers, contacts, teams and absences."""
    number = 1000
    with world.store.write() as writer:

        def person(id: str, unit: str) -> str:
            nonlocal number
            number += 1
            cpr = data.cpr(number)
            writer.put_person(Person(id, Cpr(cpr), id.title(), "Stab", f"{id}@example.org"), f"s{number}", world.keys.encrypt(cpr))
            writer.put_employment(Employment(f"e-{id}", id, unit, "case_worker", date(2015, 8, 1)))
            return id

        for at in range(DEPARTMENTS):
            department = f"d{at}"
            writer.put_unit(Unit(department, f"Afdeling {at}", "town", person(f"m-{department}", "town")))
            for place in range(INSTITUTIONS):
                unit = OWN if (at, place) == (0, 0) else f"{department}-{place}"
                # One in ten has no manager of its own.
                manager = person(f"m-{unit}", unit) if place % 10 != 9 else ""
                writer.put_unit(Unit(unit, f"Institution {unit}", department, manager))
            pay = person(f"pay-{department}", department)
            person(f"it-{department}", department)
            if at % 2 == 0:
                _grant(writer, f"sp-{department}", Authority.PAY, department, pay)
        _grant(writer, "sp-own", Authority.PAY, OWN, person("pay-own", OWN))
        _grant(writer, "si-town", Authority.IT, "town", person("it-town", "town_hall"))
        for each in ("back-1", "back-2"):
            person(each, "town_hall")
        writer.put_substitution(Substitution("s-1", "m-d1", "m-d4", TODAY - timedelta(1), TODAY + timedelta(9)))
    office = Team("office", {"da": "Lønkontoret"}, ("back-1", "back-2"), "office@example.org")
    policy = world.app.policies.current().authority
    backups = (Backup("pay", "pay", ("team:office",)), Backup("managers", "manager", ("back-1",)))
    world.policies.edit(authority=replace(policy, teams={"office": office}, backups=backups))


def _grant(writer: Writer, id: str, authority: Authority, unit: str, to: str) -> None:
    writer.add_delegation(Delegation(id, authority, unit, to, data.DIRECTOR, TODAY - timedelta(200)))


def _copy(world: World, templates: list[str], cases: int) -> None:
    """The cases, by statements that each copy some thousands."""
    people = {case: world.case(case).person for case in set(templates)}
    with world.database.writing() as connection:
        connection.exec_driver_sql(_COPIES)
    for first in range(0, cases, _AT_ONCE):
        rows = [_place(n, templates) for n in range(first, min(first + _AT_ONCE, cases))]
        values = {"first": first, "last": first + _AT_ONCE}
        names = ", ".join(f":{name}" for name in rows[0])
        with world.database.writing() as connection:
            connection.execute(text(f"insert into copies values ({names})"), rows)
            for case, hire in people.items():
                for statement in _statements(sqlite=world.database.sqlite):
                    connection.execute(text(statement), {**values, "template": case, "hire": hire, "today": TODAY.isoformat()})
    with world.database.writing() as connection:
        connection.exec_driver_sql("drop table copies")
    if not world.database.sqlite:
        with world.database.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("vacuum analyze")


def _place(n: int, templates: list[str]) -> dict[str, object]:
    # The first hundred cases all lie in one department: who is measured has as much to do there as later, as far as a page shows.
    at = 1 if n < 100 else n % DEPARTMENTS
    unit = OWN if n < OWN_CASES else f"d{at}-{1 + n // DEPARTMENTS % (INSTITUTIONS - 1)}"
    return {
        "n": n,
        "template": templates[n // DEPARTMENTS % len(templates)] if n >= 100 else templates[n % len(templates)],
        "case_id": f"k-{n:06}",
        "person": f"h-{n:06}",
        "employment": f"he-{n:06}",
        "unit": unit,
        "pay": "pay-own" if n < OWN_CASES else f"pay-d{at}",
        "it": f"it-d{at}",
        "start_day": (TODAY + timedelta(n % 120 - 20)).isoformat(),
        "shift": n % 30 - 10,
    }


def _statements(*, sqlite: bool) -> list[str]:
    """What copies one template: its rows with other ids, people, places and days."""
    some = "copies k where k.template = :template and k.n >= :first and k.n < :last"
    tail = "substr({}, length(:template) + 1)"
    due = "date(t.due, k.shift || ' days')" if sqlite else "to_char(cast(t.due as date) + k.shift, 'YYYY-MM-DD')"
    doc = """replace(c.doc, '"unit":"school_north"', '"unit":"' || k.unit || '"')"""
    doc = f"replace(replace({doc}, '{data.START}', k.start_day), :hire, k.person)"
    # No two cases are decided in the same moment.
    at = "x.at - cast(1000000 as bigint) * k.n"
    whose = f"case {{0}} when '{data.PAY}' then k.pay when '{data.IT}' then k.it when '{data.HEAD_NORTH}' then 'm-d0' else {{0}} end"
    return [
        "insert into people (id, cpr_index, cpr_encrypted, given_name, family_name, email, private_email, mobile, citizenship, username,"
        " address, language) select k.person, 'k' || k.n, p.cpr_encrypted, p.given_name, p.family_name || ' ' || k.n, '', '', '', 'DK',"
        f" '', '', p.language from people p cross join {some} and p.id = :hire",
        "insert into person_words (word, person_id) select w.word, k.person from person_words w"
        f" cross join {some} and w.person_id = :hire union select cast(k.n as text), k.person from {some}",
        "insert into employments (id, person_id, unit, position, start_date, end_date, weekly_hours, manager, case_id) select k.employment,"
        f" k.person, k.unit, 'teacher', k.start_day, null, '37', '', k.case_id from {some}",
        "insert into cases (id, person_id, employment_id, unit, journey_hash, state, start_date, version, head_seq, head_hash, doc,"
        " created_at) select k.case_id, k.person, k.employment, k.unit, c.journey_hash, c.state, k.start_day, c.version, c.head_seq,"
        f" c.head_hash, {doc}, c.created_at from cases c cross join {some} and c.id = :template",
        "insert into delegations (id, authority, unit, to_person, granted_by, since, until, case_id, revoked) select k.case_id || d.id,"
        f" d.authority, k.unit, {whose.format('d.to_person')}, {whose.format('d.granted_by')}, d.since, d.until, k.case_id, d.revoked"
        f" from delegations d cross join {some} and d.case_id = :template",
        "insert into tasks (id, case_id, step, kind, state, actor, unit, person_id, since, document, reason, due, escalated, named,"
        " beside, apart)"
        f" select k.case_id || {tail.format('t.id')}, k.case_id, t.step, t.kind, t.state, t.actor, k.unit, k.person, t.since, t.document,"
        f" t.reason, {due}, case when k.n % 20 = 0 and t.state = 'open' and {due} < :today then 1 end, {whose.format('t.named')},"
        f" {whose.format('t.beside')}, t.apart"
        f" from tasks t cross join {some} and t.case_id = :template",
        "insert into decisions (task_id, case_id, action, at, person_id, authority, via, delegation, place_of) select"
        f" k.case_id || {tail.format('x.task_id')}, k.case_id, x.action, {at}, {whose.format('x.person_id')}, x.authority, x.via,"
        f" case when x.delegation = '' then '' else k.case_id || x.delegation end, x.place_of from decisions x cross join {some}"
        " and x.case_id = :template",
        "insert into audit (stream, seq, at, actor, action, payload, salt, payload_hash, previous, hash, sealed) select k.case_id, a.seq,"
        f" a.at, a.actor, a.action, a.payload, a.salt, a.payload_hash, a.previous, a.hash, a.sealed from audit a cross join {some}"
        " and a.stream = :template",
    ]

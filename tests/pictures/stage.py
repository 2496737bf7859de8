"""The stage of the scenes: one small installation with hires in every state that a page can show. Its time stands still."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from idm.bootstrap import shipped
from idm.connector import Refused
from idm.domain.authority import Authority
from idm.domain.sessions import SessionKind
from idm.flow.comments import add_comment
from idm.flow.deciding import Decision
from idm.flow.delegate import delegate
from idm.flow.depart import Word, cancel
from idm.flow.documents import add_document
from idm.flow.invitations import invite
from idm.flow.organisation import import_organisation
from idm.flow.sessions import open_session
from idm.flow.substitute import Absence, substitute
from idm.flow.sweep import sweep_once
from idm.flow.tasks import actors, do_task
from idm.inputs.organisation import read_organisation
from idm.policy_files import PolicyFolder
from tests import data
from tests.pictures import people
from tests.support.databases import migrated, sqlite_url
from tests.support.papers import contract, photograph
from tests.support.portal import Portal
from tests.support.world import World

TODAY = date(2026, 12, 16)
"""The day on which every scene is looked at: a Wednesday, with some things late."""
SOON = "2026-12-01"
NORTH = {"unit": "school_north"}


class Stage:
    """Cases by what they show, and the portal over them. `case["running"]` and the like are ids."""

    def __init__(self, folder: Path) -> None:
        """Play everything that has happened by `TODAY`; `folder` takes the installation."""
        shutil.copytree(shipped("policies"), folder / "policies")
        _ask_more(folder / "policies")
        self.world = World(migrated(sqlite_url(folder / "idm.sqlite")), folder, PolicyFolder(folder / "policies"))
        self.case: dict[str, str] = {}
        self._tokens: dict[tuple[str, str], str] = {}
        self._links = 0
        self._settle()
        self._begin()
        self._part_way()
        self._finish()
        self.portal = Portal(self.world, policies=folder / "policies")

    def close(self) -> None:
        """Give back the database."""
        self.world.close()

    # What scenes ask for

    def token(self, person: str, case: str = "") -> str:
        """A session of `person`, or of the person hired in `case`; the same one each time. "" for nobody."""
        if not person and not case:
            return ""
        if case:
            person = self.world.case(case).person
        kind = SessionKind.HIRE if case else SessionKind.STAFF
        if (person, case) not in self._tokens:
            self._tokens[person, case] = open_session(self.world.app, person, kind, case, agent="Firefox")
        return self._tokens[person, case]

    def task(self, case: str, step: str) -> str:
        """The address of an open task."""
        return f"/tasks/{self.world.task_of(self.case[case], step)}"

    def link(self) -> str:
        """The address of a personal link that nobody has used; each time another person's, since codes are counted."""
        self._links += 1
        return f"/start/{invite(self.world.app, self.case[f'many-{self._links % MANY}'], data.HEAD_NORTH)}"

    def document(self, case: str, kind: str) -> str:
        """The address of the newest document of a kind."""
        return f"/documents/{next(row.id for row in self.world.store.documents(self.case[case]) if row.kind == kind)}"

    # How it came to be

    def _hire(self, name: str, **facts: Any) -> str:
        self.case[name] = self.world.hire(name, **{**NORTH, **facts})
        return self.case[name]

    def _settle(self) -> None:
        """The organisation, and who holds which powers."""
        world = self.world
        found = read_organisation(json.dumps(people.municipality()), world.clock.today())
        import_organisation(world.app, found.units, found.positions, found.people, found.employments, "test")
        for unit in ("schools", "town_hall"):
            delegate(world.app, Authority.PAY, unit, [data.PAY])
            delegate(world.app, Authority.IT, unit, [data.IT, people.SECOND])
        delegate(world.app, Authority.CONTROL, "town", [people.CONTROL])
        delegate(world.app, Authority.PAY, "school_north", [data.PAY, people.KEEPER], granter=data.HEAD_NORTH, until=date(2027, 6, 30))

    def _begin(self) -> None:
        """Hires that nobody has done anything for yet, in every unit."""
        for number in range(MANY):
            position = ("teacher", "pedagogue", "substitute_teacher", "caretaker")[number % 4]
            self._hire(f"many-{number}", position=position, unit=("school_north", "school_south")[number % 2])
        self._hire("appoint", unit="daycare", position="pedagogue")
        self._hire("long", unit="long_unit", position="long_position", given_name=people.LONG_GIVEN, family_name=people.LONG_FAMILY)
        self._hire("fresh", position="pedagogue", given_name="Freja", family_name="Fjord", citizenship="US")
        self._hire("short", position="teacher", start="2026-11-30")
        self._hire("cancelled", position="teacher", given_name="Carl", family_name="Holm")
        invite(self.world.app, self.case["cancelled"], data.HEAD_NORTH)
        cancel(self.world.app, self.case["cancelled"], Word(data.HEAD_NORTH, reason="She took another position."))
        self.world.work()

    def _part_way(self) -> None:
        """Hires of which some is done."""
        world = self.world
        running = self._hire("running", position="teacher", given_name="Astrid", family_name="Ålborg")
        self._paper(running, "contract", "kontrakt.pdf", contract(3))
        self._paper(running, "diploma", "eksamensbevis.jpg", photograph(900, 1200, blurred=True))
        world.do(running, "review-diploma", data.PAY, "return", "Billedet er uskarpt. Tag et nyt i dagslys, så teksten kan læses.")
        self._paper(running, "seniority_proof", "tidligere-job.pdf", contract(1, "Udtalelse"))
        world.accept(running, "seniority_proof")
        world.tell_personal(running)
        add_comment(world.app, running, data.PAY, "Eksamensbeviset kommer igen på mandag.")
        add_comment(world.app, running, world.case(running).person, "Må jeg tage et nyt billede i aften?", to_hire=True)
        for name in ("funnel", "ready", "refused"):
            case = self._hire(name, position="teacher")
            world.all_documents(case)
            world.work()
        for name, trouble in (("ready", ()), ("refused", (Refused("unknown pension code P40"),))):
            for error in trouble:
                world.targets["payroll"].trouble(error, times=100)
            world.fill_payroll(self.case[name])
            world.confirm_rights(self.case[name])
            world.work()
        world.targets["payroll"].heal()
        for name in CHECKED:
            self._hire(name, position="substitute_teacher")
        head = self._hire("head", position="school_head")
        world.all_documents(head)
        world.fill_payroll(head)
        world.do(head, "confirm_rights", data.IT, "confirm")
        self._hire("conflict", unit="town_hall", position="it_technician")
        for name, lines in (("order", None), ("costly", [("workstation", 1)]), ("receive", [("chair", 1), ("headset", 1), ("laptop", 1)])):
            case = self._hire(name, unit="town_hall", position="engineer")
            if lines is not None:
                wanted = [{"item": item, "quantity": number, "account": "6.45.51-4010"} for item, number in lines]
                world.do(case, "equipment", data.IT, "order", values={"lines": wanted})
        world.work()

    def _finish(self) -> None:
        """A hire that is complete, one that has handed in everything, one that is away; and the day of the pictures."""
        world = self.world
        whole = self._hire("complete", position="teacher", start=SOON, given_name="Mads", family_name="Færdig")
        world.people_act(whole)
        everything = self._hire("handed_in", position="teacher")
        for kind in world.case(everything).documents:
            world.hand_in(everything, kind)
        world.tell_personal(everything)
        world.all_checks(everything)
        world.work()
        for day in (date.fromisoformat(SOON), TODAY):
            world.clock.set_day(day, 10)
            sweep_once(world.app)
            world.work()
        for name, kinds in CHECKED.items():
            self._checks(self.case[name], kinds)
        for _ in range(2):
            invite(world.app, self.case["running"], data.HEAD_NORTH)
        away = Absence(data.PAY, people.STAND_IN, TODAY, date(2027, 1, 8))
        substitute(world.app, away, by=data.PAY)

    def _paper(self, case: str, kind: str, name: str, content: bytes) -> None:
        add_document(self.world.app, case, kind, name, io.BytesIO(content), self.world.case(case).person)

    def _checks(self, case: str, kinds: frozenset[str]) -> None:
        """Answer the tasks of checks of these kinds, and leave the next one open."""
        answers = {"consent": "give", "ordered": "done", "received": "done"}
        while found := [task for task in self.world.store.tasks(case=case, state="open") if task.kind in kinds]:
            for task in found:
                holder = actors(self.world.app, self.world.case(case), task.actor)[0]
                do_task(self.world.app, task.id, holder.person, Decision(answers[task.kind]), "admin")


MANY = 40
"""Hires that fill lists."""
CHECKED = {"ordered": frozenset({"consent"}), "assess": frozenset({"consent", "ordered", "received"})}
"""Hires with a check under way, and which of its tasks are answered."""


def _ask_more(policies: Path) -> None:
    """Rules that a municipality may set, so that each page has something to show."""
    heads = {"when": {"positions": ["school_head"]}}
    _change(policies / "access.yaml", lambda text: text.update(payroll_staff=[people.KEEPER]))
    _change(policies / "approvals.yaml", lambda text: text["approvals"]["payroll_control"].update(asked={"heads": heads}))
    _change(policies / "authority.yaml", lambda text: text.update(four_eyes={"rights_of_heads": {"tasks": ["rights"], **heads}}))


def _change(path: Path, change: Callable[[Any], None]) -> None:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")

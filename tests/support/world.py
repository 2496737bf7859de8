"""A small installation for a test: a real database, keys, vault and policies, targets in memory, and people who act."""

from __future__ import annotations

import hashlib
import io
import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import text

from idm.domain.authority import Authority
from idm.domain.case import Case, Step
from idm.domain.hire import HireEvent
from idm.errors import Unavailable
from idm.flow.advance import advance
from idm.flow.deciding import Decision
from idm.flow.delegate import delegate
from idm.flow.documents import add_document
from idm.flow.graphs import graph_of
from idm.flow.intake import Receipt, take
from idm.flow.organisation import import_organisation
from idm.flow.sweep import sweep_once
from idm.flow.tasks import actors, do_task, task
from idm.inputs.events import check_hire
from idm.inputs.organisation import read_organisation
from idm.page_pictures import PagePictures
from idm.policy_files import PolicyFolder
from idm.ports import App
from idm.store.engine import Database
from idm.store.store import SqlStore
from idm.vault import Vault
from idm.vault_join import join_pages
from idm.vault_keys import KeyRing
from tests import data
from tests.support.answering import sound_values
from tests.support.checking import check_once
from tests.support.clock import ManualClock
from tests.support.policies import EditablePolicies
from tests.support.target import MemoryTarget, shipped_targets
from tests.support.texter import MemoryTexter


class Random:
    """Random bytes that are the same in every run, counted for each length: audit salts that threads draw don't move the ids."""

    def __init__(self, seed: int = 1) -> None:
        self._seed = seed
        self._counts: dict[int, int] = {}
        self._lock = threading.Lock()

    def __call__(self, length: int) -> bytes:
        with self._lock:
            count = self._counts[length] = self._counts.get(length, 0) + 1
        return hashlib.shake_128(f"{self._seed}/{length}/{count}".encode()).digest(length)


class Outbox:
    """`idm.ports.Publisher`: keeps what it was told, or is away."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.away = False

    def publish(self, runs: Iterable[tuple[str, str]]) -> None:
        """See the protocol."""
        if self.away:
            raise Unavailable("The broker is away.")
        self.sent.extend(runs)


class World:
    """An installation of the invented municipality, and the acts of its people in few words."""

    def __init__(self, url: str, folder: Path, policies: PolicyFolder, *, mail_is_blind: bool = False, pool: int = 16) -> None:
        """`url` is a database with tables; `folder` takes keys and documents."""
        self.keys = KeyRing.open(folder / "keys") if (folder / "keys").is_dir() else KeyRing.create(folder / "keys")
        self.database = Database(url, pool)
        self.store = SqlStore(self.database, self.keys.decrypt)
        self.clock = ManualClock()
        self.policies = EditablePolicies(policies)
        self.targets: dict[str, MemoryTarget] = shipped_targets(mail_is_blind=mail_is_blind)
        self.outbox = Outbox()
        self.texter = MemoryTexter()
        self.dead: set[str] = set()
        self.app = App(
            store=self.store,
            clock=self.clock,
            policies=self.policies,
            connectors=self.targets,
            keys=self.keys,
            vault=Vault.create(folder / "vault", self.keys),
            check_document=check_once,
            join_pages=join_pages,
            pages=PagePictures(),
            publisher=self.outbox,
            random=Random(),
            alive=lambda owner: owner not in self.dead,
            owner="worker-1",
            texter=self.texter,
        )

    def another_worker(self, name: str = "worker-2", **changes: Any) -> App:
        """Another process of the same installation, as far as claims and caches can tell."""
        return replace(self.app, owner=name, journeys={}, cache={}, **changes)

    def close(self) -> None:
        """Give back every connection."""
        self.store.close()

    def import_municipality(self) -> None:
        """Import the invented organisation."""
        found = read_organisation(json.dumps(data.organisation()), self.clock.today())
        import_organisation(self.app, found.units, found.positions, found.people, found.employments, "test")

    def delegate(self, unit: str = "town", *, pay: str = data.PAY, it: str = data.IT) -> None:
        """Standing delegations of both authorities, from the unit's manager."""
        for authority, person in ((Authority.PAY, pay), (Authority.IT, it)):
            delegate(self.app, authority, unit, [person])

    def hire_of(self, id: str, **changes: Any) -> HireEvent:
        """A checked hire event."""
        event = data.hire_event(id, **changes)
        return check_hire(event, self.clock.today())

    def take(self, id: str, **changes: Any) -> Receipt:
        """Take a hire event."""
        return take(self.app, self.hire_of(id, **changes))

    def hire(self, id: str = "h1", **changes: Any) -> str:
        """Take a hire event; its case."""
        return self.take(id, **changes).case

    def case(self, case: str) -> Case:
        """The case as the database holds it."""
        loaded = self.store.load(case)
        assert loaded is not None
        return loaded.case

    def step(self, case: str, step: str) -> Step:
        """One step of a case."""
        return self.case(case).steps[step]

    def states(self, case: str) -> dict[str, str]:
        """Every step's state by its id."""
        return {step: status.state.value for step, status in self.case(case).steps.items()}

    def work(self) -> None:
        """Work everything that is ready, one lane after the other, until nothing is; retries are not waited for."""
        while taken := self.store.ready_runs({}, 100):
            for case, lane in taken:
                advance(self.app, case, lane)

    def work_on(self, seconds: float = 1000.0, times: int = 10) -> None:
        """Work, let machine time pass so that what was put off is due, and work again."""
        self.work()
        for _ in range(times):
            self.clock.pass_seconds(seconds)
            self.app.cache.clear()
            sweep_once(self.app)
            self.work()

    def task_of(self, case: str, step: str) -> str:
        """The id of the open task of a step."""
        return next(task.id for task in self.store.tasks(case=case, state="open") if task.step == step)

    def do(self, case: str, step: str, person: str, decision: str = "", reason: str = "", values: Mapping[str, Any] | None = None) -> Case:
        """Let a person answer the open task of a step."""
        return do_task(self.app, self.task_of(case, step), person, Decision(decision, reason, values), "admin")

    def appoint(self, case: str, *, by: str = data.HEAD_NORTH, pay: str = data.PAY, it: str = data.IT) -> Case:
        """The manager names both contacts."""
        return self.do(case, "appoint", by, "appoint", values={"pay": pay, "it": it})

    def hand_in(self, case: str, kind: str = "contract") -> str:
        """The person hired hands in a document; its id."""
        name, content = data.file_of(kind)
        return add_document(self.app, case, kind, name, io.BytesIO(content), "", "admin").id

    def accept(self, case: str, kind: str, by: str = "") -> Case:
        """The reviewer accepts a document; who that is, its kind says, unless `by` is given."""
        reviewer = {"it": data.IT, "pay": data.PAY}[self.app.policies.current().documents[kind].reviewer]
        return self.do(case, f"review-{kind}", by or reviewer, "accept")

    def all_documents(self, case: str) -> None:
        """Every wanted document is handed in and accepted, and every check is made."""
        for kind in self.case(case).documents:
            self.hand_in(case, kind)
            self.accept(case, kind)
        self.all_checks(case)
        self.tell_personal(case)

    def tell_personal(self, case: str, **changes: str) -> Case:
        """The person hired tells where they live and where the pay goes, if they are asked."""
        if self.states(case).get("personal_data") != "waiting":
            return self.case(case)
        return self.do(case, "personal_data", self.case(case).person, "submit", values={**data.personal_values(), **changes})

    def all_checks(self, case: str) -> None:
        """Every check is consented to, ordered, received and found clear, by whoever may."""
        answers = {"consent": "give", "ordered": "done", "received": "done", "assess": "clear"}
        while open_checks := [task for task in self.store.tasks(case=case, state="open") if task.kind in answers]:
            for each in open_checks:
                holder = actors(self.app, self.case(case), each.actor)[0]
                do_task(self.app, each.id, holder.person, Decision(answers[each.kind]), "admin")

    def fill_payroll(self, case: str, **changes: str) -> Case:
        """The pay contact fills in the payroll form."""
        self.tell_personal(case)
        values = data.payroll_values()
        if self.case(case).facts.position != "teacher":
            values = sound_values(self.app, task(self.app, self.task_of(case, "payroll_form")))
        return self.do(case, "payroll_form", data.PAY, "submit", values={**values, **changes})

    def confirm_rights(self, case: str, **values: list[str]) -> Case:
        """The IT contact confirms the rights."""
        return self.do(case, "confirm_rights", data.IT, "confirm", values=values)

    def people_act(self, case: str) -> None:
        """Everything that people do in a hire, without the machine working in between."""
        if self.states(case)["appoint"] == "waiting":
            self.appoint(case)
        self.all_documents(case)
        self.fill_payroll(case)
        self.confirm_rights(case)

    def arrive(self, day: str = data.START) -> None:
        """The start date comes, and timers fall."""
        self.clock.set_day(date.fromisoformat(day))
        sweep_once(self.app)

    def whole_hire(self, id: str = "h1", **changes: Any) -> str:
        """A hire from event to open accounts; its case."""
        case = self.hire(id, **changes)
        self.people_act(case)
        self.work()
        self.arrive()
        self.work()
        return case

    def actions(self, stream: str) -> list[str]:
        """What the audit of a stream says happened, in order."""
        return [entry.action for entry in self.store.audit(stream)]

    def sql(self, statement: str, **values: Any) -> None:
        """Alter the database behind idm's back."""
        with self.database.writing() as connection:
            connection.execute(text(statement), values)

    def lanes(self, case: str) -> set[str]:
        """Every lane that the case's graph has."""
        return {step.lane for step in graph_of(self.app, self.case(case)) if step.lane}

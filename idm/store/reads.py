"""Reads: cases, tasks, people, organisation, documents, resources, audit. Each one short, each answering frozen values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from sqlalchemy import RowMapping, Select, exists, select, text, union_all
from sqlalchemy.exc import NoResultFound

from idm.domain.audit import Entry
from idm.domain.case import Case, StepState
from idm.domain.case_json import moment
from idm.domain.comments import Comment
from idm.domain.people import Employment, Organisation, Person, Position, Unit
from idm.domain.plan import Owned, owned_by
from idm.domain.projection import Task
from idm.rows import CaseRow, DocumentRow, EventRow, Loaded
from idm.store import rows, schema
from idm.store.engine import Database
from idm.store.schema_hand_in import pages

_RUNS = "lane, state, epoch, owner, lease_until, due"
_LOAD_POSTGRESQL = text(
    f"select c.*, (select coalesce(json_agg(json_build_array({_RUNS})), '[]'::json) from runs where case_id = c.id) as runs"
    " from cases c where c.id = :id"
)
_LOAD_SQLITE = text(
    f"select c.*, (select json_group_array(json_array({_RUNS})) from runs where case_id = c.id) as runs from cases c where c.id = :id"
)


class Reads:
    """The reading half of the store."""

    def __init__(self, database: Database, decrypt: Callable[[str], str]) -> None:
        """`decrypt` opens what `people.cpr_encrypted` holds."""
        self.database = database
        self._decrypt = decrypt
        self._load = _LOAD_SQLITE if database.sqlite else _LOAD_POSTGRESQL

    def load(self, case: str) -> Loaded | None:
        """See the protocol."""
        with self.database.reading() as connection:
            row = connection.execute(self._load, {"id": case}).mappings().first()
        return None if row is None else Loaded(rows.to_case(row), rows.to_runs(row["runs"]))

    def cases_of(self, person: str, but: str = "") -> Sequence[Case]:
        """See the protocol."""
        query = select(schema.cases).where(schema.cases.c.person_id == person, schema.cases.c.id != but)
        with self.database.reading() as connection:
            found = connection.execute(query).mappings().all()
        return [rows.to_case(row) for row in found]

    def list_cases(self, *, state: str = "", unit: str = "", person: str = "", employment: str = "", limit: int = 200) -> Sequence[CaseRow]:
        """See the protocol."""
        table = schema.cases.c
        name = (schema.people.c.given_name + " " + schema.people.c.family_name).label("name")
        journey = schema.policies.c.file
        query = (
            select(schema.cases, name, journey)
            .join(schema.people, schema.people.c.id == table.person_id)
            .outerjoin(schema.policies, schema.policies.c.hash == table.journey_hash)
            .order_by(table.start_date, table.id)
            .limit(limit)
        )
        for column, value in ((table.state, state), (table.unit, unit), (table.person_id, person), (table.employment_id, employment)):
            if value:
                query = query.where(column == value)
        with self.database.reading() as connection:
            found = connection.execute(query).mappings().all()
        return [_listed(row, rows.to_case(row)) for row in found]

    def cases_with_orders(self, case: str = "", state: str = "") -> Sequence[Case]:
        """See the protocol. An order stands in the document alone: cases with one are few, and looked for by administrators only."""
        table = schema.cases.c
        query = select(schema.cases).where(table.doc.contains('"orders":[[', autoescape=True)).order_by(table.start_date, table.id)
        if case:
            query = query.where(table.id == case)
        if state:
            query = query.where(table.state == state)
        with self.database.reading() as connection:
            return [rows.to_case(row) for row in connection.execute(query).mappings()]

    def tasks(self, *, case: str = "", state: str = "", limit: int = 1000) -> Sequence[Task]:
        """See the protocol."""
        query = select(schema.tasks).order_by(schema.tasks.c.since, schema.tasks.c.id).limit(limit)
        if case:
            query = query.where(schema.tasks.c.case_id == case)
        if state:
            query = query.where(schema.tasks.c.state == state)
        with self.database.reading() as connection:
            return [rows.to_task(row) for row in connection.execute(query).mappings()]

    def task(self, id: str) -> Task | None:
        """See the protocol."""
        with self.database.reading() as connection:
            row = connection.execute(select(schema.tasks).where(schema.tasks.c.id == id)).mappings().first()
        return None if row is None else rows.to_task(row)

    def event(self, source: str, id: str) -> EventRow | None:
        """See the protocol."""
        table = schema.events.c
        query = select(schema.events).where(table.source == source, table.id == id)
        with self.database.reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else EventRow(row["source"], row["id"], row["digest"], row["case_id"])

    def _person(self, query: Select[tuple[str]]) -> Person | None:
        with self.database.reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else rows.to_person(row, self._decrypt)

    def person(self, id: str) -> Person | None:
        """See the protocol."""
        return self._person(select(schema.people).where(schema.people.c.id == id))

    def person_by_cpr(self, cpr_index: str) -> Person | None:
        """See the protocol."""
        return self._person(select(schema.people).where(schema.people.c.cpr_index == cpr_index))

    def people(self, ids: Collection[str]) -> Mapping[str, Person]:
        """See the protocol."""
        wanted = sorted(set(ids))
        found: dict[str, Person] = {}
        with self.database.reading() as connection:
            for start in range(0, len(wanted), 500):
                query = select(schema.people).where(schema.people.c.id.in_(wanted[start : start + 500]))
                for row in connection.execute(query).mappings():
                    found[row["id"]] = rows.to_person(row, self._decrypt)
        return found

    def employment(self, id: str) -> Employment | None:
        """See the protocol."""
        with self.database.reading() as connection:
            row = connection.execute(select(schema.employments).where(schema.employments.c.id == id)).mappings().first()
        return None if row is None else rows.to_employment(row)

    def employments(self, person: str) -> Sequence[Employment]:
        """See the protocol."""
        query = select(schema.employments).where(schema.employments.c.person_id == person).order_by(schema.employments.c.start_date)
        with self.database.reading() as connection:
            return [rows.to_employment(row) for row in connection.execute(query).mappings()]

    def organisation(self) -> Organisation:
        """See the protocol."""
        with self.database.reading() as connection:
            units = {row.id: Unit(row.id, row.name, row.parent, row.manager) for row in connection.execute(select(schema.units))}
            positions = {row.id: Position(row.id, row.title) for row in connection.execute(select(schema.positions))}
        return Organisation(units, positions)

    def documents(self, case: str) -> Sequence[DocumentRow]:
        """See the protocol."""
        query = select(schema.documents).where(schema.documents.c.case_id == case).order_by(schema.documents.c.added_at)
        with self.database.reading() as connection:
            return [rows.to_document(row) for row in connection.execute(query).mappings()]

    def document(self, id: str) -> DocumentRow | None:
        """See the protocol."""
        with self.database.reading() as connection:
            row = connection.execute(select(schema.documents).where(schema.documents.c.id == id)).mappings().first()
        return None if row is None else rows.to_document(row)

    def comments(self, case: str) -> Sequence[Comment]:
        """See the protocol."""
        table = schema.comments.c
        query = select(schema.comments).where(table.case_id == case).order_by(table.at, table.id)
        with self.database.reading() as connection:
            return [rows.to_comment(row) for row in connection.execute(query).mappings()]

    def questions(self) -> Sequence[Comment]:
        """See the protocol."""
        said, later, case = schema.comments.c, schema.comments.alias("later"), schema.cases.c
        after = (
            (later.c.case_id == said.case_id)
            & later.c.to_hire
            & ((later.c.at > said.at) | ((later.c.at == said.at) & (later.c.id > said.id)))
        )
        query = (
            select(schema.comments)
            .join(schema.cases, case.id == said.case_id)
            .where(said.author == case.person_id, said.body.is_not(None), case.state != "cancelled")
            .where(~exists(select(later.c.id).where(after)))
            .order_by(said.at, said.id)
        )
        with self.database.reading() as connection:
            return [rows.to_comment(row) for row in connection.execute(query).mappings()]

    def vault_names(self) -> set[str]:
        """See the protocol."""
        with self.database.reading() as connection:
            names = union_all(select(schema.documents.c.vault_name), select(pages.c.vault_name))
            return set(connection.execute(names).scalars())

    def owned(self, person: str, system: str = "") -> Sequence[Owned]:
        """See the protocol."""
        table = schema.resources.c
        query = select(schema.resources).where(table.person_id == person)
        if system:
            query = query.where(table.system == system)
        with self.database.reading() as connection:
            holdings = [rows.to_holding(row) for row in connection.execute(query.order_by(table.system, table.kind, table.key)).mappings()]
        return list(owned_by(holdings).values())

    def audit(self, stream: str = "", limit: int = 100000) -> Sequence[Entry]:
        """See the protocol."""
        table = schema.audit.c
        query = select(schema.audit).order_by(table.at, table.stream, table.seq).limit(limit)
        if stream:
            query = query.where(table.stream == stream)
        with self.database.reading() as connection:
            return [rows.to_entry(row) for row in connection.execute(query).mappings()]

    def heads(self) -> Mapping[str, tuple[int, str]]:
        """See the protocol."""
        with self.database.reading() as connection:
            cases = connection.execute(select(schema.cases.c.id, schema.cases.c.head_seq, schema.cases.c.head_hash)).all()
            streams = connection.execute(select(schema.streams.c.id, schema.streams.c.seq, schema.streams.c.hash)).all()
        return {id: (seq, hash) for id, seq, hash in [*cases, *streams]}

    def policy_text(self, hash: str) -> tuple[str, str] | None:
        """See the protocol."""
        query = select(schema.policies.c.file, schema.policies.c.body).where(schema.policies.c.hash == hash)
        with self.database.reading() as connection:
            try:
                file, body = connection.execute(query).one()
            except NoResultFound:
                return None
        return file, body

    def settings(self) -> Mapping[str, str]:
        """See the protocol."""
        with self.database.reading() as connection:
            return {row.name: row.value for row in connection.execute(select(schema.settings))}


def _listed(row: RowMapping, case: Case) -> CaseRow:
    return CaseRow(
        id=case.id,
        person=case.person,
        person_name=row["name"],
        employment=case.employment,
        unit=case.facts.unit,
        journey=case.journey,
        state=case.state.value,
        version=case.version,
        start_date=case.facts.start_date,
        created_at=moment(row["created_at"]),
        refused=tuple(step for step, status in case.steps.items() if status.state is StepState.REFUSED),
        short_notice=case.short_notice,
    )

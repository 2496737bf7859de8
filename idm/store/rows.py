"""Between rows and the frozen values that cross the store's door."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy import RowMapping

from idm.connector import Confidential
from idm.domain.audit import Entry
from idm.domain.case import Case
from idm.domain.case_json import decode, micros, moment
from idm.domain.comments import Comment
from idm.domain.journey import Actor
from idm.domain.people import Cpr, Employment, Person
from idm.domain.plan import Holding
from idm.domain.projection import Task
from idm.errors import Damaged
from idm.rows import Circuit, DocumentRow, PageRow, Run, StoredFile


def to_moment(value: int | None) -> datetime | None:
    """A moment column's value, or None."""
    return None if value is None else moment(value)


def to_micros(value: datetime | None) -> int | None:
    """A moment for a column, or None."""
    return None if value is None else micros(value)


def to_date(value: str | None) -> date | None:
    """A date column's value, or None."""
    return date.fromisoformat(value) if value else None


def to_iso(value: date | None) -> str | None:
    """A date for a column, or None."""
    return None if value is None else value.isoformat()


def to_case(row: RowMapping) -> Case:
    """A row of `cases`. Raises `Damaged` for one that holds no case: a broken disk may change bytes that SQLite doesn't check."""
    try:
        return decode(
            row["doc"],
            id=row["id"],
            person=row["person_id"],
            employment=row["employment_id"],
            journey_hash=row["journey_hash"],
            version=row["version"],
            state=row["state"],
            head=(row["head_seq"], row["head_hash"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        # Without its cause: that would hold the case.
        raise Damaged(
            f"Case {row['id']} can't be read: its row in the database is damaged, or of a newer version of idm.",
            next_step="`idm doctor` checks the database; restore it from a back-up. Other cases go on.",
        ) from None


def to_runs(text: str | list[Any]) -> dict[str, Run]:
    """The runs of a case, as the load statement aggregates them."""
    rows = json.loads(text) if isinstance(text, str) else text
    return {row[0]: Run(row[0], row[1], row[2], row[3], to_moment(row[4]), to_moment(row[5])) for row in rows if row[0] is not None}


def to_person(row: RowMapping, decrypt: Callable[[str], str]) -> Person:
    """A row of `people`."""
    return Person(
        id=row["id"],
        cpr=Cpr(decrypt(row["cpr_encrypted"])),
        given_name=row["given_name"],
        family_name=row["family_name"],
        email=row["email"],
        private_email=Confidential(row["private_email"]),
        mobile=Confidential(row["mobile"]),
        citizenship=row["citizenship"],
        username=row["username"],
        address=row["address"],
        language=row["language"] or "",
    )


def to_employment(row: RowMapping) -> Employment:
    """A row of `employments`."""
    return Employment(
        row["id"],
        row["person_id"],
        row["unit"],
        row["position"],
        date.fromisoformat(row["start_date"]),
        to_date(row["end_date"]),
        row["weekly_hours"],
        row["manager"],
        row["case_id"],
    )


def to_task(row: RowMapping) -> Task:
    """A row of `tasks`."""
    return Task(
        row["id"],
        row["case_id"],
        row["step"],
        row["kind"],
        row["state"],
        Actor(row["actor"]),
        row["unit"],
        row["person_id"],
        moment(row["since"]),
        row["document"],
        row["reason"],
        to_date(row["due"]),
        row["escalated"] or 0,
        row["named"] or "",
        row["apart"] or "",
    )


def to_document(row: RowMapping) -> DocumentRow:
    """A row of `documents`."""
    return DocumentRow(**_to_file(row))


def to_page(row: RowMapping) -> PageRow:
    """A row of `pages`."""
    return PageRow(**_to_file(row), place=row["place"])


def _to_file(row: RowMapping) -> dict[str, Any]:
    return {
        "id": row["id"],
        "case": row["case_id"],
        "kind": row["kind"],
        "name": row["name"],
        "media_type": row["media_type"],
        "size": row["size"],
        "digest": row["digest"],
        "vault_name": row["vault_name"],
        "wrapped_key": row["wrapped_key"],
        "added_by": row["added_by"],
        "added_at": moment(row["added_at"]),
    }


def file_values(file: StoredFile) -> dict[str, Any]:
    """The columns that `documents` and `pages` have in common."""
    return {
        "id": file.id,
        "case_id": file.case,
        "kind": file.kind,
        "name": file.name,
        "media_type": file.media_type,
        "size": file.size,
        "digest": file.digest,
        "vault_name": file.vault_name,
        "wrapped_key": file.wrapped_key,
        "added_by": file.added_by,
        "added_at": micros(file.added_at),
    }


def to_comment(row: RowMapping) -> Comment:
    """A row of `comments`."""
    at = moment(row["at"])
    return Comment(row["id"], row["case_id"], row["author"], row["administrator"], at, row["to_hire"], row["body"], row["salt"])


def comment_values(comment: Comment) -> dict[str, Any]:
    """The columns of a comment."""
    return {
        "id": comment.id,
        "case_id": comment.case,
        "author": comment.author,
        "administrator": comment.administrator,
        "at": micros(comment.at),
        "to_hire": comment.to_hire,
        "body": comment.text,
        "salt": comment.salt,
    }


def to_holding(row: RowMapping) -> Holding:
    """A row of `resources`."""
    return Holding(
        row["system"],
        row["kind"],
        row["key"],
        row["entitlement"],
        row["person_id"],
        row["employment_id"],
        row["link"],
        row["opened"],
        row["gone"],
    )


def to_entry(row: RowMapping) -> Entry:
    """A row of `audit`."""
    return Entry(
        row["stream"],
        row["seq"],
        moment(row["at"]),
        row["actor"],
        row["action"],
        row["payload"],
        row["salt"],
        row["payload_hash"],
        row["previous"],
        row["hash"],
    )


def to_circuit(row: RowMapping) -> Circuit:
    """A row of `circuits`."""
    return Circuit(row["system"], row["failures"], to_moment(row["open_until"]), row["reason"])

"""Handing out a stored document: on record in its case's audit chain before the first byte leaves the vault."""

from __future__ import annotations

from datetime import datetime
from typing import BinaryIO

from idm.domain.case import Case
from idm.domain.journey import Graph
from idm.errors import NotFound
from idm.flow.changing import Note, change
from idm.ports import App
from idm.rows import DocumentRow


def find_document(app: App, id: str) -> DocumentRow:
    """The stored document; `NotFound` if there is none."""
    row = app.store.document(id)
    if row is None:
        raise NotFound(f"There is no document '{id}'.", next_step="`idm document list CASE` shows the documents of a case.")
    return row


def hand_out(app: App, row: DocumentRow, actor: str) -> BinaryIO:
    """The decrypted bytes as a stream, once it is on record that `actor` has taken them. A damaged document raises as it is read."""

    def mutate(case: Case, graph: Graph, now: datetime) -> tuple[Case, Note]:
        return case, Note(actor, "document-handed-out", {"document": row.id, "kind": row.kind})

    content = app.vault.open(row.id, row.vault_name, row.wrapped_key)
    try:
        change(app, row.case, mutate)
    except BaseException:
        content.close()
        raise
    return content

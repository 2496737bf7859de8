"""Handing out a stored document at the keyboard: on record in its case's audit chain before the first byte leaves the vault."""

from __future__ import annotations

from typing import BinaryIO

from idm.domain.access_rules import Relation
from idm.errors import NotFound
from idm.flow.looking import recorded
from idm.ports import App
from idm.rows import DocumentRow


def find_document(app: App, id: str) -> DocumentRow:
    """The stored document; `NotFound` if there is none."""
    row = app.store.document(id)
    if row is None:
        raise NotFound(f"There is no document '{id}'.", next_step="`idm document list CASE` shows the documents of a case.")
    return row


def hand_out(app: App, row: DocumentRow, administrator: str) -> BinaryIO:
    """The decrypted bytes as a stream, once it is on record that `administrator` has taken them. A damaged one raises as it is read."""
    return recorded(app, row, administrator, Relation.ADMIN)

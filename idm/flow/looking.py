"""Looking at a stored document: who may, and on record in its case's audit chain before the first byte leaves the vault."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO

from idm.domain.access_rules import Act, Relation, may
from idm.domain.case import Case
from idm.domain.journey import Graph
from idm.domain.sessions import Session
from idm.errors import NotFound
from idm.flow.changing import Note, change
from idm.flow.relations import demand, paper_of
from idm.ports import App
from idm.rows import DocumentRow

LOOK = timedelta(minutes=10)
"""How long one look lasts: whoever pages through a document opens it many times, and that is told once."""

_RANK = tuple(Relation)


@dataclass(frozen=True, slots=True)
class Opened:
    """A document that somebody opened: its row, its decrypted bytes (close them), and as what they look at it."""

    row: DocumentRow
    content: BinaryIO
    relation: Relation


def open_document(
    app: App, person: str, document: str, *, session: Session | None = None, case: str = "", administrator: str = "", copy: bool = False
) -> Opened:
    """Open a document for `person`, on record. `copy`: they take it with them; `administrator` typed it for them.

    With `case`, it must be one of that case. Raises `NotFound`, in the same words for a document that isn't there and for one that isn't
    theirs to read; nothing is handed out that can't be put on record.
    """
    row = app.store.document(document)
    if row is None or (case and row.case != case):
        raise _nothing(document)
    try:
        admitted = demand(app, person, Act.READ_DOCUMENT, row.case, session=session, kind=row.kind)
    except NotFound:
        raise _nothing(document) from None
    paper = paper_of(app, admitted.case, row.kind)
    state = admitted.case.state
    relation = min((each for each in admitted.relations if may([each], Act.READ_DOCUMENT, state, document=paper)), key=_RANK.index)
    look = f"look/{session.id if session is not None else administrator}/{person}/{document}/{copy}"
    return Opened(row, recorded(app, row, person, relation, administrator=administrator, copy=copy, look=look), relation)


def recorded(
    app: App, row: DocumentRow, actor: str, relation: Relation, *, administrator: str = "", copy: bool = True, look: str = ""
) -> BinaryIO:
    """The decrypted bytes as a stream, once it is on record that `actor` has opened them, as what. A damaged document raises as it is read.

    `look` names what is one look: within `LOOK`, in this process, it is told once.
    """
    told = {"document": row.id, "kind": row.kind, "as": relation.value, "administrator": administrator}

    def mutate(case: Case, graph: Graph, now: datetime) -> tuple[Case, Note]:
        return case, Note(actor, "document-handed-out", told) if copy else Note(actor, "document-opened", told)

    content = app.vault.open(row.id, row.vault_name, row.wrapped_key)
    if look and _goes_on(app, look):
        return content
    try:
        change(app, row.case, mutate)
    except BaseException:
        content.close()
        raise
    if look:
        app.cache[look] = (app.clock.machine().timestamp(), None)
    return content


def _goes_on(app: App, look: str) -> bool:
    """Whether it was told a moment ago; what is older is forgotten."""
    oldest = app.clock.machine().timestamp() - LOOK.total_seconds()
    for name, (at, _) in list(app.cache.items()):
        if name.startswith("look/") and at < oldest:
            app.cache.pop(name, None)
    return look in app.cache


def _nothing(document: str) -> NotFound:
    return NotFound(f"There is no document '{document}'.", next_step="Go back to the hire.")

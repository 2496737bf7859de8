"""Documents: take an upload for a case, checked and encrypted, and hand it in."""

from __future__ import annotations

from datetime import datetime
from typing import BinaryIO

from idm.domain import transitions
from idm.domain.case import Case, DocumentState
from idm.domain.journey import Graph
from idm.errors import BadInput, Fault, NotAllowed
from idm.flow.changing import Note, change, graph_of, load
from idm.flow.identity import fresh
from idm.flow.known_as import known_as
from idm.ports import App
from idm.ports_store import Writer
from idm.rows import DocumentRow


def add_document(app: App, case: str, kind: str, name: str, source: BinaryIO, person: str = "", administrator: str = "") -> DocumentRow:
    """Hand in a document of `kind`. `source` must be seekable; it is checked whole before anything is kept.

    Only the person hired hands in; `administrator` typed it for them. Raises `BadInput` if it isn't what it claims to be.
    """
    loaded = load(app, case)
    now = app.clock.now()
    by = known_as(app, person) or loaded.case.person
    if by != loaded.case.person:
        raise NotAllowed(f"{by} is not the person hired in this case.", next_step=f"It is {loaded.case.person} who hands in documents.")
    transitions.hand_in(loaded.case, graph_of(app, loaded.case), kind, "probe", name, now)
    policy = app.policies.current().documents.get(kind)
    if policy is None:
        raise BadInput(f"No policy tells of a document '{kind}'.", faults=[Fault("kind", "unknown-document-kind", "see documents.yaml")])
    checked = app.check_document(source, name=name, allowed=policy.media_types, limit=policy.max_bytes)
    source.seek(0)
    id = fresh(app, "doc")
    stored = app.vault.put(id, source, policy.max_bytes)
    row = DocumentRow(
        id, case, kind, name, checked.media_type, stored.size, stored.digest, stored.name, stored.wrapped_key, administrator or by, now
    )

    def mutate(before: Case, graph: Graph, now: datetime) -> tuple[Case, Note]:
        after = transitions.hand_in(before, graph, kind, id, name, now)
        return after, Note(by, "document-handed-in", {"document": id, "kind": kind, "administrator": administrator})

    def also(writer: Writer, after: Case) -> None:
        writer.add_document(row)

    try:
        change(app, case, mutate, also)
    except BaseException:
        app.vault.destroy(stored.name)
        raise
    return row


def document_states(case: Case) -> list[dict[str, str]]:
    """Each wanted kind with its state, as `case show` lists them."""
    return [
        {"kind": kind, "state": document.state.value, "id": document.id, "reason": document.reason}
        for kind, document in case.documents.items()
    ]


def missing(case: Case) -> list[str]:
    """The kinds that the new hire still has to hand in."""
    return [kind for kind, document in case.documents.items() if document.state in (DocumentState.WANTED, DocumentState.RETURNED)]

"""Documents: take an upload for a case, checked and encrypted, and hand it in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import BinaryIO

from idm.domain import transitions
from idm.domain.access_rules import Act, ever
from idm.domain.case import Case, DocumentState
from idm.domain.journey import Actor, Graph, Paper, TaskKind
from idm.errors import NotAllowed
from idm.flow.changing import Note, change
from idm.flow.graphs import graph_of, load
from idm.flow.identity import fresh
from idm.flow.known_as import known_as
from idm.flow.relations import paper_of, relations_at
from idm.ports import App
from idm.ports_store import Writer
from idm.rows import DocumentRow

ANY_MEDIA_TYPE = ("application/pdf", "image/jpeg", "image/png")
MOST_BYTES = 10 * 1024 * 1024
"""What is taken for a kind of document that policy doesn't tell of any more."""


def add_document(app: App, case: str, kind: str, name: str, source: BinaryIO, person: str = "", administrator: str = "") -> DocumentRow:
    """Hand in a document of `kind`. `source` must be seekable; it is checked whole before anything is kept.

    Who hands it in is whom the kind names as its provider: the person hired, unless policy says another. `administrator` typed it for
    them. Raises `BadInput` if it isn't what it claims to be, `NotAllowed` if somebody else hands it in.
    """
    loaded = load(app, case)
    now = app.clock.now()
    graph = graph_of(app, loaded.case)
    by = provider_of(app, loaded.case, graph, kind, known_as(app, person))
    transitions.hand_in(loaded.case, graph, kind, "probe", name, now)
    allowed, limit = taken_for(app, kind)
    checked = app.check_document(source, name=name, allowed=allowed, limit=limit)
    source.seek(0)
    id = fresh(app, "doc")
    stored = app.vault.put(id, source, limit)
    row = DocumentRow(
        id, case, kind, name, checked.media_type, stored.size, stored.digest, stored.name, stored.wrapped_key, administrator or by, now
    )

    def mutate(before: Case, graph: Graph, now: datetime) -> tuple[Case, Note]:
        after = transitions.hand_in(before, graph, kind, id, name, now)
        return after, Note(by, "document-handed-in", {"document": id, "kind": kind, "administrator": administrator})

    def also(writer: Writer, after: Case) -> None:
        writer.add_document(row)

    with destroyed_on_failure(app, stored.name):
        change(app, case, mutate, also)
    return row


@contextmanager
def destroyed_on_failure(app: App, name: str) -> Iterator[None]:
    """If what a file was stored for fails, the vault keeps no file that no row names."""
    try:
        yield
    except BaseException:
        app.vault.destroy(name)
        raise


def taken_for(app: App, kind: str) -> tuple[Sequence[str], int]:
    """The media types and the bytes at most that a kind of document takes."""
    policy = app.policies.current().documents.get(kind)
    # A kind that policy knows no more is still wanted by the cases that began with it.
    return (policy.media_types, policy.max_bytes) if policy is not None else (ANY_MEDIA_TYPE, MOST_BYTES)


def provider_of(app: App, case: Case, graph: Graph, kind: str, person: str) -> str:
    """The person who hands in a document of that kind: `person`, or the one hired if nobody is named."""
    step = next((step for step in graph if step.task is TaskKind.DOCUMENT and step.document == kind), None)
    by = person or case.person
    paper = (paper_of(app, case, kind) if step is not None else None) or Paper(kind, Actor.PAY)
    if ever(relations_at(app, by, case, step), Act.ADD_DOCUMENT, document=paper):
        return by
    if paper.provider is Actor.HIRE:
        raise NotAllowed(f"{by} is not the person hired in this case.", next_step=f"It is {case.person} who hands in documents.")
    raise NotAllowed(
        f"{by} doesn't hand in '{kind}': the {paper.provider} does.",
        next_step=f"`idm delegations resolve --case {case.id}` says who that is; name them with --as.",
    )


def document_states(case: Case) -> list[dict[str, str]]:
    """Each wanted kind with its state, as `case show` lists them."""
    return [
        {"kind": kind, "state": document.state.value, "id": document.id, "reason": document.reason}
        for kind, document in case.documents.items()
    ]


def missing(case: Case) -> list[str]:
    """The kinds that the new hire still has to hand in."""
    return [kind for kind, document in case.documents.items() if document.state in (DocumentState.WANTED, DocumentState.RETURNED)]

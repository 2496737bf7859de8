"""`idm document`: hand in, list, and get documents."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

import click

from idm.commands.answer import Answer
from idm.commands.command import IdmGroup
from idm.commands.session import STDIN, administrator, case_id, installation, new_private_file, read_stdin, reading, regular, writing
from idm.commands.text import local, table
from idm.domain.case import Document
from idm.errors import Conflict
from idm.rows import DocumentRow

document = IdmGroup(
    "document",
    help="What new employees hand in. Encrypted where it lies.",
    examples=("idm document add c-4x7k2m9qhv contract contract.pdf", "idm document list c-4x7k2m9qhv"),
)


@document.add(
    "add",
    examples=(
        "idm document add c-4x7k2m9qhv contract contract.pdf",
        "idm document add c-4x7k2m9qhv diploma scan.jpg --as p-8d3kq92mzx",
        "idm document add c-4x7k2m9qhv contract - --name contract.pdf < contract.pdf",
    ),
    exits={
        3: "the file isn't what it claims to be, or not wanted",
        4: "there is no such case or file",
        5: "not the person hired",
        6: "not wanted now",
    },
)
@click.argument("case")
@click.argument("kind")
@click.argument("file")
@click.option("--as", "person", default="", metavar="PERSON", help="The person who hands it in: the one hired, if left out.")
@click.option("--name", default="", help="The file name to keep, if it isn't that of FILE.")
def add(case: str, kind: str, file: str, person: str, name: str) -> Answer:
    """Hand in FILE (PDF, JPEG or PNG; - for standard input) as a document of KIND. It is checked whole before anything is kept."""
    from idm.flow.documents import add_document

    with ExitStack() as stack:
        if file == STDIN:
            source: BinaryIO = io.BytesIO(read_stdin())
        else:
            path = regular(file)
            with reading(path):
                source = stack.enter_context(path.open("rb"))
        found = stack.enter_context(installation())
        id = case_id(found.app, case)
        kept = name or Path(file).name
        row = add_document(found.app, id, kind, kept, source, person, administrator())
    answer = {"id": row.id, "case": row.case, "kind": row.kind, "name": row.name, "media_type": row.media_type, "size": row.size}
    return Answer(answer, [f"Document {row.id} ({row.kind}, {row.media_type}, {row.size} bytes) is handed in."])


@document.add(
    "list", examples=("idm document list c-4x7k2m9qhv", "idm document list c-4x7k2m9qhv --json"), exits={4: "there is no such case"}
)
@click.argument("case")
def list_(case: str) -> Answer:
    """List a case's documents: what is wanted, and every file that was handed in."""
    from idm.flow.graphs import load

    with installation() as found:
        id = case_id(found.app, case)
        states = load(found.app, id).case.documents
        rows = found.app.store.documents(id)
    items = [*_handed_in(rows, states), *(_absent(kind, held) for kind, held in states.items() if not held.id)]
    shown = [(i["kind"], i["state"], i["id"], i["media_type"], i["size"], local(i["added_at"]), i["reason"]) for i in items]
    heads = ("kind", "state", "id", "type", "bytes", "handed in", "why")
    return Answer({"items": items}, table(heads, shown, "No documents are wanted in this case."))


def _handed_in(rows: Sequence[DocumentRow], states: Mapping[str, Document]) -> Iterator[dict[str, Any]]:
    """Every stored file; one that a later file has replaced is `replaced`."""
    current = {held.id: held for held in states.values() if held.id}
    for row in rows:
        held = current.get(row.id)
        yield {
            "id": row.id,
            "kind": row.kind,
            "state": held.state.value if held is not None else "replaced",
            "name": row.name,
            "media_type": row.media_type,
            "size": row.size,
            "added_by": row.added_by,
            "added_at": row.added_at.isoformat(timespec="seconds"),
            "reason": held.reason if held is not None else "",
        }


def _absent(kind: str, held: Document) -> dict[str, Any]:
    """A kind that is wanted, and of which nothing was handed in yet."""
    nothing = dict.fromkeys(("name", "media_type", "size", "added_by", "added_at"))
    return {"id": None, "kind": kind, "state": held.state.value, **nothing, "reason": held.reason}


@document.add(
    "get",
    examples=("idm document get doc-7x2m9qhv4k --out contract.pdf",),
    exits={4: "there is no such document", 6: "the file is there already; nothing is overwritten", 8: "the stored document is damaged"},
)
@click.argument("id")
@click.option("--out", required=True, type=click.Path(), metavar="FILE", help="Where to write it; it must not be there yet.")
def get(id: str, out: str) -> Answer:
    """Get a document, decrypted, into a new file that you alone may read. That you took it goes on record."""
    from idm.flow.handing_out import find_document, hand_out

    path = Path(out)
    with installation() as found:
        row = find_document(found.app, id)
        with writing(path):
            try:
                descriptor = new_private_file(path)
            except FileExistsError:
                raise Conflict(f"{path} is there already, and is not overwritten.", next_step="Choose another name.") from None
        try:
            with os.fdopen(descriptor, "wb") as target, hand_out(found.app, row, administrator()) as source, writing(path):
                shutil.copyfileobj(source, target)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    answer = {"id": row.id, "case": row.case, "kind": row.kind, "media_type": row.media_type, "size": row.size, "file": str(path)}
    return Answer(answer, [f"{row.kind} of case {row.case} lies in {path}. Delete it when you no longer need it."])

"""The embedded archive: one personnel file per employment, and the documents that lie in it.

    POST /document              multipart/form-data: `record` (JSON {"key", "attributes"}), then `content` (the bytes)
    GET  /document/<link>       what is known of a document: its file, title, receipt, size and SHA-256
    GET  /document/<link>/content

A document is filed once per key, and answers with a receipt. It is never changed.
"""

from __future__ import annotations

from pathlib import Path

from idm.simulators.http_documents import Documents
from idm.simulators.http_fields import Field, cpr, iso_date, pattern, text
from idm.simulators.http_simulator import HttpSimulator
from idm.simulators.http_store import Kind, Store
from idm.simulators.service import Failures, Journal

FILE = Kind(
    "file",
    {
        "title": Field(text()),
        "case_template": Field(text(60)),
        "kle_number": Field(pattern(r"\d{2}\.\d{2}\.\d{2}(-[A-Z]\d{2})?", "81.03.00-G01")),
        "person_name": Field(text()),
        "cpr": Field(cpr),
        "opened": Field(iso_date),
    },
    opens_at_once=True,
)

DOCUMENT = Kind("document", {"file": Field(text()), "kind": Field(text(60)), "title": Field(text())}, posting=True)


def personnel_file(directory: Path, port: int, journal: Journal, failures: Failures, *, secret: str, reader_secret: str) -> HttpSimulator:
    """The archive on `port`; the documents' bytes lie in files under `directory`."""
    store = Store(journal)
    return HttpSimulator(
        "personnel_file",
        [FILE, DOCUMENT],
        port,
        journal,
        failures,
        store=store,
        secret=secret,
        reader_secret=reader_secret,
        routes=(Documents(DOCUMENT, store, directory),),
    )

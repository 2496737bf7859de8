"""What isn't handed in yet, as flows see it in the database: drafts of forms, and pages of documents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from idm.rows import PageRow


class HandInStore(Protocol):
    """What is read of it."""

    def draft(self, task: str, person: str) -> tuple[str, datetime] | None:
        """The encrypted draft of a person for a task, and when it was saved; None if there is none."""
        ...

    def drop_idle_pages(self) -> int:
        """Forget the pages of cases that are over; how many. Their files are swept from the vault."""
        ...

    def pages(self, case: str, kind: str = "") -> Sequence[PageRow]:
        """The pages of a case that aren't handed in, in their order; of one kind of document, if it is given."""
        ...


class HandInWriter(Protocol):
    """What is written of it, within a transaction."""

    def put_draft(self, task: str, person: str, body: str, at: datetime) -> None:
        """Keep an encrypted draft, in place of the one before. It goes with its task: once that isn't open any more."""
        ...

    def add_page(self, page: PageRow) -> None:
        """Add a page."""
        ...

    def drop_page(self, id: str) -> bool:
        """Forget a page; False if it is gone already."""
        ...

"""The shape of approvals.yaml: what is asked of some hires only, of which, and how large the random sample of the others is."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from idm.policy_files.shapes import Id, Outside, Shape, Titles
from idm.policy_files.when import When


class Asked(Shape):
    """A rule by which it is asked: of everybody whom it means."""

    when: When | None = None


class Approval(Shape):
    """An approval, or another optional step. `sample_percent` of those that no rule asks are drawn at random."""

    titles: Titles
    asked: dict[Id, Asked] = Field(default_factory=dict)
    sample_percent: Annotated[float, Field(ge=0, le=100), Outside("of a hundred hires no more can be drawn")] = 0


class ApprovalsFile(Shape):
    """approvals.yaml: the optional steps of the journeys."""

    approvals: dict[Id, Approval]

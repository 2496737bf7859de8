from __future__ import annotations

import pytest

from idm.demo import papers
from idm.vault_check import check_document


@pytest.mark.parametrize(("allowed", "ending"), [((papers.PDF, papers.PNG), ".pdf"), ((papers.PNG,), ".png")])
def test_papers_are_what_they_claim_to_be(allowed: tuple[str, ...], ending: str) -> None:
    file, found = papers.paper("Eksamensbevis (Lærke) \\ Åse", allowed)
    assert found == ending
    assert papers.paper("x", allowed, photo=True)[1] == ".png"
    checked = check_document(file, name=f"paper{ending}", allowed=allowed, limit=100_000)
    assert checked.media_type == allowed[0]

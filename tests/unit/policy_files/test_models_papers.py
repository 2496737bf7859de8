"""What the shape of documents.yaml takes and refuses."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from idm.policy_files.models_papers import Check, Document, NeededBy, as_bytes

DOCUMENT: dict[str, Any] = {
    "titles": {"da": "Kontrakt", "en": "Contract"},
    "reviewer": "pay",
    "media_types": ["application/pdf"],
    "max_size": "10 MB",
}
CHECK: dict[str, Any] = {
    "titles": {"da": "Attest", "en": "Certificate"},
    "steps": ["consent", "ordered"],
    "provider": "pay",
    "reviewer": "pay",
}


def test_a_paper_may_block_nothing_at_all() -> None:
    assert Document.model_validate({**DOCUMENT, "blocks": []}).blocks == []
    assert Document.model_validate(DOCUMENT).blocks == ["pay"]
    assert Check.model_validate({**CHECK, "blocks": []}).blocks == Check.model_validate(CHECK).blocks == []


@pytest.mark.parametrize(
    ("shape", "changes", "words"),
    [
        (Document, {**DOCUMENT, "blocks": ["pay", "pay"]}, "stands here twice"),
        (Document, {**DOCUMENT, "blocks": ["start"], "pay_waits_until_days_before_start": 3}, "the pay doesn't wait for it"),
        (Document, {**DOCUMENT, "positions": ["teacher"], "when": {"positions": ["nurse"]}}, "stands twice"),
        (Document, {**DOCUMENT, "max_size": "200 MB"}, "between 1 kB and 100 MB"),
        (Check, {**CHECK, "steps": ["ordered", "consent"]}, "come in this order"),
        (Check, {**CHECK, "steps": ["consent"], "consent_lapses_days": 14}, "makes use of it"),
        (NeededBy, {}, "give either"),
        (NeededBy, {"days_before_start": 1, "days_after_start": 1}, "give either"),
    ],
)
def test_what_can_not_be_meant_is_refused_in_words(shape: type[Any], changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        shape.model_validate(changes)


def test_days_before_the_start_count_backwards() -> None:
    assert NeededBy(days_before_start=5).days == -5
    assert NeededBy(days_after_start=7).days == 7


def test_sizes_count_by_1024() -> None:
    assert (as_bytes("1 kB"), as_bytes("2 MB")) == (1024, 2 * 1024 * 1024)

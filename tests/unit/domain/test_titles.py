"""Titles inside a sentence lose their capital, but for names and abbreviations."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from idm.domain.titles import standing, within

POLICIES = Path(__file__).parents[3] / "policies"


@pytest.mark.parametrize(
    ("language", "title", "inside"),
    [
        ("da", "Underskrevet ansættelseskontrakt", "underskrevet ansættelseskontrakt"),
        ("da", "Opholds- og arbejdstilladelse", "opholds- og arbejdstilladelse"),
        ("da", "Økonomi", "økonomi"),
        ("da", "Ærlig tale", "ærlig tale"),
        ("da", "It-drift", "it-drift"),
        ("da", "E-mail", "e-mail"),
        ("da", "Dansk kørekort", "dansk kørekort"),
        ("da", 'Bærbar pc 14"', 'bærbar pc 14"'),
        ("da", "CPR-nummer", "CPR-nummer"),
        ("da", "IBAN", "IBAN"),
        ("da", "NemKonto", "NemKonto"),
        ("da", "MitID-kode", "MitID-kode"),
        ("da", "EU-borgerbevis", "EU-borgerbevis"),
        ("da", "B-kort", "B-kort"),
        ("da", "Danmarks Statistik", "Danmarks Statistik"),
        ("da", "Schengen-visum", "Schengen-visum"),
        ("da", "Plejehjemmet Birken", "Plejehjemmet Birken"),
        ("da", "Kørekort fra Danmark", "kørekort fra Danmark"),
        ("da", "14 dages prøve", "14 dages prøve"),
        ("da", "åben ansøgning", "åben ansøgning"),
        ("en", "Signed contract of employment", "signed contract of employment"),
        ("en", "A reference", "a reference"),
        ("en", "IT operations", "IT operations"),
        ("en", "Danish driving licence", "Danish driving licence"),
        ("en", "The Danish permit", "the Danish permit"),
        ("en", "Monday's class", "Monday's class"),
        ("en", "School North", "School North"),
        ("en", "Signed IT agreement", "signed IT agreement"),
        ("en", "T-shirt", "T-shirt"),
        ("en", "I agree", "I agree"),
        ("en", "", ""),
    ],
)
def test_a_title_inside_a_sentence(language: str, title: str, inside: str) -> None:
    assert within(title, language) == inside
    assert within(inside, language) == inside, "once is enough"


@pytest.mark.parametrize("language", ["da", "en"])
def test_every_shipped_document_begins_small_inside_a_sentence(language: str) -> None:
    kinds = yaml.safe_load((POLICIES / "documents.yaml").read_text(encoding="utf-8"))
    titles = [kind["titles"][language] for part in kinds.values() if isinstance(part, dict) for kind in part.values() if "titles" in kind]

    assert len(titles) > 6
    for title in titles:
        assert within(title, language)[0].islower(), title
        assert standing(within(title, language)) == title

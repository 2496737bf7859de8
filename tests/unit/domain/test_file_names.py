"""Names of files that are made of titles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.domain.file_names import LONGEST, file_name, told


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Underskrevet ansættelseskontrakt", "Underskrevet ansættelseskontrakt.pdf"),
        ("Straffe- og børneattest (kopi)", "Straffe- og børneattest (kopi).pdf"),
        ("../../etc/passwd", "_.._etc_passwd.pdf"),
        ('Bevis: "A/B"\r\nX: y', "Bevis_ _A_B___X_ y.pdf"),
        (" . ", "document.pdf"),
    ],
)
def test_a_title_becomes_a_name_that_reads_as_it_and_means_nothing_to_a_file_system(title: str, name: str) -> None:
    assert file_name(title, ".pdf") == name


@given(st.text(max_size=300))
def test_any_title_becomes_a_safe_name(title: str) -> None:
    name = file_name(title, ".pdf")
    assert name.endswith(".pdf") and len(name) <= LONGEST and name != ".pdf"
    assert not set(name) & set('/\\:*?"<>|\r\n\0') and not name.startswith(".")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("side 1.pdf", "side 1.pdf"),
        ("IMG_20261123.jpg", "IMG_20261123.jpg"),
        ("it's \r\n <b>.png", "it s <b>.png"),
        ("cpr 010190-1234.jpg", ""),
        ("0101901234.jpg", ""),
        ("", ""),
    ],
)
def test_a_chosen_file_is_named_unless_its_name_may_hold_a_cpr_number(name: str, said: str) -> None:
    assert told(name) == said

"""Numbers as people type and read them: typed with a comma or a point in either language, shown in the reader's own way."""

from __future__ import annotations

import re
from decimal import Decimal

from idm.errors import Fault

_MARK = re.compile(r"[.,]")
_BLANK = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3})")
_UNCLEAR = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
_GROUPS = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")
_PLAIN = re.compile(r"-?\d{1,15}(?:\.\d{1,10})?")


def read_number(text: str) -> str:
    """A typed number with a decimal point and nothing else: `129,50` and `129.50`, `20.900,50` and `20,900.50` are read alike.

    A single mark is a decimal one: for hours, rates and percentages, which have no thousands. What is no number comes back as it stands,
    for the field's own check to refuse.
    """
    text = _BLANK.sub("", text.strip())
    marks = re.findall(r"[.,]", text)
    if len(marks) == 1:
        return text.replace(",", ".")
    if len(set(marks)) == 1:
        return _MARK.sub("", text) if _GROUPS.fullmatch(text) else text
    whole, mark, part = text.rpartition(marks[-1]) if marks else (text, "", "")
    if mark and _GROUPS.fullmatch(whole) and part.isdigit():
        return f"{_MARK.sub('', whole)}.{part}"
    return text


def read_amount(text: str, field: str, faults: list[Fault]) -> str:
    """As `read_number`, for kroner: what might be thousands or a fraction, such as `20.900`, becomes a fault of `field`."""
    text = text.strip()
    if not _UNCLEAR.fullmatch(text):
        return read_number(text)
    whole = _MARK.sub("", text)
    amount = f"{int(whole):,}.00"
    faults.append(Fault(field, "unclear", f"'{text}' could be read in two ways: write {whole} or {amount}"))
    return text


def typed_number(text: str, language: str) -> str:
    """A kept number as it stands in a field to be typed over: `129,50` in Danish. What is no number stays."""
    return text.replace(".", ",") if language == "da" and _PLAIN.fullmatch(text) else text


def shown_number(text: str, language: str, *, money: bool = False) -> str:
    """A kept number as it is read: `20.900,00` in Danish for `money`, `0,0015` for what isn't. What is no number stays."""
    if not _PLAIN.fullmatch(text):
        return text
    shown = f"{Decimal(text):,.2f}" if money and Decimal(text) == round(Decimal(text), 2) else f"{Decimal(text):,}"
    return shown.translate(str.maketrans(",.", ".,")) if language == "da" else shown

"""Answers and errors on their way out: one document, or text, on any terminal."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path

import pytest

from idm.commands.answer import Answer, begin_document, emit, emit_error, note, printable, say
from idm.errors import BadInput, Fault

ERROR = BadInput("It is wrong.", faults=[Fault("data.x", "date", "must be a date")], next_step="Mend it.")


def test_an_answer_is_one_document_or_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    answer = Answer({"items": ["Åse"]}, ["Åse is here."])
    emit(answer, as_json=True)
    shown = capsys.readouterr().out
    assert json.loads(shown) == {"schema": 1, "items": ["Åse"]}
    assert shown.isascii()
    emit(answer, as_json=False)
    assert capsys.readouterr().out == "Åse is here.\n"


def test_an_answer_without_text_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    emit(Answer({"ok": True}), as_json=False)
    assert capsys.readouterr() == ("", "")


def test_an_error_is_a_document_on_standard_output_or_text_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    emit_error(ERROR, as_json=True)
    out, err = capsys.readouterr()
    assert json.loads(out) == ERROR.as_json()
    assert err == ""
    emit_error(ERROR, as_json=False)
    assert capsys.readouterr() == ("", "It is wrong.\n  data.x: must be a date [date]\nNext: Mend it.\n")


def test_the_document_of_what_goes_on_running_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    begin_document({"url": "http://127.0.0.1:1", "pid": 2})
    shown = capsys.readouterr().out
    assert shown.count("\n") == 1
    assert json.loads(shown) == {"schema": 1, "url": "http://127.0.0.1:1", "pid": 2}


def test_an_encoding_without_a_letter_gets_an_answer_and_no_fault() -> None:
    assert printable("Åse ✓", io.TextIOWrapper(io.BytesIO(), encoding="ascii")) == "?se ?"
    assert printable("Åse ✓", io.TextIOWrapper(io.BytesIO(), encoding="latin-1")) == "Åse ?"


@pytest.mark.parametrize("speak", [say, lambda text: emit(Answer({"text": text}), as_json=True)])
def test_a_reader_that_has_gone_away_is_no_error(speak: object, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as broken:
        monkeypatch.setattr(sys, "stdout", broken)
        assert callable(speak)
        speak("nobody hears this")
        monkeypatch.undo()
        assert Path(f"/proc/self/fd/{writing}").readlink() == Path(os.devnull)


def test_a_note_nobody_reads_is_no_error_either(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as broken:
        monkeypatch.setattr(sys, "stderr", broken)
        note("nobody hears this")
        monkeypatch.undo()

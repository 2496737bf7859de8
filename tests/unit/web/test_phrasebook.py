from __future__ import annotations

import time

import pytest

from idm.web.phrasebook import Phrasebook, english, sentence

PHRASES = {
    "Try again.": "Prøv igen.",
    "none": "ingen",
    "temporary": "tidsbegrænset ansat",
    "manager of {unit}": "leder for {unit}",
    "substitute for {who}: {why}": "stedfortræder for {who}: {why}",
    "substitute for {who} until {day}: {why}": "stedfortræder for {who} til og med {day}: {why}",
    "up to {amount} kroner": "op til {amount} kroner",
    "in {units}": "i {units}",
    "DKK {amount}": "{amount} kr.",
    "the order comes to {sum}": "bestillingen kommer op på {sum}",
    "{what} isn't valid on {day}": "{what} gælder ikke den {day}",
    "{what} isn't valid on {day}: it ended on {end}": "{what} gælder ikke den {day}: det ophørte {end}",
    "agreement {code}": "overenskomst {code}",
    "'{field}' {phrase}": "»{field}« {phrase}",
    "must be at least {least}": "skal være mindst {least}",
    "Step '{step}' is {state}.": "Trinnet »{step}« er {state}.",
    "{state}=done": "udført",
    "{state}=gone": "væk",
    "{state} by {who}": "{state} af {who}",
    "The file has {bytes} bytes.": "Filen fylder {bytes}.",
    "left on {day}": "fratrådt {day}",
    "nothing of {what}; none can be": "intet af {what}; ingen kan være det",
    "{who_id} says no: {quoted}": "{who_id} siger nej: {quoted}",
    "{where} refused{reason} now": "{where} afviste{reason} nu",
    "position {value}": "stilling {value}",
}
book = Phrasebook(PHRASES, "da")


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("Try again.", "Prøv igen."),
        ("manager of school", "leder for school"),
        ("substitute for anna: manager of school", "stedfortræder for anna: leder for school"),
        ("substitute for anna until 2027-01-05: manager of school", "stedfortræder for anna til og med 5. januar 2027: leder for school"),
        ("agreement 31 isn't valid on 2027-02-01", "overenskomst 31 gælder ikke den 1. februar 2027"),
        (
            "agreement 31 isn't valid on 2027-02-01: it ended on 2026-12-31",
            "overenskomst 31 gælder ikke den 1. februar 2027: det ophørte 31. december 2026",
        ),
        ("up to 500 kroner; in school, library", "op til 500 kroner; i school, library"),
        ("position teacher or nurse", "stilling teacher eller nurse"),
        ("the order comes to DKK 12,499.00", "bestillingen kommer op på 12.499,00 kr."),
        ("'rate' must be at least 0.5", "»rate« skal være mindst 0,5"),
        ("Step 'file' is done.", "Trinnet »file« er udført."),
        ("gone by bo", "væk af bo"),
        ("substitute for anna: gone by bo", "stedfortræder for anna: væk af bo"),
        ("The file has 10485760 bytes.", "Filen fylder 10,5 MB."),
        ("The file has 900 bytes.", "Filen fylder 0,9 kB."),
        ("Try again. Step 'file' is done.", "Prøv igen. Trinnet »file« er udført."),
        ("bo says no: none of it until 2027-01-05", "bo siger nej: none of it until 2027-01-05"),
        ("manager of school (f.yaml:3)", "leder for school"),
        ("the order comes to this (f.yaml:3)", "bestillingen kommer op på this"),
        ("nothing of it; none can be (f.csv:3); temporary", "intet af it; ingen kan være det; tidsbegrænset ansat"),
        ("it refused now", "it afviste nu"),
        ("it refused: because now", "it afviste: because nu"),
        ("temporary; whatever", "tidsbegrænset ansat; whatever"),
        ("left on 2027-13-05", "fratrådt 2027-13-05"),
    ],
)
def test_says_messages_in_danish(message: str, said: str) -> None:
    assert book.words(message) == said
    assert book(message) == said
    assert book.known(message)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello there",
        "'file' is no message",
        "2027-01-05",
        "manager",
        "x" * 5000,
        "bo and al says no: this",
        "manager of ",
        "none of this: temporary",
        "The file has no bytes.",
    ],
)
def test_leaves_alone_what_it_does_not_know(text: str) -> None:
    assert book.words(text) == text
    assert not book.known(text)


def test_puts_names_for_ids_where_they_fill_a_slot() -> None:
    names = {"anna": "Anna Holm", "school": "Skole Nord", "teacher": "Lærer"}
    assert book.words("substitute for anna: manager of school", names) == "stedfortræder for Anna Holm: leder for Skole Nord"
    assert book.words("in school, anna", names) == "i Skole Nord, Anna Holm"
    assert book.words("position teacher or nurse", names) == "stilling Lærer eller nurse"
    assert book.words("anna", names) == "anna"


def test_says_dates_in_english_too_and_takes_what_a_page_says_otherwise() -> None:
    page = Phrasebook(english(PHRASES, {"Try again.": "Once more."}), "en")
    assert page.words("left on 2027-01-05") == "left on 5 January 2027"
    assert page.words("the order comes to DKK 12,499.00") == "the order comes to DKK 12,499.00"
    assert page.words("'rate' must be at least 0.5") == "'rate' must be at least 0.5"
    assert page.words("Try again.") == "Once more."


def test_refuses_phrases_that_nothing_could_take_apart() -> None:
    with pytest.raises(ValueError, match="slots that touch"):
        Phrasebook({"at {one}{two}": "på {one}"}, "da")
    with pytest.raises(ValueError, match="lacks"):
        Phrasebook({"at {one}": "på {two}"}, "da")


def test_a_sentence_has_a_capital_and_a_full_stop() -> None:
    assert [sentence(text) for text in (" skal være tekst", "Prøv igen.", "", "ok?")] == ["Skal være tekst.", "Prøv igen.", "", "Ok?"]


@pytest.mark.parametrize(
    "piece", ["a: b; c, d and e or f. ", "substitute for a until : ", "' ' ' ", "isn't valid on : it ended on ", "{who}"]
)
def test_no_text_takes_long(piece: str) -> None:
    text = piece * (3900 // len(piece))
    began = time.process_time()
    book.words(text)
    assert time.process_time() - began < 1


def test_what_a_slot_holds_goes_by_the_slot_before_it_goes_by_a_name_of_something_else() -> None:
    book = Phrasebook(
        {"the {kind} in {system} stays": "{kind} i {system} bliver", "{kind}=mailbox": "postkassen", "{system}=mailbox": "mailsystemet"},
        "da",
    )

    assert book.words("the mailbox in mailbox stays", {"mailbox": "Opret postkasse"}) == "postkassen i mailsystemet bliver"

from __future__ import annotations

import logging

import pytest

from idm.connector import Confidential
from idm.domain.people import Cpr, Person

NUMBER = "0101700001"
PERSON = Person("p-1", Cpr(NUMBER), "Åse", "Bæk", private_email=Confidential("aase@example.net"), mobile=Confidential("+4512345678"))


def test_private_data_is_in_no_text_made_of_a_person(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        logging.getLogger("test").info("%s %r %s", PERSON.cpr, PERSON.mobile, PERSON)
    texts = [str(PERSON), repr(PERSON), f"{PERSON.cpr}", f"{PERSON.cpr:>20}", "%s" % PERSON.cpr, str([PERSON.cpr]), caplog.text]  # noqa: UP031 - a way to write it, too

    assert all(secret not in text for text in texts for secret in (NUMBER, "aase@example.net", "+4512345678"))
    assert PERSON.cpr.reveal() == NUMBER


def test_a_cpr_compares_as_its_text() -> None:
    assert Cpr(NUMBER) == Cpr(NUMBER)
    assert {Cpr(NUMBER): 1}[Cpr(NUMBER)] == 1


def test_a_full_name_has_no_loose_spaces() -> None:
    assert PERSON.full_name == "Åse Bæk"
    assert Person("p", Cpr(NUMBER), "Åse", "").full_name == "Åse"

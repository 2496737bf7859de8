from __future__ import annotations

import pytest

from idm.flow.called import called
from idm.flow.graphs import graph_of, load
from tests import data
from tests.support.world import World


@pytest.mark.parametrize("language", ["da", "en"])
def test_everything_that_a_message_names_is_called_by_its_name(world: World, language: str) -> None:
    case = world.hire()
    world.appoint(case)
    graph = graph_of(world.app, load(world.app, case).case)
    texts = [
        f"{data.PAY}: manager of school_north.",
        "'contract' and 'teacher', but no 'scale_step'",
        "'review-contract' is not asked any more",
    ]
    names = called(world.app, texts, language, graph)

    assert names[data.PAY] == "Pia Lønholm"
    assert names["school_north"] == "Nordskolen"
    assert names["teacher"] == "Lærer"
    assert names["contract"] == {"da": "underskrevet ansættelseskontrakt", "en": "signed contract of employment"}[language]
    assert names["scale_step"] == {"da": "løntrin", "en": "step of the pay scale"}[language]
    assert names["review-contract"] != "review-contract"
    assert not {"of", "and", "manager", "is"} & set(names)


def test_without_words_nothing_is_looked_up(world: World) -> None:
    assert called(world.app, [], "da") == {}
    assert called(world.app, ["", "..."], "da") == {}
    assert "review-contract" not in called(world.app, ["'review-contract' is not asked any more"], "da")

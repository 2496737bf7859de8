from __future__ import annotations

import pytest

from idm.domain.authority_resolution import Skip
from idm.domain.journey import TaskKind
from idm.flow.wording import HIRE_GONE, NOBODY, task_title, why_nobody


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("kind", list(TaskKind))
def test_every_kind_of_task_has_a_name(kind: TaskKind, language: str) -> None:
    assert task_title(kind.value, "", language) not in ("", kind.value)
    assert "{" not in task_title(kind.value, "", language) + task_title(kind.value, "eksamensbevis", language)


def test_a_task_about_a_document_names_it() -> None:
    assert task_title("review", "eksamensbevis", "da") == "Gennemse eksamensbevis"
    assert task_title("received", "", "da") == "Registrer modtagelsen"
    assert task_title("consent", "", "en") == "Consent"
    assert task_title("form", "", "da", "hire") == "Udfyld personlige oplysninger"
    assert task_title("form", "", "en", "pay") == "Fill in the pay"
    assert task_title("consent", "børneattest", "da", "hire") == "Giv samtykke til børneattest"
    assert task_title("unheard_of", "", "en") == "unheard_of"


@pytest.mark.parametrize("reason", [*Skip, HIRE_GONE, NOBODY])
def test_why_nobody_can_do_a_task_is_said_in_both_languages(reason: str) -> None:
    danish, english = why_nobody(reason, "da"), why_nobody(reason, "en")
    assert danish and english and danish != english

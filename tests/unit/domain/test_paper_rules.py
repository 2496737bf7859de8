"""Which papers a hire needs: the kinds whose rule means it, in the order of the policy."""

from __future__ import annotations

from datetime import date
from typing import Any

from idm.domain.journey import CHECK, DOCUMENT, PAY, START, Actor, Paper
from idm.domain.matching import Circumstances, Match
from idm.domain.paper_rules import CheckKind, DocumentKind, wanted_papers

CONTRACT = DocumentKind("contract", {}, Actor.PAY, ("application/pdf",), 1000)
PERMIT = DocumentKind(
    "permit", {}, Actor.PAY, ("application/pdf",), 1000, Match(citizenship=("third_country",)), Actor.MANAGER, (START, PAY), -14, 60, 3
)
CERTIFICATE = CheckKind("certificate", {}, ("consent", "assess"), Actor.MANAGER, Actor.PAY, Match(groups=("children",)), (START,), -5, 14)


def kinds(**circumstances: Any) -> list[str]:
    hire = Circumstances("teacher", ("school",), date(2027, 1, 4), **circumstances)
    return [paper.kind for paper in wanted_papers({"p": PERMIT, "c": CONTRACT}, {"x": CERTIFICATE}, hire)]


def test_a_hire_needs_the_kinds_that_mean_it_documents_before_checks() -> None:
    assert kinds() == ["contract"]
    assert kinds(citizenship="UA", groups=frozenset({"children"})) == ["permit", "contract", "certificate"]
    assert kinds(citizenship="SE") == ["contract"]


def test_what_a_case_pins_of_a_document() -> None:
    assert CONTRACT.paper() == Paper("contract", Actor.PAY)
    assert PERMIT.paper() == Paper("permit", Actor.PAY, (START, PAY), Actor.MANAGER, (), 0, 60, 3)
    assert PERMIT.paper().sort == DOCUMENT


def test_what_a_case_pins_of_a_check() -> None:
    assert CERTIFICATE.paper() == Paper("certificate", Actor.PAY, (START,), Actor.MANAGER, ("consent", "assess"), 14)
    assert CERTIFICATE.paper().sort == CHECK

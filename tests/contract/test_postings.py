"""What idm asks of postings without a document: order lines in the ERP system, and what takes one back."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from connectors import personnel_file
from idm.connector import Change, Effect, Ref, Refused, State, Unknown, Value, Verb
from idm.simulators import control
from tests.contract.targets import GROUPS, Target, new_key, simulated
from tests.servers.keeper import keeper
from tests.waiting import wait_until

LINE: dict[str, Value] = {
    "account": "6.45.51-4010",
    "item": "screen",
    "title": 'Skærm 27"',
    "quantity": "2",
    "price": "1795.00",
    "supplier": "nordic_it",
    "requester": "it_officer",
    "employment": "e-1",
    "unit": "town_hall",
}


@pytest.fixture
def erp(simulators: Path) -> Iterator[Target]:
    """The ERP system; it works as usual again afterwards."""
    with closing(simulated(simulators, "erp")) as target:
        yield target
    control.clear(simulators, "erp")


def order(key: str, **changed: Value) -> Change:
    return Change(Verb.POST, "order", key, f"order/{key}/post", attributes={**LINE, **changed})


def cancellation(of: str, key: str = "") -> Change:
    key = key or of
    return Change(Verb.POST, "order_cancel", key, f"order_cancel/{key}/post", attributes={"order": of, "reason": "cancelled"})


def test_an_order_line_is_posted_once_and_read_back(erp: Target) -> None:
    connector, made = erp.connect(), order(new_key())
    assert connector.describe().kinds["order"].posting
    assert connector.describe().kinds["order"].effect is Effect.KEYED
    assert connector.read(Ref("order", made.key)) is None
    link = connector.perform(made)
    assert connector.perform(made) == link
    for ref in (Ref("order", made.key), Ref("order", made.key, link)):
        held = connector.read(ref)
        assert held is not None
        assert (held.key, held.link, held.state, held.managed) == (made.key, link, State.ENABLED, True)
        assert held.attributes == LINE
    assert [record.key for record in connector.scan("order")].count(made.key) == 1
    assert erp.journal(made.key) == [("post", "applied"), ("post", "unchanged")]


def test_another_line_under_the_same_key_is_refused(erp: Target) -> None:
    connector, made = erp.connect(), order(new_key())
    connector.perform(made)
    with pytest.raises(Refused, match="key"):
        connector.perform(replace(made, attributes={**LINE, "quantity": "3"}))
    held = connector.read(made.ref)
    assert held is not None
    assert held.attributes["quantity"] == "2"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("account", "4711"),
        ("quantity", "0"),
        ("quantity", "1.5"),
        ("price", "0"),
        ("price", "-1"),
        ("item", ""),
        ("requester", ""),
        ("colour", "red"),
    ],
)
def test_the_wrong_field_is_named(erp: Target, field: str, value: str) -> None:
    made = order(new_key(), **{field: value})
    with pytest.raises(Refused) as refused:
        erp.connect().perform(made)
    assert refused.value.field == field
    assert erp.connect().read(made.ref) is None


def test_a_cancellation_names_an_order_that_is_there(erp: Target) -> None:
    connector, made = erp.connect(), order(new_key())
    with pytest.raises(Refused) as refused:
        connector.perform(cancellation(made.key))
    assert refused.value.field == "order"
    connector.perform(made)
    link = connector.perform(cancellation(made.key))
    assert connector.perform(cancellation(made.key)) == link
    held = connector.read(Ref("order_cancel", made.key))
    assert held is not None
    assert held.attributes["order"] == made.key
    assert connector.read(made.ref) is not None


@pytest.mark.parametrize("verb", [Verb.CREATE, Verb.UPDATE, Verb.DELETE, Verb.END, Verb.ENABLE])
def test_a_posting_is_never_changed_or_removed(erp: Target, verb: Verb) -> None:
    connector, made = erp.connect(), order(new_key())
    link = connector.perform(made)
    with pytest.raises(Refused):
        connector.perform(replace(made, verb=verb, link=link))
    held = connector.read(made.ref)
    assert held is not None
    assert held.attributes == LINE


def test_who_may_only_read_posts_nothing(erp: Target) -> None:
    made = order(new_key())
    with pytest.raises(Refused):
        erp.connect("reader").perform(made)
    assert erp.connect().read(made.ref) is None


def test_an_answer_that_is_lost_leaves_one_line(erp: Target) -> None:
    connector, made = erp.connect(), order(new_key())
    erp.fail("timeout-after", times=1)
    with pytest.raises(Unknown):
        erp.connect(deadline=1).perform(made)
    wait_until(lambda: erp.journal(made.key), message="what was asked for is never done")
    held = connector.read(made.ref)
    assert held is not None
    assert connector.perform(made) == held.link
    assert erp.journal(made.key) == [("post", "applied"), ("post", "unchanged")]


def test_an_order_line_outlives_a_kill(tmp_path: Path) -> None:
    pid = control.start(tmp_path, groups=GROUPS)[0].pid
    assert pid
    keeper().watch(pid)
    with closing(simulated(tmp_path, "erp")) as target:
        made = order(new_key())
        link = target.connect().perform(made)
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not any(status.running for status in control.status(tmp_path)))
        after = control.start(tmp_path, groups=GROUPS)[0].pid
        assert after
        keeper().watch(after)
        assert target.connect().read(Ref("order", made.key, link)) is not None
        assert target.connect().perform(made) == link
        assert target.journal(made.key) == [("post", "applied"), ("post", "unchanged")]
    control.stop(tmp_path)


def test_a_document_is_never_filed_without_its_bytes(simulators: Path) -> None:
    with closing(simulated(simulators, "personnel_file")) as target:
        connector, file = target.connect(), target.creation(new_key())
        connector.perform(file)
        attributes: dict[str, Value] = {"file": file.key, "kind": "contract", "title": "A title"}
        change = Change(Verb.POST, "document", new_key(), "document/post", attributes=attributes)
        assert personnel_file.KINDS["document"].posting
        with pytest.raises(Refused, match="without its document"):
            connector.perform(change)

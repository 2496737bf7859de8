"""What single systems behind HTTP promise beyond the contract of every connector."""

from __future__ import annotations

import hashlib
import os
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from idm.connector import Change, Confidential, Ref, Refused, Value, Verb
from tests.contract.targets import CPR, attachment, new_key, simulated


def test_a_credential_that_may_only_read_fails_the_probe(simulators: Path) -> None:
    with closing(simulated(simulators, "erp")) as target, pytest.raises(Refused, match="only read"):
        target.connect("reader").probe()


def test_a_scan_finds_what_was_there_before_idm(simulators: Path) -> None:
    with closing(simulated(simulators, "erp")) as target:
        connector, profile = target.connect(), target.creation("")
        link = connector.perform(Change(Verb.CREATE, "profile", "", f"import/{new_key()}", attributes=profile.attributes))
        theirs = {record.link: record for record in connector.scan("profile")}[link]
        assert (theirs.managed, theirs.key) == (False, "")
        mine = target.creation(new_key(), username=profile.attributes["username"])
        with pytest.raises(Refused) as refused:
            connector.perform(mine)
        assert refused.value.field == "username"
        with pytest.raises(Refused):
            connector.perform(target.change(Verb.ENABLE, mine, link))


def test_a_scan_goes_through_all_pages(simulators: Path) -> None:
    with closing(simulated(simulators, "mailbox")) as target:
        connector = target.connect()
        made = {connector.perform(target.creation(new_key())) for _ in range(210)}
        seen = [record.link for record in connector.scan("mailbox")]
        assert made <= set(seen)
        assert len(seen) == len(set(seen))


def test_a_document_is_filed_once_and_read_back(simulators: Path) -> None:
    with closing(simulated(simulators, "personnel_file")) as target:
        connector, file = target.connect(), target.creation(new_key())
        connector.perform(file)
        key, content = new_key(), os.urandom(300_000)
        attributes: dict[str, Value] = {"file": file.key, "kind": "contract", "title": "Ansættelsesbrev"}
        post = Change(Verb.POST, "document", key, f"document/{key}/post", attributes=attributes, attachment=attachment(content))
        link = connector.perform(post)
        assert connector.perform(post) == link
        for ref in (Ref("document", key), Ref("document", key, link)):
            filed = connector.read(ref)
            assert filed is not None
            assert filed.attributes["sha256"] == hashlib.sha256(content).hexdigest()
            assert filed.attributes["receipt"]
            assert {name: filed.attributes[name] for name in attributes} == attributes
        with pytest.raises(Refused):
            connector.perform(replace(post, attachment=attachment(b"other")))
        with pytest.raises(Refused) as refused:
            connector.perform(replace(post, key=new_key(), attributes={**attributes, "file": "no-such-file"}))
        assert refused.value.field == "file"
        assert target.journal(key) == [("post", "applied"), ("post", "unchanged"), ("post", "refused")]


def test_payroll_names_every_wrong_field(simulators: Path) -> None:
    with closing(simulated(simulators, "payroll")) as target, pytest.raises(Refused) as refused:
        target.connect().perform(target.creation(new_key(), pay_class="NONE", occupation_rate="2"))
    assert refused.value.field in {"pay_class", "occupation_rate"}
    assert "pay_class" in refused.value.reason
    assert "occupation_rate" in refused.value.reason


def test_confidential_values_come_back_shielded(simulators: Path) -> None:
    for system in ("payroll", "personnel_file"):
        with closing(simulated(simulators, system)) as target:
            connector, made = target.connect(), target.creation(new_key())
            connector.perform(made)
            record = connector.read(made.ref)
            assert record is not None
            cpr = record.attributes["cpr"]
            assert isinstance(cpr, Confidential)
            assert cpr == CPR
            assert CPR not in repr(record)

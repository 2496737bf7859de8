"""What only a directory's connector must do: foreign entries, odd names, encryption, and servers that misbehave."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import ldap3
import pytest

from connectors.ldap import LdapConnector, accounts, connect
from idm.connector import Change, Confidential, Ref, Refused, Retry, State, TargetError, Unknown, Verb
from idm.errors import BadInput
from idm.simulators.ldap_server import LdapSimulator
from idm.simulators.service import Failures, Journal
from tests.servers.openldap import READER_SECRET, SECRET, SUFFIX, OpenLdapServer

PEOPLE, GROUPS = f"ou=people,{SUFFIX}", f"ou=groups,{SUFFIX}"


class Directory:
    """A simulated directory, connectors to it, and a second way in for what somebody else does there."""

    def __init__(self, folder: Path) -> None:
        self.journal = Journal(folder / "journal.sqlite")
        self.failures = Failures()
        names = ("staff", "case, workers")
        self.server = LdapSimulator(
            "ldap", folder, 0, self.journal, self.failures, secret=SECRET, reader_secret=READER_SECRET, groups=names
        )
        self.url = self.server.start()
        self.connector = connector_to(self.url)
        self.other = ldap3.Connection(ldap3.Server(self.url, get_info=ldap3.NONE), self.server.writer_dn, SECRET, check_names=False)
        assert self.other.bind()

    def close(self) -> None:
        self.connector.close()
        if self.other.socket is not None:
            self.other.socket.close()
        self.server.stop()
        self.journal.close()

    def add(self, uid: str, **values: Any) -> None:
        assert self.other.add(f"uid={uid},{PEOPLE}", ["inetOrgPerson"], {"sn": "Other", "cn": uid, **values}), self.other.result


def connector_to(url: str, **config: Any) -> LdapConnector:
    known = {"url": url, "bind_dn": f"cn=idm,ou=services,{SUFFIX}", "people_dn": PEOPLE, "groups_dn": GROUPS, "tag": "here", "deadline": 30}
    return connect({**known, **config}, lambda name: SECRET)


def creation(key: str, username: str | None = None, **more: str) -> Change:
    attributes = {"username": username or key, "family_name": "Test", "full_name": f"Test {key}", **more}
    return Change(Verb.CREATE, "account", key, f"account/{key}", attributes=attributes, state=State.DISABLED)


def change(verb: Verb, key: str, **more: Any) -> Change:
    return Change(verb, "account", key, f"{verb}/{key}", **more)


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Directory]:
    directory = Directory(tmp_path)
    yield directory
    directory.close()


@pytest.mark.parametrize(
    ("wanted", "field"),
    [({"username": "ANNA"}, "username"), ({"mail": "Anna@example.org"}, "mail"), ({"employee_number": "7"}, "employee_number")],
)
def test_an_account_of_somebody_else_is_never_adopted(directory: Directory, wanted: dict[str, str], field: str) -> None:
    directory.add("anna", mail="anna@example.org", employeeNumber="7", description="idm:elsewhere:k1")
    with pytest.raises(Refused, match="isn't idm's") as refused:
        directory.connector.perform(creation("k1", **wanted))
    assert refused.value.field == field
    [seen] = directory.connector.scan("account")
    assert (seen.managed, seen.key, seen.attributes["username"]) == (False, "", "anna")
    for verb in (Verb.ENABLE, Verb.DELETE, Verb.END):
        with pytest.raises(Refused, match="isn't idm's"):
            directory.connector.perform(change(verb, "k1", link=seen.link))


def test_a_key_is_compared_exactly(directory: Directory) -> None:
    link = directory.connector.perform(creation("K1", "one"))
    assert directory.connector.read(Ref("account", "k1")) is None
    assert directory.connector.perform(creation("k1", "two")) != link


def test_a_lock_after_wrong_passwords_is_the_directorys_own(directory: Directory) -> None:
    link = directory.connector.perform(creation("k1"))
    directory.connector.perform(change(Verb.ENABLE, "k1"))
    directory.other.modify(f"uid=k1,{PEOPLE}", {"pwdAccountLockedTime": [("MODIFY_REPLACE", ["20261122120000Z"])]})
    for _ in "twice":
        seen = directory.connector.read(Ref("account", "k1", link))
        assert seen is not None
        assert seen.state is State.ENABLED
        directory.connector.perform(change(Verb.ENABLE, "k1"))
    assert directory.other.search(PEOPLE, "(pwdAccountLockedTime=20261122120000Z)")


def test_an_ended_account_is_locked_marked_and_can_be_opened_again(directory: Directory) -> None:
    link = directory.connector.perform(creation("k1"))
    directory.other.modify(f"uid=k1,{PEOPLE}", {"description": [("MODIFY_ADD", ["a note by hand"])]})
    for verb, state in ((Verb.ENABLE, State.ENABLED), (Verb.END, State.ENDED), (Verb.DISABLE, State.DISABLED), (Verb.END, State.ENDED)):
        directory.connector.perform(change(verb, "k1"))
        seen = directory.connector.read(Ref("account", "k1"))
        assert seen is not None
        assert (seen.state, seen.link, seen.managed) == (state, link, True)
    assert directory.other.search(PEOPLE, "(&(description=a note by hand)(pwdAccountLockedTime=000001010000Z))")


@pytest.mark.parametrize("username", ["a,b", "a+b=c", "#a", "a\\b", '"a"', "a*(b)", "åse ærø", "<a;b>"])
def test_odd_names_are_made_renamed_and_found_in_groups(directory: Directory, username: str) -> None:
    link = directory.connector.perform(creation("k1", username))
    directory.connector.perform(change(Verb.GRANT, "k1", entitlement="case, workers"))
    for name in (f"{username}2", username):
        assert directory.connector.perform(change(Verb.UPDATE, "k1", link=link, attributes={"username": name})) == link
        seen = directory.connector.read(Ref("account", "k1"))
        assert [seen] == list(directory.connector.scan("account"))
        assert seen is not None
        assert seen.attributes["username"] == name
        assert seen.entitlements == {"case, workers"}


def test_an_empty_text_removes_an_attribute_but_not_a_needed_one(directory: Directory) -> None:
    directory.connector.perform(creation("k1", title="Chief", given_name=""))
    directory.connector.perform(change(Verb.UPDATE, "k1", attributes={"title": ""}))
    seen = directory.connector.read(Ref("account", "k1"))
    assert seen is not None
    assert set(seen.attributes) == {"username", "family_name", "full_name"}
    for name in ("username", "family_name", "full_name"):
        with pytest.raises(Refused) as refused:
            directory.connector.perform(change(Verb.UPDATE, "k1", attributes={name: ""}))
        assert refused.value.field == name
    with pytest.raises(Refused, match="shoe_size"):
        directory.connector.perform(change(Verb.UPDATE, "k1", attributes={"shoe_size": "43"}))


def test_a_refusal_names_the_field_and_no_value(directory: Directory) -> None:
    secret = Confidential("privat-æ@example.org")
    with pytest.raises(Refused) as refused:
        directory.connector.perform(creation("k1", mail=secret))
    assert refused.value.field == "mail"
    assert "privat" not in refused.value.reason
    assert "invalidAttributeSyntax" in refused.value.reason


def test_more_people_than_a_page_are_all_seen(directory: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "PAGE", 7)
    for number in range(20):
        directory.connector.perform(creation(f"k{number}"))
    directory.connector.perform(change(Verb.GRANT, "k3", entitlement="staff"))
    seen = {record.key: record for record in directory.connector.scan("account")}
    assert len(seen) == 20
    assert [key for key, record in seen.items() if record.entitlements] == ["k3"]
    given_up = directory.connector.scan("account")
    assert isinstance(given_up, Generator)
    next(given_up)
    assert directory.connector.read(Ref("account", "k1")) is not None
    given_up.close()


def test_a_scan_that_breaks_off_says_so(directory: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "PAGE", 2)
    for number in range(5):
        directory.connector.perform(creation(f"k{number}"))
    scan = directory.connector.scan("account")
    next(scan)
    directory.failures.set("down", None, 0)
    with pytest.raises(Retry):
        list(scan)


def test_a_restarted_target_is_met_by_a_new_connection(directory: Directory) -> None:
    directory.connector.perform(creation("k1"))
    directory.server.stop()
    with pytest.raises(Retry) as retry:
        directory.connector.read(Ref("account", "k1"))
    assert retry.value.down
    assert directory.server.start() == directory.url
    directory.connector.probe()
    directory.server.stop()
    directory.server.start()
    assert directory.connector.perform(change(Verb.ENABLE, "k1"))
    enabled = [entry for entry in directory.journal.entries() if entry.op == "enable"]
    assert len(enabled) == 1


def test_many_threads_share_one_connector(directory: Directory) -> None:
    links: dict[str, str] = {}

    def work(number: int) -> None:
        for each in range(5):
            key = f"k{number}-{each}"
            links[key] = directory.connector.perform(creation(key))
            directory.connector.perform(change(Verb.GRANT, key, entitlement="staff"))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(links.values())) == 60
    assert {record.key for record in directory.connector.scan("account") if record.entitlements == {"staff"}} == set(links)


def test_a_branch_that_is_missing_is_not_an_absence(directory: Directory) -> None:
    connector = connector_to(directory.url, people_dn=f"ou=zork,{SUFFIX}")
    for ask in (lambda: connector.read(Ref("account", "k1")), connector.probe, lambda: list(connector.scan("account"))):
        with pytest.raises((Refused, Retry)):
            ask()
    connector.close()


@contextmanager
def rude_server(answer: bytes, pause: float = 0.05) -> Iterator[str]:
    """A server that takes connections and sends `answer` over and over, a byte at a time."""
    ending = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)

    def serve() -> None:
        held = []
        while not ending.wait(pause):
            with suppress(TimeoutError):
                held.append(listener.accept()[0])
            for client in held:
                with suppress(OSError):
                    client.sendall(answer)
        for client in held:
            client.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"ldap://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        ending.set()
        thread.join()
        listener.close()


BUSY = 30
"""Seconds that a busy machine may add to a deadline of one; the servers here would hold a call for ever."""


@pytest.mark.parametrize(
    "answer", [b"", b"\x30\x84\x7f\xff\xff\xff", b"\0", b"HTTP"], ids=["silence", "endless", "zeros", "another protocol"]
)
@pytest.mark.parametrize("scheme", ["ldap", "ldaps"])
def test_no_server_holds_a_call_beyond_its_deadline(answer: bytes, scheme: str) -> None:
    with rude_server(answer) as url:
        connector = connector_to(url.replace("ldap:", f"{scheme}:"), deadline=1)
        for ask in (connector.probe, lambda: connector.perform(creation("k1"))):
            began = time.monotonic()
            with pytest.raises(TargetError) as told:
                ask()
            assert time.monotonic() - began < BUSY
            assert not isinstance(told.value, Unknown), "nothing was written"
        connector.close()


@pytest.fixture(scope="module")
def openldap(real_directory: OpenLdapServer) -> OpenLdapServer:
    return real_directory


def test_connections_are_encrypted_when_told(openldap: OpenLdapServer) -> None:
    ca = str(openldap.ca_file)
    for url, start_tls in ((openldap.url, True), (openldap.tls_url, False)):
        connector = connector_to(url, start_tls=start_tls, ca_file=ca)
        assert "answers" in connector.probe()
        connector.close()


@pytest.mark.parametrize("secured", ["start_tls", "ldaps"])
def test_a_certificate_that_is_not_trusted_is_refused(openldap: OpenLdapServer, secured: str) -> None:
    connector = connector_to(openldap.tls_url if secured == "ldaps" else openldap.url, start_tls=secured == "start_tls")
    with pytest.raises(Refused, match="certificate"):
        connector.probe()
    connector.close()


def test_wrong_settings_are_all_named() -> None:
    with pytest.raises(BadInput) as bad:
        connect({"url": "http://x", "tag": "a:b", "deadline": True, "start_tls": "yes", "colour": "red"}, lambda name: "")
    named = {fault.path for fault in bad.value.faults}
    assert named == {"url", "tag", "deadline", "start_tls", "colour", "bind_dn", "people_dn", "groups_dn"}

"""The directory simulator answers as OpenLDAP does: the same requests to both, and the answers compared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ldap3
import pytest

from idm.simulators.ldap_server import LdapSimulator
from idm.simulators.service import Failures, Journal
from tests.contract.ldap_cases import CASES, DIFFERENCES, GROUPS, SEED, Case, Step, is_volatile
from tests.servers import NotInstalled
from tests.servers.openldap import READER_SECRET, SECRET, SUFFIX, OpenLdapServer
from tests.waiting import wait_until

LOGINS = {
    "writer": (f"cn=idm,ou=services,{SUFFIX}", SECRET),
    "reader": (f"cn=reader,ou=services,{SUFFIX}", READER_SECRET),
    "self": (f"uid=anna,ou=people,{SUFFIX}", "anna-password"),
    "nobody": (None, None),
}
Answer = tuple[int, Any]


class Client:
    """One server under its logins."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._logins: dict[str, Any] = {}

    def ask(self, login: str, step: Step) -> Answer:
        """Result code of one request, and what it found."""
        connection = self._login(login)
        what, *given = step
        match what:
            case "bind":
                return self._bind(*given), None
            case "page":
                return self._page(connection, *given)
            case "search":
                base, filter_, scope, attributes, *limit = given
                connection.search(base, filter_, scope, attributes=list(attributes), size_limit=limit[0] if limit else 0)
                return connection.result["result"], _entries(connection)
            case _:
                getattr(connection, what)(*given)
                return connection.result["result"], None

    def close(self) -> None:
        for connection in self._logins.values():
            connection.unbind()

    def _login(self, login: str) -> Any:
        if login not in self._logins:
            dn, password = LOGINS[login]
            self._logins[login] = self._connection(dn, password)
            assert self._logins[login].bind(), (login, self.url, self._logins[login].result)
        return self._logins[login]

    def _connection(self, dn: str | None, password: str | None) -> Any:
        server = ldap3.Server(self.url, get_info=ldap3.NONE)
        return ldap3.Connection(server, dn, password, check_names=False, auto_referrals=False, receive_timeout=30)

    def _bind(self, dn: str, password: str) -> int:
        connection = self._connection(dn, password)
        connection.bind()
        code = int(connection.result["result"])
        connection.unbind()
        return code

    def _page(self, connection: Any, base: str, filter_: str, size: int) -> Answer:
        sizes: list[int] = []
        found: set[Any] = set()
        cookie: bytes | None = None
        while cookie != b"":
            connection.search(base, filter_, attributes=["cn"], paged_size=size, paged_cookie=cookie)
            if connection.result["result"]:
                break
            entries = _entries(connection)
            sizes.append(len(entries))
            found |= entries
            cookie = connection.result["controls"]["1.2.840.113556.1.4.319"]["value"]["cookie"]
        return connection.result["result"], (tuple(sizes), frozenset(found))


def _entries(connection: Any) -> frozenset[Any]:
    return frozenset(
        (
            entry["dn"].lower(),
            frozenset((name, frozenset(values)) for name, values in entry["raw_attributes"].items() if values and not is_volatile(name)),
            frozenset(name for name, values in entry["raw_attributes"].items() if values),
        )
        for entry in connection.response or ()
        if entry["type"] == "searchResEntry"
    )


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("directory")
    journal = Journal(folder / "journal.sqlite")
    server = LdapSimulator("ldap", folder, 0, journal, Failures(), secret=SECRET, reader_secret=READER_SECRET, groups=GROUPS)
    client = Client(server.start())
    seed(client)
    yield client
    client.close()
    server.stop()
    journal.close()


@pytest.fixture(scope="module")
def openldap() -> Iterator[Client]:
    try:
        server = OpenLdapServer(GROUPS)
    except NotInstalled as reason:
        pytest.skip(str(reason))
    with server:
        client = Client(server.url)
        seed(client)
        yield client
        client.close()


def seed(client: Client) -> None:
    for step in SEED:
        assert client.ask("writer", step) == (0, None), step


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_both_answer_the_same(case: Case, simulator: Client, openldap: Client) -> None:
    codes = [answered_alike(simulator, openldap, case.login, step) for step in case.steps]
    if case.code is not None:
        assert codes[-1] == case.code


def answered_alike(simulator: Client, openldap: Client, login: str, step: Step) -> int:
    mine, theirs = simulator.ask(login, step), openldap.ask(login, step)
    if step[0] == "search" and mine != theirs:
        # OpenLDAP mends references to deleted entries a moment later.
        wait_until(lambda: openldap.ask(login, step) == mine, 30.0, f"{step}: {mine} against {theirs}")
    else:
        assert mine == theirs, step
    return mine[0]


@pytest.mark.parametrize("name", DIFFERENCES)
def test_a_difference_is_on_purpose(name: str, simulator: Client, openldap: Client) -> None:
    case, mine, theirs, reason = DIFFERENCES[name]
    assert reason
    *before, last = case.steps
    for step in before:
        assert simulator.ask(case.login, step) == openldap.ask(case.login, step)
    assert (simulator.ask(case.login, last)[0], openldap.ask(case.login, last)[0]) == (mine, theirs)


def test_the_table_is_large_enough_and_its_names_differ() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 80

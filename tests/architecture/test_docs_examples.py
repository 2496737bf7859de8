"""What the documentation shows as an example works: policies that load, a connector that keeps the contract, access rules that hold."""

from __future__ import annotations

import ast
import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import ldap3
import pytest
import yaml

from connectors.ldap import LdapConnector
from connectors.ldap import connect as connect_ldap
from connectors.payroll import connect as connect_payroll
from idm.connector import Change, Connector, Ref, Refused, State, Value, Verb
from idm.policy_files import check
from idm.vault_keys import KeyRing
from tests.architecture.docs_pages import Block, blocks, named, page
from tests.architecture.project import ROOT
from tests.contract import test_connectors as suite
from tests.contract.targets import DEADLINE, Target, new_key
from tests.servers import NotInstalled
from tests.servers.openldap import OpenLdapServer

WHERE = {
    "document": ("documents.yaml", "documents"),
    "approval": ("approvals.yaml", "approvals"),
    "role": ("roles.yaml", "roles"),
    "rule": ("roles.yaml", "rules"),
    "conflict": ("roles.yaml", "conflicts"),
    "example": ("roles.yaml", "examples"),
    "group": ("groups.yaml", "groups"),
    "name": ("naming.yaml", "naming"),
    "field": ("forms/payroll.yaml", "fields"),
    "personal": ("forms/personal.yaml", "fields"),
    "step": ("journeys/hire.yaml", "steps"),
    "system": ("systems.yaml", "systems"),
    "reason": ("waiting.yaml", "reasons"),
    "team": ("authority.yaml", "teams"),
    "backup": ("authority.yaml", "backups"),
    "four_eyes": ("authority.yaml", "four_eyes"),
    "start": ("access.yaml", "start_hires"),
}
"""Which file each kind of example belongs into, and under which key."""


def put(folder: Path, block: Block) -> None:
    """Put a YAML example where it belongs in a policies folder, in place of what has its name."""
    _, kind, name = block.info.split()
    file, key = WHERE[kind]
    path = folder / file
    example = yaml.safe_load(block.text)
    assert list(example) == [name], block
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - plain texts, as idm reads them
    content.setdefault(key, {})
    content[key] |= yaml.load(block.text, Loader=yaml.BaseLoader)  # noqa: S506 - likewise
    path.write_text(_typed(content), encoding="utf-8")


def _typed(content: Any) -> str:
    """YAML again, with numbers and true or false as the reader knows them."""
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
    flag = r"by_itself|grantable|rights|posting|required|start_tls|confidential|second_person|temporary|hourly|new_person|manages"
    keyed = re.sub(rf"^(\s+(?:{flag}): )'(true|false)'", r"\1\2", text, flags=re.MULTILINE)
    number = (
        r"lane_limit|first|factor|most|minimum|maximum|username_length|deadline|circuit_failures|cool_down|longest_days|every_months|grace_days|warn_days"
        r"|\w*days\w*|amount|amount_from|sample_percent|age|age_from|age_below|hours_from|hours_below|weekly_hours|notice_below"
    )
    return re.sub(rf"^(\s+(?:{number}): )'([\d.]+)'", r"\1\2", keyed, flags=re.MULTILINE)


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """A copy of the shipped policies."""
    return Path(shutil.copytree(ROOT / "policies", tmp_path / "policies"))


def test_every_yaml_block_says_where_it_belongs() -> None:
    found = named("yaml")
    assert len(found) > 10
    assert [block for block in found if len(block.info.split()) != 3 or block.info.split()[1] not in WHERE] == []


@pytest.mark.parametrize("block", [b for b in named("yaml") if "card" not in b.info.split()[2]], ids=lambda block: block.info)
def test_each_policy_example_loads(block: Block, policies: Path) -> None:
    for needed in [*named("yaml role"), *named("yaml group")] if block.info.startswith("yaml rule") else ():
        put(policies, needed)
    put(policies, block)
    assert check(policies)[1] == []


def test_a_system_with_its_steps_loads_and_is_delivered(policies: Path) -> None:
    for block in named("yaml"):
        if "card" in block.info.split()[2]:
            put(policies, block)
    loaded, faults, warnings = check(policies)
    assert (faults, warnings) == ([], [])
    assert loaded is not None
    assert {step.system for step in loaded.journeys["hire"].steps} >= {"keycards"}


def test_a_misspelt_example_would_be_found(policies: Path) -> None:
    block = next(block for block in named("yaml") if block.info == "yaml document driving_licence")
    put(policies, Block(block.page, block.line, block.info, block.heading, block.text.replace("reviewer", "reveiwer")))
    _, faults, _ = check(policies)
    assert faults


def secret(name: str) -> str:
    """A credential that is never asked for: connecting does no I/O."""
    raise AssertionError(name)


@pytest.mark.parametrize(("name", "connect"), [("ldap", connect_ldap), ("payroll", connect_payroll)])
def test_the_connection_examples_are_settings_that_are_taken(name: str, connect: Callable[..., Connector]) -> None:
    block = next(block for block in named("yaml") if block.info == f"yaml system {name}")
    config = yaml.safe_load(block.text)[name]["config"]
    config.pop("ca_file")
    assert connect(config, secret).describe().deadline == 10


def test_the_ldap_settings_are_all_in_the_table() -> None:
    from connectors.ldap.settings import Settings

    text = next(text for text in (ROOT / "docs" / "targets.md").read_text().split("\n\n") if text.startswith("| setting |"))
    listed = {name for line in text.splitlines() for name in re.findall(r"`([^`]+)`", line.split("|")[1])}
    assert listed == set(Settings.__dataclass_fields__)


# The example connector


def example() -> ModuleType:
    """The connector of docs/connectors.md as a module."""
    [block] = named("python connector")
    spec = importlib.util.spec_from_loader("keycards", loader=None)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["keycards"] = module
    exec(compile(block.text, "docs/connectors.md", "exec"), module.__dict__)  # noqa: S102 - that is what the page asks its reader to do
    return module


@dataclass(frozen=True)
class DocumentedTarget(Target):
    """The example's folder of key cards."""

    module: Any = None

    def connect(self, secret: str = "own", deadline: float = DEADLINE, **config: Any) -> Connector:
        connector: Connector = self.module.connect({**self.connection, "deadline": deadline, **config}, lambda _: secret)
        return connector


@pytest.fixture
def cards(tmp_path: Path) -> DocumentedTarget:
    """The key cards as a target of the contract suite."""

    def attributes(number: int) -> dict[str, Value]:
        return {"username": f"user{number}", "full_name": "Åse Ærø", "department": "D1"}

    def clash(mine: dict[str, Value], other: dict[str, Value]) -> dict[str, Value]:
        return {**mine, "username": other["username"]}

    return DocumentedTarget(
        name="keycards",
        system="keycards",
        kind="card",
        connection={"folder": str(tmp_path), "doors": ["main-entrance"]},
        secrets={},
        attributes=attributes,
        update={"department": "D2"},
        clash=clash,
        entitlement="main-entrance",
        module=example(),
    )


ASKED_OF_ALL = (
    "it_describes_itself",
    "a_probe_logs_in",
    "what_is_not_there_is_positively_absent",
    "a_created_record_is_read_by_link_and_by_key",
    "creating_twice_makes_one",
    "what_never_was_in_use_is_deleted",
    "rights_are_granted_and_revoked",
    "a_right_the_system_has_not_is_refused",
    "what_another_record_has_is_refused",
    "another_record_of_the_same_key_is_not_adopted",
    "what_is_gone_is_not_changed",
    "an_unknown_kind_is_refused",
    "a_scan_finds_all",
)
"""The questions of the contract suite that need neither a credential nor a wire."""


@pytest.mark.parametrize("question", ASKED_OF_ALL)
def test_the_example_connector_keeps_the_contract(question: str, cards: DocumentedTarget) -> None:
    ask: Callable[[Target], None] = getattr(suite, f"test_{question}")
    ask(cards)


@pytest.mark.parametrize("by_link", [True, False])
def test_the_example_connector_lives_a_records_life(by_link: bool, cards: DocumentedTarget) -> None:
    suite.test_a_record_lives_from_opening_to_end(cards, by_link)


def test_the_example_connector_imports_only_what_the_page_allows() -> None:
    [block] = named("python connector")
    seen = {node.module or "" for node in ast.walk(ast.parse(block.text)) if isinstance(node, ast.ImportFrom)}
    assert {module for module in seen if module.partition(".")[0] not in sys.stdlib_module_names} == {"idm.connector", "idm.errors"}


def test_the_example_connector_passes_the_project_s_checks(tmp_path: Path) -> None:
    [block] = named("python connector")
    file = tmp_path / "keycards.py"
    file.write_text(block.text, encoding="utf-8")
    configured = ["--config", str(ROOT / "pyproject.toml")]
    done = subprocess.run([sys.executable, "-m", "ruff", "check", *configured, str(file)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    done = subprocess.run([sys.executable, "-m", "ruff", "format", "--diff", *configured, str(file)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


# OpenLDAP's access rules


class GuardedServer(OpenLdapServer):
    """OpenLDAP under the access rules of docs/targets.md."""

    def _rules(self) -> str:
        [block] = named("slapd-acl")
        return block.text.replace("cn=helpdesk,", "cn=reader,")

    def start(self) -> GuardedServer:
        """Start it with the page's rules in place of the tests' own; the reader is the help desk."""
        text = self._config.read_text()
        before, _, rest = text.partition("access to attrs=userPassword")
        self._config.write_text(f"{before}{self._rules()}overlay memberof{rest.partition('overlay memberof')[2]}")
        super().start()
        return self


@pytest.fixture(scope="module")
def guarded() -> Iterator[OpenLdapServer]:
    """A directory under the documented rules."""
    try:
        server = GuardedServer(["all-staff"])
    except NotInstalled as reason:
        pytest.skip(str(reason))
    with server:
        yield server


def _directory(server: OpenLdapServer, dn: str, password: str) -> closing[LdapConnector]:
    config: Mapping[str, str] = {
        "url": server.url,
        "bind_dn": dn,
        "people_dn": f"ou=people,{server.suffix}",
        "groups_dn": f"ou=groups,{server.suffix}",
        "tag": "test",
    }
    return closing(connect_ldap(config, lambda _: password))


def _creation(key: str) -> Change:
    attributes: dict[str, Value] = {"username": key.lower(), "family_name": "Ærø", "full_name": "Åse Ærø", "mail": f"{key}@example.org"}
    return Change(Verb.CREATE, "account", key, f"account/{key}", attributes=attributes, state=State.DISABLED)


def test_under_the_documented_rules_idm_can_do_its_work(guarded: OpenLdapServer) -> None:
    made = _creation(new_key())
    with _directory(guarded, guarded.writer_dn, guarded.secret) as directory:
        assert directory.probe()
        link = directory.perform(made)
        for verb, more in ((Verb.ENABLE, None), (Verb.GRANT, "all-staff"), (Verb.REVOKE, "all-staff"), (Verb.DISABLE, None)):
            directory.perform(Change(verb, "account", made.key, f"x/{verb}", link=link, entitlement=more))
        directory.perform(Change(Verb.DELETE, "account", made.key, "x/delete", link=link))
        assert directory.read(Ref("account", made.key)) is None


def test_under_the_documented_rules_the_help_desk_sets_a_password_and_creates_nothing(guarded: OpenLdapServer) -> None:
    made = _creation(new_key())
    with (
        _directory(guarded, guarded.writer_dn, guarded.secret) as idm,
        _directory(guarded, guarded.reader_dn, guarded.reader_secret) as desk,
    ):
        with pytest.raises(Refused):
            desk.perform(_creation(new_key()))
        link = idm.perform(made)
        assert desk.read(Ref("account", made.key)) is not None
        for change in (
            Change(Verb.UPDATE, "account", made.key, "y/update", link=link, attributes={"title": "Mayor"}),
            Change(Verb.GRANT, "account", made.key, "y/grant", link=link, entitlement="all-staff"),
            Change(Verb.DELETE, "account", made.key, "y/delete", link=link),
        ):
            with pytest.raises(Refused):
                desk.perform(change)
    connection = ldap3.Connection(guarded.url, guarded.reader_dn, guarded.reader_secret)
    try:
        assert connection.bind()
        dn = f"uid={made.key.lower()},ou=people,{guarded.suffix}"
        assert connection.modify(dn, {"userPassword": [(ldap3.MODIFY_REPLACE, ["a-new-one"])]}), connection.result
    finally:
        connection.unbind()


def test_an_account_is_handed_over_by_the_key_convention(guarded: OpenLdapServer) -> None:
    [value] = {found.replace("TAG", "test") for found in re.findall(r"`(idm:TAG:KEY)`", page("targets.md"))}
    made = _creation(new_key())
    connection = ldap3.Connection(guarded.url, guarded.writer_dn, guarded.secret)
    with _directory(guarded, guarded.writer_dn, guarded.secret) as directory:
        try:
            assert connection.bind()
            dn = f"uid={made.key.lower()},ou=people,{guarded.suffix}"
            assert connection.add(dn, ["inetOrgPerson"], {"sn": "Ærø", "cn": "Åse Ærø", "description": "of the caretakers"})
            with pytest.raises(Refused, match="isn't idm's"):
                directory.perform(made)
            assert connection.modify(dn, {"description": [(ldap3.MODIFY_ADD, [value.replace("KEY", made.key)])]})
        finally:
            connection.unbind()
        link = directory.perform(made)
        observed = directory.read(Ref("account", made.key))
        assert observed is not None and observed.managed and observed.link == link


# Commands beside idm's own


def test_the_new_master_key_is_made_as_the_guide_says(tmp_path: Path) -> None:
    keys = KeyRing.create(tmp_path / "keys")
    token = keys.encrypt("before")
    text = next(block.text for block in blocks(ROOT / "docs" / "administrator.md") if "add_master_key" in block.text)
    [code] = re.findall(r"-c '(.+)'", text)
    subprocess.run([sys.executable, "-c", code.replace("/srv/idm", str(tmp_path))], cwd=ROOT, check=True)
    assert (tmp_path / "keys" / "master.keys").read_text().count("\n") == 2
    assert KeyRing.open(tmp_path / "keys").decrypt(token) == "before"

"""The connector itself: accounts found by idm's key or the entry's own id, and changed one difference at a time.

An account carries idm's key as a value of `key_attribute`: `idm:<tag>:<key>`, or `idm-ended:<tag>:<key>` once it is
closed. Disabled is OpenLDAP's `pwdAccountLockedTime: 000001010000Z` (draft-behera-ldap-password-policy, section 5.3.3);
a lock with a real time in it is the directory's own, after wrong passwords, and stays its business. A password is set
once, at random, when the account is made: OpenLDAP lifts a lock when a password is replaced.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import ldap3

from connectors.ldap.names import escape_filter, escape_name, same_form
from connectors.ldap.session import CONSTRAINT, EXISTS, EXISTS_VALUE, NO_SUCH_ATTRIBUTE, NO_SUCH_OBJECT, Entry, Pool, ServerRefused, Session
from connectors.ldap.settings import Settings, read_settings
from idm.connector import Change, Confidential, Description, Effect, KindInfo, Observed, Ref, Refused, State, Value, Verb

KIND = "account"
PAGE = 500
_REQUIRED = ("username", "family_name", "full_name")
_UNIQUE = ("username", "mail", "employee_number")
_LINK = "entryUUID"
_LINK_FORM = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_FOREIGN = "An account with this {field} exists and isn't idm's; a person must decide whose it is."


def connect(config: Mapping[str, Any], secret: Callable[[str], str]) -> LdapConnector:
    """The connector for a system's `config`; `secret` gives the bind password by name. Raises BadInput; does no I/O."""
    return LdapConnector(read_settings(config), secret)


class LdapConnector:
    """Accounts and group memberships in one directory. Safe for threads."""

    def __init__(self, settings: Settings, secret: Callable[[str], str]) -> None:
        """Connects to nothing yet."""
        self._settings = settings
        self._pool = Pool(settings, secret)
        self._verbs: Mapping[Verb, Callable[[Session, Entry, Change], str]] = {
            Verb.UPDATE: self._update,
            Verb.ENABLE: lambda session, entry, change: self._set_state(session, entry, change, State.ENABLED),
            Verb.DISABLE: lambda session, entry, change: self._set_state(session, entry, change, State.DISABLED),
            Verb.END: lambda session, entry, change: self._set_state(session, entry, change, State.ENDED),
            Verb.GRANT: self._grant,
            Verb.REVOKE: self._revoke,
            Verb.DELETE: self._delete,
        }

    def describe(self) -> Description:
        """One kind, `account`, found again by idm's key."""
        return Description({KIND: KindInfo(Effect.KEYED)}, self._settings.deadline)

    def close(self) -> None:
        """Close the connections that are kept for later calls."""
        self._pool.close()

    def probe(self) -> str:
        """Log in and see that both branches are there."""
        with Session(self._pool) as session:
            for branch in (self._settings.people_dn, self._settings.groups_dn):
                try:
                    found = session.search(branch, "(objectClass=*)", ["1.1"], scope=ldap3.BASE)
                except ServerRefused as refused:
                    raise self._as_refused(refused) from None
                if not found:
                    raise Refused(f"{self._pool.where} shows no entry {branch} to the connector's login")
        return f"{self._pool.where} answers; logged in as {self._settings.bind_dn}"

    def read(self, ref: Ref) -> Observed | None:
        """The account as it is now, with all its groups; None when the directory says that there is none."""
        self._refuse_kind(ref.kind)
        with Session(self._pool) as session:
            try:
                entry = self._find(session, ref)
                return None if entry is None else self._observed(entry, self._groups_of(session, entry.dn))
            except ServerRefused as refused:
                raise self._as_refused(refused) from None

    def scan(self, kind: str) -> Iterator[Observed]:
        """Every account below people_dn. The groups are read first; each page has the deadline to itself."""
        self._refuse_kind(kind)
        settings = self._settings
        rights: dict[str, set[str]] = {}
        try:
            for group in self._all(settings.groups_dn, f"({settings.member_attribute}=*)", ["cn", settings.member_attribute]):
                for member in group.texts(settings.member_attribute):
                    rights.setdefault(same_form(member), set()).update(group.texts("cn")[:1])
            for entry in self._all(settings.people_dn, "(objectClass=person)", self._wanted()):
                yield self._observed(entry, frozenset(rights.get(same_form(entry.dn), ())))
        except ServerRefused as refused:
            raise self._as_refused(refused) from None

    def _all(self, base: str, filter_: str, attributes: Sequence[str]) -> Iterator[Entry]:
        """All entries found, page by page. One connection serves them all, since a cookie belongs to it."""
        held: Any = None
        cookie: bytes | None = None
        try:
            while cookie != b"":
                lent, held = held, None
                with Session(self._pool, lent) as session:
                    found, cookie = session.page(base, filter_, attributes, size=PAGE, cookie=cookie)
                    held = session.detach()
                yield from found
        finally:
            if held is not None:
                # A search given up half-way leaves its rest on the server: only closing ends it for sure.
                self._pool.give(held, usable=cookie == b"")

    def perform(self, change: Change) -> str:
        """Make one change hold and answer the entry's id."""
        self._refuse_kind(change.kind)
        if change.verb is not Verb.CREATE and change.verb not in self._verbs:
            raise Refused(f"a directory can't {change.verb} an account")
        with Session(self._pool) as session:
            try:
                if change.verb is Verb.CREATE:
                    return self._create(session, change)
                entry = self._find(session, change.ref) or (self._find(session, Ref(KIND, change.key)) if change.link else None)
                if entry is None:
                    return self._without_entry(change)
                if self._key_of(entry)[0] != change.key:
                    raise Refused("The account exists and isn't idm's: it doesn't carry idm's key.")
                return self._verbs[change.verb](session, entry, change)
            except ServerRefused as refused:
                raise self._as_refused(refused, change) from None

    def _without_entry(self, change: Change) -> str:
        """A change to an account that isn't there: what it takes away is away."""
        if change.verb in (Verb.DELETE, Verb.END, Verb.DISABLE, Verb.REVOKE):
            return change.link or ""
        raise Refused(f"There is no account to {change.verb}: it is gone from the directory.")

    def _create(self, session: Session, change: Change) -> str:
        for name in _REQUIRED:
            if not _text(change.attributes.get(name, "")):
                raise Refused(f"an account needs a {name}", field=name)
        own = self._taken(session, change)
        if own is not None and self._state(own) is State.ENDED:
            return self._revive(session, own, change)
        if own is not None:
            # An entry is made whole or not at all: it was made, and what differs since is a change of its own.
            return self._link(own)
        dn = self._dn(change)
        values: dict[str, list[str]] = {self._ldap_name(name): _texts(value) for name, value in change.attributes.items() if _texts(value)}
        values.setdefault(self._settings.key_attribute, []).append(self._key_value(change.key))
        values["userPassword"] = [f"{secrets.token_urlsafe(32)}aA1-"]
        if change.state is not State.ENABLED:
            values[self._settings.lock_attribute] = [self._settings.lock_value]
        try:
            session.write(lambda connection: connection.add(dn, ["inetOrgPerson"], values))
        except ServerRefused as refused:
            if refused.result not in (EXISTS, CONSTRAINT):
                raise
            # Perhaps another attempt made it between the look and the write.
            own = self._taken(session, change)
            if own is None:
                raise
            return self._link(own)
        return self._link(self._only(session.search(dn, "(objectClass=*)", self._wanted(), scope=ldap3.BASE)))

    def _revive(self, session: Session, entry: Entry, change: Change) -> str:
        """Take an account that was ended into use again. Its state comes last, so that an attempt that breaks off is met as ended."""
        self._update(session, entry, change)
        link = self._link(entry)
        renamed = self._only(self._search_people(session, f"({_LINK}={link})"))
        return self._set_state(session, renamed, change, change.state or State.DISABLED)

    def _taken(self, session: Session, change: Change) -> Entry | None:
        """The account that carries the change's key. Raises Refused if another holds a name or number it needs."""
        wanted = {name: _text(change.attributes.get(name, "")) for name in _UNIQUE}
        parts = [f"({self._ldap_name(name)}={escape_filter(value)})" for name, value in wanted.items() if value]
        found = self._search_people(session, f"(|{self._key_filter(change.key)}{''.join(parts)})")
        own = [entry for entry in found if self._key_of(entry)[0] == change.key]
        if own:
            return self._only(own)
        for name, value in wanted.items():
            for entry in found:
                if value and value.lower() in (held.lower() for held in entry.texts(self._ldap_name(name))):
                    raise Refused(_FOREIGN.format(field=name), field=name)
        # What is left may be found for a key that differs in case alone: that is another key.
        if any(self._key_of(entry)[0].lower() != change.key.lower() for entry in found):
            raise Refused("An account with one of these values exists and isn't idm's; a person must decide whose it is.")
        return None

    def _update(self, session: Session, entry: Entry, change: Change) -> str:
        username = _text(change.attributes.get("username", ""))
        if "username" in change.attributes and not username:
            raise Refused("an account needs a username", field="username")
        changes: dict[str, list[tuple[str, list[str]]]] = {}
        for name, value in change.attributes.items():
            ldap_name, texts = self._ldap_name(name), _texts(value)
            if name in _REQUIRED and not texts:
                raise Refused(f"an account needs a {name}", field=name)
            if name != "username" and sorted(texts) != sorted(entry.texts(ldap_name)):
                changes[ldap_name] = [(ldap3.MODIFY_REPLACE, texts)]
        dn = entry.dn
        if username and (username,) != entry.texts(self._ldap_name("username")):
            # First, because a taken name is the likeliest refusal, and then nothing has happened yet.
            rdn = f"{self._ldap_name('username')}={escape_name(username)}"
            session.write(lambda connection: connection.modify_dn(dn, rdn, delete_old_dn=True))
            dn = self._only(session.search(self._settings.people_dn, f"({_LINK}={self._link(entry)})", ["1.1"])).dn
        if changes:
            session.write(lambda connection: connection.modify(dn, changes))
        return self._link(entry)

    def _set_state(self, session: Session, entry: Entry, change: Change, wanted: State) -> str:
        """Lock or unlock, and mark or unmark as closed, in one modify; nothing if it is so already."""
        settings = self._settings
        now = self._state(entry)
        changes: dict[str, list[tuple[str, list[str]]]] = {}
        if (wanted is State.ENABLED) == (settings.lock_value in entry.texts(settings.lock_attribute)):
            changes[settings.lock_attribute] = [(ldap3.MODIFY_REPLACE, [] if wanted is State.ENABLED else [settings.lock_value])]
        if (wanted is State.ENDED) != (now is State.ENDED):
            was, becomes = now is State.ENDED, wanted is State.ENDED
            changes[settings.key_attribute] = [
                (ldap3.MODIFY_DELETE, [self._key_value(change.key, ended=was)]),
                (ldap3.MODIFY_ADD, [self._key_value(change.key, ended=becomes)]),
            ]
        if changes:
            dn = entry.dn
            session.write(lambda connection: connection.modify(dn, changes))
        return self._link(entry)

    def _grant(self, session: Session, entry: Entry, change: Change) -> str:
        return self._member(session, entry, change, ldap3.MODIFY_ADD, EXISTS_VALUE)

    def _revoke(self, session: Session, entry: Entry, change: Change) -> str:
        return self._member(session, entry, change, ldap3.MODIFY_DELETE, NO_SUCH_ATTRIBUTE)

    def _member(self, session: Session, entry: Entry, change: Change, how: str, holds: int) -> str:
        if not change.entitlement:
            raise Refused("a grant or revoke must name its entitlement", field="entitlement")
        group = f"cn={escape_name(change.entitlement)},{self._settings.groups_dn}"
        changes = {self._settings.member_attribute: [(how, [entry.dn])]}
        try:
            session.write(lambda connection: connection.modify(group, changes))
        except ServerRefused as refused:
            if refused.result == NO_SUCH_OBJECT and change.verb is Verb.GRANT:
                raise Refused(f"There is no group {change.entitlement!r} in the directory.", field="entitlement") from None
            if refused.result not in (holds, NO_SUCH_OBJECT):
                raise
        return self._link(entry)

    def _delete(self, session: Session, entry: Entry, change: Change) -> str:
        try:
            session.write(lambda connection: connection.delete(entry.dn))
        except ServerRefused as refused:
            if refused.result != NO_SUCH_OBJECT:
                raise
        return self._link(entry)

    def _find(self, session: Session, ref: Ref) -> Entry | None:
        """The entry by its id if there is a link, else by idm's key."""
        if ref.link:
            if not _LINK_FORM.fullmatch(ref.link):
                raise Refused("the account's link is no entryUUID", field="link")
            found = self._search_people(session, f"({_LINK}={ref.link})")
        else:
            # The server compares without regard to case; a key is exact.
            found = [entry for entry in self._search_people(session, self._key_filter(ref.key)) if self._key_of(entry)[0] == ref.key]
        return self._only(found) if found else None

    def _search_people(self, session: Session, filter_: str) -> list[Entry]:
        return session.search(self._settings.people_dn, filter_, self._wanted())

    def _only(self, found: Sequence[Entry]) -> Entry:
        if len(found) != 1:
            raise Refused(f"{len(found)} entries of the directory answer to one key or id; a person must mend that.")
        return found[0]

    def _groups_of(self, session: Session, dn: str) -> frozenset[str]:
        filter_ = f"({self._settings.member_attribute}={escape_filter(dn)})"
        return frozenset(name for group in session.search(self._settings.groups_dn, filter_, ["cn"]) for name in group.texts("cn")[:1])

    def _observed(self, entry: Entry, entitlements: frozenset[str]) -> Observed:
        key, managed = self._key_of(entry)
        values = {name: entry.texts(ldap_name) for name, ldap_name in self._settings.attributes.items()}
        attributes: dict[str, Value] = {name: held[0] if len(held) == 1 else held for name, held in values.items() if held}
        return Observed(KIND, key, self._link(entry), self._state(entry), attributes, entitlements, managed)

    def _state(self, entry: Entry) -> State:
        if any(value.startswith(f"idm-ended:{self._settings.tag}:") for value in entry.texts(self._settings.key_attribute)):
            return State.ENDED
        return State.DISABLED if self._settings.lock_value in entry.texts(self._settings.lock_attribute) else State.ENABLED

    def _key_of(self, entry: Entry) -> tuple[str, bool]:
        """idm's key of the entry and True; an empty one and False if it isn't idm's."""
        for value in entry.texts(self._settings.key_attribute):
            for prefix in (f"idm:{self._settings.tag}:", f"idm-ended:{self._settings.tag}:"):
                if value.startswith(prefix):
                    return value.removeprefix(prefix), True
        return "", False

    def _key_value(self, key: str, *, ended: bool = False) -> str:
        return f"{'idm-ended' if ended else 'idm'}:{self._settings.tag}:{key}"

    def _key_filter(self, key: str) -> str:
        both = (escape_filter(self._key_value(key, ended=ended)) for ended in (False, True))
        return f"(|{''.join(f'({self._settings.key_attribute}={value})' for value in both)})"

    def _link(self, entry: Entry) -> str:
        for link in entry.texts(_LINK):
            return link
        raise Refused(f"{self._pool.where} doesn't show {_LINK} to the connector's login")

    def _dn(self, change: Change) -> str:
        return f"{self._ldap_name('username')}={escape_name(_text(change.attributes['username']))},{self._settings.people_dn}"

    def _wanted(self) -> list[str]:
        return [*self._settings.attributes.values(), self._settings.key_attribute, self._settings.lock_attribute, _LINK]

    def _ldap_name(self, name: str) -> str:
        if name not in self._settings.attributes:
            raise Refused(f"a directory account has no {name}; known: {', '.join(self._settings.attributes)}", field=name)
        return self._settings.attributes[name]

    def _refuse_kind(self, kind: str) -> None:
        if kind != KIND:
            raise Refused(f"a directory holds no {kind}, only {KIND}")

    def _as_refused(self, refused: ServerRefused, change: Change | None = None) -> Refused:
        """The server's refusal in its own words, without the values that were sent."""
        text = refused.text
        named = [name for name, ldap_name in self._settings.attributes.items() if re.search(rf"\b{re.escape(ldap_name)}\b", text)]
        for value in change.attributes.values() if change is not None else ():
            for part in sorted(_texts(value), key=len, reverse=True):
                text = re.sub(re.escape(part), "***", text, flags=re.IGNORECASE) if len(part) > 1 else text
        text = re.sub(rf"{re.escape(self._settings.attributes['username'])}=[^,]+,", "***,", text)
        words = f"{refused.name}: {text}" if text else refused.name
        return Refused(f"{self._pool.where} refused: {words}", field=named[0] if len(named) == 1 else None)


def _texts(value: Value) -> list[str]:
    """A value as the texts to send; none for an empty one."""
    parts = (value,) if isinstance(value, str) else value
    return [text for text in (part.reveal() if isinstance(part, Confidential) else part for part in parts) if text]


def _text(value: Value) -> str:
    return next(iter(_texts(value)), "")

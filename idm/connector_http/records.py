"""The record interface over HTTP: read, change and list records that have a key, a link, a state and attributes.

GET    /<kind>?key=K | ?after=N&limit=M | /<link>      POST /<kind>        PATCH, DELETE /<kind>/<link>?key=K
PUT    /<kind>/<link>/state | /entitlements/<name>     POST /<kind>/<link>/end    DELETE .../entitlements/<name>
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from idm.connector import Change, Confidential, Description, KindInfo, Observed, Ref, Refused, Retry, State, Value, Verb
from idm.connector_http.client import HttpClient, NoRecord, Reply, Settings

_PAGE = 200
_GONE_IS_DONE = frozenset({Verb.DISABLE, Verb.REVOKE, Verb.END, Verb.DELETE})


class RecordClient:
    """A `Connector` to one system that speaks the record interface. `confidential` attributes come back as `Confidential`.

    A posting of a kind in `filed` is a document: it can't go without its bytes.
    """

    def __init__(
        self,
        system: str,
        kinds: Mapping[str, KindInfo],
        config: Mapping[str, Any],
        secret: Callable[[str], str],
        *,
        confidential: Collection[str] = (),
        filed: Collection[str] = (),
    ) -> None:
        settings = Settings.of(config, system)
        self._system = system
        self._description = Description(dict(kinds), settings.deadline)
        self._confidential = frozenset(confidential)
        self._filed = frozenset(filed)
        self._client = HttpClient(system, settings, secret)

    def close(self) -> None:
        """End the kept connections; those in use end with their call."""
        self._client.close()

    def describe(self) -> Description:
        """The kinds of record and the deadline of a call."""
        return self._description

    def probe(self) -> str:
        """Log in; what answered. Raises Retry, or Refused if the credential isn't one that may write."""
        with self._client.within_deadline():
            about = self._get().body
        if not about.get("may_write"):
            raise Refused(f"{self._system} knows this credential but lets it only read. Look at the secret it was given.")
        return f"{about.get('system', self._system)} at {self._client.settings.url} answers and lets idm write"

    def read(self, ref: Ref) -> Observed | None:
        """The record by link, else by key; None if the system says that there is none. Raises Retry or Refused."""
        self._known(ref.kind)
        with self._client.within_deadline():
            if ref.link is None:
                return self._by_key(ref.kind, ref.key)
            try:
                return self._observed(ref.kind, self._client.get(ref.kind, ref.link).body)
            except NoRecord:
                return None

    def scan(self, kind: str) -> Iterator[Observed]:
        """Every record of `kind`, page by page; each page has the deadline for itself. Raises Retry if it breaks off."""
        self._known(kind)
        query = {"limit": str(_PAGE)}
        while True:
            with self._client.within_deadline():
                page = self._get(kind, query=query).body
                found = [self._observed(kind, item) for item in self._items(page)]
            yield from found
            if page.get("next") is None:
                return
            query["after"] = str(page["next"])

    def perform(self, change: Change) -> str:
        """Make `change` hold; the record's link. Raises Retry, Refused or Unknown."""
        info = self._known(change.kind)
        if info.posting is not (change.verb is Verb.POST):
            raise Refused(f"{self._system} can't {change.verb} a {change.kind}.")
        with self._client.within_deadline():
            match change.verb:
                case Verb.CREATE:
                    return self._create(change)
                case Verb.POST:
                    return self._post(change)
                case _:
                    return self._change(change)

    def _create(self, change: Change) -> str:
        body: dict[str, Any] = {"key": change.key, "attributes": _plain(change.attributes)}
        if change.state is not None:
            body["state"] = str(change.state)
        try:
            return _link(self._client.write("POST", change.kind, effect_key=change.effect_key, body=body))
        except NoRecord:
            raise self._astray() from None

    def _post(self, change: Change) -> str:
        if change.attachment is None and change.kind in self._filed:
            raise Refused(f"{self._system}: a {change.kind} can't be filed without its document.")
        record = {"key": change.key, "attributes": _plain(change.attributes)}
        try:
            if change.attachment is None:
                return _link(self._client.write("POST", change.kind, effect_key=change.effect_key, body=record))
            return _link(self._client.upload(change.kind, effect_key=change.effect_key, record=record, attachment=change.attachment))
        except NoRecord:
            raise self._astray() from None

    def _change(self, change: Change) -> str:
        link = change.link
        if link is None:
            held = self._by_key(change.kind, change.key)
            if held is None:
                return self._without_record(change)
            link = held.link
        method, path, body = _request(change)
        query = {"key": change.key}
        try:
            self._client.write(method, change.kind, link, *path, effect_key=change.effect_key, query=query, body=body)
        except NoRecord:
            return self._without_record(change)
        return link

    def _without_record(self, change: Change) -> str:
        if change.verb in _GONE_IS_DONE:
            return change.link or ""
        # Reading again shows idm that it is gone, which is for idm to judge.
        raise Retry(f"{self._system} has no such {change.kind} any more.", down=False)

    def _by_key(self, kind: str, key: str) -> Observed | None:
        items = self._items(self._get(kind, query={"key": key}).body)
        found = [self._observed(kind, item) for item in items]
        if len(found) > 1:
            raise Refused(f"{self._system} has {len(found)} records of kind {kind} with one key; a person must say which is right.")
        return found[0] if found else None

    def _get(self, *path: str, query: Mapping[str, str] | None = None) -> Reply:
        try:
            return self._client.get(*path, query=query)
        except NoRecord:
            raise self._astray() from None

    def _items(self, page: Mapping[str, Any]) -> list[Any]:
        items = page.get("items")
        if not isinstance(items, list):
            raise self._astray()
        return items

    def _observed(self, kind: str, item: Any) -> Observed:
        try:
            attributes = {name: self._shielded(name, str(value)) for name, value in item["attributes"].items()}
            return Observed(
                kind=kind,
                key=item["key"] or "",
                link=item["link"],
                state=State(item["state"]),
                attributes=attributes,
                entitlements=frozenset(item["entitlements"]),
                managed=item["key"] is not None,
            )
        except (KeyError, TypeError, AttributeError, ValueError):
            raise self._astray() from None

    def _shielded(self, name: str, value: str) -> Value:
        return Confidential(value) if name in self._confidential else value

    def _known(self, kind: str) -> KindInfo:
        info = self._description.kinds.get(kind)
        if info is None:
            raise Refused(f"{self._system} has no records of kind {kind!r}; it has {', '.join(self._description.kinds)}.")
        return info

    def _astray(self) -> Refused:
        url = self._client.settings.url
        return Refused(f"What answers at {url} isn't {self._system} as idm knows it. Look at the url in its settings.")


def _request(change: Change) -> tuple[str, tuple[str, ...], dict[str, Any]]:
    attributes = {"attributes": _plain(change.attributes)}
    right = change.entitlement or ""
    match change.verb:
        case Verb.UPDATE:
            return "PATCH", (), attributes
        case Verb.ENABLE:
            return "PUT", ("state",), {"state": "enabled"}
        case Verb.DISABLE:
            return "PUT", ("state",), {"state": "disabled"}
        case Verb.GRANT | Verb.REVOKE if not right:
            raise Refused(f"A {change.verb} must name the right.")
        case Verb.GRANT:
            return "PUT", ("entitlements", right), {}
        case Verb.REVOKE:
            return "DELETE", ("entitlements", right), {}
        case Verb.END:
            return "POST", ("end",), attributes
        case Verb.DELETE:
            return "DELETE", (), {}
    raise Refused(f"A {change.verb} isn't a change of a record that exists.")


def _plain(attributes: Mapping[str, Value]) -> dict[str, str]:
    """The attributes as the system is told them; the one place where a confidential text is revealed."""
    plain = {}
    for name, value in attributes.items():
        if isinstance(value, tuple):
            raise Refused(f"{name} takes one value, not several.", field=name)
        plain[name] = value.reveal() if isinstance(value, Confidential) else value
    return plain


def _link(reply: Reply) -> str:
    return str(reply.body.get("link", ""))

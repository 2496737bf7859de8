"""What the portal is made of: the flows' app, the pages and texts, the files that pages load, and how people sign in."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from idm.errors import IdmError
from idm.flow.intake import Receipt
from idm.ports import App
from idm.render_pages import Pages
from idm.web.texts import Texts, read_texts

if TYPE_CHECKING:
    from idm.web.login_oidc import OpenIdLogin

_HERE = Path(__file__).parent
_KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2", ".png": "image/png"}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that pages load: its bytes, media type, and a digest that its address carries, so that browsers may keep it for good."""

    content: bytes
    media_type: str
    digest: str


class Assets:
    """The files below `static` (ours) and `vendor` (npm's, if `make assets` fetched them), read once. Nothing else is served."""

    def __init__(self, folders: Sequence[Path] = (_HERE / "static", _HERE / "vendor")) -> None:
        self._found: dict[str, Asset] = {}
        for folder in folders:
            for file in sorted(folder.rglob("*")):
                if file.is_file() and file.suffix in _KINDS:
                    content = file.read_bytes()
                    kind = _KINDS.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
                    self._found[file.relative_to(folder).as_posix()] = Asset(content, kind, hashlib.sha256(content).hexdigest()[:16])

    def get(self, name: str) -> Asset | None:
        """The file called `name`, or None."""
        return self._found.get(name)

    def has(self, name: str) -> bool:
        """Whether it is there: without npm's files the pages do without."""
        return name in self._found

    def url(self, name: str) -> str:
        """Where a page loads it from."""
        return f"/static/{name}?v={self._found[name].digest}" if name in self._found else f"/static/{name}"

    def styles(self) -> list[str]:
        """Our stylesheets, in the order in which they count."""
        return sorted(name for name in self._found if name.endswith(".css"))


@dataclass(frozen=True, slots=True)
class Site:
    """The portal of one installation. `playful`: a demo or test installation; `local`: it listens on this machine alone.

    `url` is the address that people reach it by, without a slash at the end; "" while it isn't known. `take` takes events as they come
    from HR's system, too; `look` says what an event would be refused for, and takes nothing. `policies` is the folder of policies.
    """

    app: App
    texts: Texts
    pages: Pages
    assets: Assets
    playful: bool = False
    local: bool = False
    url: str = ""
    openid: OpenIdLogin | None = None
    take: Callable[[str], list[Receipt]] = lambda raw: []
    look: Callable[[str], IdmError | None] = lambda raw: None
    policies: Path = Path()
    cache: dict[str, object] = field(default_factory=dict)

    @property
    def may_choose(self) -> bool:
        """Whether a page lets one choose who to be: in demo and test installations that nobody else can reach."""
        return self.playful and self.local


def make_site(
    app: App,
    templates: Sequence[Path],
    *,
    take: Callable[[str], list[Receipt]],
    look: Callable[[str], IdmError | None],
    policies: Path = Path(),
    playful: bool = False,
    local: bool = False,
    url: str = "",
    openid: OpenIdLogin | None = None,
) -> Site:
    """The portal over `app`, with the templates in `templates`, an installation's own folder before the shipped one."""
    texts, assets = read_texts(templates), Assets()
    names: Mapping[str, object] = {"asset": assets.url, "has_asset": assets.has, "styles": assets.styles, "playful": playful}
    pages = Pages(templates, texts.catalogues, texts.words, names)
    return Site(app, texts, pages, assets, playful, local, url.rstrip("/"), openid, take, look, policies)

"""By which address people reach the portal: as it is set, or where this machine's own server listens."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

SERVER_FILE = "server.json"
"""The file in the installation's folder that names the address and process of the server that runs."""


def portal_address(portal_url: str, home: Path, *, playful: bool) -> Callable[[], str]:
    """How to learn the portal's address, without a slash at its end; "" while there is none. `portal_url` is as it is set, "" if it isn't.

    Only a demo or test installation (`playful`) goes by the server that runs, and only by one on loopback: what it says is true of nobody
    else's machine.
    """
    if portal_url:
        address = portal_url.rstrip("/")
        return lambda: address
    if not playful:
        return lambda: ""
    return lambda: _own(home)


def _own(home: Path) -> str:
    try:
        url = json.loads((home / SERVER_FILE).read_text())["url"]
        host = urlsplit(url).hostname or ""
        return str(url).rstrip("/") if ipaddress.ip_address(host).is_loopback else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""

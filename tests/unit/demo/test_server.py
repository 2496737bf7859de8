from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from idm.demo.server import Server


def test_its_port_is_none_that_an_outgoing_connection_may_take_while_it_is_down(tmp_path: Path) -> None:
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert all((urlsplit(Server(tmp_path).url).port or 0) < lowest for _ in range(20))

"""A system that can't be set up yet is tried again at every call, and says why it can't."""

from __future__ import annotations

from pathlib import Path

import pytest

from idm.bootstrap import opened
from idm.connecting import NotYet
from idm.connector import Change, Ref, Retry, Verb
from idm.initialise import initialise
from idm.settings import Settings
from idm.simulators import control


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The settings of an installation of the kind "test" that was just made."""
    made = Settings(home=tmp_path / "home")
    initialise(made, "test")
    return made


def test_every_call_says_why_and_what_to_do(settings: Settings) -> None:
    with opened(settings) as found:
        connector = found.app.connectors["erp"]
        change = Change(Verb.CREATE, "profile", "p-1", "profile/p-1/record")
        calls = (connector.describe, connector.probe, lambda: connector.read(Ref("profile", "p-1")), lambda: connector.perform(change))
        for call in (*calls, lambda: list(connector.scan("profile"))):
            with pytest.raises(Retry, match="never been started") as refusal:
                call()
            assert refusal.value.down
            assert "idm simulators start" in refusal.value.reason
        assert "erp" in found.connector_faults


def test_it_is_there_as_soon_as_the_system_is(settings: Settings) -> None:
    folder = settings.home / "simulators"
    with opened(settings) as found:
        connector = found.app.connectors["erp"]
        assert isinstance(connector, NotYet)
        assert not connector.ready
        control.start(folder)
        try:
            assert "erp" in connector.probe()
            assert connector.ready
            assert connector.read(Ref("profile", "p-1")) is None
            assert connector.describe().kinds
            assert list(connector.scan("profile")) == []
        finally:
            control.stop(folder)

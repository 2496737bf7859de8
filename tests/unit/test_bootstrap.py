from __future__ import annotations

from pathlib import Path

import pytest

from idm.bootstrap import opened
from idm.initialise import initialise
from idm.settings import read_settings


@pytest.mark.parametrize(
    ("variable", "value"),
    [("smtp_url", "bogus"), ("smtp_url", "smtp://user:password@mail.example.org"), ("mail_sender", "no address")],
)
def test_a_mail_setting_that_cannot_be_used_is_named_and_leaves_the_other_systems_alone(tmp_path: Path, variable: str, value: str) -> None:
    initialise(read_settings(home=tmp_path), "test")
    with opened(read_settings(home=tmp_path, **{variable: value})) as found:
        error = found.connector_faults["mail"]
    assert error.exit_code == 3
    assert [fault.path for fault in error.faults] == ["IDM_SMTP_URL, IDM_MAIL_SENDER"]
    assert error.next_step
    assert "password@" not in str(error.as_json())

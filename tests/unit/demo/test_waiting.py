from __future__ import annotations

import pytest

from idm.demo.waiting import until
from idm.errors import CheckFailed


def test_waiting_for_what_never_comes_fails_and_says_for_what() -> None:
    with pytest.raises(CheckFailed, match="the sun rises in the west"):
        until(lambda: False, 0.02, "the sun rises in the west", each=0.001)
    assert until(iter([0, 0, 7]).__next__, 5, "seven", each=0.001) == 7

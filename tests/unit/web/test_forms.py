from __future__ import annotations

import asyncio

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from idm.web.forms import read_form


def test_who_goes_away_while_they_send_is_no_fault_of_ours() -> None:
    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", b"application/x-www-form-urlencoded")]}

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    with pytest.raises(HTTPException) as refused:
        asyncio.run(read_form(Request(scope, gone)))

    assert refused.value.status_code == 400

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from idm.web.app import make_app


@pytest.mark.parametrize(
    ("method", "path", "status", "code"), [("GET", "/nowhere", 404, "not-found"), ("GET", "/events", 405, "method-not-allowed")]
)
def test_an_address_that_is_not_served_answers_in_the_usual_shape(method: str, path: str, status: int, code: str) -> None:
    client = TestClient(make_app(token="t", take=lambda _: [], ready=dict, healthy=lambda: True))
    answer = client.request(method, path)
    error = answer.json()["error"]

    assert (answer.status_code, error["code"], error["faults"]) == (status, code, [])
    assert answer.json()["schema"] == 1 and error["message"] and error["next"]
    assert "detail" not in answer.json()
    if status == 405:
        assert answer.headers["allow"] == "POST"

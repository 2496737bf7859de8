from __future__ import annotations

import pytest

from idm.web.portal import THEME_COOKIE
from tests import data
from tests.support.portal import Portal


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_light_or_dark_is_kept_once_it_was_chosen_and_forgotten_again(portal: Portal, theme: str) -> None:
    visitor = portal.visitor(data.PAY)
    chosen = visitor.send(visitor.get("/absence"), "/theme", button=("theme", theme))
    assert chosen.url == "/absence" and f'data-theme="{theme}"' in chosen.html

    assert "data-theme" not in visitor.send(chosen, "/theme", button=("theme", "")).html


def test_a_theme_that_there_is_not_changes_nothing(portal: Portal) -> None:
    visitor = portal.visitor(data.PAY)
    visitor.post("/theme", {"theme": "x onload=1"})

    assert THEME_COOKIE not in visitor.client.cookies
    assert visitor.get("/static/nothing.css").status == 404


def test_what_pages_load_may_be_kept_for_good_under_its_digest_alone(portal: Portal) -> None:
    visitor = portal.visitor()
    url = portal.site.assets.url("css/2-base.css")

    assert "immutable" in visitor.get(url).headers["cache-control"]
    assert visitor.get(url.partition("?")[0]).headers["cache-control"] == "no-cache"

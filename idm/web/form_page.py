"""The page on which a form stands, by the address that it is sent to: where one comes back to, since an answer can't be asked for again."""

from __future__ import annotations

from starlette.requests import Request
from starlette.routing import Match

FRONT = "/"


def page_of(request: Request, declared: str = "") -> str:
    """The address of the page that is shown, without what stands behind the question mark.

    Of a form that was sent it is the page `declared` for it, else the nearest one at or above the address that it was sent to.
    """
    if request.method in ("GET", "HEAD"):
        return request.url.path
    path = declared or request.url.path
    while path and not _is_page(request, path):
        path = path.rpartition("/")[0]
    return path or FRONT


def _is_page(request: Request, path: str) -> bool:
    asked = {"type": "http", "method": "GET", "path": path, "root_path": ""}
    return any(route.matches(asked)[0] is Match.FULL for route in request.app.router.routes)

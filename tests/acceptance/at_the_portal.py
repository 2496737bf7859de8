"""The people of a hire at their browsers: what each of them does there, in the words of the pages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_string
from email.message import Message

from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.acceptance.stack import Stack
from tests.support.browser import Chromium, Window
from tests.waiting import wait_until

PHONE, DESK = 390, 1280


def personal_link(stack: Stack, slug: str = "invitation") -> str:
    """The link in the newest mail of that kind, once it was sent."""

    def newest() -> str:
        mails = stack.mails(slug)
        found = re.search(r"https?://\S+/start/[\w-]+", _text(message_from_string(mails[-1]))) if mails else None
        return found[0] if found is not None else ""

    return wait_until(newest, 60.0, f"no mail of the kind {slug} brought a link")


def _text(mail: Message) -> str:
    parts = [part for part in mail.walk() if part.get_content_type() == "text/plain"]
    content = parts[0].get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode()


def newest_code(stack: Stack) -> str:
    """The code in the newest text message, once it was sent."""

    def newest() -> str:
        found = sorted((stack.home / "sms").glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        digits = re.search(r"\b\d{6}\b", json.loads(found[-1].read_text())["text"]) if found else None
        return digits[0] if digits is not None else ""

    return wait_until(newest, 60.0, "no text message brought a code")


class Person:
    """Somebody at a browser of their own."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, label: str) -> None:
        """Press a button, or follow a link that looks like one."""
        self.page.get_by_role("button", name=label, exact=True).or_(self.page.get_by_role("link", name=label, exact=True)).first.click()

    def fill(self, **fields: str) -> None:
        """Fill in fields by their labels, `_` for a blank, one after the other as they are typed."""
        for label, value in fields.items():
            self.page.get_by_label(label.replace("_", " "), exact=True).fill(value)

    def is_told(self, text: str) -> None:
        """The page says in its line above that something was done."""
        expect(self.page.get_by_role("status").filter(has_text=text)).to_be_visible()


class Staff(Person):
    """Somebody of the staff, signed in by choosing who to be."""

    def sign_in(self, name: str) -> None:
        """Choose who to be."""
        self.page.goto("/login/choose")
        self.press(f"Be {name}")
        expect(self.page.get_by_role("heading", name="My tasks", level=1)).to_be_visible()

    def open_task(self, title: str) -> None:
        """Open a task of the list, once it stands there."""
        self._once_listed(title).click()
        expect(self.page.get_by_role("heading", name=title, level=1)).to_be_visible()

    def _once_listed(self, title: str) -> Locator:
        link = self.page.get_by_role("link", name=title, exact=True)

        def listed() -> bool:
            self.page.goto("/tasks")
            return link.count() > 0

        wait_until(listed, 60.0, f"the list never had the task {title!r}: {self.page.locator('main').inner_text()}")
        return link.first

    def decide(self, title: str, button: str, told: str) -> None:
        """Open a task, press a button, and be told what was done."""
        self.open_task(title)
        self.press(button)
        self.is_told(told)


class NewHire(Person):
    """The person hired, on a phone."""

    def come_in(self, stack: Stack, link: str) -> None:
        """Open the link, ask for the code, and write it."""
        self.page.goto(link)
        self.press("Send me the code")
        expect(self.page.get_by_role("heading", name="Write the code")).to_be_visible()
        self.fill(Code=newest_code(stack))
        self.press("Go on")
        expect(self.page.get_by_role("heading", name=re.compile("^Hello, "))).to_be_visible()

    def start(self) -> Locator:
        """The entries of the checklist, as they are now."""
        self.page.goto("/my")
        return self.page.get_by_role("main").get_by_role("listitem")

    def hand_in(self, title: str, name: str, media_type: str, content: bytes) -> None:
        """Hand in a paper."""
        self.open(title)
        self.page.locator("input[type=file]").set_input_files(FilePayload(name=name, mimeType=media_type, buffer=content))
        self.press("Hand it in")
        self.is_told("Thank you: we have it now")

    def open(self, title: str) -> None:
        """Open an entry of the checklist, once it stands there."""
        link = self.page.get_by_role("link", name=title, exact=True)

        def listed() -> bool:
            self.page.goto("/my")
            return link.count() > 0

        wait_until(listed, 60.0, f"the checklist never had {title!r}: {self.page.locator('main').inner_text()}")
        link.click()
        expect(self.page.get_by_role("heading", name=title, level=1)).to_be_visible()


@contextmanager
def at_a_browser(chromium: Chromium, url: str, *, width: int = DESK) -> Iterator[Window]:
    """A window of somebody's own; it must have had no complaint when it is closed."""
    with chromium.window(url, width=width, height=844 if width == PHONE else 900) as window:
        yield window
        assert window.complaints == []

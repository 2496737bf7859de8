"""Whether every mail that is in force can be sent: compiled, with known names only, and rendered with sample values in each language."""

from __future__ import annotations

from collections.abc import Iterator

from idm.errors import Fault, PolicyInvalid
from idm.mail_texts import SMS_TEXTS, TEXTS, sample
from idm.render import LANGUAGES, Renderer

_PARTS = ("subject.txt", "body.txt", "body.html")


def template_faults(renderer: Renderer) -> list[Fault]:
    """Every fault of the templates in force, in order of file and line; while one of a text's own is broken, the shipped one is sent."""
    faults = dict.fromkeys([*renderer.check(), *_unknown_names(renderer), *_unrendered(renderer), *_messages(renderer)])
    # What can't be compiled can't be rendered either: once is enough.
    places = {fault.path for fault in faults if fault.rule in ("syntax", "unknown-name")}
    found = [fault for fault in faults if fault.rule in ("syntax", "unknown-name") or fault.path not in places]
    return sorted(found, key=lambda fault: _place(fault.path))


def _place(path: str) -> tuple[str, int]:
    file, _, line = path.rpartition(":")
    return (file, int(line)) if line.isdigit() else (path, 0)


def _unknown_names(renderer: Renderer) -> Iterator[Fault]:
    """Names that no such mail is ever given: else they would show only when a rare condition holds."""
    for slug, languages in renderer.mails().items():
        if slug not in TEXTS:
            continue
        known = TEXTS[slug].names
        for language in languages:
            for part in _PARTS:
                try:
                    used = renderer.names(f"email/{slug}/{language}/{part}")
                except PolicyInvalid:
                    continue
                for name, file, line in used:
                    if name not in known:
                        words = f"'{name}' isn't known in this mail; it has: {', '.join(sorted(known))}"
                        yield Fault(f"{file}:{line}", "unknown-name", words)


def _messages(renderer: Renderer) -> Iterator[Fault]:
    """What is wrong with the text messages."""
    for slug, values in SMS_TEXTS.items():
        for language in LANGUAGES:
            try:
                message = renderer.render_sms(slug, language, values)
            except PolicyInvalid as error:
                yield from error.faults
            else:
                if message.fault is not None:
                    yield message.fault


def _unrendered(renderer: Renderer) -> Iterator[Fault]:
    for slug in TEXTS:
        for language in LANGUAGES:
            for full in (True, False):
                try:
                    mail = renderer.render_mail(slug, language, sample(slug, language, full=full))
                except PolicyInvalid as error:
                    yield from error.faults
                else:
                    if mail.fault is not None:
                        yield mail.fault

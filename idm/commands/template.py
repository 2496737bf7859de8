"""`idm template`: the texts of the mails, as they would arrive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from idm.commands.answer import Answer, error_lines
from idm.commands.command import IdmGroup
from idm.commands.session import installation, read_bytes
from idm.commands.text import table
from idm.errors import BadInput, Fault, IdmError, NotFound, PolicyInvalid, Unavailable

if TYPE_CHECKING:
    from idm.render import Renderer

template = IdmGroup(
    "template",
    help="The texts of the mails.",
    examples=("idm template list", "idm template preview welcome --lang en", "idm template check"),
)


@contextmanager
def _renderer() -> Iterator[Renderer]:
    """The installation's templates before the shipped ones; the shipped ones alone where there is no installation."""
    from idm.bootstrap import shipped
    from idm.render import Renderer

    try:
        with installation() as found:
            yield found.renderer
    except Unavailable:
        yield Renderer([shipped("templates")])


@template.add("list", examples=("idm template list", "idm template list --json"))
def list_() -> Answer:
    """List the mails: to whom each goes and when, the values its text may use, and which files are the installation's own."""
    from idm.mail_texts import TEXTS

    with _renderer() as renderer:
        mails = renderer.mails()
        own = renderer.own()
    items: list[dict[str, Any]] = []
    for slug in [*TEXTS, *(each for each in mails if each not in TEXTS)]:
        text = TEXTS.get(slug)
        items.append(
            {
                "slug": slug,
                "languages": list(mails.get(slug, ())),
                "to": text.to if text else None,
                "when": text.when if text else None,
                "always": list(text.always) if text else [],
                "maybe": list(text.maybe) if text else [],
                "own": [file for file in own if file.startswith(f"email/{slug}/")],
            }
        )
    shown = [(i["slug"], " ".join(i["languages"]), i["to"] or "", i["when"] or "", "own" if i["own"] else "shipped") for i in items]
    return Answer({"items": items}, table(("mail", "in", "to", "when", "text"), shown))


@template.add(
    "preview",
    examples=(
        "idm template preview welcome",
        "idm template preview digest --lang en --html",
        "idm template preview reminder --context values.json",
    ),
    exits={3: "the values or the template aren't right; the fault names file and line", 4: "there is no such mail"},
)
@click.argument("slug")
@click.option("--lang", "language", type=click.Choice(["da", "en"]), default="da", show_default=True, help="The language.")
@click.option("--context", "file", default="", metavar="FILE", help="Values in JSON instead of the sample's; - for standard input.")
@click.option("--least", is_flag=True, help="Leave out the sample values that may be missing.")
@click.option("--html", is_flag=True, help="Print the HTML instead of the plain text.")
def preview(slug: str, language: str, file: str, least: bool, html: bool) -> Answer:
    """Show a mail as it would arrive, with invented values or your own. Nothing is sent."""
    from idm.mail_texts import TEXTS, sample

    with _renderer() as renderer:
        if slug not in renderer.mails():
            raise NotFound(f"There is no mail '{slug}'.", next_step="`idm template list` lists them.")
        context: dict[str, object] = sample(slug, language, full=not least) if slug in TEXTS else {}
        if file:
            context = {**context, **_values(file, TEXTS[slug].names if slug in TEXTS else None)}
        mail = renderer.render_mail(slug, language, context)
    if mail.fault is not None:
        broken = PolicyInvalid(
            f"The installation's own text of '{slug}' can't be used; meanwhile the shipped one is sent.",
            faults=[mail.fault],
            next_step="Mend the file that is named, or remove it.",
        )
    else:
        broken = None
    document: dict[str, Any] = {
        "slug": slug,
        "language": language,
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "own": mail.fault is None and bool(renderer.own(f"email/{slug}/{language}")),
    }
    shown = [f"Subject: {mail.subject}", "", *((mail.html or "").splitlines() if html else mail.text.splitlines())]
    if broken is None:
        return Answer(document, shown)
    return Answer({**document, "error": broken.as_json()["error"]}, [*shown, "", *error_lines(broken)], broken.exit_code)


def _values(file: str, known: frozenset[str] | None) -> Mapping[str, object]:
    from idm.inputs.json_text import read_json

    found = read_json(read_bytes(file), "The values")
    if not isinstance(found, Mapping):
        raise BadInput("The values must be a JSON object.", faults=[Fault("", "object", "must be an object of names and values")])
    faults = []
    values: dict[str, object] = {}
    for name, value in found.items():
        if known is not None and name not in known:
            faults.append(Fault("context", "unknown-name", f"this mail has no value of such a name; it has: {', '.join(sorted(known))}"))
        elif isinstance(value, str):
            values[name] = value
        elif isinstance(value, list) and all(isinstance(each, str) for each in value):
            values[name] = tuple(value)
        elif value is None:
            continue
        else:
            faults.append(Fault("context", "value", "each value must be a text or a list of texts"))
    if faults:
        raise BadInput("The values can't be used.", faults=faults, next_step="Mend them; nothing was rendered.")
    return values


@template.add(
    "check", examples=("idm template check", "idm template check --json"), exits={8: "a template is broken; each fault names file and line"}
)
def check() -> Answer:
    """Render every mail in both languages with sample values, the installation's own texts first, and name every fault."""
    from idm.mail_texts import TEXTS
    from idm.template_check import template_faults

    with _renderer() as renderer:
        faults = template_faults(renderer)
        own = renderer.own()
    document = {"ok": not faults, "mails": len(TEXTS), "own": own, "items": [fault.as_json() for fault in faults]}
    if not faults:
        return Answer(document, [f"All {len(TEXTS)} mails can be sent in both languages ({len(own)} files are the installation's own)."])
    error = IdmError(
        f"{len(faults)} fault(s) in the templates. Until they are mended, the shipped texts of these mails are sent.",
        faults=faults,
        next_step="Mend what is named; `idm template preview MAIL` shows it.",
    )
    return Answer(document, error_lines(error), 8)

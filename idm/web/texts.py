"""The portal's languages: gettext catalogues, read once as the text files that they are, and which one a visitor reads.

`templates/web/texts/<language>/<area>.po` hold the pages' texts, `phrases-<area>.po` the messages of domain and flows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.support import NullTranslations

from idm.web.phrasebook import Phrasebook, english

LANGUAGES = ("da", "en")
"""The portal's languages, the one of the house first."""

PHRASES = "phrases-"
"""What the names of catalogues with domain messages begin with."""


class Catalogue(NullTranslations):
    """The texts of one language; what it lacks is said as it stands in the page, in English."""

    def __init__(self, texts: Mapping[str, str | tuple[str, ...]]) -> None:
        super().__init__()
        self._texts = texts

    def gettext(self, message: str) -> str:
        """The text for `message`."""
        found = self._texts.get(message)
        return (found if isinstance(found, str) else found[0]) if found else message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The text for `n` of something; Danish has the same two forms as English."""
        found = self._texts.get(msgid1)
        if isinstance(found, tuple) and len(found) == 2:
            return found[0] if n == 1 else found[1]
        return msgid1 if n == 1 else msgid2


@dataclass(frozen=True, slots=True)
class Texts:
    """Everything that the portal says: `catalogues` of the pages' texts, and `words` for messages of domain and flows, by language."""

    catalogues: Mapping[str, Catalogue]
    words: Mapping[str, Phrasebook]

    def say(self, language: str, message: str, **values: object) -> str:
        """`message`, English as it stands in the code, in `language`, with its {values} put in."""
        return self.catalogues[language].gettext(message).format(**values)


def read_texts(folders: Sequence[Path]) -> Texts:
    """The texts below `folders`/web/texts: an installation's own before the shipped ones."""
    catalogues = {language: Catalogue(_merged(folders, language, phrases=False)) for language in LANGUAGES}
    return Texts(catalogues, {language: phrasebook(folders, language) for language in LANGUAGES})


def phrasebook(folders: Sequence[Path], language: str) -> Phrasebook:
    """What says a message of domain or flows in `language`; in English, as it stands but for what a page says otherwise."""
    own = {message: str(said) for message, said in _merged(folders, language, phrases=True).items()}
    return Phrasebook(english(_merged(folders, LANGUAGES[0], phrases=True), own) if language == "en" else own, language)


def _merged(folders: Sequence[Path], language: str, *, phrases: bool) -> dict[str, str | tuple[str, ...]]:
    found: dict[str, str | tuple[str, ...]] = {}
    for folder in reversed(folders):
        for file in sorted((folder / "web" / "texts" / language).glob("*.po")):
            if file.name.startswith(PHRASES) == phrases:
                found.update(_entries(read_catalogue(file)))
    return found


def read_catalogue(file: Path) -> Catalog:
    """One catalogue, as Babel reads it."""
    with file.open("rb") as stream:
        return read_po(stream, abort_invalid=True)


def _entries(catalogue: Catalog) -> Iterable[tuple[str, str | tuple[str, ...]]]:
    for message in catalogue:
        if not message.id or not message.string:
            continue
        if isinstance(message.id, tuple | list):
            yield message.id[0], tuple(message.string)
        else:
            yield message.id, str(message.string)


def language_asked(cookie: str, accepted: str) -> str:
    """The language of somebody who isn't signed in: as they chose, else as their browser prefers, else Danish.

    `accepted` is the Accept-Language header (RFC 9110, section 12.5.4).
    """
    if cookie in LANGUAGES:
        return cookie
    weighed = []
    for place, part in enumerate(accepted.split(",")[:20]):
        tag, _, weight = part.strip().partition(";q=")
        try:
            value = float(weight) if weight else 1.0
        except ValueError:
            continue
        weighed.append((-value, place, tag.partition("-")[0].strip().lower()))
    return next((tag for _, _, tag in sorted(weighed) if tag in LANGUAGES), LANGUAGES[0])

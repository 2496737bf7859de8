"""One policy file: its text, checked against its shape, with every fault on its line and in words."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Annotated, Any, get_args, get_origin

from pydantic import ValidationError

from idm.domain.journey import Source
from idm.errors import Fault
from idm.policy_files.models import SHAPES
from idm.policy_files.shapes import PATTERNS, Outside, Shape
from idm.policy_files.yaml_tree import Path, Tree, parse


@dataclass(frozen=True, slots=True)
class PolicyText:
    """A file's name relative to the policies folder (with `/`), its text, and the SHA-256 of its bytes in hex."""

    file: str
    text: str
    hash: str


def policy_text(file: str, text: str) -> PolicyText:
    """The text of `file` with its content hash."""
    return PolicyText(file, text, hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file as read: its model (None if its shape is wrong), and where each part stands."""

    text: PolicyText
    tree: Tree
    model: Shape | None
    faults: tuple[Fault, ...]

    @property
    def stem(self) -> str:
        """The file's name without folder and ending: what a journey or form in it must be called."""
        return PurePosixPath(self.text.file).stem

    def source(self, *path: str | int) -> Source:
        """Where the part at `path` stands, as rules carry it."""
        return Source(self.text.file, self.tree.line(path), self.text.hash)

    def fault(self, path: Path, rule: str, message: str) -> Fault:
        """A fault of the part at `path`."""
        return Fault(f"{self.text.file}:{self.tree.line(path)}", rule, message)


def shape_of(file: str) -> type[Shape] | None:
    """The shape that a file of that name must have, or None if no policy file is called so."""
    return next((shape for pattern, shape in SHAPES.items() if _matches(file, pattern)), None)


def _matches(file: str, pattern: str) -> bool:
    return file.count("/") == pattern.count("/") and fnmatchcase(file, pattern)


def read(text: PolicyText, shape: type[Shape]) -> ReadFile:
    """Read one file. Never raises for what it holds."""
    tree = parse(text.text, text.file)
    faults = list(tree.faults)
    model: Shape | None = None
    if tree.data is not None:
        try:
            model = shape.model_validate(tree.data)
        except ValidationError as error:
            faults.extend(_fault(text.file, tree, shape, detail) for detail in error.errors(include_url=False))
    elif not faults:
        faults.append(Fault(f"{text.file}:1", "empty", "the file is empty, so nothing it should declare is in force"))
    return ReadFile(text, tree, model, tuple(faults))


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint such as ` (did you mean 'teacher'?)`, or nothing if no known word is near."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" (did you mean '{close[0]}'?)" if close else ""


def one_of(words: Collection[str]) -> str:
    """The words in a line, or `none` if there are none."""
    return ", ".join(sorted(words)) or "none"


def _fault(file: str, tree: Tree, shape: type[Shape], detail: Any) -> Fault:
    path: Path = detail["loc"]
    kind: str = detail["type"]
    where = f"{file}:{tree.line(path)}"
    written = tree.known(path)
    around = f" in '{written[-1]}'" if written else ""
    if kind == "extra_forbidden":
        known = _keys_at(shape, tree, path[:-1])
        return Fault(where, "unknown-key", f"'{path[-1]}' is not a key here{nearest(str(path[-1]), known)}; it takes: {one_of(known)}")
    if kind == "missing":
        return Fault(where, "missing", f"'{path[-1]}' is missing{around}; add it")
    if kind == "union_tag_not_found":
        return Fault(where, "missing", f"'kind' is missing{around}; add human, automatic or timer")
    if path and path[-1] == "[key]":
        context: Mapping[str, Any] = detail.get("ctx", {})
        words = PATTERNS.get(context.get("pattern", ""), str(context.get("error", "it is too long or too short")))
        return Fault(where, "name", f"'{written[-1]}' can't be a name here: {words}")
    names = [part for part in written if isinstance(part, str)]
    rule, words = _words(kind, f"'{names[-1]}'" if names else "the file", detail)
    if rule == "range" and (why := _outside(shape, tree, path)):
        words = f"{words}: {why}"
    return Fault(where, rule, words)


def _words(kind: str, name: str, detail: Any) -> tuple[str, str]:
    context: Mapping[str, Any] = detail.get("ctx", {})
    got = _shown(detail.get("input"))
    match kind:
        case "union_tag_invalid":
            return "choice", f"'kind' must be one of {context['expected_tags']}, not {got}"
        case "literal_error":
            return "choice", f"{name} must be one of {context['expected']}, not {got}"
        case "string_type":
            return "type", f"{name} must be text, not {got}; put it in quotes"
        case "string_pattern_mismatch":
            return "pattern", f"{name} can't be {got}: {PATTERNS[context['pattern']]}"
        case "value_error":
            return "rule", f"{name}: {context['error']}"
        case "model_type" | "dict_type" | "model_attributes_type":
            return "type", f"{name} must be a mapping of keys to values, not {got}"
        case "list_type":
            return "type", f"{name} must be a list, not {got}; write it in square brackets or with a hyphen on each line"
        case "bool_type":
            return "type", f"{name} must be true or false, not {got}"
        case "int_type" | "float_type" | "int_from_float":
            return "type", f"{name} must be a {'' if kind == 'float_type' else 'whole '}number, not {got}"
        case "too_short":
            return "empty", f"{name} is empty, so it would mean nothing; it must hold at least one entry"
        case _:
            return "range", f"{name}: {detail['msg'][:1].lower()}{detail['msg'][1:]}, not {got}"


def _shown(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case dict():
            return "a mapping" if "kind" not in value else f"'{value['kind']}'"
        case list():
            return "a list"
        case bool():
            return str(value).lower()
        case _:
            return f"'{str(value)[:60]}'"


def _outside(shape: type[Shape], tree: Tree, path: Path) -> str:
    """What the number at `path` being outside its bounds would lead to; empty where nothing is said of it."""
    holders = [model for model in _models_at(shape, tree, path[:-1]) if path[-1] in model.model_fields]
    fields = [model.model_fields[str(path[-1])] for model in holders]
    notes = [note for field in fields for note in (*field.metadata, *_notes(field.annotation))]
    return next((note.words for note in notes if isinstance(note, Outside)), "")


def _notes(annotation: Any) -> tuple[Any, ...]:
    """What stands beside types anywhere in an annotation such as `Annotated[int, Outside("...")] | None`."""
    own = annotation.__metadata__ if get_origin(annotation) is Annotated else ()
    return (*own, *(note for part in get_args(annotation) for note in _notes(part)))


def _keys_at(shape: type[Shape], tree: Tree, path: Path) -> set[str]:
    """The keys that the model at `path` takes."""
    return {key for model in _models_at(shape, tree, path) for key in model.model_fields}


def _models_at(shape: type[Shape], tree: Tree, path: Path) -> list[type[Shape]]:
    """The models that may stand at `path`. The path is one that pydantic gave, with its tags of unions."""
    annotation: Any = shape
    at: Path = ()
    for name in path:
        models = _models_in(annotation)
        if (*at, name) not in tree.lines:
            annotation = next((model for model in models if _tag(model) == name), annotation)
            continue
        at = (*at, name)
        if isinstance(annotation, type) and issubclass(annotation, Shape):
            annotation = annotation.model_fields[str(name)].annotation
        elif len(models) == 1:
            annotation = models[0]
    return _models_in(annotation)


def _tag(model: type[Shape]) -> str | None:
    kind = model.model_fields.get("kind")
    return str(get_args(kind.annotation)[0]) if kind else None


def _models_in(annotation: Any) -> list[type[Shape]]:
    """Every model that stands somewhere in an annotation such as `dict[str, A | B]`."""
    if isinstance(annotation, type) and issubclass(annotation, Shape):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]

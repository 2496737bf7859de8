"""Whether what `when:` and groups name exists: groups in groups.yaml, positions and units in the organisation."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from idm.domain.people import Organisation
from idm.errors import Fault
from idm.policy_files.build import Draft
from idm.policy_files.read import ReadFile, nearest, one_of
from idm.policy_files.when import GroupsFile, GroupShape, When


def known_groups(draft: Draft) -> Collection[str] | None:
    """The names that groups.yaml declares; None if it is broken, so that nothing can be said of them."""
    if found := draft.one(GroupsFile):
        return found[1].groups
    return None if any(file.text.file == "groups.yaml" for file in draft.files) else ()


def when_faults(file: ReadFile, path: tuple[str | int, ...], when: When | None, known: Collection[str] | None) -> Iterator[Fault]:
    """A fault for each group that the `when` at `path` names and that isn't among `known` (None: nothing is known of groups)."""
    for index, group in enumerate((when.groups if when else None) or ()):
        if known is not None and group not in known:
            words = f"no group is called '{group}'{nearest(group, known)}; groups.yaml declares: {one_of(known)}"
            yield file.fault((*path, "groups", index), "unknown-group", words)


def place_warnings(
    file: ReadFile, path: tuple[str | int, ...], shape: When | GroupShape | None, organisation: Organisation
) -> Iterator[Fault]:
    """A warning for each position and unit at `path` that the organisation doesn't have: the criterion never fits because of it."""
    if shape is None:
        return
    for key, wanted, known in (("positions", shape.positions, organisation.positions), ("units", shape.units, organisation.units)):
        for index, name in enumerate(wanted or ()):
            if name not in known:
                words = f"the organisation has no '{name}' among its {key}{nearest(name, known)}, so this never matches"
                yield file.fault((*path, key, index), "never-matches", words)

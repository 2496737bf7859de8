"""How two rules lie to each other: whether one means only those whom the other means too, and whether both may mean the same hire."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from idm.domain.matching import CITIZENSHIPS, Group, Match, citizenship_class

Inside = Callable[[str, str], bool]
"""Whether a unit is another, or lies below it."""
Groups = Mapping[str, Group]

_LISTS = ("agreements", "pay_classes")
_FLAGS = ("temporary", "hourly", "new_person", "manages")
_RANGES = (("hours_from", "hours_below"), ("age_from", "age_below"))
_LOWER, _UPPER = ("hours_from", "age_from", "amount_from"), ("hours_below", "age_below", "notice_below")


def implies(narrow: Match, wide: Match, groups: Groups, inside: Inside) -> bool:
    """Whether everybody whom `narrow` means is certainly meant by `wide` too."""
    return (
        (not wide.positions or _subset(narrow.positions, wide.positions))
        and (not wide.units or _all_inside(narrow.units, wide.units, inside))
        and (not wide.groups or _within_groups(narrow, wide.groups, groups, inside))
        and (not wide.citizenship or (bool(narrow.citizenship) and all(_covered(each, wide.citizenship) for each in narrow.citizenship)))
        and all(not getattr(wide, name) or _subset(getattr(narrow, name), getattr(wide, name)) for name in _LISTS)
        and all(getattr(wide, name) in (None, getattr(narrow, name)) for name in _FLAGS)
        and all(_tighter(getattr(narrow, name), getattr(wide, name), 1) for name in _LOWER)
        and all(_tighter(getattr(narrow, name), getattr(wide, name), -1) for name in _UPPER)
    )


def may_both_fit(one: Match, other: Match, groups: Groups, inside: Inside) -> bool:
    """Whether some hire might fit both, as far as the criteria tell."""
    positions = set(one.positions) & set(other.positions) if one.positions and other.positions else {*one.positions, *other.positions}
    if one.positions and other.positions and not positions:
        return False
    if one.units and other.units and not any(inside(a, b) or inside(b, a) for a in one.units for b in other.units):
        return False
    if one.citizenship and other.citizenship and not _share(one.citizenship, other.citizenship):
        return False
    if any(not set(getattr(one, name)) & set(getattr(other, name)) for name in _LISTS if getattr(one, name) and getattr(other, name)):
        return False
    if any(getattr(one, name) is not None and getattr(other, name) is (not getattr(one, name)) for name in _FLAGS):
        return False
    for low, high in _RANGES:
        lows = [value for match in (one, other) if (value := getattr(match, low)) is not None]
        highs = [value for match in (one, other) if (value := getattr(match, high)) is not None]
        if lows and highs and max(lows) >= min(highs):
            return False
    units = (*one.units, *other.units)
    return all(not each.groups or _reaches(each.groups, positions, units, groups, inside) for each in (one, other))


def can_ever_fit(match: Match, groups: Groups, inside: Inside) -> bool:
    """Whether its positions, units and groups can come together at all."""
    return not match.groups or _reaches(match.groups, match.positions, match.units, groups, inside)


def _subset(narrow: Collection[str], wide: Collection[str]) -> bool:
    return bool(narrow) and set(narrow) <= set(wide)


def _all_inside(narrow: Collection[str], wide: Collection[str], inside: Inside) -> bool:
    return bool(narrow) and all(any(inside(unit, above) for above in wide) for unit in narrow)


def _within_groups(narrow: Match, wide: Collection[str], groups: Groups, inside: Inside) -> bool:
    known = [groups[name] for name in wide if name in groups]
    positions = {position for group in known for position in group.positions}
    units = {unit for group in known for unit in group.units}
    return _subset(narrow.groups, wide) or _subset(narrow.positions, positions) or _all_inside(narrow.units, units, inside)


def _reaches(names: Collection[str], positions: Collection[str], units: Collection[str], groups: Groups, inside: Inside) -> bool:
    """Whether somebody in one of `positions` and in one of `units` (empty: any) may be in one of the groups."""
    for group in (groups[name] for name in names if name in groups):
        if group.positions and (not positions or group.positions & set(positions)):
            return True
        if any(not units or any(inside(unit, held) or inside(held, unit) for unit in units) for held in group.units):
            return True
    return False


def _covered(wanted: str, by: Collection[str]) -> bool:
    return wanted in by or (wanted not in CITIZENSHIPS and citizenship_class(wanted) in by)


def _share(one: Collection[str], other: Collection[str]) -> bool:
    return any(_covered(each, other) for each in one) or any(_covered(each, one) for each in other)


def _tighter(narrow: object, wide: object, sign: int) -> bool:
    if wide is None:
        return True
    if narrow is None:
        return False
    difference = (narrow - wide) * sign  # type: ignore[operator]  # both are numbers: the criteria of these names are
    return bool(difference >= 0)

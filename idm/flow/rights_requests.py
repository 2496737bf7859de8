"""What an IT contact asks for beside what rules propose: roles by name, or with a first and last day and a narrower reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from idm.domain.grants import Reach
from idm.errors import Fault

_KEYS = ("role", "from", "until", "units", "amount")


@dataclass(frozen=True, slots=True)
class Request:
    """A role that is asked for, and on what terms. `place` says where in the answer it stands. No `reach`: as far as the role goes."""

    place: str
    role: str
    start: date | None = None
    until: date | None = None
    units: tuple[str, ...] = ()
    amount: Decimal | None = None

    def reach(self, widest: Reach) -> Reach:
        """How far it is to reach: what it names, and of the rest as much as the role allows."""
        return Reach(
            self.units or widest.units,
            widest.below if not self.units or self.units == widest.units else True,
            self.amount if self.amount is not None else widest.amount,
        )


def read_requests(value: object, place: str = "values.add") -> tuple[list[Request], list[Fault]]:
    """The requests in an answer (one or a list; each a role's id, or a mapping with `role`), and every fault of what isn't one."""
    if value is None:
        return [], []
    if isinstance(value, str | Mapping):
        value = [value]
    if not isinstance(value, list | tuple):
        return [], [Fault(place, "type", "must be a list of roles, or of {role, from, until, units, amount}")]
    requests: list[Request] = []
    faults: list[Fault] = []
    for index, item in enumerate(value):
        at = f"{place}[{index}]"
        if isinstance(item, str):
            requests.append(Request(at, item))
        elif isinstance(item, Mapping):
            found = _request(item, at, faults)
            requests += [found] if found is not None else []
        else:
            faults.append(Fault(at, "type", "must be a role, or {role, from, until, units, amount}"))
    for role in {request.role for request in requests}:
        if sum(request.role == role for request in requests) > 1:
            faults.append(Fault(place, "twice", f"role '{role}' is asked for twice"))
    return requests, faults


def _request(item: Mapping[str, object], at: str, faults: list[Fault]) -> Request | None:
    before = len(faults)
    faults.extend(Fault(f"{at}.{name}", "unknown-field", f"known: {', '.join(_KEYS)}") for name in item if name not in _KEYS)
    role = item.get("role")
    if not isinstance(role, str) or not role:
        faults.append(Fault(f"{at}.role", "required", "name the role"))
    start, until = (_day(item.get(name), f"{at}.{name}", faults) for name in ("from", "until"))
    if start is not None and until is not None and until < start:
        faults.append(Fault(f"{at}.until", "order", "lies before 'from'"))
    units, amount = _units(item.get("units"), f"{at}.units", faults), _amount(item.get("amount"), f"{at}.amount", faults)
    return Request(at, str(role), start, until, units, amount) if len(faults) == before else None


def _day(value: object, at: str, faults: list[Fault]) -> date | None:
    if value is None or value == "":
        return None
    try:
        if isinstance(value, str) and len(value) == len("2027-01-04"):
            return date.fromisoformat(value)
    except ValueError:
        pass
    faults.append(Fault(at, "date", "must be a date such as 2027-01-04"))
    return None


def _units(value: object, at: str, faults: list[Fault]) -> tuple[str, ...]:
    if value is None:
        return ()
    found = [value] if isinstance(value, str) else value
    if isinstance(found, list | tuple) and found and all(isinstance(each, str) and each for each in found):
        return tuple(dict.fromkeys(found))
    faults.append(Fault(at, "type", "must be a list of units' ids"))
    return ()


def _amount(value: object, at: str, faults: list[Fault]) -> Decimal | None:
    if value is None:
        return None
    try:
        amount = Decimal(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
    except InvalidOperation:
        amount = None
    if amount is not None and amount.is_finite() and amount > 0:
        return amount
    faults.append(Fault(at, "number", "must be an amount in kroner above 0"))
    return None

"""Equipment: the IT contact orders from the catalogue, the manager approves what is over the limit, and its receipt is confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idm.domain.orders import LineState
from idm.flow.deciding import Decision
from idm.flow.order_limits import OrderStands, approvers_of, order_stands
from idm.flow.task_head import names_of
from idm.flow.tasks import describe
from idm.web.desks.desk import Desk, decided
from idm.web.portal import Visit


def show_order(visit: Visit) -> Mapping[str, Any]:
    """The catalogue with what is usual for this position, or what the last try held."""
    told = describe(visit.app, visit.task)
    usual = {line["item"]: line for line in told["example"].get("values", {}).get("lines", ())}
    posted = visit.request.method == "POST"
    rows, suppliers = [], visit.app.policies.current().equipment.suppliers
    for item in told["catalogue"]:
        line = usual.get(item["item"], {})
        quantity = visit.form.text(f"quantity.{item['item']}") if posted else str(line.get("quantity", ""))
        account = visit.form.text(f"account.{item['item']}") if posted else line.get("account") or item["account"] or ""
        supplier = suppliers.get(item["supplier"])
        shown = supplier.name if supplier is not None else item["supplier"]
        rows.append(
            {**item, "supplier": shown, "title": item["titles"].get(visit.language, item["item"]), "quantity": quantity, "chosen": account}
        )
    what = {"quantity": visit.say("How many"), "account": visit.say("Account")}
    labels = {f"{name}-{row['item']}": f"{row['title']}, {title.lower()}" for row in rows for name, title in what.items()}
    standing = {row["item"]: row["quantity"] for row in rows}
    return {"told": told, "rows": rows, "labels": labels, "stands": order_stands(visit.app, visit.case, _counted(standing))}


def stands(visit: Visit) -> OrderStands:
    """What the order comes to as it was typed so far."""
    return order_stands(visit.app, visit.case, _counted(visit.form.given("quantity.")))


def _counted(quantities: Mapping[str, str]) -> dict[str, int]:
    """The numbers of items that are numbers; what isn't is refused with the order."""
    return {item: number for item, text in quantities.items() if isinstance(number := _number(text), int)}


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else text


def read_order(visit: Visit) -> Decision:
    """A line for each item with a number, or nothing at all."""
    if decided(visit) == "none":
        return Decision("none")
    lines = []
    for name, quantity in _wanted(visit):
        account = visit.form.text(f"account.{name}")
        lines.append({"item": name, "quantity": _number(quantity), **({"account": account} if account else {})})
    return Decision("order", "", {"lines": lines})


def _wanted(visit: Visit) -> list[tuple[str, str]]:
    """The items of which some are wanted, each with how many, in the order in which the decision has its lines."""
    return [(name, quantity) for name, quantity in visit.form.given("quantity.").items() if quantity and quantity != "0"]


def beside(visit: Visit) -> Mapping[str, str]:
    """What is wrong with a line is said beside its item's number or account."""
    found = {"values.lines": ""}
    for place, (name, _) in enumerate(_wanted(visit)):
        at = f"values.lines[{place}]"
        found |= {at: f"quantity-{name}", f"{at}.item": f"quantity-{name}"}
        found |= {f"{at}.quantity": f"quantity-{name}", f"{at}.account": f"account-{name}"}
    return found


def ordered(visit: Visit, decision: Decision) -> str:
    """Whose approval an order over the limit waits for; "" if it goes at once."""
    approvers = approvers_of(visit.app, visit.case.id) if decision.decision == "order" else ()
    if not approvers:
        return ""
    names = names_of(visit.app, set(approvers))
    return visit.say("The order is over the limit: it is sent to {name} for approval.", name=", ".join(names[each] for each in approvers))


ORDER = Desk(
    "order.html",
    show_order,
    read_order,
    {"order": "The equipment is ordered.", "none": "It is noted that nothing is needed."},
    beside=beside,
    told=ordered,
)


def show(visit: Visit) -> Mapping[str, Any]:
    """The lines that it is about."""
    told = describe(visit.app, visit.task)
    for line in told["ordered"]:
        line["title"], line["supplier"] = _called(visit, line["item"], line["title"], line["supplier"])
    return {"told": told, "reason": visit.form.text("reason")}


def _called(visit: Visit, item: str, title: str, supplier: str) -> tuple[str, str]:
    """What an ordered item and its supplier are called to the visitor."""
    policy = visit.app.policies.current().equipment
    known, house = policy.items.get(item), policy.suppliers.get(supplier)
    return known.titles.get(visit.language, title) if known is not None else title, house.name if house is not None else supplier


def read_approval(visit: Visit) -> Decision:
    """Approve, or return with the reason."""
    return Decision(decided(visit), visit.form.text("reason") if decided(visit) == "return" else "")


APPROVE = Desk(
    "approve_order.html", show, read_approval, {"approve": "The order is approved, and goes out.", "return": "The order went back."}
)


def show_receipt(visit: Visit) -> Mapping[str, Any]:
    """The lines that are awaited, and those that nobody need confirm."""
    trusted = [line for line in visit.case.orders if line.state is LineState.ORDERED and not line.confirm]
    called = [(line.quantity, *_called(visit, line.item, line.title, line.supplier)) for line in trusted]
    return {**show(visit), "trusted": called}


def read_receipt(visit: Visit) -> Decision:
    """Which lines came."""
    return Decision("receive", "", {"lines": visit.form.all("line")})


RECEIVE = Desk("receive.html", show_receipt, read_receipt, {"receive": "The receipt is noted."})

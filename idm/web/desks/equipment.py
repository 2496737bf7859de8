"""Equipment: the IT contact orders from the catalogue, the manager approves what is over the limit, and its receipt is confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idm.flow.deciding import Decision
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
    return {"told": told, "rows": rows, "labels": labels}


def read_order(visit: Visit) -> Decision:
    """A line for each item with a number, or nothing at all."""
    if decided(visit) == "none":
        return Decision("none")
    lines = []
    for name, quantity in _wanted(visit):
        account = visit.form.text(f"account.{name}")
        number: Any = int(quantity) if quantity.isascii() and quantity.isdigit() and len(quantity) < 6 else quantity
        lines.append({"item": name, "quantity": number, **({"account": account} if account else {})})
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


ORDER = Desk(
    "order.html",
    show_order,
    read_order,
    {"order": "The equipment is ordered.", "none": "It is noted that nothing is needed."},
    beside,
)


def show(visit: Visit) -> Mapping[str, Any]:
    """The lines that it is about."""
    told = describe(visit.app, visit.task)
    policy = visit.app.policies.current().equipment
    for line in told["ordered"]:
        item, supplier = policy.items.get(line["item"]), policy.suppliers.get(line["supplier"])
        line["title"] = item.titles.get(visit.language, line["title"]) if item is not None else line["title"]
        line["supplier"] = supplier.name if supplier is not None else line["supplier"]
    return {"told": told, "reason": visit.form.text("reason")}


def read_approval(visit: Visit) -> Decision:
    """Approve, or return with the reason."""
    return Decision(decided(visit), visit.form.text("reason") if decided(visit) == "return" else "")


APPROVE = Desk(
    "approve_order.html", show, read_approval, {"approve": "The order is approved, and goes out.", "return": "The order went back."}
)


def read_receipt(visit: Visit) -> Decision:
    """Which lines came."""
    return Decision("receive", "", {"lines": visit.form.all("line")})


RECEIVE = Desk("receive.html", show, read_receipt, {"receive": "The receipt is noted."})

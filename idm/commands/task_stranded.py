"""`idm task stranded`: tasks that nobody can do, with why, and who was told."""

from __future__ import annotations

from typing import Any

from idm.commands.answer import Answer
from idm.commands.command import single
from idm.commands.session import installation
from idm.commands.text import table
from idm.errors import CheckFailed


@single("stranded", examples=("idm task stranded", "idm task stranded --json"), exits={8: "there are such tasks"})
def stranded() -> Answer:
    """List open tasks that nobody can do: vacant units, holders who left or have no access, nobody but the person hired."""
    from idm.flow.stranded import stranded as find

    with installation() as found:
        lost = find(found.app)
        people = {id: who.full_name for id, who in found.app.store.people({each.card.task.person for each in lost}).items()}
    items: list[dict[str, Any]] = [
        {
            "id": each.card.task.id,
            "case": each.card.task.case,
            "kind": each.card.task.kind,
            "actor": each.card.task.actor.value,
            "unit": each.card.task.unit,
            "hire": people.get(each.card.task.person, ""),
            "due": each.card.task.due.isoformat() if each.card.task.due is not None else None,
            "overdue": each.card.late,
            "reason": each.why,
            "told": list(each.told),
        }
        for each in lost
    ]
    shown = [(i["id"], i["hire"], i["unit"], i["actor"], i["due"], ", ".join(i["told"]) or "nobody", i["reason"]) for i in items]
    text = table(("task", "about", "unit", "wants", "due", "told", "why"), shown, "Somebody can do every open task.")
    if items:
        text += [
            "Next: `idm delegate` grants an authority, `idm org import` gives a unit a manager; stranded.tell in deadlines.yaml is told."
        ]
    return Answer({"items": items}, text, CheckFailed.exit_code if items else 0)

"""Authority in ten thousand drawn organisations: nobody decides on their own hire or as both pairs of eyes, and nothing is stranded.

`python -m tests.campaign.authority [--organisations 10000] [--first 0]` draws them, lets two persons decide for every hire and
authority, and holds each answer against a second opinion. The result is written to docs/campaign.md, under its own heading.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tests.support.organisations import ACTORS, draw, faults

TABLE = Path(__file__).parents[2] / "docs" / "campaign.md"
HEADING = "## Who may act"


def main() -> int:
    """Try them all; 1 if any did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--organisations", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    chosen = parser.parse_args()
    seeds = range(chosen.first, chosen.first + chosen.organisations)
    start = time.monotonic()
    found = [fault for seed in seeds for fault in faults(seed)]
    questions = sum(len(draw(seed).hires) * len(ACTORS) for seed in seeds)
    print(f"{len(seeds)} organisations, {questions} questions: {len(found)} faults in {time.monotonic() - start:.0f} s", file=sys.stderr)
    for fault in found[:20]:
        print(fault, file=sys.stderr)
    write(section(seeds, questions, found))
    return int(bool(found))


def section(seeds: range, questions: int, found: list[str]) -> str:
    """What docs/campaign.md says of it."""
    lines = [
        HEADING,
        "",
        "Organisations are drawn from seeds: one to twenty units, two to thirty people, some of whom left, aren't there yet,",
        "have no access or don't exist; delegations with periods, limits and lapsed confirmations, teams, back-ups, substitutes",
        "in chains and loops, and absences. For every hire and authority two persons decide in turn. Nobody may decide on their",
        "own hire, by a power that the person hired granted, or as both pairs of eyes; no revoked, ended or lapsed power may be",
        "used, nobody from afar while somebody nearer is there; and wherever anybody authorised is there, somebody must be",
        "asked. A second opinion, made apart, is held against each answer.",
        "",
        "| organisations | seeds | questions | held |",
        "|---|---|---|---|",
        f"| {len(seeds)} | {seeds.start}-{seeds.stop - 1} | {questions} | {'all' if not found else f'all but {len(found)}'} |",
    ]
    return "\n".join([*lines, *([""] if found else []), *(f"- {fault}" for fault in found[:20])]) + "\n"


def write(text: str, under: str = HEADING) -> None:
    """Put the section in the place of the one that stands `under` that heading, or at the end."""
    page = TABLE.read_text() if TABLE.exists() else "# The campaign\n"
    before, heading, after = page.partition(under)
    rest = "\n## " + after.partition("\n## ")[2] if heading and "\n## " in after else ""
    TABLE.write_text(before.rstrip() + "\n\n" + text + rest)


if __name__ == "__main__":
    sys.exit(main())

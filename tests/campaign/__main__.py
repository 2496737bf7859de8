"""The campaign: runs by seed on both stacks, until all are done or time is up; what is done is not done again.

`python -m tests.campaign [--runs 60] [--minutes 60] [--first 1]`. Results lie in `var/campaign.jsonl`; the table is written to
docs/campaign.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.acceptance.stack import Stack
from tests.campaign.run import calm, run
from tests.servers.postgres import PostgresServer
from tests.servers.rabbitmq import RabbitServer

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "var" / "campaign.jsonl"
TABLE = ROOT / "docs" / "campaign.md"
STACKS = ("embedded", "distributed")


def main() -> int:
    """Run what is missing; 1 if any run did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    chosen = parser.parse_args()
    commit = _git("rev-parse", "--short", "HEAD")
    results = _known(commit)
    ends = time.monotonic() + chosen.minutes * 60
    with ExitStack() as servers:
        postgres, rabbit = servers.enter_context(PostgresServer()), servers.enter_context(RabbitServer())
        references: dict[str, dict[str, Any]] = {}
        for seed in range(chosen.first, chosen.first + chosen.runs):
            if seed in results:
                continue
            if time.monotonic() > ends:
                print("time is up; run it again to go on", file=sys.stderr)
                break
            kind = STACKS[seed % len(STACKS)]
            if kind not in references:
                references[kind] = _on(kind, postgres, rabbit, calm)
            start = time.monotonic()
            result = _on(kind, postgres, rabbit, lambda stack, seed=seed, kind=kind: run(stack, seed, references[kind]))
            entry = {
                "seed": seed,
                "commit": commit,
                "stack": kind,
                "seconds": round(time.monotonic() - start, 1),
                "mishaps": list(result.mishaps),
                "faults": list(result.faults),
            }
            results[seed] = entry
            RESULTS.parent.mkdir(exist_ok=True)
            with RESULTS.open("a") as file:
                file.write(json.dumps(entry) + "\n")
            print(f"seed {seed} ({kind}): {len(result.mishaps)} mishaps, {'; '.join(result.faults) or 'held'}", file=sys.stderr)
    _write_table([results[seed] for seed in sorted(results)], commit)
    return int(any(entry["faults"] for entry in results.values()))


def _on(kind: str, postgres: PostgresServer, rabbit: RabbitServer, work: Any) -> Any:
    with tempfile.TemporaryDirectory(prefix="idm-campaign-") as folder:
        urls: dict[str, Any] = {}
        if kind == "distributed":
            urls = {"database_url": postgres.new_database(), "broker_url": rabbit.new_vhost()}
        stack = Stack(Path(folder) / "home", **urls)
        try:
            stack.open()
            stack.start()
            return work(stack)
        finally:
            stack.close()


def _known(commit: str) -> dict[int, dict[str, Any]]:
    """The runs that this commit has behind it."""
    if not RESULTS.exists():
        return {}
    entries = [json.loads(line) for line in RESULTS.read_text().splitlines() if line.strip()]
    return {entry["seed"]: entry for entry in entries if entry["commit"] == commit}


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def _write_table(entries: list[dict[str, Any]], commit: str) -> None:
    lines = [
        "# The campaign",
        "",
        "Each run takes four hires through everything, in an order drawn from its seed, while processes are killed, targets fail and",
        "messages are sent again; some hires are cancelled on the way. After healing, each hire must have come to what an undisturbed one",
        "comes to, a cancelled one must have left nothing behind, no effect may have happened twice, and the audit must be whole.",
        "",
        f"Commit {commit}; `make campaign` runs it again and goes on where it stopped.",
        "",
        "| stack | runs | seeds | mishaps | held |",
        "|---|---|---|---|---|",
    ]
    for kind in STACKS:
        of_kind = [entry for entry in entries if entry["stack"] == kind]
        if of_kind:
            seeds = f"{of_kind[0]['seed']}-{of_kind[-1]['seed']}"
            mishaps, held = sum(len(entry["mishaps"]) for entry in of_kind), sum(not entry["faults"] for entry in of_kind)
            lines.append(f"| {kind} | {len(of_kind)} | {seeds} | {mishaps} | {held} |")
    broken = [entry for entry in entries if entry["faults"]]
    lines += ["", *(f"- seed {entry['seed']} ({entry['stack']}): {'; '.join(entry['faults'])}" for entry in broken)]
    # What other parts of the campaign wrote stands below, each under its own heading.
    _, heading, others = TABLE.read_text().partition("\n## ") if TABLE.exists() else ("", "", "")
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text("\n".join(lines).rstrip() + "\n" + heading + others)


if __name__ == "__main__":
    sys.exit(main())

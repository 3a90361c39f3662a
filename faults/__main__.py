"""``python -m faults [FAULT ...]``: makes the faults here, and writes what was seen to ``docs/reliability.md``.

The page has two tables; one is written anew when all of its faults were made.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from faults import clock, disk, guards, redis_server, training, worker, writing
from faults.findings import FaultRefused, Finding

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reliability.md"
Faults = dict[str, Callable[[Path], list[Finding]]]
FIGURES: Faults = {
    "training": training.measure,
    "checkpoint": writing.checkpoint,
    "cache": writing.cache,
    "disk": disk.measure,
    "redis": redis_server.measure,
    "worker": worker.measure,
    "clock": clock.measure,
}
TABLES: dict[str, Faults] = {"figures": FIGURES, "guards": {"guards": guards.measure}}
FAULTS = {name: fault for table in TABLES.values() for name, fault in table.items()}


def main() -> int:
    """Makes the faults that were asked for, all of them if none; 1 when a promise was broken."""
    names = sys.argv[1:] or list(FAULTS)
    unknown = [name for name in names if name not in FAULTS]
    if unknown:
        print(f"There is no fault '{unknown[0]}'; there are {', '.join(FAULTS)}.", file=sys.stderr)
        return 2
    found = {name: _made(name) for name in names}
    everything = [finding for findings in found.values() for finding in findings]
    for finding in everything:
        print(f"{'kept' if finding.kept else 'BROKEN'}: {finding.fault}: {finding.seen}")
    for table, faults in TABLES.items():
        if faults.keys() <= found.keys():
            _write(table, [finding for name in faults for finding in found[name]])
    return 0 if all(finding.kept for finding in everything) else 1


def _made(name: str) -> list[Finding]:
    print(f"{name} ...", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="visml-faults-", ignore_cleanup_errors=True) as folder:
        try:
            return FAULTS[name](Path(folder))
        except FaultRefused as refusal:
            return [Finding(name, f"not made: {refusal}", True)]


def _write(name: str, found: list[Finding]) -> None:
    """Puts a table between its two marks in the page."""
    start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    rows = [f"| {finding.fault} | {finding.seen} | {'kept' if finding.kept else '**broken**'} |" for finding in found]
    table = "\n".join(["| fault | what was seen | promise |", "|---|---|---|", *rows])
    text = PAGE.read_text(encoding="utf-8")
    head, _, rest = text.partition(start)
    _, _, tail = rest.partition(end)
    PAGE.write_text(f"{head}{start}\n{table}\n{end}{tail}", encoding="utf-8")
    print(f"Written to {PAGE.name}.")


if __name__ == "__main__":
    sys.exit(main())

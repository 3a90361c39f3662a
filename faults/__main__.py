"""``python -m faults [FAULT ...]``: makes the faults here, and writes what was seen to ``docs/reliability.md``."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from faults import clock, disk, redis_server, training, worker, writing
from faults.findings import FaultRefused, Finding

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reliability.md"
START, END = "<!-- figures -->", "<!-- end of figures -->"
FAULTS: dict[str, Callable[[Path], list[Finding]]] = {
    "training": training.measure,
    "checkpoint": writing.checkpoint,
    "cache": writing.cache,
    "disk": disk.measure,
    "redis": redis_server.measure,
    "worker": worker.measure,
    "clock": clock.measure,
}


def main() -> int:
    """Makes the faults that were asked for, all of them if none; 1 when a promise was broken."""
    names = sys.argv[1:] or list(FAULTS)
    unknown = [name for name in names if name not in FAULTS]
    if unknown:
        print(f"There is no fault '{unknown[0]}'; there are {', '.join(FAULTS)}.", file=sys.stderr)
        return 2
    found = [finding for name in names for finding in _made(name)]
    for finding in found:
        print(f"{'kept' if finding.kept else 'BROKEN'}: {finding.fault}: {finding.seen}")
    if names == list(FAULTS):
        _write(found)
    return 0 if all(finding.kept for finding in found) else 1


def _made(name: str) -> list[Finding]:
    print(f"{name} ...", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="visml-faults-", ignore_cleanup_errors=True) as folder:
        try:
            return FAULTS[name](Path(folder))
        except FaultRefused as refusal:
            return [Finding(name, f"not made: {refusal}", True)]


def _write(found: list[Finding]) -> None:
    rows = [f"| {finding.fault} | {finding.seen} | {'kept' if finding.kept else '**broken**'} |" for finding in found]
    table = "\n".join(["| fault | what was seen | promise |", "|---|---|---|", *rows])
    text = PAGE.read_text(encoding="utf-8")
    head, _, rest = text.partition(START)
    _, _, tail = rest.partition(END)
    PAGE.write_text(f"{head}{START}\n{table}\n{END}{tail}", encoding="utf-8")
    print(f"Written to {PAGE.name}.")


if __name__ == "__main__":
    sys.exit(main())

"""``python -m faults [FAULT ...]``: makes the faults here, and writes what was seen to ``docs/reliability.md``.

Each fault has a table of its own in the page, which is written anew when the fault was made. ``guards`` alone means all
of the guards.
"""

from __future__ import annotations

import sys
import tempfile
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

from faults import clock, disk, guards, redis_server, training, worker, writing
from faults.findings import FaultRefused, Finding
from faults.threats import THREATS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reliability.md"
GUARDS = {f"guards-{part}": partial(guards.measure, threats) for part, threats in THREATS.items()}
FAULTS: dict[str, Callable[[Path], list[Finding]]] = {
    "checkpoint": writing.checkpoint,
    "cache": writing.cache,
    "disk": disk.measure,
    "redis": redis_server.measure,
    "worker": worker.measure,
    "clock": clock.measure,
    "training": training.measure,
    **GUARDS,
}


def main() -> int:
    """Makes the faults that were asked for, all of them if none; 1 when a promise was broken."""
    asked = sys.argv[1:] or list(FAULTS)
    names = [name for word in asked for name in (GUARDS if word == "guards" else [word])]
    unknown = [name for name in names if name not in FAULTS]
    if unknown:
        print(f"There is no fault '{unknown[0]}'; there are {', '.join(FAULTS)}.", file=sys.stderr)
        return 2
    broken = [name for name in names if not _made(name)]
    return 1 if broken else 0


def _made(name: str) -> bool:
    """Makes one fault, tells what was seen and writes it down; whether every promise was kept."""
    print(f"{name} ...", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="visml-faults-", ignore_cleanup_errors=True) as folder:
        try:
            found = FAULTS[name](Path(folder))
        except FaultRefused as refusal:
            print(f"{name} was not made: {refusal}", file=sys.stderr)
            return True
        except Exception:
            traceback.print_exc()  # and the next fault is made all the same
            return False
    for finding in found:
        print(f"{'kept' if finding.kept else 'BROKEN'}: {finding.fault}: {finding.seen}", flush=True)
    _write(name, found)
    return all(finding.kept for finding in found)


def _write(name: str, found: list[Finding]) -> None:
    """Puts a table between its two marks in the page."""
    heads = ("threat", "its test", "shown") if name in GUARDS else ("fault", "what was seen", "promise")
    yes, no = ("yes", "**no**") if name in GUARDS else ("kept", "**broken**")
    rows = [(finding.fault, finding.seen, yes if finding.kept else no) for finding in found]
    table = "\n".join("| " + " | ".join(row) + " |" for row in [heads, ("---", "---", "---"), *rows])
    start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    head, _, rest = PAGE.read_text(encoding="utf-8").partition(start)
    _, _, tail = rest.partition(end)
    PAGE.write_text(f"{head}{start}\n{table}\n{end}{tail}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())

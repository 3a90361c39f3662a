"""``python -m benchmarks [ROW ...]``: measures the budgets here, prints them, and writes ``results.md``."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from benchmarks import machine, table
from benchmarks.rows import ROWS, measure
from benchmarks.workshop import FAMILY, Workshop

RESULTS = Path(__file__).with_name("results.md")


def main() -> int:
    """Measures what was asked for; 1 when a row could not be measured, whether or not budgets are met."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # ends servers and browsers as Ctrl+C does
    facts = machine.facts()
    if machine.busy():
        _say("Something else is running on this machine: these numbers will say little.")
    with tempfile.TemporaryDirectory(prefix="visml-bench-", ignore_cleanup_errors=True) as folder:
        shop = Workshop(Path(folder), options.quick, options.model, options.width, options.data, _say)
        rows = [_measure(name, shop) for name in options.rows or ROWS]
    table.show(rows)
    _write(options, rows, facts)
    return 1 if any(row.failure for row in rows) else 0


def _measure(name: str, shop: Workshop) -> table.Row:
    _say(f"{name}: {ROWS[name]}")
    return measure(name, shop)


def _write(options: argparse.Namespace, rows: list[table.Row], facts: dict[str, str]) -> None:
    whole = not options.quick and not options.rows
    path = options.out or (RESULTS if whole else None)
    if path is None:
        _say("Not written to results.md: a quick try, or some rows only.")
    else:
        path.write_text(table.markdown(rows, facts), encoding="utf-8")
        _say(f"Written to {path.name}.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure VisML's budgets here.")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"rows to measure, all if none: {', '.join(ROWS)}")
    parser.add_argument("--quick", action="store_true", help="a short try; its numbers mean little")
    parser.add_argument("--model", default=FAMILY, metavar="NAME", help="checkpoint that the page rows show")
    parser.add_argument("--width", type=float, default=1.0, help="width of the network where its speed counts")
    parser.add_argument("--data", type=Path, metavar="DIR", help="pictures for the training row")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where to write the table as Markdown")
    options = parser.parse_args()
    unknown = [name for name in options.rows if name not in ROWS]
    if unknown:
        parser.error(f"there is no row '{unknown[0]}'; there are {', '.join(ROWS)}")
    return options


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

"""A hundred people hovering at once, five requests to ``/data`` a second each, driven by locust.

The 99th percentile of the time to the answer, as locust's clients see it on the same machine, once all of them are
there; what they ask for is the mix of :mod:`benchmarks.hovering`. It counts only if nine tenths of the requests
were indeed made and none failed.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.findings import Finding, aside, at_most
from benchmarks.samples import number
from benchmarks.serving import served
from benchmarks.workshop import ROOT, BenchmarkRefused, Workshop

BUDGET_MS = 100.0
USERS, EACH_SECOND = 100, 5
ENOUGH = 0.9


def measure(shop: Workshop) -> list[Finding]:
    """The 99th percentile, and what was reached."""
    network, folder = shop.page_network(), shop.fresh("load")
    with served(network, shop.fresh("cache")) as server:
        (folder / "trace.json").write_text(json.dumps(server.open("coffee")))
        server.quiet()
        told = _swarm(server.url, folder, shop.rounds(40, 5))
    return _findings(told, network.note)


def _findings(told: dict[str, str], note: str) -> list[Finding]:
    rate, failed = float(told["Requests/s"]), int(told["Failure Count"])
    wanted = USERS * EACH_SECOND
    whole = failed == 0 and rate >= ENOUGH * wanted
    rest = f"median {told['50%']}, p95 {told['95%']}, n {told['Request Count']}, {failed} failed; {note}"
    what = f"{USERS} users x {EACH_SECOND}/s, p99"
    p99 = at_most(what, float(told["99%"]), BUDGET_MS, " ms", rest)
    found = p99 if whole else Finding(p99.what, p99.budget, p99.measured, False)
    return [found, aside("answered", f"{number(rate)}/s of {wanted}/s")]


def _swarm(url: str, folder: Path, seconds: int) -> dict[str, str]:
    """Locust's line of totals."""
    command = [
        *(sys.executable, "-m", "locust", "--locustfile", str(Path(__file__).with_name("hoverers.py"))),
        *("--headless", "--only-summary", "--loglevel", "ERROR", "--reset-stats", "--host", url),
        *("--users", str(USERS), "--spawn-rate", str(USERS), "--run-time", f"{seconds}s"),
        *("--csv", str(folder / "locust")),
    ]
    extra = {"BENCHMARK_TRACE": str(folder / "trace.json"), "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(command, cwd=ROOT, env=os.environ | extra, capture_output=True, text=True, timeout=600)
    stats = folder / "locust_stats.csv"
    if not stats.exists():
        print(ran.stderr[-2000:], file=sys.stderr)
        raise BenchmarkRefused("Locust does not run; its own words are above.")
    with stats.open(newline="") as file:
        return next(row for row in csv.DictReader(file) if row["Name"] == "Aggregated")

"""``python -m benchmarks.crowd [PHASE ...]``: many users of VisML behind nginx, and what was seen, to docs/deploy.md.

Each phase is a fresh start of two workers, nginx and Redis as ``deploy/`` has them, with locust's users on the same
machine. It needs nginx and redis-server.
"""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from benchmarks import machine
from benchmarks.deployed import ROOT, Deployed, deployed, free_port, running
from benchmarks.serving import post_opening
from benchmarks.workshop import FAMILY

PAGE = ROOT / "docs" / "deploy.md"
CLASS = (100, 10, 2)  # who hover, who choose photos, who send them
FEW = (20, 2, 0)
KINDS = ("hover", "choose", "send")


@dataclass
class Stage:
    """A running deployment and what is done to it.

    Attributes:
        site: VisML behind nginx.
        redis_port: Redis's.
        redis: its process.
        seen: megabytes of the workers' own and their open files, all together, by seconds since the phase began.
    """

    site: Deployed
    redis_port: int
    redis: subprocess.Popen[bytes]
    seen: list[tuple[float, float, int]] = field(default_factory=list)

    def workers(self) -> list[psutil.Process]:
        """The processes that answer."""
        found: list[psutil.Process] = psutil.Process(self.site.server.pid).children()
        return found

    def look(self, since: float) -> None:
        """Add what the workers hold now to what was seen."""
        try:
            workers = self.workers()
            taken = [worker.memory_info() for worker in workers]
            held = sum(each.rss - each.shared for each in taken) / 1e6  # files that are mapped are the system's
            self.seen.append((time.monotonic() - since, held, sum(worker.num_fds() for worker in workers)))
        except psutil.Error:
            return


def nothing(_: Stage, __: threading.Event) -> None:
    """No fault."""


def kill_workers(stage: Stage, stop: threading.Event) -> None:
    """kill -9 one of the workers every ten seconds."""
    while not stop.wait(10):
        stage.workers()[0].kill()


def trouble_redis(stage: Stage, stop: threading.Event) -> None:
    """Ten seconds each: Redis hangs, goes on, is killed, is started again empty."""
    stop.wait(10)
    stage.redis.send_signal(signal.SIGSTOP)
    stop.wait(10)
    stage.redis.send_signal(signal.SIGCONT)
    stop.wait(10)
    stage.redis.kill()
    stop.wait(10)
    with running(*redis_server(stage.redis_port)):
        stop.wait()


@dataclass(frozen=True)
class Phase:
    """What is tried.

    Attributes:
        what: in the table's words.
        users: who hover, who choose, who send.
        seconds: how long.
        fault: what is done meanwhile.
    """

    what: str
    users: tuple[int, int, int]
    seconds: int
    fault: Callable[[Stage, threading.Event], None] = nothing


PHASES = {
    "class": Phase("a class at work", CLASS, 60),
    "worker": Phase("the same, a worker killed (kill -9) every ten seconds", CLASS, 60, kill_workers),
    "redis": Phase("the same, Redis hung, killed, and back empty, ten seconds each", CLASS, 60, trouble_redis),
    "soak": Phase("twenty who hover and two who choose, twenty minutes", FEW, 1200),
}


def main() -> int:
    """Makes the phases that were asked for, all of them if none, and writes each one's rows into the page."""
    names = sys.argv[1:] or list(PHASES)
    unknown = [name for name in names if name not in PHASES]
    if unknown:
        print(f"There is no phase '{unknown[0]}'; there are {', '.join(PHASES)}.", file=sys.stderr)
        return 2
    for name in names:
        print(f"{name} ...", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="visml-crowd-", ignore_cleanup_errors=True) as folder:
            write(name, measured(PHASES[name], Path(folder)))
    return 0


def measured(phase: Phase, folder: Path) -> list[str]:
    """A phase's lines for the page."""
    with staged(folder) as stage:
        trace = post_opening(stage.site.url, FAMILY, "coffee")
        (folder / "trace.json").write_text(json.dumps(trace))
        stop, since = threading.Event(), time.monotonic()
        fault = threading.Thread(target=phase.fault, args=(stage, stop))
        fault.start()
        swarm = start_swarm(stage.site.url, folder, phase)
        while swarm.poll() is None:
            stage.look(since)
            time.sleep(min(10, phase.seconds / 30))
        stop.set()
        fault.join()
        return [f"**{phase.what}**, {phase.seconds} s:", "", *table(folder), "", held(stage, folder)]


@contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """Redis, VisML and nginx."""
    port = free_port()
    with (
        running(*redis_server(port)) as redis,
        deployed(folder, VISML_REDIS_URL=f"redis://127.0.0.1:{port}/0", VISML_DEVICE="cpu") as site,
    ):
        yield Stage(site, port, redis)


def redis_server(port: int) -> tuple[str, ...]:
    """The command of a Redis that keeps nothing on disk."""
    return ("redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--loglevel", "warning")


def start_swarm(url: str, folder: Path, phase: Phase) -> subprocess.Popen[bytes]:
    """Locust's users, all at once."""
    command = [
        *(sys.executable, "-m", "locust", "--locustfile", str(Path(__file__).with_name("crowd_users.py"))),
        *("--headless", "--only-summary", "--loglevel", "ERROR", "--host", url, "--csv", str(folder / "locust")),
        *("--users", str(sum(phase.users)), "--spawn-rate", str(sum(phase.users)), "--run-time", f"{phase.seconds}s"),
    ]
    extra = {
        "BENCHMARK_TRACE": str(folder / "trace.json"),
        "BENCHMARK_CROWD": ",".join(map(str, phase.users)),
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.Popen(command, cwd=ROOT, env=os.environ | extra, stdout=subprocess.DEVNULL)


def table(folder: Path) -> list[str]:
    """A row for each kind of request."""
    rows = {row["Name"]: row for row in stats(folder)}
    lines = [
        f"| {kind} | {row['Request Count']} | {float(row['Requests/s']):.1f} | {row['50%']} | {row['99%']} "
        f"| {row['100%']} | {row['Failure Count']} |"
        for kind in KINDS
        if (row := rows.get(kind))
    ]
    heads = "| request | asked | a second | median, ms | p99, ms | longest, ms | failed |"
    return [heads, "|---|---|---|---|---|---|---|", *lines]


def stats(folder: Path) -> list[dict[str, str]]:
    """Locust's own table."""
    with (folder / "locust_stats.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def held(stage: Stage, folder: Path) -> str:
    """What the workers held after each third of the time, and what the last two thirds added."""
    asked = int(next(row for row in stats(folder) if row["Name"] == "Aggregated")["Request Count"])
    (_, first, files), (_, second, _), (_, last, files_last) = (
        stage.seen[len(stage.seen) * part // 3 - 1] for part in (1, 2, 3)
    )
    growth = (last - first) / (2 / 3 * asked / 1000)
    thirds = f"{first:.0f}, {second:.0f} and {last:.0f} MB of their own after each third of the time"
    return (
        f"Both workers together hold {thirds} ({growth:+.2f} MB a thousand requests since the first), "
        f"{files} and {files_last} open files."
    )


def write(name: str, lines: list[str]) -> None:
    """Puts a phase's lines between its marks in the page."""
    facts = ", ".join(f"{key} {machine.facts()[key]}" for key in ("date", "CPU", "cores", "load before"))
    print("\n".join(lines), flush=True)
    start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    head, _, rest = PAGE.read_text(encoding="utf-8").partition(start)
    _, _, tail = rest.partition(end)
    text = "\n".join([start, *lines, "", f"({facts})", end])
    PAGE.write_text(f"{head}{text}{tail}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())

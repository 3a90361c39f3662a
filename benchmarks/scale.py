"""``python -m benchmarks.scale``: what a picture costs in one process and on Ray, and a step in one process and in two.

Every command is run as a person would, in one process and on a cluster of this machine's processors, over few pictures
and over many. The difference between the two is what the further pictures cost; what is left is the start. Bytes are
those of all the command's processes, sampled, without what they share.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks import machine, pictures
from benchmarks.workshop import CHECKPOINTS, FAMILY

COMMANDS = ("prior", "evaluate", "colorize", "patches", "lens")
_TIMES = {"prior": 100, "colorize": 4, "evaluate": 2, "patches": 4, "lens": 4}  # so that no start counts for much
_SAMPLE = 0.2  # seconds between two looks at the memory
_MILLION = 10**6


@dataclass(frozen=True)
class Cost:
    """What a command takes.

    Attributes:
        start: seconds before the first picture.
        each: seconds of a picture.
        work: seconds of a picture that processors worked, all together.
        memory: most bytes held at once, over the many pictures.
        grown: how many of them more than over the few.
    """

    start: float
    each: float
    work: float
    memory: int
    grown: int


def main() -> int:
    """Prints a table for ``docs/scale.md``."""
    options = _options()
    if machine.busy():
        print("Something else is running on this machine: these numbers will say little.", file=sys.stderr)
    for name, value in machine.facts().items():
        print(f"- {name}: {value}")
    with tempfile.TemporaryDirectory(prefix="visml-scale-") as folder:
        for line in _commands(options, Path(folder)):
            print(line, flush=True)
        if not options.commands:
            for line in _training(Path(folder)):
                print(line, flush=True)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description="Measure what scale costs.")
    parser.add_argument("commands", nargs="*", help=f"commands to measure, all if none: {', '.join(COMMANDS)}")
    parser.add_argument("--few", type=int, default=64, help="pictures of the short passes")
    parser.add_argument("--many", type=int, default=320, help="pictures of the long passes")
    parser.add_argument("--model", default=FAMILY, help="the network")
    options = parser.parse_args()
    unknown = [name for name in options.commands if name not in COMMANDS]
    if unknown:
        parser.error(f"there is no command '{unknown[0]}'; there are {', '.join(COMMANDS)}")
    return options


def _commands(options: argparse.Namespace, folder: Path) -> Iterator[str]:
    yield ""
    yield "| command | where | start, s | a picture, ms | processors, ms | memory, MB | grown, MB | a million, h |"
    yield "|---|---|---|---|---|---|---|---|"
    for command in options.commands or COMMANDS:
        times = _TIMES[command]
        few, many = (_folder(folder, times * count) for count in (options.few, options.many))
        alone, ray = (_cost(command, few, many, options.model, folder, where) for where in ([], ["--ray"]))
        for name, cost in (("one process", alone), ("Ray", ray)):
            memory, grown = cost.memory / 1e6, cost.grown / 1e6
            hours = (cost.start + _MILLION * cost.each) / 3600
            yield (
                f"| `{command}` | {name} | {cost.start:.1f} | {1e3 * cost.each:.2f} | {1e3 * cost.work:.2f} "
                f"| {memory:.0f} | {grown:.0f} | {hours:.1f} |"
            )
        ratios = f"{ray.each / alone.each:.2f} | {ray.work / alone.work:.2f}"
        yield f"| `{command}` | Ray, of one process | | {ratios} | | | |"


def _folder(folder: Path, count: int) -> Path:
    place = folder / str(count)
    return place if place.exists() else pictures.folder_of_crops(place, count)


def _cost(command: str, few: Path, many: Path, model: str, folder: Path, where: list[str]) -> Cost:
    short, long = (_run(_line(command, each, model, folder), where, folder) for each in (few, many))
    less, more = (int(each.name) for each in (few, many))
    each, work = (long.seconds - short.seconds) / (more - less), (long.work - short.work) / (more - less)
    return Cost(short.seconds - less * each, each, work, long.memory, long.memory - short.memory)


def _line(command: str, data: Path, model: str, folder: Path) -> list[str]:
    network = ["--model", model, "--checkpoints", str(folder / "checkpoints")]
    lines = {
        "prior": ["prior", str(data), "-o", str(folder / "prior.json")],
        "evaluate": ["evaluate", *network, "--data", str(data)],
        "colorize": ["colorize", *network, str(data), "-o", str(folder / "colored"), "--force"],
        "patches": ["patches", "index", *network, "--data", str(data)],
        "lens": ["lens", "fit", *network, "--data", str(data)],
    }
    return lines[command]


@dataclass
class Watched:
    """What was seen of a command: its seconds, those that processors worked for it, and the most bytes."""

    seconds: float = 0.0
    memory: int = 0
    times: dict[int, float] = field(default_factory=dict)

    @property
    def work(self) -> float:
        """Seconds of all its processes."""
        return sum(self.times.values())

    def look(self, pid: int) -> None:
        """See what the process and its children have taken by now."""
        held = 0
        with suppress(psutil.Error):
            process = psutil.Process(pid)
            for each in (process, *process.children(recursive=True)):
                used, spent = each.memory_info(), each.cpu_times()
                held += used.rss - used.shared
                self.times[each.pid] = spent.user + spent.system
        self.memory = max(self.memory, held)


def _run(line: list[str], where: list[str], folder: Path) -> Watched:
    """What a command takes."""
    if not (folder / "checkpoints").exists():
        subprocess.run(["cp", "-r", str(CHECKPOINTS), str(folder / "checkpoints")], check=True)  # noqa: S607
    began, watched = time.monotonic(), Watched()
    environment = os.environ | {"VISML_CACHE_DIR": str(folder / "cache")}
    command = [sys.executable, "-m", "visml", *line, *where]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment) as running:
        while running.poll() is None:
            watched.look(running.pid)
            time.sleep(_SAMPLE)
    if running.returncode:
        raise RuntimeError(f"'visml {' '.join(line[:2])}' ended with {running.returncode}.")
    watched.seconds = time.monotonic() - began
    return watched


def _training(folder: Path) -> Iterator[str]:
    """Steps of the same batch: one process of one thread, one of all threads, two of one thread each."""
    data = pictures.folder_of_crops(folder / "training", 200)
    yield ""
    yield "| training | processes | threads of each | pictures a second | of a process |"
    yield "|---|---|---|---|---|"
    for processes, threads in ((1, 1), (1, 2), (2, 1)):
        rate = _rate(data, folder, processes, threads)
        yield f"| a batch of 16 | {processes} | {threads} | {rate:.2f} | {rate / processes:.2f} |"


def _rate(data: Path, folder: Path, processes: int, threads: int) -> float:
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    line = [*launcher, "-m", "benchmarks.together", str(data), str(folder / f"run-{processes}-{threads}")]
    environment = os.environ | {"OMP_NUM_THREADS": str(threads)}
    done = subprocess.run([sys.executable, *line], env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return float(json.loads(done.stdout.splitlines()[-1])["rate"])


if __name__ == "__main__":
    sys.exit(main())

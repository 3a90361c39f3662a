"""The dashboard in a process of its own, as a person starts it."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import psutil  # type: ignore[import-untyped]

from benchmarks.workshop import ROOT, BenchmarkRefused, Network

PATIENCE_S = 180.0
QUIET_CPU_S = 0.05


@dataclass(frozen=True)
class Served:
    """A running dashboard.

    Attributes:
        url: its address, without a slash at the end.
        model: the network it shows.
        started_s: seconds from launching the process to the first answer of ``/health``.
        process: its first process.
    """

    url: str
    model: str
    started_s: float
    process: psutil.Process

    def processes(self) -> list[psutil.Process]:
        """Its first process and those that it started."""
        return [self.process, *self.process.children(recursive=True)]

    def resident_mb(self) -> float:
        """Resident memory of all its processes, in megabytes of 10**6 bytes; what they share counts for each."""
        return float(sum(each.memory_info().rss for each in self.processes())) / 1e6

    def cpu_s(self) -> float:
        """Seconds of processor time that its processes have used."""
        return float(sum(sum(each.cpu_times()[:2]) for each in self.processes()))

    def quiet(self) -> None:
        """Waits until it does nothing."""
        deadline, before = time.monotonic() + PATIENCE_S, -1.0
        while (now := self.cpu_s()) - before > QUIET_CPU_S and time.monotonic() < deadline:
            before = now
            time.sleep(0.5)

    def get(self, path: str) -> bytes:
        """The body of an answer."""
        with urllib.request.urlopen(self.url + path, timeout=PATIENCE_S) as answer:
            body: bytes = answer.read()
        return body

    def open(self, photo: str) -> dict[str, Any]:
        """Opens a photo as the page does; what the page is told of it.

        Raises:
            BenchmarkRefused: the server does not open it.
        """
        return post_opening(self.url, self.model, photo)


def post_opening(url: str, model: str, photo: str) -> dict[str, Any]:
    """Opens a photo as the page does; what the page is told of it.

    Raises:
        BenchmarkRefused: the server does not open it.
    """
    trace: dict[str, Any] = _post(f"{url}/open", {"model": model, "photo": photo})
    if "trace" not in trace:
        raise BenchmarkRefused(f"The server does not open '{photo}'.")
    return trace


def fetch(url: str, addresses: Iterable[str]) -> int:
    """Asks for one address after another over one kept-alive connection; how many there were.

    Raises:
        ConnectionError: one of them is not answered with 200.
    """
    connection, count = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE_S), 0
    try:
        for address in addresses:
            connection.request("GET", address)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise ConnectionError(f"{answer.status} of {address}")
            count += 1
    finally:
        connection.close()
    return count


@contextmanager
def served(network: Network, cache: Path) -> Iterator[Served]:
    """A dashboard over one folder of checkpoints and an empty cache; it ends with the block.

    Raises:
        BenchmarkRefused: it does not start.
    """
    with (cache / "stderr.txt").open("w+") as errors:
        started = time.perf_counter()
        process = _launch(network, cache, errors)
        try:
            url = _address(process, errors)
            with urllib.request.urlopen(f"{url}/health", timeout=PATIENCE_S):
                pass
            yield Served(url, network.name, time.perf_counter() - started, psutil.Process(process.pid))
        finally:
            if process.poll() is not None:
                print(f"The dashboard ended by itself ({process.returncode}): {_words(errors)}", file=sys.stderr)
            _end(process)


def _launch(network: Network, cache: Path, errors: IO[str]) -> subprocess.Popen[str]:
    others = {name: value for name, value in os.environ.items() if not name.startswith("VISML_")}
    mine = {
        "VISML_PORT": "0",
        "VISML_CHECKPOINTS": str(network.root),
        "VISML_CACHE_DIR": str(cache),
        "VISML_DEVICE": "cpu",
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "app.py"]
    return subprocess.Popen(command, cwd=ROOT, env=others | mine, stdout=subprocess.PIPE, stderr=errors, text=True)


def _address(process: subprocess.Popen[str], errors: IO[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        found = re.search(r"http://[\w.]+:\d+", line)
        if found:
            return found[0]
    process.wait()
    raise BenchmarkRefused("The dashboard does not start; its own words are above.")


def _words(errors: IO[str]) -> str:
    errors.seek(0)
    return errors.read()


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()


def _post(url: str, value: Any) -> dict[str, Any]:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(value).encode(), headers)
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        found: dict[str, Any] = json.load(answer)
    return found

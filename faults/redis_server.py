"""Redis killed, hung and restarted empty while the page is used."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from faults import page
from faults.findings import FaultRefused, Finding
from visml.dashboard.values import REST_SECONDS, CachedValues, small_values
from visml.settings import Settings

ALLOWED_S = 0.5


def measure(folder: Path) -> list[Finding]:
    """Each fault in mid-session: what it costs a hundred reads and writes, and a page on which a photo is open."""
    if shutil.which("redis-server") is None:
        raise FaultRefused("There is no redis-server here.")
    port = _free_port()
    url = f"redis://127.0.0.1:{port}/0"
    values = small_values(Flask("faults"), Settings(cache_dir=folder, redis_url=url))
    page.make_checkpoint(folder)
    found = []
    with _redis(port) as process:
        values.set("a", 1)
        if values.get("a") != 1:
            raise FaultRefused("Redis does not keep what it is given.")
        visitor = page.client(folder, folder / "cache", redis_url=url)
        trace = page.opened(visitor, "coffee")
        found.append(_session("the page with Redis", visitor, trace, "rocket"))
        process.send_signal(signal.SIGSTOP)
        found += [
            _cost("Redis hangs (SIGSTOP)", values),
            _session("the page while Redis hangs", visitor, trace, "chelsea"),
        ]
        process.send_signal(signal.SIGCONT)
        found.append(_back("Redis goes on", values, 1))
        process.send_signal(signal.SIGKILL)
        process.wait()
        found += [
            _cost("Redis is killed (kill -9)", values),
            _session("the page without Redis", visitor, trace, "astronaut"),
        ]
    with _redis(port):
        found.append(_back("Redis is started again, empty", values, None))
    return found


def _cost(fault: str, values: CachedValues) -> Finding:
    longest, start = 0.0, time.monotonic()
    for turn in range(100):
        before = time.monotonic()
        values.set("b", turn)
        values.get("b")
        longest = max(longest, time.monotonic() - before)
    total = time.monotonic() - start
    seen = f"the longest read and write took {1000 * longest:.0f} ms, a hundred of them {1000 * total:.0f} ms"
    return Finding(fault, seen, total <= ALLOWED_S)


def _session(fault: str, visitor: FlaskClient, trace: str | None, photo: str) -> Finding:
    """A layer of the photo that is open, and another photo, which is opened for the first time."""
    start = time.monotonic()
    layer = visitor.get(f"/data/{trace}/conv3.json").status_code
    other = page.opened(visitor, photo)
    took = time.monotonic() - start
    opens = "opens" if other else "does not open"
    seen = f"a layer of the open photo is answered with {layer}, another photo {opens}: {took:.1f} s together"
    return Finding(fault, seen, layer == 200 and other is not None)


def _back(fault: str, values: CachedValues, expected: int | None) -> Finding:
    time.sleep(REST_SECONDS + 0.2)
    found = values.get("a")
    values.set("a", 2)
    again = values.get("a")
    seen = f"{REST_SECONDS:.0f} s later it is asked again: what was kept reads {found}, what is kept now {again}"
    return Finding(fault, seen, found == expected and again == 2)


@contextmanager
def _redis(port: int) -> Iterator[subprocess.Popen[bytes]]:
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        yield process
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.wait()


def _wait(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise FaultRefused("Redis does not start.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port

"""All maps of a layer fetched by six kept-alive connections: one picture of them all, against one request a filter.

One picture is what the page fetches. One request a filter is how most tools that look inside serve it; their server is
re-stated in `benchmarks.filters_served`, under gunicorn with as many processes and threads as VisML's own, with all
maps ready in memory. Both sides answer the same maps as PNG, 8 bits a value.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from benchmarks.findings import Finding, aside
from benchmarks.samples import alternate
from benchmarks.serving import fetch, served
from benchmarks.workshop import ROOT, BenchmarkRefused, Workshop
from visml.dashboard.serve import THREADS
from visml.settings import Settings

CONNECTIONS = 6  # of a browser to one server
LAYER, FILTERS, SIDE = "conv4", 256, 28


def measure(shop: Workshop) -> list[Finding]:
    """The ratio, and both times."""
    network = shop.page_network()
    with served(network, shop.fresh("cache")) as server, _one_by_one() as other:
        trace = server.open("coffee")
        told = next(each for each in trace["layers"] if each["name"] == LAYER)
        if (told["channels"], told["width"]) != (FILTERS, SIDE):
            raise BenchmarkRefused(f"{LAYER} of {network.name} has not {FILTERS} filters of {SIDE} x {SIDE}.")
        base = f"/data/{trace['trace']}/{LAYER}"
        sides: dict[str, Callable[[], object]] = {
            "at once": lambda: _fetch(server.url, [f"{base}.png", f"{base}.json"]),
            "one by one": lambda: _fetch(other, [f"/{index}.png" for index in range(FILTERS)]),
        }
        took = alternate(sides, shop.rounds(30, 2), warm=2)
    return [
        aside("one request a filter / one picture", took["one by one"].over(took["at once"]).tell("x")),
        aside("one picture and the layer's numbers", took["at once"].tell(" ms")),
        aside(f"{FILTERS} requests", took["one by one"].tell(" ms")),
    ]


def _fetch(url: str, paths: list[str]) -> None:
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(lambda at: fetch(url, paths[at::CONNECTIONS]), range(min(CONNECTIONS, len(paths)))))


@contextmanager
def _one_by_one() -> Iterator[str]:
    """The address of a server that answers one filter at a time."""
    workers = ["--workers", str(Settings.from_environment().workers), "--threads", str(THREADS)]
    command = [sys.executable, "-m", "gunicorn", "benchmarks.filters_served:app", "--bind", "127.0.0.1:0", *workers]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ, stderr=subprocess.PIPE, text=True)
    try:
        yield _address(process)
    finally:
        process.terminate()
        process.wait(20)


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if "Listening at: " in line:
            threading.Thread(target=process.stderr.read, daemon=True).start()  # nothing waits for who reads it
            return line.split("Listening at: ")[1].split()[0]
    raise BenchmarkRefused("The server that answers one filter at a time does not start.")

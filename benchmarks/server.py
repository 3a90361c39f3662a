"""From launching ``python app.py`` to the first answer of ``/health``, and the memory that it then takes.

Each start is a fresh process over an empty cache. Memory is the resident size of all its processes, summed, after
photos were opened in a network of full width, which every process that needs it holds once.
"""

from __future__ import annotations

from benchmarks.findings import Finding, aside, at_most
from benchmarks.samples import Samples, number
from benchmarks.serving import served
from benchmarks.workshop import Workshop

START_BUDGET_S = 5.0
MEMORY_BUDGET_MB = 900.0
PHOTOS = ("astronaut", "coffee", "rocket", "camera", "chelsea")


def measure(shop: Workshop) -> list[Finding]:
    """Seconds and megabytes."""
    network = shop.speed_network()
    starts, memory, idle = [], [], []
    for turn in range(shop.rounds(5, 1)):
        shop.say(f"start {turn + 1}")
        with served(network, shop.fresh("cache")) as server:
            starts.append(server.started_s)
            idle.append(server.resident_mb())
            for photo in PHOTOS[: shop.rounds(len(PHOTOS), 1)]:
                server.open(photo)
            memory.append(server.resident_mb())
    start, used = Samples.of(starts), Samples.of(memory)
    return [
        at_most("start to /health, p95", start.p95, START_BUDGET_S, " s", start.tell(" s")),
        at_most("resident memory", max(memory), MEMORY_BUDGET_MB, " MB", f"the largest; {used.tell()}; {network.note}"),
        aside("resident memory before the first photo", f"{number(Samples.of(idle).median)} MB"),
    ]

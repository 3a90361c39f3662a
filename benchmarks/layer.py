"""Moving over the names of the network's layers: from the mouse's move to the frame that shows the other layer.

Warm, everything was fetched ahead. Cold, the page was kept from fetching ahead, so that each layer's numbers and maps
come from the server when its name is first hovered.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from playwright.sync_api import Browser

from benchmarks.browser import Visit, chromium, visit
from benchmarks.findings import Finding, p95_at_most
from benchmarks.samples import Samples
from benchmarks.serving import Served, served
from benchmarks.workshop import Workshop

WARM_MS, COLD_MS = 50.0, 200.0
PHOTOS = ("coffee", "astronaut", "rocket", "chelsea", "camera", "moon")


def measure(shop: Workshop) -> list[Finding]:
    """Milliseconds, warm and cold."""
    network = shop.page_network()
    with chromium() as browser, served(network, shop.fresh("cache")) as server:
        with visit(browser, server) as seen:
            seen.open("/?photo=coffee&layer=conv1")
            warm = Samples.of(_walk(seen, shop.rounds(15, 1)))
        photos = PHOTOS[: shop.rounds(len(PHOTOS), 1)]
        cold = Samples.of(took for photo in photos for took in _first_time(browser, server, photo))
    return [
        p95_at_most("another layer, warm", warm, WARM_MS, network.note),
        p95_at_most("another layer, cold", cold, COLD_MS, network.note),
    ]


def _first_time(browser: Browser, server: Served, photo: str) -> Iterator[float]:
    with visit(browser, server, prefetch=False) as seen:
        seen.open(f"/?photo={photo}&layer=conv1", prefetched=False)
        yield from _walk(seen, 1)


def _walk(seen: Visit, rounds: int) -> Iterator[float]:
    """Milliseconds of each move to another layer, in an order of chance, each layer once a round."""
    names: list[str] = seen.ask("V.trace.layers.map(layer => layer.name)")
    chance = random.Random(0)
    for _ in range(rounds):
        for name in chance.sample(names, len(names)):
            if seen.ask("V.state.get().layer") == name:
                continue
            seen.ask(f"P.armLayer('pointerover', '{name}')")
            seen.point(f"#network [data-layer={name}]", 0.5, 0.5)
            yield seen.armed_ms()
            seen.frame()

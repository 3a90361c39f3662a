"""Hovering over pixels, maps and filter bars: requests made, and how long scripts run until all is repainted.

The mouse is moved by real input events; what counts is the growth of Chromium's own ScriptDuration until two frames
later, less the median of the same without a move.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from benchmarks.browser import Visit, chromium, visit
from benchmarks.findings import Finding, at_most, p95_at_most
from benchmarks.samples import Samples
from benchmarks.serving import served
from benchmarks.workshop import Workshop

BUDGET_MS = 16.0
PLACES = {
    "a pixel, beside a layer's maps": ("conv4", "#picture-predicted .stage"),
    "a pixel, beside its distribution": ("bins", "#picture-predicted .stage"),
    "a layer's map": ("conv4", "#grid .grid-box"),
    "a filter bar": ("conv4", "#means"),
}


def measure(shop: Workshop) -> list[Finding]:
    """Requests of all hovers together, then scripting of each kind."""
    network = shop.page_network()
    found: list[Finding] = []
    asked = moves = 0
    with chromium() as browser, served(network, shop.fresh("cache")) as server, visit(browser, server) as seen:
        for what, (layer, selector) in PLACES.items():
            shop.say(what)
            seen.open(f"/?photo=coffee&layer={layer}")
            before, took = len(seen.requests), _hover(seen, selector, shop.rounds(150, 4))
            seen.rest()
            asked, moves = asked + len(seen.asked_since(before)), moves + len(took.values)
            found.append(p95_at_most(f"{what}: scripting", took, BUDGET_MS, network.note))
    return [at_most("requests while hovering", asked, 0, "", f"of {moves} moves"), *found]


def _hover(seen: Visit, selector: str, count: int) -> Samples:
    chance = random.Random(0)

    def move() -> None:
        seen.point(selector, chance.uniform(0.02, 0.98), chance.uniform(0.02, 0.98))

    move()
    seen.frame()
    idle = Samples.of(_scripting(seen, lambda: None) for _ in range(count))
    return Samples.of(_scripting(seen, move) for _ in range(count)).less(idle.median)


def _scripting(seen: Visit, act: Callable[[], None]) -> float:
    """Milliseconds of scripting from before an act to two painted frames after it."""
    before = seen.script_ms()
    act()
    seen.frame()
    return seen.script_ms() - before

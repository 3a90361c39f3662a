"""Dragging the temperature slider: requests made, and the time from the mouse's move to the repainted prediction.

From the time that the browser got the move, to the end of the frame that shows the new picture, waiting for frames
included.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.browser import Visit, chromium, visit
from benchmarks.findings import Finding, aside, at_most, p95_at_most
from benchmarks.samples import Samples
from benchmarks.serving import served
from benchmarks.workshop import BenchmarkRefused, Workshop

BUDGET_MS = 33.0
THUMB = "#temperature input"
STEP_PX = 3


def measure(shop: Workshop) -> list[Finding]:
    """Requests and milliseconds."""
    network = shop.page_network()
    with chromium() as browser, served(network, shop.fresh("cache")) as server, visit(browser, server) as seen:
        seen.open("/?photo=coffee")
        before, scripted = len(seen.requests), seen.script_ms()
        took = Samples.of(_drag(seen, shop.rounds(150, 10)))
        each = (seen.script_ms() - scripted) / len(took.values)
        seen.rest()
        asked = len(seen.asked_since(before))
    return [
        at_most("requests while dragging", asked, 0, "", f"of {len(took.values)} moves"),
        p95_at_most("slider -> picture repainted", took, BUDGET_MS, network.note),
        aside("scripting of a move", f"{each:.1f} ms on average"),
    ]


def _drag(seen: Visit, count: int) -> Iterator[float]:
    """Milliseconds of each move, back and forth over the middle of the track."""
    box = seen.page.locator(THUMB).bounding_box()
    if box is None:
        raise BenchmarkRefused("The page has no temperature slider in sight.")
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    seen.page.mouse.move(x, y)
    seen.page.mouse.down()
    for turn in range(count):
        x += STEP_PX if turn // 8 % 2 == 0 else -STEP_PX
        seen.ask("P.armPainted('pointermove')")
        seen.page.mouse.move(x, y)
        yield seen.armed_ms()
    seen.page.mouse.up()

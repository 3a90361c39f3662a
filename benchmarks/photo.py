"""Choosing another photo of the gallery: from the click to the frame with its pictures and the shown layer's maps.

Cold, nobody opened the photo before: the server decodes it, runs the network and keeps everything. Warm, it was open
earlier in this visit, but so long ago that only the server and the browser's cache remember it. Between two choices
the page fetches the layers of the photo, as it does while somebody looks.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.browser import Visit, chromium, visit
from benchmarks.findings import Finding, p95_at_most
from benchmarks.samples import Samples
from benchmarks.serving import served
from benchmarks.workshop import Workshop

WARM_MS, COLD_MS = 100.0, 350.0
FIRST = "camera"  # opened before the clock runs: it has the server read the weights


def measure(shop: Workshop) -> list[Finding]:
    """Milliseconds, warm and cold."""
    network = shop.page_network()
    warm: list[float] = []
    cold: list[float] = []
    with chromium() as browser:
        for turn in range(shop.rounds(3, 1)):
            shop.say(f"fresh server {turn + 1}")
            with served(network, shop.fresh("cache")) as server, visit(browser, server) as seen:
                seen.open(f"/?photo={FIRST}")
                keys = [key for key in seen.ask("V.catalog.photos.map(photo => photo.key)") if key != FIRST]
                keys = keys[: shop.rounds(len(keys), 4)]
                cold += _choose(seen, keys)
                warm += _choose(seen, keys * shop.rounds(2, 1))
    return [
        p95_at_most("another photo, warm", Samples.of(warm), WARM_MS, network.note),
        p95_at_most("another photo, cold", Samples.of(cold), COLD_MS, network.note),
    ]


def _choose(seen: Visit, keys: list[str]) -> Iterator[float]:
    for key in keys:
        item = seen.page.locator(f"#strip [data-key='{key}']")
        item.scroll_into_view_if_needed()
        seen.ask(f"P.armPhoto('click', '{key}')")
        item.click()
        yield seen.armed_ms()
        seen.until("P.prefetched()")
        seen.rest()

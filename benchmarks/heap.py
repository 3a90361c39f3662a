"""What the page keeps after hundreds of photos: its JavaScript heap after collections, its nodes and its listeners.

One visit chooses photo after photo of the gallery, each once the one before stands with all of its layers. The growth
counts from the hundredth, when all that is kept on purpose is kept (three photos' arrays, what is known of the photos).
"""

from __future__ import annotations

from itertools import cycle, islice

from benchmarks.browser import Visit, chromium, visit
from benchmarks.findings import Finding, aside, at_most
from benchmarks.serving import served
from benchmarks.workshop import Workshop

COUNTED = {"JSHeapUsedSize": "heap", "Nodes": "nodes", "JSEventListeners": "listeners"}
COLLECTIONS = 3  # what one collection finds dead, the next may free
BUDGET_MB = 2.0


def measure(shop: Workshop) -> list[Finding]:
    """The growth, and where it began."""
    network, before, photos = shop.page_network(), shop.rounds(100, 14), shop.rounds(500, 28)
    with chromium() as browser, served(network, shop.fresh("cache")) as server, visit(browser, server) as seen:
        seen.open("/")
        keys = cycle(seen.ask("V.catalog.photos.map(photo => photo.key)")[::-1])
        _choose(seen, islice(keys, before))
        early = _counted(seen)
        _choose(seen, islice(keys, photos - before))
        late = _counted(seen)
    grown = {name: late[name] - early[name] for name in early}
    told = f"from {early['heap'] / 1e6:.1f} MB; {network.note}"
    return [
        at_most(f"heap, from photo {before} to {photos}", grown["heap"] / 1e6, BUDGET_MB, " MB", told),
        aside("nodes", f"{grown['nodes']:+,.0f} (of {early['nodes']:,.0f})"),
        aside("listeners", f"{grown['listeners']:+,.0f} (of {early['listeners']:,.0f})"),
    ]


def _choose(seen: Visit, keys: islice[str]) -> None:
    for key in keys:
        seen.ask(f"V.open('{key}')")
        seen.until(f"V.trace.photo.key === '{key}' && P.prefetched()")


def _counted(seen: Visit) -> dict[str, float]:
    seen.rest()
    for _ in range(COLLECTIONS):
        seen.cdp.send("HeapProfiler.collectGarbage")
    metrics = seen.cdp.send("Performance.getMetrics")["metrics"]
    return {COUNTED[each["name"]]: float(each["value"]) for each in metrics if each["name"] in COUNTED}

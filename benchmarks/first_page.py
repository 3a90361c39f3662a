"""The first page, nothing cached: until it answers, and the bytes that came over the wire before that.

A freshly started server that has come to rest, an empty browser cache, an empty cache of photos. The page answers
when the first photo's pictures and maps stand and no task of over 50 ms runs within the following half second. Bytes
are those of Chromium's own count, compressed, with headers; what comes from ``/data`` and ``/thumb`` is not counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser

from benchmarks.browser import Visit, chromium, visit
from benchmarks.findings import Finding, aside, at_most
from benchmarks.samples import Samples
from benchmarks.serving import Served, served
from benchmarks.workshop import Workshop

TIME_BUDGET_S, BYTES_BUDGET_MB = 2.0, 2.5
PHOTO_DATA = ("/data/", "/thumb/")


@dataclass
class Wire:
    """What comes over the wire, as Chromium tells it while the page loads.

    Attributes:
        begun: the browser's clock, in seconds, at the first request.
        paths: path by request.
        arrived: (clock, request, bytes) of every piece.
    """

    begun: float | None = None
    paths: dict[str, str] = field(default_factory=dict)
    arrived: list[tuple[float, str, float]] = field(default_factory=list)

    def listen(self, seen: Visit) -> None:
        """Notes everything from now on."""
        seen.cdp.on("Network.requestWillBeSent", self._asked)
        seen.cdp.on("Network.dataReceived", self._piece)
        seen.cdp.on("Network.loadingFinished", self._whole)
        seen.cdp.send("Network.enable")

    def megabytes(self, until_ms: float) -> float:
        """Megabytes of 10**6 bytes, photo data excluded, in the first milliseconds."""
        assert self.begun is not None
        end, by_request = self.begun + until_ms / 1000, dict[str, float]()
        for clock, request, size in self.arrived:
            path = self.paths.get(request, "")
            if clock <= end and path and not path.startswith(PHOTO_DATA):
                by_request[request] = by_request.get(request, 0) + size
        return sum(by_request.values()) / 1e6

    def _asked(self, event: dict[str, Any]) -> None:
        self.begun = event["timestamp"] if self.begun is None else self.begun
        url = event["request"]["url"]
        if url.startswith("http"):
            self.paths[event["requestId"]] = urlsplit(url).path

    def _piece(self, event: dict[str, Any]) -> None:
        self.arrived.append((event["timestamp"], event["requestId"], event["encodedDataLength"]))

    def _whole(self, event: dict[str, Any]) -> None:
        """The pieces do not count headers; the whole does."""
        request = event["requestId"]
        pieces = sum(size for _, each, size in self.arrived if each == request)
        self.arrived.append((event["timestamp"], request, event["encodedDataLength"] - pieces))


def measure(shop: Workshop) -> list[Finding]:
    """Seconds, megabytes, and the steps on the way."""
    network = shop.page_network()
    loads: list[dict[str, float]] = []
    with chromium() as browser:
        for turn in range(shop.rounds(7, 1)):
            shop.say(f"fresh server {turn + 1}")
            with served(network, shop.fresh("cache")) as server:
                server.quiet()
                loads.append(_load(browser, server))
    told = {name: Samples.of(load[name] for load in loads) for name in loads[0]}
    answers = told["answers"]
    return [
        at_most("interactive, p95", answers.p95, TIME_BUDGET_S, " s", f"{answers.tell()}; {network.note}"),
        at_most("over the wire before", told["wire"].median, BYTES_BUDGET_MB, " MB", told["wire"].tell(" MB")),
        aside("its scripts have started", told["scripts"].tell(" s")),
        aside("the first photo stands", told["photo"].tell(" s")),
    ]


def _load(browser: Browser, server: Served) -> dict[str, float]:
    wire = Wire()
    with visit(browser, server) as seen:
        wire.listen(seen)
        seen.open("/")
        seen.rest()
        answers = float(seen.ask("P.interactive()"))
        started, stands = (float(seen.ask(f"P.{name}")) for name in ("started", "stands"))
        return {
            "answers": answers / 1000,
            "wire": wire.megabytes(answers),
            "scripts": started / 1000,
            "photo": stands / 1000,
        }

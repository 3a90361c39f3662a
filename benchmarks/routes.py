"""The rate at which one core answers ``/data``, over loopback, kept-alive connections, four clients.

Requests divided by the processor time that the server's processes used for them: so the clients, which share the
machine, do not count. A hover that has to ask the server asks for a filter's kernel or a layer's numbers; that mix
has the budget. Maps and logits are fetched once a photo, ahead of hovering, and stand below it, as does ``/health``,
which costs what any request costs.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.findings import Finding, aside, at_least
from benchmarks.hovering import hovered
from benchmarks.samples import Samples
from benchmarks.serving import Served, fetch, served
from benchmarks.workshop import Network, Workshop

BUDGET = 1000.0
CLIENTS = 4
Address = Callable[[], str]


def measure(shop: Workshop) -> list[Finding]:
    """Requests a second of processor time."""
    network = shop.page_network()
    with served(network, shop.fresh("cache")) as server:
        trace = server.open("coffee")
        _send(server, hovered(trace), 50)
        server.quiet()
        rates = {name: _rate(shop, server, address, count) for name, (address, count) in _routes(trace).items()}
    return _findings(network, rates)


def _findings(network: Network, rates: dict[str, Samples]) -> list[Finding]:
    hover = rates.pop("hover")
    told = f"{hover.tell()}; {network.note}"
    return [
        at_least("hover through /data, a second and core", hover.median, BUDGET, "/s", told),
        *(aside(f"{name}, a second and core", rate.tell("/s")) for name, rate in rates.items()),
    ]


def _routes(trace: dict[str, Any]) -> dict[str, tuple[Address, int]]:
    """Addresses to ask for, and how often."""
    base = f"/data/{trace['trace']}"
    return {
        "hover": (hovered(trace), 1500),
        "/health": (lambda: "/health", 1500),
        "a layer's maps (conv4.png)": (lambda: f"{base}/conv4.png", 60),
        "the photo (photo.png)": (lambda: f"{base}/photo.png", 200),
        "the logits (logits.bin)": (lambda: f"{base}/logits.bin", 60),
    }


def _rate(shop: Workshop, server: Served, address: Address, count: int) -> Samples:
    return Samples.of(_once(server, address, shop.rounds(count, count // 10)) for _ in range(shop.rounds(5, 1)))


def _once(server: Served, address: Address, count: int) -> float:
    before = server.cpu_s()
    sent = _send(server, address, count)
    return sent / max(server.cpu_s() - before, 0.01)


def _send(server: Served, address: Address, count: int) -> int:
    """Sends that many requests from several clients at once; how many were answered well."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        shares = [pool.submit(fetch, server.url, (address() for _ in range(count // CLIENTS))) for _ in range(CLIENTS)]
        return sum(share.result() for share in shares)

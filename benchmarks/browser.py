"""The page in Chromium, with stopwatches inside (``probe.js``)."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, ViewportSize, sync_playwright

from benchmarks.serving import Served
from benchmarks.workshop import BenchmarkRefused

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NAMES = ("chromium", "chromium-browser", "google-chrome")
SIZE = ViewportSize(width=1440, height=1000)
PATIENCE_S = 120.0
NO_PREFETCH = "window.requestIdleCallback = () => 0;"
PROBE = Path(__file__).with_name("probe.js").read_text(encoding="utf-8")


@dataclass
class Visit:
    """One visit to the page, nothing cached before it.

    Attributes:
        page: Playwright's page.
        url: the server's address.
        cdp: the browser's own measurements of the page.
        requests: addresses asked for so far.
    """

    page: Page
    url: str
    cdp: CDPSession
    requests: list[str] = field(default_factory=list)

    def ask(self, expression: str) -> Any:
        """The value of a JavaScript expression; ``V`` is the page's namespace, ``P`` the stopwatches."""
        names = "const V = window.dash_clientside?.visml, P = window.visml_probe;"
        return self.page.evaluate(f"(() => {{ {names} return ({expression}); }})()")

    def until(self, expression: str) -> None:
        """Waits until an expression holds; asked from here, since the page's policy forbids ``eval``.

        Raises:
            BenchmarkRefused: it never does.
        """
        deadline = time.monotonic() + PATIENCE_S
        while not self.ask(expression):
            if time.monotonic() > deadline:
                raise BenchmarkRefused(f"The page never came to: {expression}.")
            self.page.wait_for_timeout(25)

    def open(self, address: str = "/", prefetched: bool = True) -> None:
        """Goes there and waits until a photo stands, and all of it is fetched."""
        self.page.goto(self.url + address)
        self.until("P.prefetched()" if prefetched else "P.stands !== null")
        self.ask("P.attach()")
        self.rest()

    def rest(self) -> None:
        """Lets whatever was put off run."""
        self.page.wait_for_timeout(400)

    def script_ms(self) -> float:
        """Milliseconds that the page's scripts have run so far."""
        metrics = self.cdp.send("Performance.getMetrics")["metrics"]
        return 1000 * next(float(each["value"]) for each in metrics if each["name"] == "ScriptDuration")

    def frame(self) -> None:
        """Waits for a painted frame, and the one after it."""
        self.ask("P.frame().then(P.frame)")

    def point(self, selector: str, across: float, down: float) -> None:
        """Moves the mouse over an element, to shares 0..1 of its width and height.

        Raises:
            BenchmarkRefused: there is no such element in sight.
        """
        box = self.page.locator(selector).bounding_box()
        if box is None:
            raise BenchmarkRefused(f"The page has no {selector} in sight.")
        self.page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"])

    def armed_ms(self) -> float:
        """What the stopwatch shows once it has stopped."""
        return float(self.ask("P.armed"))

    def asked_since(self, count: int) -> list[str]:
        """Requests over the network after the first ``count``."""
        return [url for url in self.requests[count:] if url.startswith("http")]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser.

    Raises:
        BenchmarkRefused: there is none.
    """
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise BenchmarkRefused("Chromium is not installed.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visit(browser: Browser, server: Served, prefetch: bool = True) -> Iterator[Visit]:
    """A visit with an empty browser cache; without ``prefetch`` the page is never idle, so it fetches nothing ahead."""
    context = browser.new_context(viewport=SIZE, color_scheme="light")
    try:
        context.add_init_script(PROBE)
        if not prefetch:
            context.add_init_script(NO_PREFETCH)
        page = context.new_page()
        cdp = context.new_cdp_session(page)
        cdp.send("Performance.enable")
        made = Visit(page, server.url, cdp)
        page.on("request", lambda request: made.requests.append(request.url))
        yield made
    finally:
        context.close()

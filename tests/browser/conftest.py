"""The real page in Chromium: a server in a thread over a narrow network of random weights, and what went wrong."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import torch
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

import visml
from tests.browser.pages import serving, visited
from visml import checkpoints
from visml.inspector import Inspection
from visml.models import registry
from visml.settings import Settings

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
ARGUMENTS = {"width": 0.25}
SILENT = (3, 7)  # filters of conv3 that are made never to answer
PATIENCE = 60.0  # seconds; loaded machines are slow, and no test is about time


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """flask-compress leaves the files it compresses to the garbage collector; the rest of the warnings stay errors."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"))


@dataclass
class Visit:
    """One visit to the page.

    Attributes:
        page: Playwright's page.
        errors: console errors, failed scripts and refused requests so far.
        requests: addresses asked for so far.
    """

    page: Page
    url: str
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def open(self, address: str = "/") -> None:
        """Goes there and waits until a photo stands and all its layers are fetched."""
        self.page.goto(self.url + address)
        self.settled()

    def settled(self) -> None:
        """Waits until the photo asked for stands, all its layers are fetched, and the scores agree with it."""
        self.until(
            "V.trace && V.trace.photo.key === V.state.get().photo && V.scene.current?.meta === V.trace"
            " && document.documentElement.dataset.prefetched === V.trace.trace"
        )
        self.until("V.scene.current.scores !== null || !V.scene.current.hasColor")
        self.page.wait_for_timeout(400)

    def ask(self, expression: str) -> Any:
        """The value of a JavaScript expression, in which ``V`` is the page's own namespace."""
        return self.page.evaluate(f"(() => {{ const V = window.dash_clientside?.visml; return ({expression}); }})()")

    def until(self, expression: str) -> None:
        """Waits until a JavaScript expression holds; polled from here, since the page's policy forbids ``eval``."""
        deadline = time.monotonic() + PATIENCE
        while not self.ask(f"window.dash_clientside?.visml?.state && ({expression})"):
            assert time.monotonic() < deadline, f"never came true: {expression}; errors: {self.errors}"
            self.page.wait_for_timeout(20)

    def text(self, element: str) -> str:
        """The text of the element of that id, white space made plain."""
        return " ".join((self.page.locator(f"#{element}").text_content() or "").split())

    def frames(self) -> None:
        """Waits two animation frames: what was asked for is painted then."""
        self.page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def point(self, selector: str, across: float, down: float) -> None:
        """Moves the mouse over an element, to shares 0..1 of its width and height."""
        box = self.page.locator(selector).bounding_box()
        assert box is not None
        self.page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"])
        self.frames()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser; where there is none the tests are skipped, but on CI that is a failure."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None and "CI" not in os.environ:
        pytest.skip("Chromium is not installed.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def checkpoint_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one checkpoint of random weights, sharpened so that its distributions differ between pixels."""
    root = tmp_path_factory.mktemp("checkpoints")
    torch.manual_seed(0)
    model = registry.build("zhang16", ARGUMENTS)
    declared = next(layer for layer in model.layers if layer.name == "conv3")
    assert declared.convolution is not None
    convolution = model.get_submodule(declared.convolution)
    with torch.no_grad():
        model.get_submodule("bins").weight.mul_(8)  # type: ignore[operator]
        for index in SILENT:
            convolution.weight[index] = 0  # type: ignore[index, operator]
            convolution.bias[index] = -1  # type: ignore[index, operator]
    checkpoints.save(root / "zhang16", model, ARGUMENTS)
    return root


@pytest.fixture(scope="module")
def settings(checkpoint_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    cache = tmp_path_factory.mktemp("cache")
    return Settings(checkpoints=checkpoint_root, cache_dir=cache, precision="float32", device="cpu", max_mb=2)


@pytest.fixture(scope="module")
def site(settings: Settings) -> Iterator[str]:
    """The address of a running server."""
    with serving(settings) as address:
        yield address


@pytest.fixture(scope="module")
def inspect(checkpoint_root: Path, settings: Settings) -> Callable[[str], Inspection]:
    """What the library itself says of a gallery photo, computed beside the server."""
    from visml.images.gallery import Gallery, Uploads

    inspector = visml.Inspector("zhang16", checkpoints=checkpoint_root, device="cpu", precision="float32")
    gallery = Gallery(None, Uploads(settings.cache_dir / "none"))
    return lambda key: inspector.open(gallery.photo(key))


@pytest.fixture(scope="module")
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """One profile for all visits of a module: the page's scripts are fetched once."""
    made = chromium.new_context(viewport={"width": 1440, "height": 1000}, color_scheme="light")
    made.add_init_script("localStorage.setItem('visml-tour', 'seen')")
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that must not complain."""
    with visited(context) as made:
        yield made


@pytest.fixture
def visit(context: BrowserContext, site: str) -> Iterator[Visit]:
    """A visit that must not leave an error behind."""
    with visiting(context, site) as made:
        yield made


@contextmanager
def visiting(context: BrowserContext, site: str) -> Iterator[Visit]:
    """A visit to a server while the block runs; it must not leave an error behind."""
    page = context.new_page()
    made = Visit(page, site)
    page.on(
        "console", lambda message: made.errors.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: made.errors.append(str(error)))
    page.on("request", lambda request: made.requests.append(request.url))
    page.on(
        "response", lambda answer: made.errors.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None
    )
    yield made
    page.close()
    assert made.errors == []

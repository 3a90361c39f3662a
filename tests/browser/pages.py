"""What tests of one page share: a server over a folder of checkpoints, a page that must not complain, silence."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, Page
from torch import nn
from werkzeug.serving import make_server

from visml.dashboard.app import create_app
from visml.settings import Settings


@contextmanager
def serving(settings: Settings, modules: Mapping[str, nn.Module] | None = None) -> Iterator[str]:
    """The address at which a dashboard is served while the block runs."""
    server = make_server("127.0.0.1", 0, create_app(settings, modules).server, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def over(root: Path, cache: Path) -> Settings:
    """Settings of a dashboard over a folder of checkpoints."""
    return Settings(checkpoints=root, cache_dir=cache, device="cpu", precision="float32")


@contextmanager
def visited(context: BrowserContext) -> Iterator[Page]:
    """A page that must not complain."""
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    page.close()
    assert complaints == [], complaints


@contextmanager
def no_requests(page: Page) -> Iterator[None]:
    """A block in which nothing may be asked for."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.startswith("http") else None)
    yield
    page.wait_for_timeout(200)
    assert asked == [], asked

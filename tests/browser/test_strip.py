"""The strip of a large folder in Chromium: it is drawn in parts, and a link to a photo far down still shows it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, expect
from werkzeug.serving import make_server

from visml.dashboard.app import create_app
from visml.settings import Settings

PHOTOS = 150  # more than are drawn at once


@pytest.fixture(scope="module")
def address(checkpoint_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    images = tmp_path_factory.mktemp("images")
    for index in range(PHOTOS):
        Image.fromarray(np.full((8, 8, 3), index, np.uint8)).save(images / f"{index:03d}.png")
    settings = Settings(
        checkpoints=checkpoint_root, cache_dir=tmp_path_factory.mktemp("cache"), images=images, device="cpu"
    )
    server = make_server("127.0.0.1", 0, create_app(settings).server, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_link_to_the_last_photo_scrolls_to_it(chromium: Browser, address: str) -> None:
    page = chromium.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{address}/?photo=folder:{PHOTOS - 1:03d}.png")
    chosen = page.locator("#strip [aria-selected=true]")
    expect(chosen).to_have_attribute("data-key", f"folder:{PHOTOS - 1:03d}.png", timeout=60_000)
    expect(chosen).to_be_in_viewport()
    page.close()

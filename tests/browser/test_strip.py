"""The strip of a large folder in Chromium: it is drawn in parts, and a link to a photo far down still shows it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from visml.settings import Settings

PHOTOS = 150  # more than are drawn at once


@pytest.fixture(scope="module")
def settings(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Those of a large folder."""
    images = tmp_path_factory.mktemp("images")
    for index in range(PHOTOS):
        Image.fromarray(np.full((8, 8, 3), index, np.uint8)).save(images / f"{index:03d}.png")
    return replace(settings, images=images)


def test_a_link_to_the_last_photo_scrolls_to_it(chromium: Browser, site: str) -> None:
    page = chromium.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{site}/?photo=folder:{PHOTOS - 1:03d}.png")
    chosen = page.locator("#strip [aria-selected=true]")
    expect(chosen).to_have_attribute("data-key", f"folder:{PHOTOS - 1:03d}.png", timeout=60_000)
    expect(chosen).to_be_in_viewport()
    page.close()

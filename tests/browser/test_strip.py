"""The strip of a large folder in Chromium: drawn in parts, filtered, and both told by a link."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from visml.settings import Settings

PHOTOS = 150  # more than are drawn at once
CATEGORIES = ("scenes", "streets")


@pytest.fixture(scope="module")
def settings(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Those of a large folder."""
    images = tmp_path_factory.mktemp("images")
    for index in range(PHOTOS):
        Image.fromarray(np.full((8, 8, 3), index, np.uint8)).save(images / f"{index:03d}.png")
    for category in CATEGORIES:
        (images / category).mkdir()
        Image.new("RGB", (8, 8), (200, 40, 40)).save(images / category / "one.png")
    return replace(settings, images=images)


def test_a_link_to_the_last_photo_scrolls_to_it(chromium: Browser, site: str) -> None:
    page = chromium.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{site}/?photo=folder:{PHOTOS - 1:03d}.png")
    chosen = page.locator("#strip [aria-selected=true]")
    expect(chosen).to_have_attribute("data-key", f"folder:{PHOTOS - 1:03d}.png", timeout=60_000)
    expect(chosen).to_be_in_viewport()
    page.close()


def test_a_link_tells_what_the_strip_lists(chromium: Browser, site: str) -> None:
    page = chromium.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{site}/?category=streets")
    listed = page.locator("#strip .photo")
    expect(listed).to_have_count(1, timeout=60_000)
    expect(listed).to_have_attribute("data-key", "folder:streets/one.png")
    expect(page.locator("#category")).to_have_value("streets")
    page.locator("#kinds [data-kind=grayscale]").click()
    expect(page.locator("#strip-empty")).to_be_visible()
    expect(page).to_have_url(re.compile("kind=grayscale"))
    page.goto(f"{site}/?kind=grayscale&category=nowhere")
    expect(page.locator("#strip [data-key=camera]")).to_be_visible(timeout=60_000)
    expect(page.locator("#strip [data-key=coffee]")).to_have_count(0)
    expect(page.locator("#kinds [data-kind=grayscale]")).to_have_attribute("aria-pressed", "true")
    expect(page).not_to_have_url(re.compile("category"))
    page.close()

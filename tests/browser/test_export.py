"""Exports as a person makes them, and the saved page opened as a file, with the network off, against the library."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext

from tests.browser.conftest import Visit, visiting
from tests.browser.test_inspect import LAYERS, canvas, check_filter, check_pixel, check_temperature, pixels
from visml.inspector import Inspection

Inspect = Callable[[str], Inspection]
SVG = "{http://www.w3.org/2000/svg}"


def exported(visit: Visit, row: str, kind: str) -> tuple[str, bytes]:
    """Name and bytes of what a row of the Export menu saves."""
    if not visit.page.locator("#export").is_visible():
        visit.page.locator("#export-open").click()
    with visit.page.expect_download() as download:
        visit.page.get_by_role("button", name=f"{row} as {kind}", exact=True).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


@pytest.fixture(scope="module")
def opened(context: BrowserContext, site: str) -> Iterator[Visit]:
    """The page at a view of its own."""
    with visiting(context, site) as visit:
        visit.open("/?photo=coffee&layer=conv3&filter=5&x=100&y=60&t=0.5&sort=max")
        yield visit


@pytest.fixture(scope="module")
def saved(opened: Visit, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The view as a page, saved by the menu."""
    name, body = exported(opened, "This inspection as a page", "HTML")
    assert name == "coffee-zhang16.html"
    assert 500_000 < len(body) < 12_000_000
    path = tmp_path_factory.mktemp("saved") / name
    path.write_bytes(body)
    return path


@pytest.fixture
def replay(chromium: Browser, saved: Path) -> Iterator[Visit]:
    """The saved page, opened as a file in a browser without network."""
    context = chromium.new_context(viewport={"width": 1440, "height": 1000}, offline=True)
    with visiting(context, saved.as_uri()) as visit:
        visit.open("")
        yield visit
        assert [request for request in visit.requests if not request.startswith(("file:", "data:", "blob:"))] == []
    context.close()


def test_the_saved_page_opens_at_its_view_and_has_the_librarys_numbers(replay: Visit, inspect: Inspect) -> None:
    keys = ["layer", "filter", "x", "y", "t", "sort"]
    assert replay.ask(f"{keys}.map(key => V.state.get()[key])") == ["conv3", 5, 100, 60, 0.5, "max"]
    assert replay.page.title() == "coffee in zhang16 - VisML"
    assert replay.page.locator("#network-list button .name").all_text_contents() == LAYERS
    assert replay.text("filter-sub") == "conv3, pinned"
    truth = inspect("coffee")
    np.testing.assert_array_equal(pixels(replay, canvas("target")), truth.squashed)
    replay.page.locator("[data-layer=conv8]").click()
    replay.until("V.layerView.current.name === 'conv8'")
    replay.frames()
    check_filter(replay, truth["conv8"])
    replay.page.keyboard.press("]")
    replay.until("V.state.get().layer === 'bins'")
    replay.page.locator("#temperature input").focus()
    for _ in range(12):
        replay.page.keyboard.press("ArrowLeft")
    replay.until("V.state.get().t === 0.38")
    replay.frames()
    check_pixel(replay, truth, 0.62, 0.55)
    check_temperature(replay, truth, 0.2)


def test_pictures_numbers_and_charts_are_saved(opened: Visit, inspect: Inspect) -> None:
    visit, truth = opened, inspect("coffee")
    name, picture = exported(visit, "Colored photo", "PNG")
    assert name == "coffee-zhang16-color.png"
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(picture))), truth.colorized(0.5))
    name, arrays = exported(visit, "All numbers shown", "NPZ")
    with np.load(io.BytesIO(arrays)) as file:
        np.testing.assert_array_equal(file["conv3"], truth["conv3"].maps)
    name, text = exported(visit, "Map of filter 5", "CSV")
    assert (name, text.count(b"\n")) == ("coffee-zhang16-conv3-5.csv", 1 + truth["conv3"].maps[5].size)
    check_charts(visit)
    visit.page.keyboard.press("Escape")
    assert not visit.page.locator("#export").is_visible()
    assert visit.ask("V.state.get().filter") == 5, "Escape closes the menu alone"


def check_charts(visit: Visit) -> None:
    """The bars as a picture of twice their size and as vectors, the maps as one picture cut up, the plane's words."""
    charts = visit.ask("V.figure.charts().map(({ title }) => title)")
    assert {"Target", "Predicted", "Entropy", "Maps of conv3", "Mean activation per filter"} <= set(charts)
    width = visit.ask("document.querySelector('#means').clientWidth")
    picture = Image.open(io.BytesIO(exported(visit, "Mean activation per filter", "PNG")[1]))
    assert picture.width == 2 * (width + 24)
    assert len(picture.convert("RGB").getcolors(100_000) or []) > 4
    bars = drawn(visit, "Mean activation per filter")
    assert len(bars.findall(f".//{SVG}rect")) > visit.ask("V.layerView.current.order.length")
    words = "".join(node.text or "" for node in bars.iter(f"{SVG}text"))
    assert re.search(r"Mean activation per filter.*coffee in zhang16, conv3", words)
    maps = drawn(visit, "Maps of conv3")
    assert len(maps.findall(f".//{SVG}use")) == visit.ask("V.layerView.current.order.length")


def drawn(visit: Visit, chart: str) -> ElementTree.Element:
    """A chart's SVG."""
    return ElementTree.fromstring(exported(visit, chart, "SVG")[1])  # noqa: S314 - of the page's own making


def test_a_link_holds_the_whole_state(visit: Visit) -> None:
    visit.open(
        "/?photo=coffee&layer=conv3&filter=5&x=100&y=60&pixelPinned=true&t=0.38&prior=0.2&sort=push&toward=red&scale=map"
        "&extra=a&ask=what-if&region=1,2,30,40&off=conv3:1,2&to=mean&what=blur:2&own=true&about=red&against=12"
        "&method=occlusion&baseline=mean&field=conv2&samples=0.5,8,3&donor=chelsea&graft=conv4&from=3,4&brush=3-5"
    )
    assert visit.ask("V.state.get().pixelPinned") is True
    visit.point("#picture-predicted .stage", 0.9, 0.9)
    changed = "['x', 'y', 'own', 'pixelPinned', 'off', 'ask', 'what'].map(key => V.state.get()[key])"
    assert visit.ask(changed) == [100, 60, True, True, "conv3:1,2", "what-if", "blur:2"]
    assert visit.page.locator("#what-if-on [data-on=own]").get_attribute("aria-pressed") == "true"
    here, told = "V.state.get()", "V.url.read(V.url.write(V.state.get()).split('?')[1])"
    lost = f"Object.entries({told}).filter(([key, value]) => {here}[key] !== value).map(([key]) => key)"
    assert visit.ask(lost) == []

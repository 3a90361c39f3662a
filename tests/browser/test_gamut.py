"""Colors selected on the ab plane and the maps of the fourth picture, against the library's."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Visit
from visml.color import bins
from visml.insight import gamut
from visml.inspector import Inspection

ASSETS = Path(__file__).resolve().parents[2] / "assets"
SIDE = 16
Inspect = Callable[[str], Inspection]


@pytest.fixture(scope="module")
def blank(chromium: Browser) -> Iterator[Page]:
    """A page with the arithmetic alone."""
    page = chromium.new_page()
    for name in ("color", "decode", "bins", "gamut-maps", "gamut-brush"):
        page.add_script_tag(path=ASSETS / f"{name}.js")
    page.add_script_tag(
        content="V = dash_clientside.visml; bytes = (s) => Uint8Array.from(atob(s), (c) => c.charCodeAt(0));"
    )
    yield page
    page.close()


def sent(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def test_mass_modes_and_margin_are_the_librarys(blank: Page) -> None:
    noise = np.random.default_rng(0).normal(size=(SIDE, SIDE, 313))
    logits = (noise * np.linspace(0.2, 8, SIDE)[:, None, None]).astype(np.float16)
    logits[0, 0] = 1  # all alike
    chosen = [0, 5, 6, 7, 100, 312]
    script = """([z, centers, chosen]) => { const d = V.decode.open(bytes(z).buffer, centers), m = V.gamutMaps;
        const modes = [...m.modes(d, V.bins.index(centers))];
        return { mass: [...m.mass(d, chosen)], margin: [...m.margin(d)], modes }; }"""
    found = blank.evaluate(script, [sent(logits), bins.BINS.tolist(), chosen])
    shares = bins.distribution(torch.tensor(logits.astype(np.float32)).permute(2, 0, 1)[None])[0].numpy()
    np.testing.assert_allclose(found["mass"], gamut.mass(shares, chosen).ravel(), atol=1e-5)
    np.testing.assert_allclose(found["margin"], gamut.margin(shares).ravel(), atol=1e-5)
    np.testing.assert_array_equal(found["modes"], gamut.modes(shares, bins.BINS).ravel())


def test_colors_beyond_srgb_are_the_librarys(blank: Page) -> None:
    rng = np.random.default_rng(3)
    lightness = rng.uniform(0, 100, (SIDE, SIDE)).astype(np.float32)
    ab = rng.uniform(-100, 100, (2, SIDE, SIDE)).astype(np.float32)
    script = """([L, a, b]) => { const f = (s) => new Float32Array(bytes(s).buffer);
        const found = V.gamutMaps.beyond(f(L), f(a), f(b)); return [[...found], V.gamutMaps.clipping(found)]; }"""
    found, told = blank.evaluate(script, [sent(lightness), sent(ab[0]), sent(ab[1])])
    truth = gamut.out_of_gamut(lightness, ab)
    np.testing.assert_allclose(found, truth.ravel(), atol=0.05)
    assert told["share"] == pytest.approx(gamut.clipped(truth), abs=0.01)
    moved = truth[truth > gamut.SEEN]
    assert told["mean"] == pytest.approx(float(moved.mean()), abs=0.05)
    assert told["most"] == pytest.approx(float(truth.max()), abs=0.05)


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("3", [3]),
        ("12-14,9", [9, 12, 13, 14]),
        ("310-400", [310, 311, 312]),
        ("7-5", []),
        ("", []),
        ("4,4,3-4", [3, 4]),
    ],
)
def test_a_selection_as_text(blank: Page, text: str, chosen: list[int]) -> None:
    assert blank.evaluate("(text) => V.brush.parse(text, 313)", text) == chosen
    assert blank.evaluate("(bins) => V.brush.parse(V.brush.write(bins), 313)", chosen) == chosen


def test_ranges_are_short(blank: Page) -> None:
    assert blank.evaluate("(bins) => V.brush.write(bins)", [1, 2, 3, 9, 11, 12]) == "1-3,9,11-12"
    assert blank.evaluate("V.brush.write([])") is None


def shown(visit: Visit) -> np.ndarray:
    return np.array(visit.ask("[...V.pictures.extra.values]")).reshape(224, 224)


def upsampled(plane: np.ndarray) -> np.ndarray:
    from visml.color import lab

    return lab.upsample(torch.tensor(plane)[None, None].float(), (224, 224))[0, 0].numpy()


def drag(visit: Visit, one: tuple[float, float], other: tuple[float, float]) -> None:
    visit.point("#gamut", *one)
    visit.page.mouse.down()
    visit.point("#gamut", *other)
    visit.page.mouse.up()
    visit.frames()


def chosen_bins(visit: Visit) -> list[int]:
    found: list[int] = visit.ask("V.brush.bins()")
    return found


def test_dragging_over_the_plane_sums_its_colors_over_the_photo(visit: Visit, inspect: Inspect) -> None:
    visit.open("/?photo=coffee&layer=bins&x=60&y=80")
    before: list[str] = list(visit.requests)
    drag(visit, (0.45, 0.4), (0.7, 0.6))
    chosen, truth = chosen_bins(visit), inspect("coffee")
    assert len(chosen) > 10
    centers = bins.BINS[chosen]
    assert len(chosen) == len(set(map(tuple, centers)))
    whole = truth.mass(chosen)
    np.testing.assert_allclose(shown(visit), upsampled(whole), atol=2e-3)
    row, column = truth.position(60, 80)
    assert f"{len(chosen)} colors selected" in visit.text("gamut-bin")
    assert float(visit.text("value-extra").split()[0]) == pytest.approx(100 * whole[row, column], abs=0.2)
    assert f"{100 * whole.mean():.1f}"[:2] in visit.text("extra-words")
    visit.until("location.search.includes('brush=')")
    assert visit.requests == before
    visit.page.locator("#gamut-clear").click()
    visit.frames()
    assert chosen_bins(visit) == []
    assert visit.page.locator("#extra-choice").input_value() == "entropy"


def test_selecting_by_keys_and_from_a_link(visit: Visit) -> None:
    visit.open("/?photo=coffee&layer=bins&brush=100-103,200")
    assert chosen_bins(visit) == [100, 101, 102, 103, 200]
    assert visit.page.locator("#extra-choice").input_value() == "mass"
    visit.page.locator("#gamut").focus()
    visit.page.keyboard.press("Escape")
    visit.frames()
    assert chosen_bins(visit) == []
    for key in ("ArrowLeft", "Shift+ArrowRight", "Shift+ArrowUp"):
        visit.page.keyboard.press(key)
    visit.frames()
    a, b = zip(*bins.BINS[chosen_bins(visit)].tolist(), strict=True)
    assert (len(set(a)), len(set(b)), len(a)) == (2, 2, 4)
    visit.page.keyboard.press("Enter")
    visit.frames()
    assert len(chosen_bins(visit)) == 3


def test_a_click_selects_one_and_lets_go_of_it(visit: Visit) -> None:
    visit.open("/?photo=coffee&layer=bins")
    for count in (1, 0):
        visit.point("#gamut", 0.55, 0.5)
        visit.page.mouse.click(*center(visit, 0.55, 0.5))
        visit.frames()
        assert len(chosen_bins(visit)) == count


def center(visit: Visit, across: float, down: float) -> tuple[float, float]:
    box: Any = visit.page.locator("#gamut").bounding_box()
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


def test_the_maps_of_the_fourth_picture(visit: Visit, inspect: Inspect) -> None:
    visit.open("/?photo=coffee&x=100&y=90&extra=margin")
    truth = inspect("coffee")
    np.testing.assert_allclose(shown(visit), upsampled(truth.margin()), atol=3e-3)
    visit.page.locator("#extra-choice").select_option("modes")
    visit.frames()
    nearest = truth.modes().repeat(4, axis=0).repeat(4, axis=1)
    assert (shown(visit) != nearest).mean() < 0.02, "float16 logits make or break a tie now and then"
    visit.page.locator("#extra-choice").select_option("gamut")
    visit.frames()
    far = truth.out_of_gamut()
    np.testing.assert_allclose(shown(visit), far, atol=0.3)
    words = visit.text("extra-words")
    assert float(words.split()[0].replace("No", "0")) == pytest.approx(100 * gamut.clipped(far), abs=0.3)

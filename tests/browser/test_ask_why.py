"""Why here as a person uses it: a pixel pinned, colors chosen, filters pinned, a long question stopped."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import BrowserContext

from tests.browser.conftest import Visit, visiting
from tests.browser.pages import serving
from visml.insight.attribution import PARTS, parts
from visml.insight.quantity import LogOdds, LogProbability, Shift
from visml.insight.region import Region
from visml.inspector import Inspection, Inspector
from visml.models import registry
from visml.settings import Settings

Inspect = Callable[[str], Inspection]
ANSWERED = "V.why.answer?.part === V.why.answer?.count && document.getElementById('why-field-words').textContent"


def number(text: str) -> float:
    return float(text.replace("\u2212", "-").replace("+", ""))


def answered(visit: Visit, more: str = "true") -> np.ndarray:
    visit.until(f"{ANSWERED} && ({more})")
    return np.array(visit.ask("[...V.why.answer.values]"), dtype=np.float32)


def close(found: np.ndarray, truth: np.ndarray) -> None:
    np.testing.assert_allclose(found, truth.ravel(), atol=1e-4 * np.abs(truth).max(), rtol=1e-4)


def test_a_pinned_pixel_is_asked_about(visit: Visit, inspect: Inspect) -> None:
    visit.open("/?photo=coffee&ask=why")
    before = len(visit.requests)
    visit.point("#picture-predicted .stage", 0.3, 0.6)
    visit.page.wait_for_timeout(300)
    assert [each for each in visit.requests[before:] if "/ask/" in each] == [], "hovering asks nothing"
    visit.page.mouse.down()
    visit.page.mouse.up()
    found = answered(visit)
    truth = inspect("coffee")
    x, y = visit.ask("[V.state.get().x, V.state.get().y]")
    likeliest = truth.top_bins(x, y)[0].index
    asked = truth.attributed(LogProbability(likeliest), Region.pixel(x, y))
    close(found, asked.map.numpy())
    assert f"at x {x}, y {y}: {asked.high:.2f}".replace("-", "\u2212") in visit.text("why-words")
    strongest = truth.carriers("conv4", LogProbability(likeliest), Region.pixel(x, y))
    first = visit.page.locator(".why-filter[data-layer=conv4]").first
    assert first.get_attribute("data-filter") == str(np.abs(strongest).argmax())
    field = truth.effective_field("bins", x, y)
    assert f"radius {field.radius:.1f} px" in visit.text("why-field-words")
    first.click()
    visit.until(f"V.state.get().pinnedLayer === 'conv4' && V.state.get().filter === {np.abs(strongest).argmax()}")
    assert first.get_attribute("aria-pressed") == "true"
    visit.page.locator("#picture-predicted").focus()
    visit.page.keyboard.press("ArrowRight")
    visit.until(f"V.why.answer.asked.box.left === {x + 1}")


def test_one_color_against_another_in_a_region_by_keyboard(visit: Visit, inspect: Inspect) -> None:
    visit.open("/?photo=coffee&ask=why&region=40,50,60,66&about=120&against=160")
    close(answered(visit), inspect("coffee").attribution(LogOdds(120, 160), Region(40, 50, 60, 66)))
    visit.page.locator("#why-gamut").focus()
    for key in ("ArrowUp", "ArrowUp", "Enter"):
        visit.page.keyboard.press(key)
    visit.until("V.state.get().about === '121'")
    found = answered(visit, "V.why.answer.asked.parameters.bin === 121")
    close(found, inspect("coffee").attribution(LogOdds(121, 160), Region(40, 50, 60, 66)))
    visit.page.locator("#why-baseline").select_option("mean")
    found = answered(visit, "V.why.answer.asked.baseline === 'mean'")
    close(found, inspect("coffee").attribution(LogOdds(121, 160), Region(40, 50, 60, 66), baseline="mean"))


def test_integrated_gradients_come_in_parts_and_sum_up(visit: Visit, inspect: Inspect) -> None:
    visit.open("/?photo=coffee&ask=why&x=90&y=80&about=red&method=integrated_gradients")
    for part in range(PARTS):
        visit.until(f"V.why.answer?.part > {part}")
    found = answered(visit)
    asked = inspect("coffee").attributed(Shift(1, 0), Region.pixel(90, 80), "integrated_gradients")
    close(found, asked.map.numpy())
    off = number(visit.text("why-check").rsplit("off by ", 1)[1].removesuffix("."))
    assert off == pytest.approx(abs(asked.missing), abs=2e-3)
    assert visit.ask("V.why.partsOf('integrated_gradients', 224)") == PARTS
    assert visit.ask("[224, 16, 9, 130].map((size) => V.why.partsOf('occlusion', size))") == [
        parts("occlusion", size) for size in (224, 16, 9, 130)
    ]


def test_a_long_question_can_be_stopped(visit: Visit) -> None:
    visit.open("/?photo=coffee&ask=why&x=90&y=80&method=occlusion")
    visit.until("V.why.answer")
    visit.page.locator("#why-progress button").click()
    visit.until("!document.querySelector('#why-progress button')")
    part = visit.ask("V.why.answer.part")
    assert 0 < part < parts("occlusion", 224)
    assert f"So far {part} of 27 parts" in visit.text("why-check")


def test_a_model_without_bins_is_asked_about_directions(context: BrowserContext, settings: Settings) -> None:
    module = registry.build("regression", {"width": 1 / 16}).eval()
    with (
        serving(settings, {"own": module}) as address,
        visiting(context, address) as visit,
    ):
        visit.open("/?photo=coffee&ask=why&x=100&y=90&about=blue")
        found = answered(visit)
        photo = visit.ask("V.trace.photo.key")
        assert visit.page.locator("#why-against").is_disabled()
        assert not visit.page.locator("#why-gamut").is_visible()
    from visml.images.gallery import Gallery, Uploads

    gallery = Gallery(None, Uploads(settings.cache_dir / "none"))
    truth = Inspector.wrap(module).open(gallery.photo(photo)).attribution(Shift(0, -1), Region.pixel(100, 90))
    close(found, truth)

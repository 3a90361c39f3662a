"""Transplant, as a person uses it: donor, layer and place chosen, every layer asked; numbers against the library."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from playwright.sync_api import BrowserContext
from torch import nn

from tests.browser.conftest import Visit, visiting
from tests.browser.pages import serving
from tests.browser.test_inspect import apart, number, pixels
from visml.activations.trace import shared
from visml.insight import transplant
from visml.insight.region import Region, weights
from visml.inspector import Inspection
from visml.inspector.changed import Changed
from visml.settings import Settings

Inspect = Callable[[str], Inspection]
REGION = Region(60, 40, 150, 130)
ADDRESS = "/?photo=coffee&ask=transplant&region=60,40,150,130"
T = 0.38


def answered(visit: Visit) -> None:
    """Waits until what stands on the page is the answer to its state."""
    visit.until("V.donor.current && V.transplant.answered?.key === `${V.transplant.place()} ${V.transplant.layer()}`")
    visit.page.wait_for_timeout(200)


def mean(ab: np.ndarray, region: Region) -> tuple[float, float]:
    a, b = (shared(ab) * weights(region.mask(224), *ab.shape[1:])).sum(dim=(1, 2)).tolist()
    return a, b


def toward(changed: Changed, donor: Inspection, source: Region = REGION) -> float:
    """Share of the way to the donor's color, by the library."""
    own = changed.inspection
    found = transplant.toward(mean(own.ab(T), REGION), mean(donor.ab(T), source), mean(changed.ab(T), REGION))
    assert found is not None
    return found


def stands(visit: Visit, changed: Changed, donor: Inspection, source: Region = REGION) -> None:
    """The pictures and numbers of the page are the library's."""
    assert (apart(pixels(visit, "#transplant-result-picture .stage > canvas"), changed.painted(T)) > 2).mean() < 0.001
    assert (apart(pixels(visit, "#transplant-donor-picture .stage > canvas"), donor.painted(T)) > 2).mean() < 0.001
    inside, outside = visit.page.locator("#transplant-numbers tr").all()
    moved = [number(each) for each in (inside.locator("td").nth(2).text_content() or "").replace("+", "").split(",")]
    assert moved == pytest.approx(changed.shift(REGION, T), abs=0.12)
    assert number(inside.locator("td").nth(4).text_content() or "") == pytest.approx(
        100 * toward(changed, donor, source), abs=2
    )
    differences = changed.difference(T)[~REGION.mask(224)]
    assert number(outside.locator("td").nth(3).text_content() or "") == pytest.approx(differences.mean(), abs=0.12)


def test_donor_and_layer_by_mouse(visit: Visit, inspect: Inspect) -> None:
    visit.open(ADDRESS)
    assert visit.page.locator("#transplant-donor-picture .absence").is_visible()
    assert visit.page.locator("#transplant-every").is_disabled()
    visit.page.locator("#transplant-donor").select_option("chelsea")
    visit.page.locator("#transplant-layer").select_option("conv5")
    visit.until("V.state.get().graft === 'conv5'")
    answered(visit)
    assert visit.text("transplant-donor-name") == "chelsea"
    truth, donor = inspect("coffee"), inspect("chelsea")
    stands(visit, truth.transplant("conv5", donor, REGION), donor)
    before = len(visit.requests)
    visit.ask("V.state.set({ t: 0.9 })")
    visit.page.wait_for_timeout(600)
    painted = truth.transplant("conv5", donor, REGION).painted(0.9)
    assert (apart(pixels(visit, "#transplant-result-picture .stage > canvas"), painted) > 2).mean() < 0.001
    assert visit.requests[before:] == []


def test_the_donors_region_by_keyboard_and_by_mouse(visit: Visit, inspect: Inspect) -> None:
    visit.open(f"{ADDRESS}&donor=chelsea&graft=conv4")
    answered(visit)
    visit.page.locator("#transplant-donor-picture").focus()
    for key in ("Shift+ArrowRight", "Shift+ArrowRight", "ArrowRight", "ArrowUp"):
        visit.page.keyboard.press(key)
        visit.frames()
    visit.until("V.state.get().from === '81,39'")
    answered(visit)
    truth, donor = inspect("coffee"), inspect("chelsea")
    source = Region(81, 39, 171, 129)
    stands(visit, truth.transplant("conv4", donor, REGION, source), donor, source)
    visit.page.locator("#transplant-same").click()
    visit.until("V.state.get().from === null")
    visit.page.locator("#transplant-donor-picture .stage").scroll_into_view_if_needed()
    visit.point("#transplant-donor-picture .stage", 0.5, 0.5)
    visit.page.mouse.down()
    visit.page.mouse.up()
    visit.until("V.state.get().from !== null")
    x, y = map(int, visit.ask("V.state.get().from").split(","))
    assert abs(x - 67) <= 1
    assert abs(y - 67) <= 1


def test_every_layer_says_how_far_the_color_comes_across(visit: Visit, inspect: Inspect) -> None:
    visit.open(f"{ADDRESS}&donor=chelsea&graft=conv4")
    answered(visit)
    visit.page.locator("#transplant-every").click()
    visit.until("document.querySelectorAll('.layer-result').length === 9")
    visit.until("!document.querySelector('#transplant-progress progress')")
    truth, donor = inspect("coffee"), inspect("chelsea")
    results = visit.page.locator(".layer-result")
    for at, name in ((0, "conv1"), (4, "conv5"), (8, "bins")):
        shown = number(results.nth(at).locator("b").text_content() or "")
        assert shown == pytest.approx(100 * toward(truth.transplant(name, donor, REGION), donor), abs=2)
    results.nth(7).focus()
    visit.page.keyboard.press("Enter")
    visit.until("V.state.get().graft === 'conv8'")
    answered(visit)
    stands(visit, truth.transplant("conv8", donor, REGION), donor)
    assert results.nth(7).get_attribute("aria-pressed") == "true"
    visit.ask("V.state.set({ region: '0,0,50,50' })")
    visit.until("document.querySelectorAll('.layer-result').length === 0")


def test_every_layer_can_be_stopped(visit: Visit) -> None:
    visit.open(f"{ADDRESS}&donor=chelsea&graft=conv4")
    answered(visit)
    visit.page.locator("#transplant-every").click()
    visit.page.locator("#transplant-progress button").click()
    visit.until("!document.querySelector('#transplant-progress progress')")
    assert visit.page.locator(".layer-result").count() < 9


def test_a_model_without_bins(context: BrowserContext, settings: Settings) -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 3, 3, 4, 1), nn.ReLU(), nn.Conv2d(3, 2, 1))
    with serving(settings, {"own": net}) as site, visiting(context, site) as visit:
        visit.open("/?photo=coffee&ask=transplant&donor=chelsea")
        answered(visit)
        own, donor = (
            visit.ask(f"[...{name}.coarse.a]") for name in ("V.transplant.answered.scene", "V.donor.current.scene")
        )
        np.testing.assert_allclose(own, donor, atol=1e-4)
        assert visit.page.locator("#transplant-numbers tr").count() == 1

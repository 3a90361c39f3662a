"""What if, as a person uses it: a curve dragged and typed, a region painted, a photo pasted; the numbers are right."""

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
from visml.insight.counterfactual import Paste, parse
from visml.insight.region import Region
from visml.inspector import Inspection
from visml.inspector.changed import Changed
from visml.settings import Settings

Inspect = Callable[[str], Inspection]
REGION = Region(60, 40, 150, 130)
ADDRESS = "/?photo=coffee&ask=what-if&region=60,40,150,130"


def answered(visit: Visit) -> None:
    """Waits until what stands on the page is the answer to its state."""
    visit.until("V.whatIf.answered?.key === `${V.trace.trace} ${V.state.get().what || ''}`")
    visit.page.wait_for_timeout(200)


def canvas(name: str) -> str:
    return f"#what-if-{name}-picture .stage > canvas"


def stands(visit: Visit, changed: Changed, temperature: float = 0.38) -> None:
    """The pictures and numbers of the page are the library's."""
    off = apart(pixels(visit, canvas("lightness")), changed.squashed)
    assert off.max() <= 1
    off = apart(pixels(visit, canvas("result")), changed.painted(temperature))
    assert (off > 2).mean() < 0.001
    rows = {row.locator("th").text_content(): row for row in visit.page.locator("#what-if-numbers tr").all()}
    for name, region in (("region", REGION), ("whole photo", None)):
        cells = [cell.text_content() or "" for cell in rows[name].locator("td").all()]
        moved = [number(each.strip("+ ")) for each in cells[2].replace("+", "").split(",")]
        assert moved == pytest.approx(changed.shift(region, temperature), abs=0.12)
    mask = REGION.mask(224)
    differences = changed.difference(temperature)
    assert number(rows["region"].locator("td").nth(3).text_content() or "") == pytest.approx(
        differences[mask].mean(), abs=0.12
    )


def test_a_dragged_curve_paints_live_one_request_at_a_time(visit: Visit, inspect: Inspect) -> None:
    visit.open(ADDRESS)
    answered(visit)
    under_way: set[str] = set()
    most = [0]

    def asked(request: object) -> None:
        if "/what-if?" in request.url:  # type: ignore[attr-defined]
            under_way.add(request.url)  # type: ignore[attr-defined]
            most[0] = max(most[0], len(under_way))

    visit.page.on("request", asked)
    visit.page.on("requestfinished", lambda request: under_way.discard(request.url))
    visit.page.locator("#what-if-curve").scroll_into_view_if_needed()
    box = visit.page.locator("#what-if-curve").bounding_box()
    assert box is not None
    visit.page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    visit.page.mouse.down()
    for step in range(1, 31):
        visit.page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + (0.5 - 0.01 * step) * box["height"])
        visit.page.wait_for_timeout(15)
    visit.page.mouse.up()
    answered(visit)
    what = visit.ask("V.state.get().what")
    assert what == "curve:0-0_50-80_100-100"
    stands(visit, inspect("coffee").what_if(what))
    assert most[0] == 1
    asked_for = [url for url in visit.requests if "/what-if?" in url]
    assert 1 < len(asked_for) <= 31
    visit.page.wait_for_timeout(300)
    assert "what=curve%3A0-0_50-80_100-100" in visit.page.url
    visit.page.locator("#what-if-undo").click()
    answered(visit)
    assert visit.ask("V.state.get().what") is None, "a drag is one change"
    np.testing.assert_array_equal(pixels(visit, canvas("result")), pixels(visit, canvas("own")))


def test_the_curve_by_keyboard(visit: Visit) -> None:
    visit.open(ADDRESS)
    visit.page.locator("#what-if-add").focus()
    visit.page.keyboard.press("Enter")
    visit.until("V.state.get().what === 'curve:0-0_50-50_100-100'")
    visit.frames()
    assert visit.ask("document.activeElement.getAttribute('aria-label')").startswith("Point 2 of 3")
    for key in ("ArrowUp", "Shift+ArrowUp", "ArrowLeft", "Shift+ArrowRight"):
        visit.page.keyboard.press(key)
        visit.frames()
    visit.until("V.state.get().what === 'curve:0-0_59-61_100-100'")
    visit.frames()
    assert visit.text("what-if-point") == "L 59 becomes 61"
    visit.page.keyboard.press("Tab")
    visit.page.keyboard.press("ArrowDown")
    visit.until("V.state.get().what === 'curve:0-0_59-61_100-99'")
    visit.page.keyboard.press("Shift+Tab")
    visit.page.keyboard.press("Delete")
    visit.until("V.state.get().what === 'curve:0-0_100-99'")
    answered(visit)
    assert visit.page.locator("#what-if-edits li").all_text_contents() == ["Tone curve through 2 points\u00d7"]


def test_painted_pasted_blurred_and_taken_away_again(visit: Visit, inspect: Inspect) -> None:
    visit.open(ADDRESS)
    visit.page.locator("#what-if-level-slider").fill("80")
    visit.until("V.state.get().what === 'paint:60,40,150,130@80'")
    visit.page.locator("#what-if-blur-slider").fill("2")
    visit.until("V.state.get().what === 'paint:60,40,150,130@80;blur:2'")
    visit.page.locator("#what-if-invert").click()
    visit.page.locator("#what-if-from").select_option("chelsea")
    visit.page.locator("#what-if-paste").click()
    visit.until("V.state.get().what.endsWith(';invert;paste:chelsea@60,40,150,130')")
    answered(visit)
    truth = inspect("coffee")
    stands(visit, truth.what_if([*parse("paint:60,40,150,130@80;blur:2;invert"), Paste(inspect("chelsea"), REGION)]))
    visit.page.locator("#what-if-edits li").nth(2).locator("button").click()
    visit.page.locator("#what-if-edits li").nth(2).locator("button").click()
    answered(visit)
    stands(visit, truth.what_if("paint:60,40,150,130@80;blur:2"))
    visit.page.locator("#what-if-clear").click()
    visit.until("V.state.get().what === null")
    visit.frames()
    assert visit.page.locator("#what-if-none").is_visible()


def test_a_link_restores_it_and_the_temperature_repaints_it_without_a_request(visit: Visit, inspect: Inspect) -> None:
    visit.open(f"{ADDRESS}&what=gamma:2;disc:100,90,30@70")
    answered(visit)
    changed = inspect("coffee").what_if("gamma:2;disc:100,90,30@70")
    stands(visit, changed)
    before = len(visit.requests)
    visit.ask("V.state.set({ t: 1 })")
    visit.page.wait_for_timeout(600)
    stands(visit, changed, temperature=1)
    visit.page.locator("#what-if-on [data-on=own]").click()
    visit.frames()
    own = inspect("coffee").what_if("gamma:2;disc:100,90,30@70", own_lightness=True)
    assert (apart(pixels(visit, canvas("result")), own.painted(1)) > 2).mean() < 0.001
    assert visit.requests[before:] == []


def test_a_model_without_bins(context: BrowserContext, settings: Settings) -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 3, 3, 4, 1), nn.ReLU(), nn.Conv2d(3, 2, 1))
    with serving(settings, {"own": net}) as site, visiting(context, site) as visit:
        visit.open(f"{ADDRESS}&what=invert")
        answered(visit)
        found = visit.ask("[...V.whatIf.answered.scene.coarse.a]")
        with torch.inference_mode():
            lightness = torch.tensor(visit.ask("[...V.scene.current.lab.L]")).reshape(1, 1, 224, 224)
            wanted = net(100 - lightness)[0, 0].flatten().numpy()
        np.testing.assert_allclose(found, wanted, atol=0.01)
        assert visit.page.locator("#what-if-numbers tr").count() == 2

"""Switching filters off as a person does it, by mouse and by keyboard, the numbers against the library."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from tests.browser.conftest import SILENT, Visit
from tests.browser.test_inspect import Inspect, apart, canvas, check_width, number, pixels
from visml.insight.region import Region
from visml.inspector import Inspection

LAYER = "conv5"
REGION = Region(10, 20, 120, 90)
ADDRESS = f"/?photo=coffee&layer={LAYER}&ask=off"


def made(visit: Visit) -> None:
    """Waits until the photo without the filters stands, and the photo's parts."""
    visit.until("V.askOff.made && V.askOff.made.difference.some(Boolean) && document.querySelector('.off-part')")
    visit.frames()


def off(visit: Visit) -> str | None:
    found: str | None = visit.ask("V.state.get().off")
    return found


def check(visit: Visit, truth: Inspection, filters: dict[str, list[int]], to: str | float = "zero") -> None:
    """Picture, mean difference, arrow, bins and table against the library's."""
    changed = truth.switch_off(filters, to)
    assert apart(pixels(visit, "#off-new .stage > canvas"), changed.painted()).max() <= 2
    np.testing.assert_array_equal(pixels(visit, "#off-own .stage > canvas"), pixels(visit, canvas("predicted")))
    difference = changed.difference()
    mean = (visit.page.locator("#off-difference-card .sub").text_content() or "").split()[-1]
    assert number(mean) == pytest.approx(difference.mean(), abs=0.1)
    region = REGION if visit.ask("V.state.get().region") else None
    shift = changed.shift(region)
    assert [number(visit.text(f"off-delta-{name}")) for name in "ab"] == pytest.approx(shift, abs=0.03)
    check_bins(visit, changed.gained(region) * 100)
    rows = {row.get_attribute("data-key"): row.locator("td").all_text_contents() for row in rows_of(visit)}
    assert [number(each.replace("+", "")) for each in rows["whole"]] == pytest.approx(
        [100, *changed.shift(), difference.mean()], abs=0.1
    )
    check_parts(truth, rows, difference)


def check_bins(visit: Visit, gained: np.ndarray) -> None:
    """The bins listed as gained and as lost, in percentage points."""
    for name, sign in (("gained", 1), ("lost", -1)):
        for item in visit.page.locator(f"#off-{name} [data-bin]").all():
            points = number((item.locator("b").text_content() or "").replace("+", ""))
            assert points == pytest.approx(gained[int(item.get_attribute("data-bin") or -1)], abs=0.02)
            assert np.sign(points) == sign


def rows_of(visit: Visit) -> list:
    return visit.page.locator("#off-parts tr").all()


def check_parts(truth: Inspection, rows: dict, difference: np.ndarray) -> None:
    """Share and mean difference of each of the photo's parts."""
    labels = truth.segments()
    assert len([key for key in rows if key.startswith("part-")]) == labels.max() + 1
    for part in range(labels.max() + 1):
        share, _, _, mean = rows[f"part-{part}"]
        assert number(share) == pytest.approx(100 * (labels == part).mean(), abs=0.51)
        assert number(mean) == pytest.approx(difference[labels == part].mean(), abs=0.15)


def test_the_way_to_the_filters_that_push_a_part_toward_blue(visit: Visit, inspect: Inspect) -> None:
    """A region, a layer, sorted by push toward blue; the strongest switched off by Alt and click, seen, and undone."""
    truth = inspect("coffee")
    visit.open(f"/?photo=coffee&layer={LAYER}")
    visit.page.locator("#region-select").click()
    visit.page.locator("#picture-predicted .stage").hover()  # it is brought into sight
    box = visit.page.locator("#picture-predicted .stage").bounding_box()
    assert box is not None
    visit.page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + 0.1 * box["height"])
    visit.page.mouse.down()
    visit.page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.4 * box["height"], steps=4)
    visit.page.mouse.up()
    visit.page.locator("#layer-sort button", has_text="push").click()
    visit.page.mouse.move(2, 2)
    visit.until("V.pushes.current()?.left === 0")
    visit.frames()
    region = Region.parse(visit.ask("V.state.get().region"))
    exact = truth.exact_pushes(LAYER, range(truth[LAYER].maps.shape[0]), region)
    shown = np.array(visit.ask("Array.from(V.pushes.values())"))
    np.testing.assert_allclose(shown, -exact[:, 1], atol=1e-4)
    order = visit.ask("V.layerView.current.order")
    assert (np.diff(shown[order]) <= 0).all()
    assert "all exact" in visit.text("push-state")
    assert visit.text("means-title") == "Color push per filter"
    assert number(visit.text("means-push").replace("exact", "").replace("+", "")) == pytest.approx(
        shown[order[0]], abs=6e-4
    )

    visit.page.keyboard.down("Alt")
    visit.page.locator("#grid .grid-box").click(position={"x": 4, "y": 4})
    visit.page.keyboard.up("Alt")
    made(visit)
    assert off(visit) == f"{LAYER}:{order[0]}"
    assert visit.ask("V.state.get().ask") == "off"
    changed = truth.switch_off({LAYER: [order[0]]}).shift(region)
    assert [number(visit.text(f"off-delta-{name}")) for name in "ab"] == pytest.approx(changed, abs=0.03)
    assert changed[1] == pytest.approx(-exact[order[0], 1], abs=1e-3), "without what pushes to blue it is yellower"

    visit.ask("V.state.set({ hoverBin: 200 })")
    visit.frames()
    visit.ask("V.state.set({ hoverBin: null })")
    visit.page.locator("#push-bin").click()
    visit.until("V.state.get().toward === '200'")
    way = truth.centers[200] - own_color(truth, region)
    shown = np.array(visit.ask("Array.from(V.pushes.values())"))
    np.testing.assert_allclose(shown, exact @ (way / np.hypot(*way)), atol=2e-3)

    visit.page.locator("#off-undo").click()
    visit.until("V.state.get().off === null")
    visit.frames()
    assert visit.page.locator("#off-guide").is_visible()
    assert visit.page.locator("#off-results").is_hidden()


def own_color(truth: Inspection, region: Region) -> np.ndarray:
    """The mean color of the region's pixels, each in its position's."""
    places = [truth.position(x, y) for y in range(region.top, region.bottom) for x in range(region.left, region.right)]
    rows, columns = np.array(places).T
    return truth.ab()[:, rows, columns].mean(axis=1)


def test_by_keyboard_alone(visit: Visit, inspect: Inspect) -> None:
    """The key o on the filter looked at, Delete on its chip, a factor by the slider's keys."""
    visit.open(ADDRESS)
    visit.page.locator("#grid").focus()
    visit.page.keyboard.press("ArrowRight")
    visit.page.keyboard.press("o")
    visit.page.keyboard.press("ArrowRight")
    visit.page.keyboard.press("o")
    made(visit)
    filters = sorted(visit.ask("V.layerView.current.order.slice(1, 3)"))
    assert off(visit) == f"{LAYER}:{filters[0]},{filters[1]}"
    check(visit, inspect("coffee"), {LAYER: filters})
    chips = visit.page.locator("#off-chips button")
    assert chips.all_text_contents() == [f"{LAYER} {each}" for each in filters]
    chips.first.focus()
    visit.page.keyboard.press("Delete")
    visit.until(f"V.state.get().off === '{LAYER}:{filters[1]}'")
    assert visit.ask("document.activeElement.dataset.filter") == str(filters[1])
    visit.page.locator("#off-to button", has_text="scale").click()
    factor = visit.page.locator("#off-factor input")
    factor.wait_for()  # it appears in the next frame; what is hidden takes no focus
    factor.focus()
    for _ in range(10):
        visit.page.keyboard.press("ArrowRight")
    visit.until("V.state.get().to === '1' || V.state.get().to === '1.00'")
    visit.page.keyboard.press("End")
    visit.until('V.askOff.made?.key.includes(\'"to":"2"\')')
    made(visit)
    check(visit, inspect("coffee"), {LAYER: [filters[1]]}, 2.0)
    assert visit.page.locator("#off-to button[value=mean]").is_disabled()


def test_a_link_restores_what_is_off_and_the_temperature_asks_nobody(visit: Visit, inspect: Inspect) -> None:
    visit.open(f"{ADDRESS}&off=conv3:{SILENT[0]},1,99999;conv7:2;conv99:1&to=0.5&region=10,20,120,90")
    made(visit)
    assert off(visit) == f"conv3:1,{SILENT[0]};conv7:2", "what this model does not have is on"
    check(visit, inspect("coffee"), {"conv3": [1, SILENT[0]], "conv7": [2]}, 0.5)
    query = parse_qs(urlsplit(visit.page.url).query)
    assert (query["off"], query["to"]) == ([off(visit)], ["0.5"])
    before, painted = len(visit.requests), pixels(visit, "#off-new .stage > canvas")
    visit.ask("V.state.set({ t: 1 })")
    visit.page.wait_for_timeout(400)
    assert visit.requests[before:] == []
    warm = inspect("coffee").switch_off({"conv3": [1, SILENT[0]], "conv7": [2]}, 0.5).painted(1.0)
    assert apart(pixels(visit, "#off-new .stage > canvas"), warm).max() <= 2
    assert apart(painted, warm).max() > 2
    visit.page.locator(".off-part").first.hover()
    visit.until("document.querySelectorAll('.off-outline:not([hidden])').length === 7")
    visit.page.locator("#off-clear").click()
    visit.until("V.state.get().off === null")


def test_temperature_and_prior_that_moved_meanwhile(visit: Visit, inspect: Inspect) -> None:
    """The temperature moves while another question is shown; a prior is divided out of both sides of the bins."""
    filters = {"conv3": [1, 2], "conv7": [2]}
    visit.open(f"{ADDRESS}&off=conv3:1,2;conv7:2")
    made(visit)
    visit.ask("V.state.set({ ask: 'trust' })")
    visit.frames()
    visit.ask("V.state.set({ t: 1 })")
    visit.frames()
    visit.page.locator("#ask-tabs [value=off]").click()
    visit.page.wait_for_timeout(400)
    changed = inspect("coffee").switch_off(filters)
    assert apart(pixels(visit, "#off-new .stage > canvas"), changed.painted(1.0)).max() <= 2

    log_prior = np.sin(np.arange(313))
    visit.ask(f"(V.trace.log_prior = {log_prior.tolist()}, V.state.set({{ prior: 1 }}))")
    visit.page.wait_for_timeout(400)
    logits = [each - log_prior[:, None, None] for each in (inspect("coffee").trace.output, changed.output)]
    before, after = (np.exp(each) / np.exp(each).sum(axis=0) for each in logits)
    check_bins(visit, 100 * (after - before).mean(axis=(1, 2)))
    assert visit.page.locator("#off-gained [data-bin]").count() > 0


def test_the_way_there_by_keyboard(visit: Visit) -> None:
    """From the guide to a sorted layer, whose grid has the focus, and on to what follows."""
    visit.open(ADDRESS)
    visit.page.locator("#off-toward-yellow").focus()
    visit.page.keyboard.press("Enter")
    visit.until("V.pushes.current()")
    assert visit.ask("document.activeElement.id") == "grid"
    visit.page.keyboard.press("ArrowRight")
    visit.page.keyboard.press("o")
    made(visit)
    visit.page.locator("#filter-off-see").focus()
    assert visit.text("filter-off-see").startswith("all off: \u0394E2000")
    for width in (1440, 390, 320):
        visit.page.set_viewport_size({"width": width, "height": 900})
        visit.frames()
        check_width(visit, width)


@pytest.fixture
def stopped(visit: Visit) -> Callable[[], None]:
    """Holds every answer of exact values back for a moment, so that there is time to stop."""

    def slow() -> None:
        def wait(route) -> None:  # type: ignore[no-untyped-def]
            visit.page.wait_for_timeout(150)
            route.continue_()

        visit.page.route("**/pushes-exact*", wait)

    return slow


def test_exact_values_can_be_stopped_and_gone_on_with(visit: Visit, stopped: Callable[[], None]) -> None:
    visit.open(ADDRESS)
    stopped()
    visit.page.locator("#off-toward-red").click()
    visit.until("V.pushes.current()")
    visit.page.mouse.move(2, 2)
    visit.page.locator("#push-progress button", has_text="Stop").click()
    go_on = visit.page.locator("#push-progress button", has_text="Go on")
    go_on.wait_for()
    left = visit.ask("V.pushes.current().left")
    assert left > 0
    visit.page.wait_for_timeout(300)
    assert visit.ask("V.pushes.current().left") == left
    assert visit.text("push-state").endswith("exact")
    visit.page.unroute("**/pushes-exact*")
    go_on.click()
    visit.until("V.pushes.current().left === 0")
    visit.ask("V.state.set({ t: 0 })")
    visit.until("document.getElementById('push-state').textContent.startsWith('At T 0')")

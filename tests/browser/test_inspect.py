"""The Inspect page as a person uses it, its numbers against the library's arrays of the same photo."""

from __future__ import annotations

import base64
from collections.abc import Callable
from io import BytesIO
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from tests.browser.conftest import SILENT, Visit
from visml.activations.trace import LayerTrace
from visml.inspector import Inspection

LAYERS = ["conv1", "conv2", "conv3", "conv4", "conv5", "conv6", "conv7", "conv8", "bins"]
PICTURES = ["target", "lightness", "predicted", "extra"]
Inspect = Callable[[str], Inspection]


def number(text: str) -> float:
    """A number as the page writes it, unit and all."""
    return float(text.replace("\u2212", "-").replace("%", "").replace("bits", "").strip())


def numbers(text: str) -> list[float]:
    """Every number of a line such as ``L 54.1 a 24.0 b 41.3``."""
    words = text.replace("\u2212", "-").replace(",", " ").split()
    return [float(word) for word in words if word.lstrip("-").replace(".", "", 1).isdigit()]


def pixels(visit: Visit, canvas: str) -> npt.NDArray[np.uint8]:
    """What a canvas holds, ``(H, W, 3)``; it is opaque, so that a PNG of it is exact."""
    address: str = visit.ask(f"document.querySelector('{canvas}').toDataURL('image/png')")
    return np.asarray(Image.open(BytesIO(base64.b64decode(address.partition(",")[2]))).convert("RGB"))


def apart(one: npt.NDArray[np.uint8], two: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Differences of two pictures in levels of 0..255."""
    return np.abs(one.astype(np.int64) - two)


def canvas(name: str) -> str:
    return f"#picture-{name} .stage > canvas"


def test_a_photo_opens_and_all_pictures_stand(visit: Visit, inspect: Inspect) -> None:
    visit.open("/?photo=coffee")
    truth = inspect("coffee")
    np.testing.assert_array_equal(pixels(visit, canvas("target")), truth.squashed)
    off = apart(pixels(visit, canvas("predicted")), truth.painted())
    assert off.max() <= 2
    assert (off > 0).mean() < 0.05, "float16 logits move a value by one level now and then"
    names = visit.page.locator("#network-list button .name").all_text_contents()
    assert names == LAYERS


def test_another_photo_by_clicking_it(visit: Visit, inspect: Inspect) -> None:
    visit.open("/?photo=coffee")
    visit.page.locator("#strip [data-key=chelsea]").click()
    visit.until("V.state.get().photo === 'chelsea'")
    visit.settled()
    np.testing.assert_array_equal(pixels(visit, canvas("target")), inspect("chelsea").squashed)


def test_moving_over_each_layer_shows_it_without_a_request(visit: Visit, inspect: Inspect) -> None:
    visit.open("/?photo=coffee")
    truth = inspect("coffee")
    before = len(visit.requests)
    for name in LAYERS:
        visit.point(f"[data-layer={name}]", 0.5, 0.5)
        visit.until(f"V.state.get().layer === '{name}'")
        visit.frames()
        assert visit.page.locator("#network [aria-current]").get_attribute("data-layer") == name
        if name != "bins":
            assert visit.text("layer-title") == name
            assert visit.text("layer-facts").startswith(f"{truth[name].maps.shape[0]} filter")
        assert visit.page.locator("#view-bins").is_visible() == (name == "bins")
        assert visit.page.locator("#view-layer").is_visible() == (name != "bins")
    assert visit.requests[before:] == []


def test_a_pinned_layer_stays_when_the_pointer_leaves(visit: Visit) -> None:
    visit.open("/?photo=coffee")
    visit.page.locator("[data-layer=conv4]").click()
    visit.point("[data-layer=conv2]", 0.5, 0.5)
    visit.until("V.state.get().layer === 'conv2'")
    visit.point("#means", 0.5, 0.5)
    visit.until("V.state.get().layer === 'conv4'")


def test_sweeping_over_pixels_and_filters_makes_no_request(visit: Visit) -> None:
    visit.open("/?photo=coffee&layer=conv3")
    before = len(visit.requests)
    for step in range(1, 24):
        visit.point("#picture-predicted .stage", step / 24, (step * 7 % 24) / 24)
    for step in range(1, 24):
        visit.point("#grid .grid-box", step / 24, (step * 7 % 24) / 24)
    for step in range(1, 24):
        visit.point("#means", step / 24, 0.5)
    visit.page.wait_for_timeout(500)
    assert visit.requests[before:] == []


def test_the_pixels_numbers_are_the_arrays(visit: Visit, inspect: Inspect) -> None:
    visit.open("/?photo=coffee&layer=bins")
    for across, down in [(0.1, 0.2), (0.62, 0.55), (0.97, 0.9)]:
        check_pixel(visit, inspect("coffee"), across, down)


def check_pixel(visit: Visit, truth: Inspection, across: float, down: float) -> None:
    """Every number below the pictures, and of the distribution, with the mouse at shares of a picture's sides."""
    visit.point("#picture-lightness .stage", across, down)
    x, y = visit.ask("[V.state.get().x, V.state.get().y]")
    assert abs(x - 224 * across) <= 1
    assert abs(y - 224 * down) <= 1
    assert numbers(visit.text("value-lightness")) == [x, y, pytest.approx(truth.lightness[0, 0, y, x], abs=0.051)]
    target = [truth.lightness[0, 0, y, x], *truth.target_ab[:, y, x]]
    assert numbers(visit.text("value-target")) == pytest.approx(target, abs=0.052)
    row, column = truth.position(x, y)
    assert number(visit.text("value-extra")) == pytest.approx(truth.entropy()[row, column], abs=0.055)
    assert number(visit.text("pixel-entropy")) == pytest.approx(truth.entropy()[row, column], abs=0.055)
    check_distribution(visit, truth, x, y)


def check_distribution(visit: Visit, truth: Inspection, x: int, y: int) -> None:
    """The list of the likeliest bins, their mass, and what the distribution becomes."""
    row, column = truth.position(x, y)
    shares = truth.distribution()[:, row, column]
    rows = visit.page.locator("#ten > li").all()
    for item, bin_share in zip(rows, truth.top_bins(x, y), strict=True):
        shown = int(item.get_attribute("data-bin") or "-1")
        percent = number(item.locator(".bin-percent").text_content() or "")
        assert percent == pytest.approx(100 * shares[shown], abs=0.25)
        assert shares[shown] == pytest.approx(bin_share.probability, rel=0.02)
    assert number(visit.text("pixel-mass")) == pytest.approx(100 * np.sort(shares)[-10:].sum(), abs=1)
    becomes = {
        name: numbers(visit.page.locator(f"#becomes-{name} .outcome-value").text_content() or "")
        for name in ("annealed", "mean")
    }
    assert becomes["annealed"] == pytest.approx(truth.ab()[:, row, column], abs=0.3)
    assert becomes["mean"] == pytest.approx(truth.ab(1.0)[:, row, column], abs=0.3)


def test_a_filters_numbers_are_the_arrays(visit: Visit, inspect: Inspect) -> None:
    visit.open("/?photo=coffee")
    for name in ["conv1", "conv3", "conv8"]:
        visit.ask(f"V.state.set({{ layer: '{name}' }})")
        visit.frames()
        check_filter(visit, inspect("coffee")[name])


def check_filter(visit: Visit, layer: LayerTrace) -> None:
    """Every number of the filter under the mouse, and its value at three pixels."""
    visit.point("#grid .grid-box", 0.3, 0.2)
    index = int(number(visit.text("means-filter")))
    assert visit.text("filter-title") == f"Filter {index}"
    assert number(visit.text("means-mean")) == pytest.approx(layer.mean[index], rel=0.01, abs=0.0006)
    assert number(visit.text("means-max")) == pytest.approx(layer.max[index], rel=0.01, abs=0.0006)
    assert number(visit.text("means-active")) == pytest.approx(100 * layer.active_share[index], abs=0.51)
    visit.page.keyboard.press("Escape")
    for x, y in [(0, 0), (100, 60), (223, 223)]:
        visit.ask(f"V.state.set({{ x: {x}, y: {y}, hoverFilter: {index} }})")
        visit.frames()
        check_value(visit, layer.maps[index], x, y)


def check_value(visit: Visit, values: np.ndarray, x: int, y: int) -> None:
    """The value under the crosshair, to the digits that 8 bits between min and max support."""
    height, width = values.shape
    text = visit.text("filter-value")
    unit = 10.0 ** -len(text.partition(".")[2])
    step = float(values.max() - values.min()) / 255
    assert number(text) == pytest.approx(values[y * height // 224, x * width // 224], abs=unit / 2 + step / 2 + 1e-6)
    assert unit >= step or unit == 1


def test_the_order_is_by_mean_and_both_drawings_follow_it(visit: Visit, inspect: Inspect) -> None:
    visit.open("/?photo=coffee&layer=conv3")
    means = inspect("coffee")["conv3"].mean
    visit.point("#means", 0.5 / len(means), 0.5)
    assert int(number(visit.text("means-filter"))) == int(means.argmax())
    assert visit.page.locator("#grid-hover").is_visible()
    visit.page.locator("#layer-sort button", has_text="index").click()
    visit.frames()
    visit.point("#means", 2.5 / len(means), 0.5)
    assert visit.text("means-filter") == "2"


def test_silent_filters_are_counted_and_said(visit: Visit, inspect: Inspect) -> None:
    visit.open("/?photo=coffee&layer=conv3")
    silent = np.flatnonzero(inspect("coffee")["conv3"].silent)
    assert set(SILENT) <= set(silent.tolist())
    assert visit.text("layer-silent") == f"{len(silent)} silent"
    visit.ask(f"V.state.set({{ hoverFilter: {SILENT[0]} }})")
    visit.frames()
    assert visit.text("means-active") == "silent"


def test_a_click_pins_a_filter_and_shows_its_kernels(visit: Visit) -> None:
    visit.open("/?photo=coffee&layer=conv1")
    visit.page.locator("#grid .grid-box").click(position={"x": 20, "y": 20})
    visit.until("V.state.get().filter !== null && document.querySelectorAll('#kernel-list li').length > 0")
    visit.page.mouse.move(5, 5)
    visit.frames()
    assert visit.text("filter-sub") == "conv1, pinned"
    assert visit.page.locator("#kernel-list li").count() == 16
    assert visit.page.locator("#kernel-list canvas").count() == 32, "first the inputs' own kernels, then the weights"
    visit.page.locator("[data-layer=conv2]").click()
    visit.until("V.state.get().filter === null")
    visit.page.locator("[data-layer=conv1]").click()
    visit.until("V.state.get().filter !== null")


def test_temperature_repaints_and_rescores_without_a_request(visit: Visit, inspect: Inspect) -> None:
    visit.open("/?photo=coffee&t=0.7")
    before = len(visit.requests)
    for temperature in [0.1, 0.38, 1.0]:
        check_temperature(visit, inspect("coffee"), temperature)
    assert visit.requests[before:] == []


def check_temperature(visit: Visit, truth: Inspection, temperature: float) -> None:
    """The picture is another one, the library's own, and the scores are its scores."""
    first = pixels(visit, canvas("predicted"))
    visit.ask(f"V.state.set({{ t: {temperature} }})")
    visit.frames()
    painted = pixels(visit, canvas("predicted"))
    assert apart(painted, first).max() > 0
    assert apart(painted, truth.painted(temperature)).max() <= 2
    visit.page.wait_for_timeout(400)
    check_scores(visit, truth, temperature)


def check_scores(visit: Visit, truth: Inspection, temperature: float) -> None:
    """The table of scores, of the prediction and of plain gray."""
    scores, gray = truth.scores(temperature), truth.gray_scores()
    for name in ("psnr", "ciede2000", "auc", "colorfulness"):
        assert number(visit.text(f"score-{name}")) == pytest.approx(getattr(scores, name), abs=0.061)
        assert number(visit.text(f"gray-{name}")) == pytest.approx(getattr(gray, name), abs=0.061)


def test_the_slider_itself_moves_the_temperature(visit: Visit) -> None:
    visit.open("/?photo=coffee")
    thumb = visit.page.locator("#temperature input")
    thumb.focus()
    first = pixels(visit, canvas("predicted"))
    for _ in range(10):
        visit.page.keyboard.press("ArrowRight")
    visit.until("Math.abs(V.state.get().t - 0.48) < 1e-9")
    visit.frames()
    assert visit.page.locator("#picture-predicted-card .sub").first.text_content() == "T 0.48"
    assert apart(pixels(visit, canvas("predicted")), first).max() > 0


def test_the_fourth_picture_can_be_each_quantity(visit: Visit) -> None:
    visit.open("/?photo=coffee")
    seen = [pixels(visit, canvas("extra"))]
    for value, word in [("difference", "\u0394E"), ("a", "a"), ("b", "b")]:
        visit.page.select_option("#extra-choice", value)
        visit.frames()
        assert visit.text("value-extra").startswith(word)
        seen.append(pixels(visit, canvas("extra")))
    for one, two in pairwise(seen):
        assert apart(one, two).max() > 0


def test_pointing_at_a_bin_shows_where_it_is_likely(visit: Visit, inspect: Inspect) -> None:
    visit.open("/?photo=coffee&layer=bins&x=100&y=60")
    before = len(visit.requests)
    entropy = pixels(visit, canvas("extra"))
    visit.point("#gamut", 0.5, 0.4)
    chosen = visit.ask("V.state.get().hoverBin")
    row, column = inspect("coffee").position(100, 60)
    share = 100 * inspect("coffee").distribution()[chosen, row, column]
    assert number(visit.text("value-extra")) == pytest.approx(share, abs=0.25)
    assert apart(pixels(visit, canvas("extra")), entropy).max() > 0
    visit.point("#ten-title", 0.5, 0.5)
    np.testing.assert_array_equal(pixels(visit, canvas("extra")), entropy)
    assert visit.requests[before:] == []


def test_the_address_brings_everything_back(visit: Visit) -> None:
    visit.open("/?photo=coffee&layer=conv5")
    visit.page.locator("#grid .grid-box").click(position={"x": 100, "y": 90})
    visit.page.locator("#picture-target .stage").click(position={"x": 40, "y": 30})
    visit.ask("V.state.set({ t: 0.6, extra: 'a', sort: 'max', scale: 'map' })")
    visit.page.wait_for_timeout(600)
    keys = ["photo", "layer", "filter", "x", "y", "t", "extra", "sort", "scale"]
    before = visit.ask(f"{keys}.map(key => V.state.get()[key])")
    query = parse_qs(urlsplit(visit.page.url).query)
    assert [query[key][0] for key in keys] == [str(value) for value in before]
    visit.page.reload()
    visit.settled()
    assert visit.ask(f"{keys}.map(key => V.state.get()[key])") == before
    assert visit.text("filter-title") == f"Filter {before[2]}"
    assert visit.text("filter-sub") == "conv5, pinned"


def test_arrow_keys_move_the_crosshair_as_the_mouse_does(visit: Visit) -> None:
    visit.open("/?photo=coffee")
    visit.point("#picture-target .stage", 0.4, 0.5)
    x, y = visit.ask("[V.state.get().x, V.state.get().y]")
    visit.page.mouse.move(5, 5)
    visit.page.locator("#picture-predicted").focus()
    for key in ["ArrowRight", "ArrowRight", "ArrowDown", "Shift+ArrowLeft"]:
        visit.page.keyboard.press(key)
    visit.frames()
    assert visit.ask("[V.state.get().x, V.state.get().y]") == [x - 8, y + 1]
    by_keys = [visit.text(f"value-{name}") for name in PICTURES]
    box = visit.page.locator("#picture-target .stage").bounding_box()
    assert box is not None
    visit.page.mouse.move(box["x"] + (x - 7.5) / 224 * box["width"], box["y"] + (y + 1.5) / 224 * box["height"])
    visit.frames()
    assert [visit.text(f"value-{name}") for name in PICTURES] == by_keys


def test_a_click_or_enter_pins_the_crosshair(visit: Visit) -> None:
    visit.open("/?photo=coffee")
    visit.page.locator("#picture-target .stage").click(position={"x": 40, "y": 30})
    pinned = visit.ask("[V.state.get().x, V.state.get().y]")
    visit.point("#picture-predicted .stage", 0.9, 0.9)
    assert visit.ask("[V.state.get().x, V.state.get().y]") == pinned
    visit.page.locator("#picture-target").focus()
    visit.page.keyboard.press("Enter")
    visit.point("#picture-predicted .stage", 0.5, 0.5)
    assert visit.ask("[V.state.get().x, V.state.get().y]") != pinned


def test_arrow_keys_walk_the_network_and_the_filters(visit: Visit) -> None:
    visit.open("/?photo=coffee&layer=conv3")
    visit.page.locator("[data-layer=conv3]").focus()
    visit.page.keyboard.press("ArrowDown")
    visit.until("V.state.get().layer === 'conv4'")
    visit.page.keyboard.press("]")
    visit.until("V.state.get().layer === 'conv5'")
    visit.frames()
    visit.page.locator("#grid").focus()
    for key in ["ArrowRight", "ArrowRight", "ArrowLeft"]:
        visit.page.keyboard.press(key)
        visit.frames()
    second = visit.ask("V.layerView.current.order[1]")
    assert visit.text("means-filter") == str(second)
    visit.page.keyboard.press("Enter")
    visit.until(f"V.state.get().filter === {second}")
    visit.page.locator("#means").focus()
    visit.page.keyboard.press("End")
    visit.frames()
    assert visit.text("means-filter") == str(visit.ask("V.layerView.current.order.at(-1)"))


def test_arrow_keys_walk_the_bins(visit: Visit, inspect: Inspect) -> None:
    visit.open("/?photo=coffee&layer=bins&x=100&y=60")
    visit.page.locator("#gamut").focus()
    visit.page.keyboard.press("ArrowLeft")
    visit.frames()
    assert visit.ask("V.state.get().hoverBin") == int(
        visit.page.locator("#ten > li").first.get_attribute("data-bin") or -1
    )


def test_a_gray_photo_says_so(visit: Visit) -> None:
    visit.open("/?photo=camera")
    assert "gray" in visit.page.locator("#picture-target .absence").inner_text()
    assert visit.text("score-psnr") == "\u2013"
    assert np.ptp(pixels(visit, canvas("predicted")), axis=2).max() > 0
    visit.page.select_option("#extra-choice", "difference")
    visit.frames()
    assert "gray" in visit.page.locator("#picture-extra .absence").inner_text()


def test_a_model_without_bins_says_so(visit: Visit) -> None:
    """The page told of a network that gives ab itself, with colors of this test's making."""
    visit.open("/?photo=coffee")
    ab = np.stack([np.full((56, 56), 30), np.full((56, 56), -20)]).astype("<f4").tobytes()
    visit.page.route("**/ab.bin", lambda route: route.fulfill(body=ab, content_type="application/octet-stream"))
    told = "{ ...V.trace, output: { ...V.trace.output, kind: 'ab', centers: null } }"
    visit.ask(f"[V.trace = {told}, V.state.set({{ trace: 1e6, layer: 'bins' }})]")
    visit.until("V.scene.current.meta === V.trace")
    visit.frames()
    assert "no distribution" in visit.page.locator("#picture-extra .absence").inner_text()
    assert numbers(visit.text("value-predicted"))[1:] == [30.0, -20.0]
    assert visit.page.locator("#view-layer").is_visible(), "its last layer has maps like any other"


@pytest.mark.parametrize("layer", ["conv4", "bins"])
def test_nothing_sticks_out_at_any_width(visit: Visit, layer: str) -> None:
    visit.open(f"/?photo=coffee&layer={layer}")
    for width in [1440, 1024, 390, 320]:
        visit.page.set_viewport_size({"width": width, "height": 900})
        visit.frames()
        check_width(visit, width)


def check_width(visit: Visit, width: int) -> None:
    """Neither the page nor a panel scrolls sideways; the drawn network may."""
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
    outside = visit.ask(
        "[...document.querySelectorAll('#page-inspect .panel')].filter(p => p.offsetParent && !p.closest('[hidden]')"
        " && p.scrollWidth > p.clientWidth + 1 && p.id !== 'network').map(p => p.id || p.className)"
    )
    assert outside == []

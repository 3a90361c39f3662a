"""The Compare page as a person uses it, its numbers against the library's arrays of the same photo."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image
from playwright.sync_api import BrowserContext
from skimage.color import deltaE_ciede2000, rgb2lab

import visml
from tests.browser.conftest import Visit, visiting
from tests.browser.pages import over, serving
from tests.browser.test_export import exported
from tests.browser.test_inspect import apart, number, numbers, pixels
from visml import checkpoints, metrics
from visml.color import lab
from visml.images.gallery import Gallery, Uploads
from visml.inspector import Inspection
from visml.inspector.painting import paint
from visml.models import registry

MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "first": ("zhang16", {"width": 0.125}),
    "one-color": ("chroma_mean", {"maps": "small"}),  # 128 px in, one color out
    "second": ("zhang16", {"width": 0.0625}),
    "small": ("fully_connected", {"hidden": [16, 16]}),  # 32 px
    "large": ("pix2pix", {"width": 0.0625}),  # 256 px, with a critic that paints nothing
}
COLUMNS = "first,first~1,one-color,small"
Opened = Callable[[str, str], Inspection]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of networks of random weights, those with bins sharpened."""
    root = tmp_path_factory.mktemp("compared")
    for seed, (name, (family, arguments)) in enumerate(MODELS.items()):
        torch.manual_seed(seed)
        model = registry.build(family, arguments)
        with torch.no_grad():
            if family == "zhang16":
                model.get_submodule("bins").weight.mul_(8)  # type: ignore[operator]
        checkpoints.save(root / name, model, arguments)
    return root


@pytest.fixture(scope="module")
def site(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of these networks."""
    with serving(over(root, tmp_path_factory.mktemp("cache"))) as address:
        yield address


@pytest.fixture(scope="module")
def opened(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """What the library itself says of a gallery photo in a model."""
    gallery = Gallery(None, Uploads(tmp_path_factory.mktemp("none")))
    inspectors = {name: visml.Inspector(name, checkpoints=root, device="cpu", precision="float32") for name in MODELS}
    return lambda model, photo: inspectors[model].open(gallery.photo(photo))


def compare(visit: Visit, query: str) -> None:
    """Opens the page and waits until every column stands and is scored."""
    visit.page.goto(f"{visit.url}/compare?{query}")
    stand(visit)


def stand(visit: Visit) -> None:
    visit.until(
        "V.compare && V.compare.cards.length === V.compare.columns().length && V.scene.current"
        " && V.scene.current.meta.photo.key === V.state.get().photo"
        " && V.compare.cards.every(card => card.failed || card.scene && (card.scene.scores || !card.scene.hasColor))"
    )
    visit.page.wait_for_timeout(150)


def rest(visit: Visit) -> None:
    """Waits until nothing moves and nothing is asked for: rows in view have come, layers are fetched."""
    visit.until("document.documentElement.dataset.prefetched === V.trace.trace")
    visit.until("V.compareGallery.idle")
    visit.page.wait_for_timeout(300)


def card(index: int) -> str:
    return f"#compare-cards > :nth-child({index + 2})"


def canvas(index: int) -> str:
    return f"{card(index)} .stage > canvas"


def lines(visit: Visit, selector: str) -> dict[str, str]:
    """A read-out: each row's name and text."""
    rows = visit.page.locator(f"{selector} .compare-pixel > div:not([hidden])").evaluate_all(
        "rows => rows.map(row => [row.firstChild.textContent, row.lastChild.textContent])"
    )
    return dict(rows)


def scores(visit: Visit, index: int) -> list[float]:
    """PSNR, CIEDE2000, AuC and colorfulness of a column."""
    return [number(text) for text in visit.page.locator(f"{card(index)} .scores td").all_text_contents()]


def upsampled(inspection: Inspection, temperature: float = 0.38) -> npt.NDArray[np.float32]:
    size = inspection.squashed.shape[0]
    found: npt.NDArray[np.float32] = lab.upsample(torch.tensor(inspection.ab(temperature))[None], (size, size))[
        0
    ].numpy()
    return found


# ---- side by side ------------------------------------------------------------------------------------------------


def test_every_column_is_its_models_picture_with_its_scores(visit: Visit, opened: Opened) -> None:
    compare(visit, f"photo=coffee&columns={COLUMNS}")
    for index, (model, temperature) in enumerate(
        [("first", 0.38), ("first", 1.0), ("one-color", 0.38), ("small", 0.38)]
    ):
        truth = opened(model, "coffee")
        shown = pixels(visit, canvas(index))
        assert shown.shape == truth.squashed.shape
        assert apart(shown, truth.painted(temperature)).max() <= 2
        expected = truth.scores(temperature)
        assert expected is not None
        wanted = [expected.psnr, expected.ciede2000, expected.auc, expected.colorfulness]
        assert scores(visit, index) == pytest.approx(wanted, abs=0.061)
    gray = opened("first", "coffee").gray_scores()
    assert gray is not None
    assert visit.page.locator(f"{card(1)} input[type=range]").is_visible()
    assert not visit.page.locator(f"{card(2)} input[type=range]").is_visible()
    assert "no distribution" in visit.page.locator(card(2)).inner_text()
    cells = visit.page.locator("#compare-target [data-of=gray]").all_text_contents()
    assert [number(text) for text in cells] == pytest.approx(
        [gray.psnr, gray.ciede2000, gray.auc, gray.colorfulness], abs=0.061
    )
    own = visit.page.locator("#compare-target [data-score=colorfulness] [data-of=target]").text_content()
    assert number(own or "") == pytest.approx(metrics.colorfulness(opened("first", "coffee").squashed), abs=0.061)


def test_one_crosshair_reads_every_column_at_the_same_place(visit: Visit, opened: Opened) -> None:
    compare(visit, f"photo=coffee&model=first&columns={COLUMNS}")
    rest(visit)
    before = len(visit.requests)
    for across, down in [(0.13, 0.21), (0.62, 0.55), (0.97, 0.9)]:
        visit.point(f"{card(1)} .stage", across, down)
        for index, (model, temperature) in enumerate(
            [("first", 0.38), ("first", 1.0), ("one-color", 0.38), ("small", 0.38)]
        ):
            check_pixel(visit, index, opened(model, "coffee"), temperature)
    assert visit.requests[before:] == []


def check_pixel(visit: Visit, index: int, truth: Inspection, temperature: float) -> None:
    """Everything said of the crosshair's pixel below a column."""
    size, told = truth.squashed.shape[0], lines(visit, card(index))
    x, y = (int((place + 0.5) / 224 * size) for place in visit.ask("[V.state.get().x, V.state.get().y]"))
    assert numbers(told["predicted"]) == pytest.approx(upsampled(truth, temperature)[:, y, x], abs=0.35)
    target, painted = (rgb2lab(rgb[y : y + 1, x : x + 1]) for rgb in (truth.squashed, truth.painted(temperature)))
    assert numbers(told["error"].replace("\u0394E2000", ""))[0] == pytest.approx(
        float(deltaE_ciede2000(target, painted)[0, 0]), abs=0.6
    )
    assert ("likeliest" in told) == ("entropy" in told) == (truth.logits is not None)
    if truth.logits is not None:
        row, column = truth.position(x, y)
        assert number(told["entropy"]) == pytest.approx(truth.entropy()[row, column], abs=0.055)
        a, b, percent = numbers(told["likeliest"])
        shares = truth.distribution()[:, row, column]
        chosen = int(np.flatnonzero((np.asarray(truth.centers) == (a, b)).all(axis=1))[0])
        assert percent == pytest.approx(100 * shares[chosen], abs=0.1)
        assert shares[chosen] == pytest.approx(shares.max(), rel=0.02)


def test_a_temperature_repaints_its_column_alone_without_a_request(visit: Visit, opened: Opened) -> None:
    compare(visit, "photo=coffee&columns=first,first~1")
    rest(visit)
    before, other = len(visit.requests), pixels(visit, canvas(1))
    slider = visit.page.locator(f"{card(0)} input[type=range]")
    slider.focus()
    for _ in range(12):
        visit.page.keyboard.press("ArrowLeft")
    visit.until("V.state.get().columns === 'first~0.26,first~1'")
    visit.page.wait_for_timeout(400)
    assert apart(pixels(visit, canvas(0)), opened("first", "coffee").painted(0.26)).max() <= 2
    np.testing.assert_array_equal(pixels(visit, canvas(1)), other)
    expected = opened("first", "coffee").scores(0.26)
    assert expected is not None
    assert scores(visit, 0)[:2] == pytest.approx([expected.psnr, expected.ciede2000], abs=0.061)
    assert visit.requests[before:] == []
    assert parse_qs(urlsplit(visit.page.url).query)["columns"] == ["first~0.26,first~1"]


PAIRS = [
    ("A,target", "first", "target"),
    ("A,B", "first", "second"),
    ("A,gray", "first", "gray"),
    ("C,A", "one-color", "first"),
    ("target,gray", "target", "gray"),
]


def test_the_difference_of_any_two(visit: Visit, opened: Opened) -> None:
    compare(visit, "photo=chelsea&columns=first,second,one-color")
    assert visit.page.locator("#compare-one").input_value() == "A"
    for pair, one, other in PAIRS:
        visit.page.locator("#compare-one").select_option(pair.split(",")[0])
        visit.page.locator("#compare-other").select_option(pair.split(",")[1])
        visit.until(f"V.state.get().pair === '{pair}'")
        for measure in ("ciede2000", "ab"):
            check_difference(visit, side(opened, one, measure), side(opened, other, measure), measure)
    assert "pair=target%2Cgray" in visit.page.url


def check_difference(visit: Visit, one: npt.NDArray[Any], other: npt.NDArray[Any], measure: str) -> None:
    """Mean, maximum and one pixel of the map."""
    visit.page.locator(f"#compare-measure [data-measure={measure}]").click()
    visit.page.wait_for_timeout(100)
    truth = difference(one, other, measure)
    assert number(visit.text("compare-mean")) == pytest.approx(truth.mean(), abs=0.11)
    assert number(visit.text("compare-most")) == pytest.approx(truth.max(), rel=0.02, abs=0.6)
    visit.point("#compare-difference .stage", 0.3, 0.6)
    x, y = visit.ask("[V.state.get().x, V.state.get().y]")
    here = lines(visit, "#compare-difference")["here"].replace("\u0394E2000", "").replace("ab distance", "")
    assert number(here) == pytest.approx(truth[y, x], abs=1)


def side(opened: Opened, name: str, measure: str) -> npt.NDArray[Any]:
    """Lab ``(224, 224, 3)`` of one side; the colors of another size are put on this one's lightness."""
    truth = opened(name if name in MODELS else "first", "chelsea")
    lightness = np.asarray(truth.lightness[0, 0])
    if name == "target":
        return rgb2lab(truth.squashed)
    if name == "gray":
        return np.stack([lightness, 0 * lightness, 0 * lightness], axis=-1)
    fine, ab = opened("first", "chelsea"), torch.tensor(truth.ab())[None]
    if measure == "ciede2000":
        return rgb2lab(paint(fine.squashed, ab))
    return np.dstack([fine.lightness[0, 0], *lab.upsample(ab, (224, 224))[0].numpy()])


def difference(one: npt.NDArray[Any], other: npt.NDArray[Any], measure: str) -> npt.NDArray[Any]:
    found: npt.NDArray[Any] = (
        deltaE_ciede2000(one, other) if measure == "ciede2000" else np.hypot(*np.moveaxis((one - other)[..., 1:], 2, 0))
    )
    return found


def test_columns_are_added_changed_and_removed_and_the_address_keeps_them(visit: Visit) -> None:
    compare(visit, "photo=coffee&model=first")
    assert visit.ask("V.state.get().columns") == "first,large,one-color", (
        "three, of as many families, until one chooses"
    )
    assert "large:critic" in visit.ask("V.catalog.models")
    offered = visit.page.locator(f"{card(0)} .panel-head option").all_text_contents()
    assert offered == ["first", "second", "large", "one-color", "small"], "by family, and nothing that paints nothing"
    visit.page.locator("#compare-add").click()
    stand(visit)
    assert visit.page.locator("#compare-add").is_disabled()
    visit.page.locator(f"{card(1)} .panel-head select").select_option("second")
    stand(visit)
    visit.page.locator(f"{card(2)} .compare-remove").click()
    stand(visit)
    assert visit.ask("V.state.get().columns") == "first,second,second", "the third is gone, the fourth has moved up"
    visit.page.locator(f"{card(2)} input[type=range]").press("End")
    visit.page.wait_for_timeout(600)
    shown = [pixels(visit, canvas(index)) for index in range(3)]
    visit.page.reload()
    stand(visit)
    assert visit.ask("V.state.get().columns") == "first,second,second~1"
    for index in range(3):
        np.testing.assert_array_equal(pixels(visit, canvas(index)), shown[index])


def test_another_photo_is_opened_in_every_column(visit: Visit, opened: Opened) -> None:
    compare(visit, "photo=coffee&columns=first,second")
    visit.page.locator("#strip [data-key=rocket]").click()
    visit.until("V.state.get().photo === 'rocket' && !V.compare.waiting()")
    stand(visit)
    for index, model in enumerate(("first", "second")):
        assert apart(pixels(visit, canvas(index)), opened(model, "rocket").painted()).max() <= 2
    np.testing.assert_array_equal(pixels(visit, "#compare-target .stage > canvas"), opened("first", "rocket").squashed)
    check_best(visit)


def check_best(visit: Visit) -> None:
    """The better one of two columns is marked, score by score."""
    for row, better in enumerate((max, min, max)):
        both = [scores(visit, 0)[row], scores(visit, 1)[row]]
        marks = [visit.page.locator(f"{card(i)} .scores td").nth(row).get_attribute("class") or "" for i in (0, 1)]
        if both[0] != both[1]:
            assert ["compare-best" in mark for mark in marks] == [each == better(both) for each in both]


def test_a_gray_photo_has_no_target_to_compare_with(visit: Visit) -> None:
    compare(visit, "photo=camera&columns=first,second&pair=A,target")
    assert visit.text("compare-target-title") == "Photo"
    assert "gray" in visit.text("compare-target-sub")
    assert "error" not in lines(visit, card(0))
    assert visit.page.locator(f"{card(0)} .scores td").all_text_contents()[:3] == ["\u2013"] * 3
    assert visit.page.locator("#compare-one option").all_text_contents() == ["A first", "B second", "gray"]
    assert number(visit.text("compare-mean")) > 0


def test_a_model_that_is_not_there_is_told_in_its_column(visit: Visit) -> None:
    compare(visit, "photo=coffee&columns=first,nobody")
    assert "no such model" in visit.page.locator(f"{card(1)} .absence").inner_text()
    assert scores(visit, 0)[0] > 0
    visit.errors.clear()  # the refusal itself


def test_without_any_model_the_page_says_what_to_do(context: BrowserContext, tmp_path: Path) -> None:
    none = over(tmp_path / "none", tmp_path / "cache")
    with serving(none) as address, visiting(context, address) as visit:  # the page goes before its server
        visit.page.goto(f"{address}/compare")
        visit.until("document.getElementById('compare-empty')?.hidden === false")
        assert "no model to compare" in visit.text("compare-empty")
        assert not visit.page.locator("#gallery").is_visible()
        assert not visit.page.locator("#compare-cards").is_visible()


def test_arrow_keys_move_the_crosshair_and_its_numbers_are_announced(visit: Visit) -> None:
    compare(visit, "photo=coffee&columns=first,second&x=100&y=60")
    visit.page.locator(f"{card(1)} .picture").focus()
    for key in ("ArrowRight", "ArrowDown", "Shift+ArrowLeft"):
        visit.page.keyboard.press(key)
    visit.until("V.state.get().x === 91 && V.state.get().y === 61")
    visit.page.keyboard.press("Enter")
    visit.point(f"{card(0)} .stage", 0.9, 0.9)
    assert visit.ask("[V.state.get().x, V.state.get().y]") == [91, 61], "pinned"
    visit.page.wait_for_timeout(600)
    told = lines(visit, card(0))
    assert f"A, first: predicted {told['predicted']}" in visit.page.locator("#announcer").text_content()  # type: ignore[operator]


# ---- the gallery grid --------------------------------------------------------------------------------------------


def gallery(visit: Visit, query: str) -> None:
    compare(visit, query)
    visit.page.locator("#gallery").scroll_into_view_if_needed()


def load_all(visit: Visit) -> None:
    visit.page.locator("#gallery-all").click()
    visit.until("document.getElementById('gallery-all').disabled")


def value(visit: Visit, photo: str, column: str) -> str:
    return visit.page.locator(f"[data-photo='{photo}'] [data-column='{column}'] .gallery-value").text_content() or ""


def test_rows_come_as_they_are_scrolled_to_and_once_only(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 1440, "height": 700})
    gallery(visit, "photo=coffee&columns=first,second&gallery=above")
    rest(visit)
    came = visit.page.locator("#gallery-rows tr:not(:has(td:empty))").count()
    assert 1 <= came < 8, "those far below are not asked for"
    visit.page.locator("#gallery-scroll").evaluate("box => box.scrollTo(0, box.scrollHeight)")
    visit.until("document.querySelector('#gallery-rows tr:last-child td:last-child').childElementCount > 0")
    visit.page.locator("#gallery-scroll").evaluate("box => box.scrollTo(0, 0)")
    load_all(visit)
    asked = [url for url in visit.requests if url.endswith("/compare/row")]
    before = len(asked)
    visit.page.locator("#gallery-score").select_option("auc")
    visit.page.wait_for_timeout(300)
    assert len([url for url in visit.requests if url.endswith("/compare/row")]) == before
    visit.page.reload()
    stand(visit)
    load_all(visit)
    again = [url for url in visit.requests if url.endswith("/compare/row")][before:]
    assert len(again) == 13, "what the server keeps comes whole, a row at a time"


def test_the_grids_numbers_means_and_order(visit: Visit, opened: Opened) -> None:
    gallery(visit, "photo=coffee&columns=first,first~1,small&gallery=above")
    load_all(visit)
    columns = {"first": ("first", 0.38), "first~1": ("first", 1.0), "small": ("small", 0.38)}
    photos = ["astronaut", "chelsea", "coffee", "rocket", "motorcycle", "hubble"]
    for score, unit in (("psnr", "dB"), ("colorfulness_difference", "")):
        visit.page.locator("#gallery-score").select_option(score)
        visit.frames()
        for column, (model, temperature) in columns.items():
            truth = [wanted(opened(model, photo), temperature, score) for photo in photos]
            shown = [number(value(visit, photo, column).replace("+", "")) for photo in photos]
            assert shown == pytest.approx(truth, abs=0.061)
            mean = visit.page.locator(f".gallery-sort[data-column='{column}'] .gallery-mean").text_content() or ""
            found = number(mean.replace("mean", "").replace(unit, "").replace("+", ""))
            assert found == pytest.approx(np.mean(truth), abs=0.061)
    assert value(visit, "camera", "first") == "\u2013"
    assert "means over 6, 7 without color" in visit.text("gallery-sub")


def wanted(truth: Inspection, temperature: float, score: str) -> float:
    found = truth.scores(temperature)
    assert found is not None
    if score == "psnr":
        return found.psnr
    return found.colorfulness - metrics.colorfulness(truth.squashed)


def test_a_columns_head_sorts_best_first_then_worst_then_not(visit: Visit) -> None:
    gallery(visit, "photo=coffee&columns=first,small&gallery=above&score=ciede2000")
    load_all(visit)
    strip = visit.page.locator("#gallery-rows tr").evaluate_all("rows => rows.map(row => row.dataset.photo)")
    head = visit.page.locator(".gallery-sort[data-column=small]")
    for order, direction in ((1, "descending"), (-1, "ascending")):
        head.click()
        visit.frames()
        photos = visit.page.locator("#gallery-rows tr").evaluate_all("rows => rows.map(row => row.dataset.photo)")
        known = [number(value(visit, photo, "small")) for photo in photos[:6]]
        assert known == sorted(known, reverse=order < 0)
        assert photos[6:] == [photo for photo in strip if photo in photos[6:]]
        assert visit.page.locator("th[aria-sort]").get_attribute("aria-sort") == direction
    visit.until("location.search.includes('by=-small')")
    head.click()
    visit.frames()
    assert visit.page.locator("#gallery-rows tr").first.get_attribute("data-photo") == strip[0]
    gallery(visit, "photo=coffee&columns=first,small&gallery=above&score=ciede2000&by=-small")
    visit.until("document.querySelector('th[aria-sort] [data-column=small]')")
    assert visit.page.locator("th[aria-sort]").get_attribute("aria-sort") == "ascending"


def test_the_strips_filter_is_the_grids(visit: Visit) -> None:
    gallery(visit, "photo=coffee&columns=first")
    visit.page.locator("#kinds [data-kind=grayscale]").click()
    visit.until("document.querySelectorAll('#gallery-rows tr').length === 7")
    visit.page.locator("#kinds [data-kind=yours]").click()
    visit.until("!document.getElementById('gallery-empty').hidden")
    assert not visit.page.locator("#gallery-table").is_visible()


def test_a_cell_opens_its_photo_in_its_model(visit: Visit, opened: Opened) -> None:
    gallery(visit, "photo=coffee&model=first&columns=first,second~0.8&gallery=above")
    visit.page.locator("[data-photo=chelsea] [data-column='second~0.8'] a").click()
    visit.until("V.state.get().page === 'inspect' && V.trace.model === 'second' && V.trace.photo.key === 'chelsea'")
    visit.settled()
    assert visit.ask("V.state.get().t") == 0.8
    assert (
        apart(pixels(visit, "#picture-predicted .stage > canvas"), opened("second", "chelsea").painted(0.8)).max() <= 2
    )
    visit.page.go_back()
    visit.until("V.state.get().page === 'compare'")


def test_arrow_keys_walk_the_grid_and_enter_opens(visit: Visit) -> None:
    gallery(visit, "photo=coffee&columns=first,second&gallery=above")
    rest(visit)
    visit.page.locator("[data-photo=astronaut] .gallery-choose").focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowUp"):
        visit.page.keyboard.press(key)
    label = visit.ask("document.activeElement.getAttribute('aria-label')")
    assert label.startswith("astronaut, first T 0.38, ")
    assert (
        visit.ask("[...document.querySelectorAll('#gallery-rows :is(a, button)')].filter(e => e.tabIndex === 0).length")
        == 1
    )
    visit.page.keyboard.press("Home")
    assert visit.ask("document.activeElement.textContent") == "astronaut"
    visit.page.keyboard.press("Enter")
    visit.until("V.state.get().photo === 'astronaut'")


def test_nothing_sticks_out_at_any_width(visit: Visit) -> None:
    gallery(visit, f"photo=astronaut&columns={COLUMNS}")
    for width in (1440, 1024, 390, 320):
        visit.page.set_viewport_size({"width": width, "height": 900})
        visit.frames()
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
        outside = visit.ask(
            "[...document.querySelectorAll('#page-compare .panel')].filter(p => p.offsetParent"
            " && p.scrollWidth > p.clientWidth + 1).map(p => p.id || p.className)"
        )
        assert outside == []


# ---- the grid as files -----------------------------------------------------------------------------------------------


def test_the_grid_is_saved_as_a_picture_and_its_scores_as_a_table(visit: Visit) -> None:
    gallery(visit, "photo=coffee&columns=first,small&gallery=above&score=psnr")
    rest(visit)
    loaded = visit.ask("V.compareRows.order().filter(photo => V.compareGallery.cell(photo, 'small')).length")
    assert 1 <= loaded < 13
    visit.page.locator("#export-open").click()
    assert f"{loaded} of 13 photos in 2 columns, with PSNR, dB" in visit.page.locator("#export").inner_text()
    visit.page.keyboard.press("Escape")
    load_all(visit)
    name, body = exported(visit, "Gallery", "PNG")
    assert name == "visml-gallery.png"
    check_poster(visit, np.asarray(Image.open(io.BytesIO(body)).convert("RGB")))
    name, body = exported(visit, "Scores of the gallery", "CSV")
    assert name == "visml-gallery.csv"
    rows = list(csv.DictReader(io.StringIO(body.decode())))
    assert [row["model"] for row in rows] == 6 * ["gray", "first", "small"], "of photos in color"
    assert {row["temperature"] for row in rows if row["model"] == "first"} == {"0.38"}
    for row in rows:
        column = "~gray" if row["model"] == "gray" else row["model"]
        assert float(row["psnr"]) == pytest.approx(number(value(visit, row["photo"], column)), abs=0.051)


def check_poster(visit: Visit, poster: npt.NDArray[np.uint8]) -> None:
    """Three rows of it hold the page's own small pictures, column by column."""
    columns, photos = ["~target", "~gray", "first", "small"], visit.ask("V.compareRows.order()")
    assert poster.shape == (2 * 16 + 60 + 13 * 162 - 12, 16 + 128 + 4 * 188 - 12 + 16, 3)
    for photo in ("astronaut", "camera", "gravel"):
        top = 16 + 60 + 162 * photos.index(photo)
        for place, column in enumerate(columns):
            cell = poster[top : top + 132, 144 + 188 * place :][:, :176]
            source = visit.page.locator(f"[data-photo={photo}] [data-column='{column}'] img").get_attribute("src")
            small = Image.open(io.BytesIO(visit.page.request.get(f"{visit.url}{source}").body())).convert("RGB")
            small.thumbnail((176, 132), Image.Resampling.BOX)
            left, above = (176 - small.width) // 2, (132 - small.height) // 2
            drawn = cell[above : above + small.height, left : left + small.width]
            assert np.abs(drawn.mean((0, 1)) - np.asarray(small).mean((0, 1))).max() < 3


def test_the_grid_fits_its_panel_until_pictures_would_be_too_small(visit: Visit) -> None:
    gallery(visit, "photo=coffee&columns=first,first~1,second,small&gallery=above")
    rest(visit)
    for width, scrolls in ((1440, False), (1024, False), (390, True)):
        visit.page.set_viewport_size({"width": width, "height": 900})
        visit.frames()
        wide, room, cell = visit.page.locator("#gallery-scroll").evaluate(
            "box => [box.scrollWidth, box.clientWidth, box.querySelector('.gallery-frame').clientWidth]"
        )
        assert (wide > room) == scrolls
        assert 84 <= cell <= 176

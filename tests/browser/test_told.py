"""A class-conditioned network on the page: told a category it paints what the library paints."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from playwright.sync_api import expect

import visml
from tests.browser.conftest import Visit
from tests.browser.test_compare import canvas as column_canvas
from tests.browser.test_compare import card, compare, gallery, load_all, scores, value
from tests.browser.test_export import exported
from tests.browser.test_inspect import apart, canvas, number, pixels
from visml import checkpoints
from visml.images.gallery import sample_photos
from visml.inspector import Inspection
from visml.models import registry

CATEGORIES = ["animals/cats", "odd, 50% ~ half", "scenes/sea"]
ARGUMENTS: dict[str, Any] = {"width": 0.0625, "categories": CATEGORIES}
DIFFERENCE = "coffee, A plain and B heeds, told scenes/sea"
Opened = Callable[[str | None], Inspection]


@pytest.fixture(scope="module")
def checkpoint_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network whose first kernels heed what it is told, and one that is told nothing."""
    root = tmp_path_factory.mktemp("told")
    torch.manual_seed(1)
    model = registry.build("conditioned", ARGUMENTS)
    with torch.no_grad():
        model.get_submodule("bins").weight.mul_(8)  # type: ignore[operator]
        model.get_submodule("trunk.conv1.0").weight[:, 1:].mul_(6)  # type: ignore[index, operator]
    checkpoints.save(root / "heeds", model, ARGUMENTS)
    for name in ("plain", "gray"):
        checkpoints.save(root / name, registry.build("zhang16", {"width": 0.0625}), {"width": 0.0625})
    return root


@pytest.fixture(scope="module")
def opened(checkpoint_root: Path) -> Opened:
    """What the library itself says of the coffee, told a category."""
    inspector = visml.Inspector("heeds", checkpoints=checkpoint_root, device="cpu", precision="float32")
    return lambda category: inspector.open(sample_photos()["coffee"].rgb, category)


def test_what_is_chosen_is_told(visit: Visit, opened: Opened) -> None:
    visit.open("/?model=heeds&photo=coffee")
    untold = pixels(visit, canvas("predicted"))
    assert apart(untold, opened(None).painted()).max() <= 2
    choose(visit, "scenes/sea")
    visit.until("V.trace.category === 'scenes/sea'")
    visit.settled()
    told = pixels(visit, canvas("predicted"))
    assert apart(told, opened("scenes/sea").painted()).max() <= 2
    assert apart(told, untold).max() > 10
    visit.until("location.search.includes('told=scenes%2Fsea')")
    assert "told scenes/sea" in visit.text("announcer")
    visit.page.reload()
    visit.settled()
    assert visit.ask("V.trace.category") == "scenes/sea"
    assert visit.page.locator("#told").input_value() == "scenes/sea"
    name, text = exported(visit, "Predicted colors", "CSV")
    assert name == "coffee-heeds-told-scenes-sea-output.csv"
    assert {row["told"] for row in csv.DictReader(io.StringIO(text.decode()))} == {"scenes/sea"}
    choose(visit, "nothing")
    visit.until("V.trace.category === null && !location.search.includes('told=')")


def choose(visit: Visit, told: str) -> None:
    """By the header's list, with the keyboard alone."""
    visit.page.get_by_role("textbox", name="Category that the model is told").press("Enter")
    option = visit.page.get_by_role("option", name=told, exact=True)
    expect(option).to_be_visible()
    for _ in range(len(CATEGORIES) + 2):
        if option.get_attribute("data-combobox-selected"):
            break
        visit.page.keyboard.press("ArrowDown")
    visit.page.keyboard.press("Enter")


def test_a_model_that_is_told_nothing_opens_without(visit: Visit) -> None:
    visit.open("/?model=heeds&photo=coffee&told=animals%2Fcats")
    assert visit.ask("V.trace.category") == "animals/cats"
    visit.ask("V.state.set({ model: 'plain' })")
    visit.until("V.trace.model === 'plain'")
    visit.settled()
    expect(visit.page.locator("#told-tool")).to_be_hidden()
    visit.until("!location.search.includes('told=')")
    visit.ask("V.state.set({ model: 'heeds' })")
    visit.until("V.trace.model === 'heeds'")
    expect(visit.page.locator("#told-tool")).to_be_visible()
    assert visit.ask("V.trace.category") is None


def test_a_category_nobody_knows_counts_as_none(visit: Visit) -> None:
    visit.open("/?model=heeds&photo=coffee&told=unheard")
    assert visit.ask("V.trace.category") is None


def test_columns_of_compare_are_told_apart(visit: Visit, opened: Opened) -> None:
    compare(visit, "photo=coffee&columns=heeds,heeds~~scenes%2Fsea,heeds~0.9~scenes%2Fsea,plain")
    for index, (category, temperature) in enumerate([(None, 0.38), ("scenes/sea", 0.38), ("scenes/sea", 0.9)]):
        truth = opened(category)
        assert apart(pixels(visit, column_canvas(index)), truth.painted(temperature)).max() <= 2
        expected = truth.scores(temperature)
        assert expected is not None
        assert scores(visit, index)[0] == pytest.approx(expected.psnr, abs=0.061)
        assert visit.page.locator(f"{card(index)} .compare-told select").input_value() == (category or "")
    expect(visit.page.locator(f"{card(3)} .compare-told")).to_be_hidden()


def test_a_column_is_told_by_its_select_whatever_the_name(visit: Visit, opened: Opened) -> None:
    odd = CATEGORIES[1]
    compare(visit, "photo=coffee&columns=heeds&gallery=above")
    told = visit.page.get_by_label("Category that the model of column A is told")
    told.select_option(odd)
    visit.until(f"V.compare.cards[0].scene?.meta.category === '{odd}'")
    visit.until("V.compare.cards[0].scene.scores")
    visit.until("location.search.includes('columns=')")
    compare(visit, visit.page.url.split("?")[1])
    assert visit.ask("V.compare.columns()") == [{"model": "heeds", "t": None, "told": odd}]
    assert apart(pixels(visit, column_canvas(0)), opened(odd).painted()).max() <= 2


def test_the_gallery_shows_columns_as_they_are_told(visit: Visit, opened: Opened) -> None:
    gallery(visit, "photo=coffee&columns=heeds,heeds~~scenes%2Fsea&gallery=above")
    load_all(visit)
    for column, category in (("heeds", None), ("heeds~~scenes/sea", "scenes/sea")):
        truth = opened(category).scores()
        assert truth is not None
        assert number(value(visit, "coffee", column)) == pytest.approx(truth.psnr, abs=0.061)
    body = exported(visit, "Scores of the gallery", "CSV")[1]
    rows = [row for row in csv.DictReader(io.StringIO(body.decode())) if row["photo"] == "coffee"]
    assert [(row["model"], row["told"]) for row in rows] == [("gray", ""), ("heeds", ""), ("heeds", "scenes/sea")]
    assert float(rows[2]["psnr"]) == pytest.approx(number(value(visit, "coffee", "heeds~~scenes/sea")), abs=0.051)
    visit.page.locator("[data-photo=coffee] [data-column='heeds~~scenes/sea'] a").click()
    visit.until("V.state.get().page === 'inspect' && V.trace.category === 'scenes/sea'")


def test_a_columns_figure_says_whose_it_is(visit: Visit) -> None:
    compare(visit, "photo=coffee&columns=plain,heeds~0.9~scenes%2Fsea&model=plain")
    charts = visit.ask("V.figure.charts().map(chart => V.figure.about(chart))")
    assert charts == ["coffee", "coffee in plain", "coffee in heeds, told scenes/sea at T 0.9", DIFFERENCE]


def test_a_model_called_gray_is_not_taken_for_the_gray_photo(visit: Visit) -> None:
    gallery(visit, "photo=coffee&columns=gray&gallery=above&by=gray")
    load_all(visit)
    names = visit.page.locator("#gallery-head .gallery-name").all_text_contents()
    assert names == ["photo", "target", "gray", "gray"]
    assert value(visit, "coffee", "gray") != value(visit, "coffee", "~gray")
    assert visit.page.locator("th[aria-sort] button").get_attribute("data-column") == "gray"

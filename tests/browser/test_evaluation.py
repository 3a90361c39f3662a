"""The Evaluation page in Chromium: its numbers are the files', and sorting, reading and choosing ask nobody."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import evaluation_folder as made
from tests.browser.pages import no_requests
from visml.settings import Settings

PATIENCE = 60_000
MINUS = "\N{MINUS SIGN}"


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.make_pictures(tmp_path_factory.mktemp("photos") / "<b>set", count=2)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, pictures: Path) -> Path:
    root = tmp_path_factory.mktemp("checkpoints")
    for seed, (name, family) in enumerate((("one", "zhang16"), ("two", "zhang16"), ("plain", "regression"))):
        made.evaluated(made.make_model(root / name, seed, family), pictures)
    made.make_model(root / "new", 4)
    return root


@pytest.fixture(scope="module")
def settings(root: Path, pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return made.settings(root, tmp_path_factory.mktemp("cache"), pictures)


def open_page(page: Page, site: str, query: str = "model=one") -> None:
    """Goes there and waits until charts and pictures are drawn and the photo's layers fetched."""
    page.goto(f"{site}/evaluation?{query}")
    page.wait_for_selector("#evaluation-curve-balanced .scatterlayer .trace", state="attached", timeout=PATIENCE)
    page.wait_for_selector("#evaluation-seen-model", state="attached", timeout=PATIENCE)
    page.wait_for_selector("html[data-prefetched]", timeout=PATIENCE)
    for frame in page.locator("[data-painted]").all():
        frame.scroll_into_view_if_needed()
        expect(frame.locator("img")).to_be_visible(timeout=PATIENCE)
    page.evaluate("scrollTo(0, 0)")


def column(page: Page, title: str) -> list[tuple[str, str]]:
    """Rows of the table in their order: the name, and the number under a heading."""
    place = page.locator("#evaluation-table thead th").all_inner_texts().index(title)
    found: list[list[str]] = page.locator("#evaluation-table tbody tr[data-row]").evaluate_all(
        "(rows, place) => rows.map((row) => [row.dataset.row, row.cells[place].innerText])", place
    )
    return [(name, value.split(",")[0].strip()) for name, value in found]


def head(page: Page, title: str) -> Locator:
    return page.locator("#evaluation-table thead th").filter(has_text=re.compile(f"^{re.escape(title)}$"))


def test_a_heading_sorts_by_its_column(page: Page, site: str, root: Path) -> None:
    open_page(page, site)
    expect(head(page, "class-balanced AuC, %")).to_have_attribute("aria-sort", "descending")
    scores = {name: made.row(made.read(root / name)) for name in ("one", "two", "plain")}
    with no_requests(page):
        head(page, "CIEDE2000").locator("button").click()
        expect(head(page, "CIEDE2000")).to_have_attribute("aria-sort", "ascending")
        shown = column(page, "CIEDE2000")
        assert {name: value for name, value in shown if name in scores} == {
            name: f"{row['ciede2000']:.2f}" for name, row in scores.items()
        }
        numbers = [float(value) for _, value in shown]
        assert numbers == sorted(numbers)
        page.keyboard.press("Enter")
        expect(head(page, "CIEDE2000")).to_have_attribute("aria-sort", "descending")
        assert [float(value) for _, value in column(page, "CIEDE2000")] == numbers[::-1]
        head(page, "top-5").locator("button").click()
        assert [value for _, value in column(page, "top-5")][2:] == ["\N{EN DASH}"] * 5
    expect(page).to_have_url(re.compile("order=relaxed_accuracy"), timeout=PATIENCE)
    open_page(page, site, "model=one&order=-psnr")
    numbers = [float(value) for _, value in column(page, "PSNR, dB")]
    assert numbers == sorted(numbers)


def test_a_column_says_what_it_is(page: Page, site: str) -> None:
    open_page(page, site)
    help_line = page.locator("#evaluation-help")
    expect(help_line).to_contain_text("class-balanced AuC, %: AuC with each pixel")
    head(page, "SSIM").hover()
    expect(help_line).to_contain_text("SSIM: Structural similarity")
    page.mouse.move(5, 5)
    expect(help_line).to_contain_text("class-balanced AuC, %:")
    head(page, "ECE").locator("button").focus()
    expect(help_line).to_contain_text("ECE: Expected calibration error")


def reading(page: Page, key: str) -> list[str]:
    found: list[str] = page.locator(f'#evaluation-legend tr[data-series="{key}"] td').all_inner_texts()
    return found


def wanted(root: Path, name: str, method: str, at: int) -> list[str]:
    curves = next(each for each in made.read(root / name)["curves"] if each["method"] == method)
    return [f"{100 * round(curves[kind][at], 4):.1f}%" for kind in ("raw", "balanced")]


def test_curves_are_read_at_the_slider_and_under_the_pointer(page: Page, site: str, root: Path) -> None:
    open_page(page, site)
    assert reading(page, "one") == wanted(root, "one", "model", 25)
    assert reading(page, "~gray") == wanted(root, "one", "gray", 25)
    slider = page.get_by_label("ab error at which the curves are read")
    with no_requests(page):
        slider.focus()
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        assert reading(page, "two") == wanted(root, "two", "model", 28)
        box: Any = page.locator("#evaluation-curve-raw").bounding_box()
        across = page.locator("#evaluation-curve-raw .js-plotly-plot").evaluate(
            "plot => plot._fullLayout.xaxis._offset + plot._fullLayout.xaxis.d2p(60)"
        )
        page.mouse.move(box["x"] + across, box["y"] + 40)
        expect(page.locator("#evaluation-legend output")).to_have_text("60")
        assert reading(page, "one") == wanted(root, "one", "model", 60)
        page.mouse.move(2, 2)
        expect(page.locator("#evaluation-legend output")).to_have_text("28")


def test_boxes_choose_whose_curves_are_drawn(page: Page, site: str) -> None:
    open_page(page, site)
    drawn = page.locator("#evaluation-curve-raw .scatterlayer .trace:visible")
    expect(drawn).to_have_count(4)
    with no_requests(page):
        page.get_by_role("checkbox", name="random picture").check()
        expect(drawn).to_have_count(5)
        page.get_by_role("checkbox", name="two").uncheck()
        page.get_by_role("checkbox", name="gray").uncheck()
        expect(drawn).to_have_count(3)
        page.set_viewport_size({"width": 1200, "height": 900})
        page.wait_for_timeout(400)
        expect(drawn).to_have_count(3)
    expect(page).to_have_url(re.compile("curves="), timeout=PATIENCE)
    page.reload()
    expect(drawn).to_have_count(3, timeout=PATIENCE)


def test_categories_show_the_chosen_score(page: Page, site: str, root: Path) -> None:
    open_page(page, site)
    table, content = page.locator("#evaluation-categories"), made.read(root / "one")
    place = table.locator("thead th").all_inner_texts().index("one")

    def cell(category: str) -> Locator:
        line = table.locator("tbody tr").filter(has=page.locator(f'th[title="{category}"]'))
        return line.locator("td").nth(place - 1)

    with no_requests(page):
        page.get_by_label("Score of the categories").select_option("colorfulness_difference")
        for category in made.CATEGORIES:
            value = made.row(content, category=category)["colorfulness_difference"]
            expect(cell(category)).to_have_text(f"{value:+.1f}".replace("-", MINUS))
        page.get_by_label("Score of the categories").select_option("ciede2000")
        for category in made.CATEGORIES:
            expect(cell(category)).to_have_text(f"{made.row(content, category=category)['ciede2000']:.2f}")
        table.get_by_role("button", name="one").click()
        expect(table.locator("thead th").nth(place)).to_have_attribute("aria-sort", "ascending")
        numbers = [float(row.split("\t")[place]) for row in table.locator("tbody tr").all_inner_texts()][1:]
        assert numbers == sorted(numbers)
    expect(page).to_have_url(re.compile("metric=ciede2000"), timeout=PATIENCE)
    expect(page).to_have_url(re.compile("rank=one"), timeout=PATIENCE)
    open_page(page, site, "model=one&metric=ciede2000&rank=-one")
    expect(table.locator("thead th").nth(place)).to_have_attribute("aria-sort", "descending")
    shown = [float(row.split("\t")[place]) for row in table.locator("tbody tr").all_inner_texts()][1:]
    assert shown == numbers[::-1]


def test_choosing_a_model_shows_its_details(page: Page, site: str, root: Path) -> None:
    open_page(page, site)
    details = page.locator("#evaluation-model")
    expect(details.locator("h2")).to_contain_text("one")
    expect(details).to_contain_text(f"ECE {made.read(root / 'one')['calibration']['ece']:.1%}")
    page.locator("#evaluation-table").get_by_role("button", name="plain", exact=True).click()
    expect(details).to_contain_text("Without bins there are no probabilities", timeout=PATIENCE)
    expect(page.locator("#evaluation-table tr.is-chosen")).to_have_attribute("data-row", "plain")
    page.locator(".evaluation-missing").get_by_role("button", name="new").click()
    expect(details).to_contain_text("'new' was not evaluated", timeout=PATIENCE)
    expect(details.locator("pre")).to_contain_text("visml evaluate --model new")


def test_best_and_worst_are_painted_and_open_on_inspect(page: Page, site: str, root: Path) -> None:
    open_page(page, site)
    cards = page.locator(".evaluation-cards").first.locator("a")
    expect(cards).to_have_count(4)
    names = [each["picture"] for each in made.read(root / "one")["best"]]
    assert [card.get_attribute("title") for card in cards.all()] == names
    cards.first.scroll_into_view_if_needed()
    painted = cards.first.locator("[data-painted] img")
    expect(painted).to_be_visible(timeout=PATIENCE)
    assert painted.evaluate("async (image) => { await image.decode(); return image.naturalWidth; }") > 0
    assert re.match(r"/data/cell/[0-9a-f]{32}\.jpg", painted.get_attribute("src") or "")
    cards.first.click()
    expect(page.locator("#page-inspect")).to_be_visible()
    page.wait_for_url(lambda address: f"folder:{names[0]}" in unquote_plus(address), timeout=PATIENCE)
    expect(page.locator("#photo-title, #target-sub, .photo[aria-selected=true]").first).to_be_visible(timeout=PATIENCE)


def test_names_are_text(page: Page, site: str) -> None:
    open_page(page, site, "model=plain")
    expect(page.locator("#evaluation-table b")).to_have_text("<b>set")
    expect(page.locator("#evaluation-group h2")).to_contain_text("<b>set")
    expect(page.locator("#evaluation-categories")).to_contain_text("<b>bold</b>")


def test_nothing_sticks_out(page: Page, site: str) -> None:
    open_page(page, site)
    page.locator("#page-evaluation details").evaluate_all("all => all.forEach((each) => { each.open = true; })")
    for width in (1440, 1024, 390, 320):
        page.set_viewport_size({"width": width, "height": 840})
        assert page.evaluate("document.documentElement.scrollWidth") <= width

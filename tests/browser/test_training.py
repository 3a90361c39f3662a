"""The Training page in Chromium: what it shows is what the files hold, and moving asks nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests import run_folder
from tests.browser.pages import no_requests, visited

LINES: list[Any] = run_folder.history_lines(run_folder.EPOCHS)
SHORT = 2  # epochs of the other run


@pytest.fixture(scope="module")
def checkpoint_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("runs")
    run_folder.make_whole_run(root, "toy")
    run_folder.make_model(root / "bare")
    run_folder.make_model(root / "other")
    run_folder.write_history(root / "other", SHORT)
    run_folder.make_model(root / "painter")
    run_folder.write_losses(root / "painter", 1, {"critic": 0.6, "adversarial": 1.0, "l1": 20.0})
    return root


@pytest.fixture(scope="module")
def arithmetic(context: BrowserContext, site: str) -> Iterator[Page]:
    """A page whose scripts alone are asked."""
    with visited(context) as page:
        page.goto(f"{site}/training?model=bare")
        yield page


def open_training(
    page: Page, site: str, query: str = "model=toy", chart: str = "lines", *, quiet: bool = False
) -> None:
    """Goes there and waits for a chart; where it must be quiet then, for everything that is fetched beforehand."""
    page.goto(f"{site}/training?{query}&photo=coffee")
    if quiet:
        page.wait_for_selector("html[data-replay=ready]", timeout=60_000)
        page.wait_for_selector("html[data-prefetched]", timeout=60_000)
        page.locator("#training-weights").scroll_into_view_if_needed()
        expect(page.locator("#weights-layer option")).to_have_count(2)
        page.evaluate("scrollTo(0, 0)")
    page.wait_for_selector(f"[data-chart={chart}] .scatterlayer .trace", timeout=60_000)


def shown(page: Page) -> Locator:
    return page.locator(".epoch-number")


def slide(page: Page, key: str) -> None:
    page.get_by_label("epoch", exact=True).press(key)


def legend(page: Page, chart: str, run: int, kind: str) -> Locator:
    return page.locator(f"[data-of={chart}][data-run='{run}'][data-kind={kind}]")


def told(page: Page) -> dict[str, str]:
    """What is said of the weights' histogram."""
    rows = page.locator("#weights-told > span").evaluate_all(
        "rows => rows.map((row) => [row.firstChild.textContent, row.lastChild.textContent])"
    )
    return {name: value.replace("\N{MINUS SIGN}", "-") for name, value in rows}


def ask(page: Page, expression: str, *values: Any) -> Any:
    return page.evaluate(
        f"(values) => {{ const V = dash_clientside.visml; return ({expression})(...values); }}", values
    )


# ---- one run ---------------------------------------------------------------------------------------------------


def test_plotly_waits_for_the_training_page(page: Page, site: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site}/?model=toy&photo=coffee")
    page.wait_for_selector("html[data-prefetched]", timeout=60_000)
    assert not [url for url in asked if "plotly" in url]
    page.get_by_role("link", name="Training").click()
    page.wait_for_selector("[data-chart=lines] .scatterlayer .trace", timeout=60_000)
    assert [url for url in asked if "plotly" in url]


def painted(page: Page) -> list[int]:
    """The middle pixel of the large sample coloring."""
    found: list[int] = page.locator(".replay-painted").evaluate(
        """async (image) => {
            await image.decode();
            const context = new OffscreenCanvas(1, 1).getContext("2d");
            context.drawImage(image, 0, 0, 1, 1);
            return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
        }"""
    )
    return found


def test_the_epoch_slider_replays_the_run_without_a_request(page: Page, site: str) -> None:
    open_training(page, site, quiet=True)
    coffee = run_folder.PHOTOS.index("coffee")
    assert painted(page) == list(run_folder.sample_color(4, coffee))
    with no_requests(page):
        for epoch in (3, 2, 1):
            slide(page, "ArrowLeft")
            line = LINES[epoch - 1]
            expect(shown(page)).to_have_text(f"epoch {epoch} of 4")
            assert painted(page) == list(run_folder.sample_color(epoch, coffee))
            expect(legend(page, "accuracy", 0, "validation")).to_have_text(f"{100 * line['accuracy']:.1f} %")
            expect(legend(page, "loss-0", 0, "training")).to_have_text(f"{line['losses']['cross_entropy']:.3f}")
            expect(legend(page, "loss-0", 0, "validation")).to_have_text(f"{line['validation']['cross_entropy']:.3f}")


def test_playing_ends_at_the_last_epoch(page: Page, site: str) -> None:
    open_training(page, site)
    page.get_by_role("button", name="Play").click()
    expect(shown(page)).to_have_text("epoch 1 of 4")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(shown(page)).to_have_text("epoch 4 of 4", timeout=20_000)
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_pointing_into_a_chart_shows_its_epoch_and_category(page: Page, site: str) -> None:
    open_training(page, site, quiet=True)
    heatmap = page.locator("[data-chart=heatmap]")
    heatmap.scroll_into_view_if_needed()
    box: Any = heatmap.bounding_box()
    with no_requests(page):
        page.mouse.move(box["x"] + box["width"] * 0.375, box["y"] + 12)
        expect(shown(page)).to_have_text("epoch 2 of 4")
        expect(page.locator("#training-categories [aria-selected=true]")).to_contain_text("<b>food</b>")
        page.mouse.move(2, 2)
        expect(shown(page)).to_have_text("epoch 4 of 4")
        page.locator("#training-categories").focus()
        page.keyboard.press("ArrowDown")
        expect(page.locator("#training-categories [aria-selected=true]")).to_contain_text("<b>food</b>")
        expect(page.locator("[data-chart=lines] .trace.lit")).to_have_count(1)
        page.keyboard.press("ArrowLeft")
        expect(shown(page)).to_have_text("epoch 3 of 4")


def test_the_other_measure_changes_the_numbers(page: Page, site: str) -> None:
    open_training(page, site, quiet=True)
    last = LINES[-1]["categories"]["scenes/sea"]
    row = page.locator("#training-categories [title='scenes/sea']")
    expect(row).to_contain_text(f"{100 * last['accuracy']:.1f} %")
    with no_requests(page):
        page.get_by_role("button", name="five likeliest").click()
        expect(row).to_contain_text(f"{100 * last['relaxed_accuracy']:.1f} %")


def test_the_numbers_unfold_as_a_table(page: Page, site: str) -> None:
    open_training(page, site, "model=toy&runs=other", quiet=True)
    with no_requests(page):
        page.get_by_text("All epochs as a table").click()
        expect(page.locator("#training-tables caption")).to_have_text(["toy", "other"])
    cells = page.locator("#training-tables table").first.locator("tr").nth(2).locator("td").all_inner_texts()
    line = LINES[1]
    wanted = [line["losses"]["cross_entropy"], line["validation"]["cross_entropy"], 100 * line["accuracy"]]
    assert [float(cell.removesuffix(" %")) for cell in cells[:4]] == pytest.approx([2, *wanted], rel=1e-3)
    assert len(cells) == 6 + len(run_folder.CATEGORIES)


def test_a_run_that_goes_on_is_followed(page: Page, checkpoint_root: Path, site: str) -> None:
    folder = checkpoint_root / "growing"
    run_folder.make_model(folder)
    run_folder.write_history(folder, 2)
    (folder / "state.pt").write_bytes(b"")
    open_training(page, site, "model=growing")
    expect(shown(page)).to_have_text("epoch 2 of 2")
    run_folder.write_history(folder, 3)
    ask(page, "() => V.training.ask()")
    expect(shown(page)).to_have_text("epoch 3 of 3")
    expect(page.locator("#training-model-facts-title")).to_have_text("growing")
    assert ask(page, "() => V.training.run.underWay") is True


# ---- several runs ----------------------------------------------------------------------------------------------


def test_a_run_is_drawn_beside_and_taken_away_again(page: Page, site: str) -> None:
    open_training(page, site)
    chips = page.locator(".run-chip .run-name")
    expect(chips).to_have_text(["toy"])
    page.get_by_label("Draw another run").select_option("other")
    expect(chips).to_have_text(["toy", "other"])
    page.wait_for_selector("[data-chart=loss-0] .scatterlayer .trace:nth-child(4)")
    expect(page).to_have_url(re.compile("runs=other"))
    expect(legend(page, "accuracy", 1, "validation")).to_have_text("\N{EN DASH}")
    for _ in range(2):
        slide(page, "ArrowLeft")
    line = run_folder.history_lines(SHORT)[1]
    expect(legend(page, "accuracy", 1, "validation")).to_have_text(f"{100 * line['accuracy']:.1f} %")  # type: ignore[operator]
    page.get_by_role("button", name="Remove other").click()
    expect(chips).to_have_text(["toy"])
    expect(page.locator("[data-chart=loss-0] .scatterlayer .trace")).to_have_count(2)


def test_a_link_opens_the_same_runs_at_the_same_epoch(page: Page, site: str) -> None:
    open_training(page, site, "model=toy&runs=other,painter,gone&epoch=2", chart="loss-3")
    expect(page.locator(".run-chip .run-name")).to_have_text(["toy", "other", "painter", "gone"])
    expect(page.locator(".run-chip").last).to_contain_text("no history")
    expect(shown(page)).to_have_text("epoch 2 of 4")
    cursor: Any = page.locator("[data-chart=loss-0] .chart-cursor").bounding_box()
    other: Any = page.locator("[data-chart=loss-3] .chart-cursor").bounding_box()
    chart, beside = (page.locator(f"[data-chart={key}]").bounding_box() for key in ("loss-0", "loss-3"))
    assert chart is not None
    assert beside is not None
    assert cursor["x"] - chart["x"] == pytest.approx(other["x"] - beside["x"], abs=1.5), "epochs on the same axis"


def test_a_run_of_one_epoch_without_bins_has_its_losses_and_says_what_is_not_there(page: Page, site: str) -> None:
    open_training(page, site, "model=painter", chart="loss-2")
    titles = page.locator("#training-curves .panel-title")
    expect(titles).to_have_text(["Critic", "Adversarial", "L1", "Learning rate", "No accuracy"])
    expect(legend(page, "loss-2", 0, "validation")).to_have_text("44.00")
    expect(page.get_by_label("epoch", exact=True)).to_be_disabled()
    expect(page.locator("#weights-absent")).to_contain_text("no histograms")
    expect(page.locator("[data-chart=heatmap]")).to_have_count(0)


# ---- kept weights ----------------------------------------------------------------------------------------------


def test_kept_weights_open_on_inspect(page: Page, site: str) -> None:
    open_training(page, site)
    expect(page.locator(".epoch-mark-kept")).to_have_count(2)
    slide(page, "ArrowLeft")
    expect(page.get_by_text("weights not kept")).to_be_visible()
    slide(page, "ArrowLeft")
    link = page.get_by_role("link", name="Open these weights")
    assert (link.get_attribute("href") or "").startswith("/?model=toy@2&")
    link.click()
    expect(page.locator("#announcer")).to_have_text("coffee opened with toy@2.", timeout=60_000)
    assert page.url.startswith(f"{site}/?model=toy")
    page.get_by_role("link", name="Training").click()
    expect(page.locator("#training-model-facts-title")).to_have_text("toy@2")
    expect(shown(page)).to_have_text("epoch 2 of 4")


# ---- weights ---------------------------------------------------------------------------------------------------


def test_histograms_are_fetched_when_they_come_into_view(page: Page, site: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "weights.json" in request.url else None)
    open_training(page, site)
    page.wait_for_timeout(300)
    assert asked == []
    page.locator("#training-weights").scroll_into_view_if_needed()
    expect(page.locator("#weights-layer option")).to_have_count(2)
    assert len(asked) == 1


def test_the_histogram_follows_epoch_and_layer(page: Page, site: str) -> None:
    open_training(page, site, quiet=True)
    page.locator("#training-weights").scroll_into_view_if_needed()
    expect(page.locator("#weights-told")).to_contain_text("epoch4")
    known = run_folder.weights(run_folder.EPOCHS)["layers"]
    with no_requests(page):
        page.locator("#training-weights").get_by_label("layer", exact=True).select_option("bins")
        expect(page).to_have_url(re.compile("weights=bins"))
        page.locator("#weights-bars").focus()
        page.keyboard.press("ArrowUp")
        expect(shown(page)).to_have_text("epoch 3 of 4")
        found, histogram = told(page), known["bins"][2]
        assert float(found["least"]) == pytest.approx(histogram["low"])
        assert float(found["greatest"]) == pytest.approx(histogram["high"])
        assert found["weights"] == f"{sum(histogram['counts']):,}"
        page.keyboard.press("ArrowRight")  # the fullest part, then the one after
        page.keyboard.press("ArrowRight")
        counts = np.array(histogram["counts"])
        part = list(told(page).values())[-1]
        assert float(part.removesuffix(" %")) == pytest.approx(
            100 * counts[counts.argmax() + 1] / counts.sum(), abs=0.006
        )


def test_pointing_into_the_map_of_weights_shows_its_epoch(page: Page, site: str) -> None:
    open_training(page, site)
    page.locator("#training-weights").scroll_into_view_if_needed()
    expect(page.locator("#weights-told")).to_contain_text("epoch4")
    box: Any = page.locator("#weights-map").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.3)
    expect(shown(page)).to_have_text("epoch 2 of 4")
    assert told(page)["epoch"] == "2"
    assert "%" in list(told(page).values())[-1]


@pytest.mark.parametrize(("low", "high", "parts"), [(-1.0, 2.0, 192), (-0.3, 0.4, 50), (0.1, 5.0, 7), (-9.0, 9.0, 3)])
def test_histograms_are_spread_over_common_parts(arithmetic: Page, low: float, high: float, parts: int) -> None:
    counts = np.random.default_rng(1).integers(0, 90, 48)
    histogram = {"low": -0.8, "high": 1.1, "counts": counts.tolist()}
    got = ask(arithmetic, "(h, a, b, n) => [...V.histograms.spread(h, a, b, n)]", histogram, low, high, parts)
    inner = np.linspace(-0.8, 1.1, 49)
    below = np.interp(np.linspace(low, high, parts + 1), inner, np.concatenate([[0], counts.cumsum()]) / counts.sum())
    np.testing.assert_allclose(got, np.diff(below), atol=1e-9)


def test_the_ends_of_the_axis_leave_out_the_share_asked_for(arithmetic: Page) -> None:
    histogram = {"low": 0, "high": 48, "counts": [1] + [10] * 46 + [1]}
    ends = "(h, beyond) => V.histograms.ends(h, beyond)"
    assert ask(arithmetic, ends, [histogram], 0) == [0, 48]
    assert ask(arithmetic, ends, [histogram], 6 / 462) == pytest.approx([1.5, 46.5])
    assert ask(arithmetic, ends, [histogram, {"low": -2, "high": -2, "counts": [0, 3]}], 0) == [-2, 48]
    low, high = ask(arithmetic, ends, [{"low": 3, "high": 3, "counts": [0, 3]}], 0.001)
    assert low < 3 < high


def test_an_axis_has_round_numbers(arithmetic: Page) -> None:
    found = ask(arithmetic, "(a, b, n) => V.histograms.ticks(a, b, n)", -0.13, 0.31, 8)
    assert found["values"] == pytest.approx([-0.1, 0, 0.1, 0.2, 0.3])
    assert found["decimals"] == 1
    assert ask(arithmetic, "(a, b, n) => V.histograms.ticks(a, b, n)", -2000, 7000, 4)["values"] == [0, 5000]


# ---- the page --------------------------------------------------------------------------------------------------


def test_a_model_without_a_history_has_its_own_page(page: Page, site: str) -> None:
    page.goto(f"{site}/training?model=bare&photo=coffee")
    expect(page.get_by_role("heading", name="No training history")).to_be_visible(timeout=60_000)
    expect(page.locator(".run-facts")).to_contain_text("131,725")
    expect(page.locator("#training-bar")).to_be_hidden()
    expect(page.locator("#training-weights")).to_be_hidden()


def test_nothing_sticks_out(page: Page, site: str) -> None:
    open_training(page, site, "model=toy&runs=other,painter")
    page.locator("#training-weights").scroll_into_view_if_needed()
    for width in (1440, 1024, 390, 320):
        page.set_viewport_size({"width": width, "height": 840})
        assert page.evaluate("document.documentElement.scrollWidth") <= width

"""The Colors page in Chromium: what it shows is what the files hold, and moving asks nobody."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect

from tests import run_folder
from tests.browser.pages import no_requests
from visml.color.bins import BINS, rebalancing_weights, smooth
from visml.inspector import Inspector

GAMUTS = ("prior", "smoothed", "weight", "target", "predicted")


@pytest.fixture(scope="module")
def checkpoint_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("runs")
    run_folder.make_run(root, "toy")
    run_folder.make_model(root / "bare")
    return root


def open_colors(page: Page, site: str, model: str = "toy", photo: str = "coffee") -> None:
    page.goto(f"{site}/colors?model={model}&photo={photo}")
    expect(page.locator("#colors-predicted-sub")).to_contain_text("T 0.38", timeout=60_000)
    page.wait_for_selector("html[data-prefetched]", timeout=60_000)


def point_at(page: Page, kind: str, a: int, b: int) -> None:
    """Moves the mouse over a bin of a drawing, found by the ring that its keyboard twin would set."""
    place = page.evaluate(
        """([kind, a, b]) => {
            const box = document.querySelector(`#colors-${kind} canvas`).getBoundingClientRect();
            const V = dash_clientside.visml, bins = V.bins.index(CENTERS);
            const plane = V.bins.plane(bins, box.width - 46, box.height - 36);
            return [box.x + 42 + plane.x(a), box.y + 4 + plane.y(b)];
        }""".replace("CENTERS", str(BINS.astype(int).tolist())),
        [kind, a, b],
    )
    page.mouse.move(*place)


def reading(page: Page) -> dict[str, str]:
    """The readout of the bin: its name and its numbers."""
    rows = page.locator("#colors-bin dl > div").evaluate_all(
        "rows => rows.map((row) => [row.firstChild.textContent, row.lastChild.textContent])"
    )
    return {"bin": page.locator("#colors-bin .colors-bin-name").inner_text(), **dict(rows)}


def number(text: str) -> float:
    """What a number on the page says; powers of ten do not occur in what is compared here."""
    return float(text.removesuffix("%").replace(",", ""))


def expected(kind: str) -> np.ndarray:
    prior = torch.from_numpy(run_folder.invented_prior())
    smoothed = smooth(prior, torch.from_numpy(BINS.copy()))
    values = {"prior": prior, "smoothed": smoothed, "weight": rebalancing_weights(smoothed, 0.5)}
    return values[kind].numpy()


def test_the_browser_weighs_as_the_loss_does(page: Page, site: str) -> None:
    open_colors(page, site)
    smoothed = expected("smoothed")
    for uniform in (0.0, 0.13, 0.5, 1.0):
        got = page.evaluate(
            "([p, l]) => Array.from(dash_clientside.visml.rebalancing.weights(p, l))", [smoothed.tolist(), uniform]
        )
        np.testing.assert_allclose(got, rebalancing_weights(torch.from_numpy(smoothed), uniform).numpy(), rtol=1e-6)


def test_pointing_at_a_bin_reads_it_in_every_drawing(page: Page, site: str) -> None:
    open_colors(page, site)
    bin_ = int(np.flatnonzero((BINS == (20, 30)).all(axis=1))[0])
    for kind in ("prior", "weight", "predicted"):
        with no_requests(page):
            point_at(page, kind, 20, 30)
            expect(page.locator("#colors-bin .colors-bin-name")).to_have_text("a 20, b 30")
        told = reading(page)
        assert number(told["prior"]) == pytest.approx(100 * expected("prior")[bin_], rel=0.006)
        assert number(told["smoothed"]) == pytest.approx(100 * expected("smoothed")[bin_], rel=0.006)
        assert number(told["weight, λ 0.50"]) == pytest.approx(expected("weight")[bin_], rel=0.006)
        for other in GAMUTS:
            expect(page.locator(f"#colors-{other} .gamut-ring")).to_be_visible()


def test_the_arrow_keys_do_what_the_mouse_does(page: Page, site: str) -> None:
    open_colors(page, site)
    point_at(page, "prior", 10, 20)
    expect(page.locator("#colors-bin .colors-bin-name")).to_have_text("a 10, b 20")
    by_mouse = reading(page)
    page.mouse.move(5, 5)
    page.locator("#colors-smoothed canvas").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    name = page.locator("#colors-bin .colors-bin-name")
    a, b = (int(part.split()[1].replace("\N{MINUS SIGN}", "-")) for part in name.inner_text().split(","))
    for key, count in (("ArrowRight", (10 - a) // 10), ("ArrowUp", (20 - b) // 10)):
        back = {"ArrowRight": "ArrowLeft", "ArrowUp": "ArrowDown"}[key]
        for _ in range(abs(count)):
            page.keyboard.press(key if count > 0 else back)
    expect(name).to_have_text("a 10, b 20")
    assert reading(page) == by_mouse


def test_the_lambda_slider_repaints_without_a_request(page: Page, site: str) -> None:
    open_colors(page, site)
    slider = page.get_by_label("λ, share of the uniform distribution")
    before = page.locator("#colors-weight canvas").screenshot()
    with no_requests(page):
        slider.focus()
        page.keyboard.press("End")
        expect(page.locator("#colors-numbers dd")).to_have_text(["1", "1", "1"])
        page.wait_for_timeout(100)
        assert page.locator("#colors-weight canvas").screenshot() != before
        page.get_by_role("button", name="the paper").click()
        weights = expected("weight")
        least, most, ratio = page.locator("#colors-numbers dd").all_inner_texts()
    assert number(least) == pytest.approx(weights.min(), rel=0.006)
    assert number(most) == pytest.approx(weights.max(), rel=0.006)
    assert number(ratio) == pytest.approx(weights.max() / weights.min(), rel=0.006)


def test_the_photos_own_colors_are_the_inspectors(page: Page, site: str, checkpoint_root: Path) -> None:
    open_colors(page, site)
    page.locator("#colors-details summary").click()
    table = page.locator("#colors-table tbody tr")
    expect(table).to_have_count(313)  # details tell of their opening after the click
    rows = table.evaluate_all("rows => rows.map((r) => [...r.cells].map((c) => c.textContent))")
    inspection = Inspector("toy", checkpoints=checkpoint_root, device="cpu", precision="float32").open(_coffee())
    target = np.asarray(inspection.ab_histogram(), dtype=float)
    shown = np.array([number(row[5]) for row in rows]) / 100
    assert np.abs(shown - target / target.sum()).max() < 2e-3
    assert shown.sum() == pytest.approx(1, abs=0.01)


def _coffee() -> np.ndarray:
    from skimage import data

    return np.asarray(data.coffee())


def test_a_gray_photo_has_no_target_colors(page: Page, site: str) -> None:
    open_colors(page, site, photo="camera")
    expect(page.locator("#colors-target-sub")).to_contain_text("gray")
    assert reading(page)["this photo, target"] == "\N{EN DASH}"


def test_a_model_without_a_prior_says_what_to_do(page: Page, site: str) -> None:
    open_colors(page, site, model="bare")
    expect(page.locator("#colors-missing")).to_contain_text("'bare' has no prior.json")
    expect(page.locator("#colors-missing")).to_contain_text("visml prior")
    expect(page.locator("#colors-prior")).to_be_hidden()
    expect(page.locator("#colors-target canvas")).to_be_visible()


def test_nothing_sticks_out(page: Page, site: str) -> None:
    open_colors(page, site)
    for width in (1440, 1024, 390, 320):
        page.set_viewport_size({"width": width, "height": 840})
        assert page.evaluate("document.documentElement.scrollWidth") <= width

"""Samples, trust, and the prior after the fact, as a person uses them, against the library."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch

from tests.browser.conftest import ARGUMENTS, Visit
from tests.browser.test_inspect import apart, canvas, number, pixels
from visml import checkpoints
from visml.inspector import Inspection
from visml.inspector.painting import paint
from visml.models import registry

Inspect = Callable[[str], Inspection]
EVALUATION = {
    "schema": 1, "data": "photos", "pictures": 1200, "rows": [{"method": "model", "category": None, "auc": 90.0}],
    "calibration": {"temperature": 1, "ece": 0.071, "parts": [
        {"low": i / 15, "high": (i + 1) / 15, "confidence": (i + 0.5) / 15, "accuracy": i / 30, "positions": 9}
        for i in range(15)
    ]},
}  # fmt: skip


@pytest.fixture(scope="module")
def checkpoint_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A classifier of random weights with a prior and an evaluation, and a network that gives ab."""
    root = tmp_path_factory.mktemp("checkpoints")
    torch.manual_seed(0)
    for name, family in (("zhang16", "zhang16"), ("flat", "regression")):
        model = registry.build(family, ARGUMENTS)
        if family == "zhang16":
            with torch.no_grad():
                model.get_submodule("bins").weight.mul_(8)  # type: ignore[operator]
        checkpoints.save(root / name, model, ARGUMENTS)
    prior = {"schema": 1, "probabilities": np.random.default_rng(0).dirichlet(np.full(313, 0.2)).tolist()}
    (root / "zhang16" / "prior.json").write_text(json.dumps(prior))
    (root / "zhang16" / "evaluation.json").write_text(json.dumps(EVALUATION))
    return root


def same(found: npt.NDArray[np.uint8], truth: npt.NDArray[np.uint8]) -> bool:
    """Whether pictures are the same but for what float16 logits move."""
    off = apart(found, truth)
    return bool(off.max() <= 3 and (off > 1).mean() < 0.02)


# ---- the prior ------------------------------------------------------------------------------------------------------


def test_the_prior_is_divided_out_without_a_request(visit: Visit, inspect: Inspect) -> None:
    visit.open("/?photo=coffee&prior=0.4")
    truth = inspect("coffee")
    assert same(pixels(visit, canvas("predicted")), truth.divided(0.4).painted())
    before = len(visit.requests)
    visit.page.locator("#prior input").focus()
    for _ in range(3):
        visit.page.keyboard.press("ArrowRight")
    visit.until("V.state.get().prior === 0.43")
    visit.frames()
    assert visit.text("prior-value") == "0.43"
    assert same(pixels(visit, canvas("predicted")), truth.divided(0.43).painted())
    visit.page.keyboard.press("Home")
    visit.until("V.state.get().prior === 0 && !V.scene.current.distributions.own")
    visit.page.wait_for_timeout(400)
    assert same(pixels(visit, canvas("predicted")), truth.painted())
    assert "prior" not in visit.page.url
    assert visit.requests[before:] == []


def test_the_bins_are_those_without_the_prior_and_say_so(visit: Visit, inspect: Inspect) -> None:
    visit.open("/?photo=coffee&prior=0.5&layer=bins&x=100&y=60")
    logits = inspect("coffee").divided(0.5).output[:, 15, 25].astype(np.float64)
    shares = np.exp(logits - logits.max())
    shares /= shares.sum()
    assert number(visit.page.locator("#ten .bin-percent").first.inner_text()) == pytest.approx(
        100 * shares.max(), abs=0.2
    )
    assert number(visit.text("pixel-entropy")) == pytest.approx(-(shares * np.log2(shares)).sum(), abs=0.06)
    assert visit.text("gamut-sub").endswith("T 1, prior 0.50")
    assert "prior 0.50" in visit.text("summary-t")


def test_a_model_without_bins_has_no_prior_to_divide_out(visit: Visit) -> None:
    visit.open("/?photo=coffee&model=flat&prior=0.5&ask=samples")
    visit.until("document.getElementById('prior-tool').title.startsWith('This model gives colors itself')")
    visit.until("document.querySelector('#prior input').disabled")
    assert "nothing to draw from" in visit.page.locator("#samples-absence").inner_text()
    visit.page.locator("#ask-tab-trust").click()
    visit.until("document.getElementById('trust-spill').textContent !== '\u2013'")
    assert "how sure it is" in visit.page.locator("#trust-confidence-picture .absence").inner_text()
    assert "Without bins" in visit.text("trust-calibration-words")
    assert not any("/samples" in each or "/calibration" in each for each in visit.requests)


# ---- samples --------------------------------------------------------------------------------------------------------


def strip(visit: Visit, truth: Inspection, **how: float) -> bool:
    """Whether the strip shows the library's samples."""
    drawn = truth.samples(**how)  # type: ignore[arg-type]
    return all(
        same(pixels(visit, f"#samples-{n}-picture .stage > canvas"), paint(truth.squashed, torch.tensor(each)[None]))
        for n, each in enumerate(drawn)
    )


def test_samples_are_drawn_when_asked_for(visit: Visit, inspect: Inspect) -> None:
    visit.open("/?photo=coffee")
    truth = inspect("coffee")
    assert not any("/samples" in each for each in visit.requests)
    visit.page.locator("#ask-tab-samples").click()
    visit.until("document.getElementById('samples-0-value').textContent !== ''")
    assert strip(visit, truth)
    visit.page.locator("#samples-others").click()
    visit.until("document.getElementById('samples-seed').textContent === 'draw 1'")
    waited(visit)
    assert strip(visit, truth, seed=1)
    visit.page.locator("#samples-coherence input").focus()
    visit.page.keyboard.press("End")
    visit.until("V.state.get().samples === '1,20,1'")
    waited(visit)
    assert strip(visit, truth, seed=1, coherence=20)


def waited(visit: Visit) -> None:
    """Waits until what was asked for is there."""
    visit.page.wait_for_timeout(300)
    visit.until("document.getElementById('samples-waiting').textContent === ''")


def test_a_link_gives_the_same_samples_and_the_crosshair_reads_them(visit: Visit, inspect: Inspect) -> None:
    visit.open("/?photo=coffee&ask=samples&samples=0.5,8,3&x=40&y=120&prior=0.2")
    visit.until("document.getElementById('samples-0-value').textContent !== ''")
    truth = inspect("coffee")
    assert strip(visit, truth, temperature=0.5, coherence=8, seed=3, strength=0.2)
    before = len(visit.requests)
    drawn = truth.samples(temperature=0.5, coherence=8, seed=3, strength=0.2)
    for key, x, y in (("ArrowRight", 41, 120), ("Shift+ArrowDown", 41, 130)):
        visit.page.locator("#samples-2-picture").focus()
        visit.page.keyboard.press(key)
        visit.frames()
        a, b = drawn[2][:, y // 4, x // 4]
        assert visit.text("samples-2-value").replace("\u2212", "-") == f"a {a:.0f} b {b:.0f}"
        apart_by = np.sqrt(drawn[:, :, y // 4, x // 4].var(axis=0).sum())
        assert number(visit.text("samples-spread-value").split()[0]) == pytest.approx(apart_by, abs=0.06)
    assert visit.requests[before:] == []


# ---- trust ----------------------------------------------------------------------------------------------------------


def test_trusts_numbers_are_the_librarys(visit: Visit, inspect: Inspect) -> None:
    visit.open("/?photo=coffee&ask=trust&x=30&y=200")
    visit.until("document.getElementById('trust-calibration-words').textContent.startsWith('ECE')")
    truth = inspect("coffee")
    right, own = truth.right(), truth.target_spill()
    assert right is not None
    assert own is not None
    assert number(visit.text("trust-sure")) == pytest.approx(100 * truth.confidence().mean(), abs=0.1)
    assert number(visit.text("trust-right")) == pytest.approx(100 * right.mean(), abs=0.1)
    for element, value in (("spill", truth.spill().spill), ("miss", truth.spill().miss),
                           ("own-spill", own.spill), ("own-miss", own.miss)):  # fmt: skip
        assert number(visit.text(f"trust-{element}")) == pytest.approx(value, abs=0.15)
    sure = truth.confidence()[50, 7]
    assert visit.text("trust-confidence-value").endswith("right" if right[50, 7] else "wrong")
    assert number(visit.text("trust-confidence-value").split(",")[0]) == pytest.approx(100 * sure, abs=0.1)
    part = int(np.ceil(sure * 15)) - 1
    assert f"right at {100 * part / 30:.1f} %" in visit.text("trust-calibration-words")
    assert "ECE 7.1 % on photos, 1,200 pictures" in visit.text("trust-calibration-words")


def test_spill_follows_the_temperature_and_the_region(visit: Visit, inspect: Inspect) -> None:
    visit.open("/?photo=coffee&ask=trust&t=0.1&region=20,40,120,90")
    visit.until("document.getElementById('trust-spill').textContent !== '\u2013'")
    truth = inspect("coffee")
    part = np.s_[40:90, 20:120]
    assert number(visit.text("trust-spill")) == pytest.approx(100 * truth.spill(0.1).spilled[part].mean(), abs=0.15)
    before = len(visit.requests)
    visit.ask("V.state.set({ t: 0.9, region: null })")
    visit.page.wait_for_timeout(600)
    assert number(visit.text("trust-spill")) == pytest.approx(truth.spill(0.9).spill, abs=0.15)
    assert visit.requests[before:] == []


def test_it_is_run_again_by_keyboard(visit: Visit) -> None:
    visit.open("/?photo=coffee&ask=trust")
    visit.page.locator("#trust-again-run").focus()
    visit.page.keyboard.press("Enter")
    visit.until("document.getElementById('trust-again-verdict').textContent.startsWith('The same to the bit.')")
    rows = visit.page.locator("#trust-again-rows tr")
    assert rows.count() == 10
    assert "the same" in (rows.first.text_content() or "")
    assert visit.page.locator("#trust-again-run").is_visible()

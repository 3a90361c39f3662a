"""The color lens, as a person uses it: pictures, numbers and the deciding layer are the library's; what is missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import BrowserContext
from torch import nn

from tests.browser.conftest import Visit, visiting
from tests.browser.pages import serving
from tests.browser.test_inspect import apart, number, numbers, pixels
from tests.insight.pictures import fill
from visml import checkpoints
from visml.activations.trace import frozen
from visml.insight import lens, lens_learn
from visml.insight.lens_fit import fit
from visml.inspector import Inspection, Inspector
from visml.inspector.changed import Changed
from visml.models import registry
from visml.settings import Settings

Inspect = Callable[[str], Inspection]
ARGUMENTS = {"width": 1 / 16}
T = 0.38
NAMES = [f"conv{number}" for number in range(1, 9)]


@pytest.fixture(scope="module")
def checkpoint_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that paints all things brown and has a lens, and one without a lens."""
    root, album = tmp_path_factory.mktemp("checkpoints"), fill(tmp_path_factory.mktemp("album"), 20)
    torch.manual_seed(0)
    model = registry.build("zhang16", ARGUMENTS)
    with torch.no_grad():
        distance = (model.centers - torch.tensor([20.0, 30.0])).square().sum(dim=1)  # type: ignore[operator]
        model.get_submodule("bins").bias.add_(5 * (-distance / 200).exp())  # type: ignore[operator]
        model.get_submodule("bins").weight.mul_(8)  # type: ignore[operator]
    saved = checkpoints.save(root / "zhang16", model, ARGUMENTS)
    inspector = Inspector("zhang16", checkpoints=root, precision="float32", device="cpu")
    with pytest.MonkeyPatch.context() as patch, inspector.running() as network:
        patch.setattr(lens_learn, "STEPS", 40)
        lens.save(fit(network, album, model_sha256=saved.model_sha256).lens, saved.folder)
    checkpoints.save(root / "bare", registry.build("zhang16", ARGUMENTS), ARGUMENTS)
    return root


def answered(visit: Visit) -> None:
    """Waits until every layer's picture stands."""
    visit.until(
        "document.querySelectorAll('.lens-layer').length === 9 && !document.querySelector('.lens-layer.is-waiting')"
    )
    visit.until("!document.querySelector('#lens-progress progress')")
    visit.page.wait_for_timeout(300)


def painted(truth: Inspection, layer: str, temperature: float) -> np.ndarray:
    return Changed(truth, frozen(truth.lens(layer)), truth.squashed).painted(temperature)


def forming(truth: Inspection, x: int, y: int) -> list[np.ndarray]:
    """The pixel's color in each layer, the network's own last."""
    found = [truth.lens_ab(name, T) for name in NAMES] + [truth.ab(T)]
    return [ab[:, y * ab.shape[1] // 224, x * ab.shape[2] // 224] for ab in found]


def stands(visit: Visit, truth: Inspection) -> int | None:
    """What is said of the pixel looked at is the library's; where its hue is decided."""
    x, y = visit.ask("[V.scene.pixel(V.state.get()).x, V.scene.pixel(V.state.get()).y]")
    colors = forming(truth, x, y)
    shown = [numbers(text) for text in visit.page.locator(".lens-color").all_text_contents()]
    np.testing.assert_allclose(shown, colors, atol=0.7)
    first, sentence = lens.decided(colors), visit.text("lens-decided")
    assert sentence.startswith(f"At x {x}, y {y} ")
    if first is None:
        assert "no hue to decide" in sentence
    else:
        assert ("last step" if first == 8 else f"decided at {NAMES[first]}:") in sentence
        marked = visit.page.locator(".lens-layer.is-decided .lens-name").all_text_contents()
        assert marked == [[*NAMES, "network"][first]]
    return first


def test_each_layers_picture_and_score(visit: Visit, inspect: Inspect) -> None:
    visit.open("/?photo=coffee&ask=lens")
    answered(visit)
    truth = inspect("coffee")
    for place, layer in ((0, "conv1"), (3, "conv4"), (7, "conv8")):
        off = apart(pixels(visit, f"#lens-picture-{place} .stage > canvas"), painted(truth, layer, T))
        assert (off > 2).mean() < 0.001
    facts = truth.lens_facts()
    scores = [number(text) for text in visit.page.locator(".lens-auc b").all_text_contents()]
    told = [*(each.bins for each in facts.layers), facts.output]
    expected = [each.auc if each.balanced_auc is None else each.balanced_auc for each in told if each]
    assert scores == pytest.approx(expected, abs=0.051)
    assert f"on {facts.held_out} pictures held out" in visit.text("lens-foot")
    before = len(visit.requests)
    visit.ask("V.state.set({ t: 0.9 })")
    visit.page.wait_for_timeout(800)
    off = apart(pixels(visit, "#lens-picture-3 .stage > canvas"), painted(truth, "conv4", 0.9))
    assert (off > 2).mean() < 0.001
    assert visit.requests[before:] == []


def test_where_a_hue_is_decided_by_mouse_and_by_keyboard(visit: Visit, inspect: Inspect) -> None:
    visit.open("/?photo=coffee&ask=lens&x=30&y=40")
    answered(visit)
    truth = inspect("coffee")
    found = {stands(visit, truth)}
    for x, y in ((110, 60), (60, 200), (200, 120), (150, 150)):
        visit.ask(f"V.state.set({{ x: {x}, y: {y} }})")
        visit.frames()
        found.add(stands(visit, truth))
    assert found - {None, 8}, "some hue is decided before the end"
    visit.page.locator("#lens-picture-2 .stage").scroll_into_view_if_needed()
    visit.point("#lens-picture-2 .stage", 0.3, 0.7)
    assert abs(visit.ask("V.state.get().x") - 67) <= 2
    stands(visit, truth)
    visit.page.locator("#lens-picture-5").focus()
    before = visit.ask("V.scene.pixel(V.state.get()).x")
    for _ in range(3):
        visit.page.keyboard.press("ArrowRight")
        visit.frames()
    assert visit.ask("V.scene.pixel(V.state.get()).x") > before
    stands(visit, truth)


def test_another_photo_and_a_network_without_a_lens(visit: Visit, inspect: Inspect) -> None:
    visit.open("/?photo=coffee&ask=lens")
    answered(visit)
    visit.ask("V.state.set({ photo: 'chelsea' })")
    visit.settled()
    answered(visit)
    off = apart(pixels(visit, "#lens-picture-3 .stage > canvas"), painted(inspect("chelsea"), "conv4", T))
    assert (off > 2).mean() < 0.001
    visit.ask("V.state.set({ model: 'bare' })")
    visit.until("V.trace.model === 'bare'")
    visit.settled()
    visit.until("!document.getElementById('lens-missing').hidden")
    assert "visml lens fit --model bare --data DIR" in visit.text("lens-missing")
    assert visit.page.locator(".lens-layer").count() == 0
    assert visit.text("lens-decided") == visit.text("lens-foot") == ""


def test_a_module_of_ones_own_says_why_not(context: BrowserContext, settings: Settings) -> None:
    net = nn.Sequential(nn.Conv2d(1, 3, 3, 4, 1), nn.ReLU(), nn.Conv2d(3, 2, 1))
    with serving(settings, {"own": net}) as site, visiting(context, site) as visit:
        visit.open("/?model=own&photo=coffee&ask=lens")
        visit.until("!document.getElementById('lens-missing').hidden")
        assert "save it as one" in visit.text("lens-missing")

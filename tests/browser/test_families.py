"""A network of every family in the browser: its own layers drawn, each one hoverable, the numbers the library's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import BrowserContext
from torch import nn

import visml
from tests.browser.conftest import Visit, visiting
from tests.browser.pages import serving
from tests.browser.test_inspect import apart, canvas, pixels
from tests.families import TINY
from visml import checkpoints
from visml.dashboard.showing import named
from visml.images.gallery import sample_photos
from visml.models import registry
from visml.settings import Settings

COMPANIONS = ("pix2pix:critic",)


@pytest.fixture(scope="module")
def checkpoint_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of random weights for every family."""
    root = tmp_path_factory.mktemp("families")
    for name, tiny in TINY.items():
        torch.manual_seed(0)
        checkpoints.save(root / name, registry.build(tiny.family, tiny.arguments), tiny.arguments)
    return root


@pytest.mark.parametrize("name", [*TINY, *COMPANIONS])
def test_its_layers_are_drawn_and_hoverable(name: str, visit: Visit, checkpoint_root: Path) -> None:
    inspector = visml.Inspector(name, checkpoints=checkpoint_root, device="cpu", precision="float32")
    truth = inspector.open(sample_photos()["coffee"].rgb)
    visit.open(f"/?model={name}&photo=coffee")
    assert visit.page.locator("#network-list button .name").all_text_contents() == [each.name for each in truth.layers]
    assert apart(pixels(visit, canvas("predicted")), truth.painted()).max() <= 2
    before = len(visit.requests)
    for layer in truth.layers:
        _hover(visit, layer.name)
        if truth.centers is None or layer.name != truth.layers[-1].name:
            _compare(visit, truth[layer.name])
    assert visit.requests[before:] == []


def _hover(visit: Visit, layer: str) -> None:
    visit.page.locator(f"#network-list [data-layer={layer}]").scroll_into_view_if_needed()
    visit.point(f"#network-list [data-layer={layer}]", 0.5, 0.5)
    visit.until(f"V.state.get().layer === '{layer}'")


def _compare(visit: Visit, layer: visml.activations.trace.LayerTrace) -> None:
    """The layer's head and every filter's mean, and the maps themselves to what eight bits hold."""
    visit.until(f"V.layerView.current.name === '{layer.layer.name}'")
    visit.frames()
    channels, height, width = layer.maps.shape
    assert visit.text("layer-title") == layer.layer.name
    assert visit.text("layer-facts").startswith(f"{channels} filter")
    np.testing.assert_allclose(visit.ask("V.layerView.current.info.mean"), layer.mean, rtol=1e-5, atol=1e-6)
    shown = np.array(visit.ask("Array.from(V.layerView.map(0))")).reshape(height, width)
    low, high = float(layer.min[0]), float(layer.max[0])
    np.testing.assert_allclose(low + shown / 255 * (high - low), layer.maps[0], atol=0.51 * (high - low) / 255 + 1e-6)
    visit.point("#grid .grid-box", 0.01, 0.1)  # a page that was scrolled has the grid's top under its header
    visit.until("V.state.get().hoverFilter !== null")
    number = visit.ask("V.state.get().hoverFilter")
    named = f", {layer.layer.channel_names[number]}" if layer.layer.channel_names else ""
    assert visit.text("filter-title") == f"Filter {number}{named}"
    assert visit.text("means-filter") == f"{number}{named}"


class Stranger(nn.Module):
    """A network of no family, which declares nothing."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(5)
        self.down = nn.Sequential(nn.Conv2d(1, 6, 5, 2, 2), nn.LeakyReLU(), nn.Conv2d(6, 8, 3, 2, 1), nn.ReLU())
        self.head = nn.Conv2d(8, 2, 1)

    def forward(self, lightness: torch.Tensor) -> torch.Tensor:
        features: torch.Tensor = self.down(lightness / 100)
        return 20 * self.head(features)  # type: ignore[no-any-return]


@pytest.fixture
def strangers_visit(context: BrowserContext, settings: Settings, tmp_path: Path) -> Iterator[Visit]:
    modules = named([Stranger(), Stranger()])
    with serving(replace(settings, cache_dir=tmp_path), modules) as site, visiting(context, site) as visit:
        yield visit


def test_a_network_of_ones_own_opens_the_same_way(strangers_visit: Visit) -> None:
    truth = visml.Inspector.wrap(Stranger()).open(sample_photos()["coffee"].rgb)
    strangers_visit.open("/?photo=coffee")
    assert strangers_visit.ask("V.trace.model") == "Stranger"
    assert strangers_visit.ask("V.catalog.models")[:2] == ["Stranger", "Stranger-2"]
    assert apart(pixels(strangers_visit, canvas("predicted")), truth.painted()).max() <= 2
    for layer in truth.layers:
        _hover(strangers_visit, layer.name)
        _compare(strangers_visit, truth[layer.name])
    for page in ("colors", "training", "compare", "evaluation"):
        strangers_visit.page.locator(f"#nav-{page}").click()
        strangers_visit.until(f"!document.getElementById('page-{page}').hidden")
    strangers_visit.page.wait_for_timeout(1000)

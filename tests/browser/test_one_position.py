"""Layers whose maps are one position each, and pictures of 32 pixels: the fully connected painter on the page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import visml
from tests.browser.conftest import Visit
from tests.browser.test_inspect import canvas, number, numbers, pixels
from visml import checkpoints
from visml.images.gallery import sample_photos
from visml.inspector import Inspection
from visml.models import registry

ARGUMENTS = {"hidden": [16, 12]}


@pytest.fixture(scope="module")
def checkpoint_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("one-position")
    torch.manual_seed(0)
    checkpoints.save(root / "painter", registry.build("fully_connected", ARGUMENTS), ARGUMENTS)
    return root


@pytest.fixture(scope="module")
def coffee(checkpoint_root: Path) -> Inspection:
    inspector = visml.Inspector("painter", checkpoints=checkpoint_root, device="cpu", precision="float32")
    return inspector.open(sample_photos()["coffee"].rgb)


def test_the_value_of_one_position_is_shown_whole(visit: Visit, coffee: Inspection) -> None:
    visit.open("/?photo=coffee&layer=fc1&sort=index")
    for index in range(16):
        visit.ask(f"V.state.set({{ hoverFilter: {index} }})")
        visit.frames()
        value = float(coffee["fc1"].maps[index, 0, 0])
        assert number(visit.text("filter-value")) == pytest.approx(value, rel=0.01, abs=0.0006)
        assert visit.text("filter-at") == "at (0, 0) of 1 \u00d7 1"
    assert coffee["fc1"].max.max() > 0.1, "else all values are written alike"


def test_one_position_has_no_range_of_its_own(visit: Visit) -> None:
    visit.open("/?photo=coffee&layer=fc1&scale=map")
    button = visit.page.locator("#layer-scale button[value=map]")
    assert button.is_disabled()
    assert visit.page.locator("#layer-scale button[value=layer]").get_attribute("aria-pressed") == "true"
    assert visit.text("layer-legend").startswith("0")
    maps = pixels(visit, "#grid canvas")
    assert len(np.unique(maps.reshape(-1, 3), axis=0)) > 8, "filters of different values have different colors"
    visit.ask("V.state.set({ layer: 'rgb' })")
    visit.until("V.layerView.current.name === 'rgb'")
    assert button.is_enabled()
    assert button.get_attribute("aria-pressed") == "true"


def test_a_kernel_as_large_as_the_picture_fits(visit: Visit) -> None:
    visit.open("/?photo=coffee&layer=fc1&filter=3")
    visit.until("document.querySelectorAll('#kernel-list canvas').length > 0")
    assert visit.text("kernel-caption") == "32 \u00d7 32 kernel of the one input"
    box = visit.page.locator("#kernel-list canvas").bounding_box()
    assert box is not None
    assert (round(box["width"]), round(box["height"])) == (64, 64)


def test_every_picture_is_read_at_its_32_pixels(visit: Visit, coffee: Inspection) -> None:
    visit.open("/?photo=coffee&layer=rgb")
    assert pixels(visit, canvas("target")).shape == (32, 32, 3)
    visit.point("#picture-predicted .stage", 0.7, 0.4)
    x, y = visit.ask("[V.state.get().x, V.state.get().y]")
    shown = numbers(visit.text("value-predicted"))
    assert shown[1:] == pytest.approx(coffee.ab()[:, y, x], abs=0.06)
    row = float(coffee["rgb"].maps[int(visit.text("means-filter").split(",")[0]), y, x])
    assert number(visit.text("filter-value")) == pytest.approx(row, abs=0.011)

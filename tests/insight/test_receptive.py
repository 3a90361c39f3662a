"""The effective field against loops and against the declared one."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from visml.insight.forward import InsightRefused
from visml.insight.receptive import _extent
from visml.inspector import Inspection, Inspector


@pytest.mark.parametrize(("layer", "x", "y"), [("conv1", 100, 60), ("conv2", 40, 200), ("conv4", 0, 223)])
def test_nothing_lies_beyond_the_declared_field(opened: Inspection, layer: str, x: int, y: int) -> None:
    field = opened.effective_field(layer, x, y)
    rows, columns = np.nonzero(field.map)
    asked = next(each for each in opened.layers if each.name == layer)
    assert field.declared == asked.receptive_field
    reach = (asked.receptive_field + asked.stride) / 2
    assert np.abs(rows - field.y).max() <= reach
    assert np.abs(columns - field.x).max() <= reach
    assert 0 < field.side <= 2 * reach + 1
    assert field.radius > 0


def test_the_map_is_the_gradient_of_the_channels_sum(opened: Inspection) -> None:
    field = opened.effective_field("conv3", 100, 60)
    with opened.forward() as forward:
        x, path = forward.lightness.double(), forward.layer("conv3").module
        module = forward.module.double()
        try:
            row, column = int(field.y), int(field.x)
            step = torch.zeros_like(x)
            step[0, 0, row, column] = 1e-4
            slope = (summed(module, path, x + step) - summed(module, path, x - step)) / 2e-4
        finally:
            forward.module.float()
    assert field.map[row, column] == pytest.approx(abs(slope), rel=1e-2)


def summed(module: nn.Module, path: str, lightness: torch.Tensor) -> float:
    kept = []
    hook = module.get_submodule(path).register_forward_hook(lambda part, given, maps: kept.append(maps))
    with torch.no_grad():
        module(lightness)
    hook.remove()
    return float(kept[0][0, :, 60 // 8, 100 // 8].sum())


def test_radius_and_square_against_loops() -> None:
    strength = np.random.default_rng(4).uniform(size=(23, 23)).astype(np.float32) ** 4
    x, y = 9.5, 12.25
    total, spread = 0.0, 0.0
    for row in range(23):
        for column in range(23):
            total += float(strength[row, column])
            spread += float(strength[row, column]) * ((row - y) ** 2 + (column - x) ** 2)
    radius, side = _extent(strength, x, y)
    assert radius == pytest.approx((spread / total) ** 0.5)
    assert held(strength, x, y, side) >= 0.95 * total
    assert held(strength, x, y, side - 0.51) < 0.95 * total


def held(strength: np.ndarray, x: float, y: float, side: float) -> float:
    reach = (side - 1) / 2
    return sum(
        float(strength[row, column])
        for row in range(23)
        for column in range(23)
        if max(abs(row - y), abs(column - x)) <= reach + 1e-9
    )


def test_what_there_is_none_of_is_refused(opened: Inspection, astronaut: np.ndarray) -> None:
    with pytest.raises(InsightRefused, match="between 0 and 223"):
        opened.effective_field("conv1", 224, 0)
    with pytest.raises(InsightRefused, match="no layer"):
        opened.effective_field("conv11", 0, 0)
    flat = nn.Conv2d(1, 2, 3, padding=1)
    nn.init.zeros_(flat.weight)
    module = nn.Sequential(flat)
    with pytest.raises(InsightRefused, match="Nothing of the photo"):
        Inspector.wrap(module, ["0"]).open(astronaut).effective_field("0", 5, 5)

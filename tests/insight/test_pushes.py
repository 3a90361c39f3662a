"""Color pushes: estimates against finite differences in float64, exact ones against switching off one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from tests.families import TINY
from visml.activations.trace import shared
from visml.color import bins
from visml.insight.forward import Forward, InsightRefused
from visml.insight.pushes import AT_ONCE, exact_pushes, pushes
from visml.insight.quantity import mean_ab
from visml.insight.region import Region, weights
from visml.inspector import Inspection, Inspector
from visml.models import registry

REGION = Region(30, 20, 120, 90)


class Doubled(Forward):
    """A forward whose numbers all have 64 bits."""

    def maps(self, layer: str) -> torch.Tensor:
        return super().maps(layer).double()

    def resume(self, layer: str, value: torch.Tensor) -> torch.Tensor:
        output: torch.Tensor = self.module.resume(layer, value, self.lightness)  # type: ignore[operator]
        return output


def decode(logits: torch.Tensor, centers: torch.Tensor, temperature: float) -> torch.Tensor:
    """The annealed mean in the precision that it is given."""
    return torch.einsum("nqhw,qc->nchw", (logits / temperature).softmax(dim=1), centers)


@pytest.fixture
def doubled(opened: Inspection, monkeypatch: pytest.MonkeyPatch) -> Iterator[Doubled]:
    monkeypatch.setattr(bins, "decode", decode)
    with opened.forward() as forward:
        assert forward.centers is not None
        parts = {name: getattr(forward, name) for name in ("module", "layers", "lightness", "trace")}
        yield Doubled(**parts | {"module": forward.module.double(), "centers": forward.centers.double()})
        forward.module.float()


@pytest.mark.parametrize("layer", ["conv1", "conv4", "conv8"])
def test_estimates_are_the_slope_at_the_filter_as_it_is(doubled: Doubled, layer: str) -> None:
    """``push`` is the derivative by a factor on the map, at 1: a central difference of it, filter by filter."""
    weighted = weights(REGION.mask(224), 56, 56).double()
    found = pushes(doubled, layer, weighted, 0.7).numpy()
    step = 1e-7  # few ReLUs change sides within it
    for index in range(0, len(found), 3):
        maps = doubled.maps(layer)
        colors = []
        for factor in (1 + step, 1 - step):
            scaled = maps.clone()
            scaled[:, index] *= factor
            with torch.inference_mode():
                ab = decode(doubled.resume(layer, scaled), doubled.centers, 0.7)  # type: ignore[arg-type]
            colors.append((ab * weighted).sum(dim=(2, 3))[0].numpy())
        slope = (colors[0] - colors[1]) / (2 * step)
        np.testing.assert_allclose(found[index], slope, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("layer", ["conv1", "conv5"])
def test_exact_ones_are_those_of_switching_off_one_by_one(opened: Inspection, layer: str) -> None:
    filters = list(range(opened[layer].maps.shape[0]))[: AT_ONCE + 3]
    found = opened.exact_pushes(layer, filters, REGION)
    expected = [[-each for each in opened.switch_off({layer: [index]}).shift(REGION)] for index in filters]
    np.testing.assert_allclose(found, expected, atol=2e-4)
    assert np.abs(found).max() > 1e-3


def test_filters_come_in_the_order_asked_for(opened: Inspection) -> None:
    one, other = opened.exact_pushes("conv4", [5, 2]), opened.exact_pushes("conv4", [2, 5])
    np.testing.assert_array_equal(one, other[::-1])


def test_a_silent_filter_pushes_nowhere(opened: Inspection) -> None:
    layer = "conv4"
    silent = int(np.argmin(opened[layer].max))
    maps = opened[layer].maps.copy()
    maps[silent] = 0
    name = opened.trace.array_name(layer)
    trace = replace(opened.trace, arrays={**{n: opened.trace.arrays[n] for n in opened.trace.arrays}, name: maps})
    with replace(opened, trace=trace).forward() as forward:
        weighted = weights(REGION.mask(224), 56, 56)
        np.testing.assert_array_equal(exact_pushes(forward, layer, [silent], weighted, 0.38), 0)
        np.testing.assert_array_equal(pushes(forward, layer, weighted, 0.38)[silent], 0)


def test_estimate_and_exact_agree_where_the_rest_is_a_straight_line(astronaut: np.ndarray) -> None:
    """A network that is linear after its only layer: then the first order is all there is."""
    torch.manual_seed(2)
    module = nn.Sequential(nn.Conv2d(1, 6, 3, 2, 1), nn.ReLU(inplace=True), nn.Conv2d(6, 2, 3, 1, 1))
    opened = Inspector.wrap(module, layers=["1"]).open(astronaut)
    (layer,) = opened.layers
    exact = opened.exact_pushes(layer.name, range(6), REGION)
    np.testing.assert_allclose(opened.pushes(layer.name, REGION), exact, rtol=1e-3, atol=1e-3)
    assert np.abs(exact).max() > 0.01


@pytest.mark.parametrize("family", TINY)
def test_in_every_family_and_of_every_layer(family: str, astronaut: np.ndarray) -> None:
    torch.manual_seed(1)
    model = registry.build(TINY[family].family, TINY[family].arguments).eval()
    opened = Inspector.wrap(model).open(astronaut)
    for layer in opened.layers:
        found = opened.pushes(layer.name, temperature=1.0)
        assert found.shape == (layer.channels, 2)
        assert found.dtype == np.float32
        assert np.isfinite(found).all()
    first = opened.layers[0].name
    exact = opened.exact_pushes(first, [0], temperature=1.0)[0]
    np.testing.assert_allclose(exact, -np.array(opened.switch_off({first: [0]}).shift(temperature=1.0)), atol=2e-3)


def test_gradients_are_left_nowhere(opened: Inspection) -> None:
    opened.pushes("conv4")
    with opened.forward() as forward:
        assert all(parameter.grad is None for parameter in forward.module.parameters())
        own = mean_ab(shared(opened.trace.output)[None], forward.centers, weights(REGION.mask(224), 56, 56), 0.38)
    assert own.shape == (1, 2)


def test_a_layer_that_the_colors_do_not_hang_on(astronaut: np.ndarray) -> None:
    torch.manual_seed(1)
    model = registry.build("pix2pix", {"width": 1 / 16, "depth": 5}).companions["critic"].eval()
    opened = Inspector.wrap(model).open(astronaut)
    np.testing.assert_array_equal(opened.pushes(opened.layers[0].name), 0)


def test_what_means_nothing_is_refused(opened: Inspection) -> None:
    with pytest.raises(InsightRefused, match="T above 0"):
        opened.pushes("conv4", temperature=0)
    with pytest.raises(InsightRefused, match="T above 0"):
        opened.exact_pushes("conv4", [0], temperature=0)
    with pytest.raises(InsightRefused, match="no layer"):
        opened.pushes("conv99")
    with pytest.raises(InsightRefused, match="counted from 0"):
        opened.exact_pushes("conv4", [999])
    with pytest.raises(InsightRefused, match="at least one"):
        opened.exact_pushes("conv4", [])
    with pytest.raises(InsightRefused, match="lie within"):
        opened.pushes("conv4", Region(0, 0, 999, 4))

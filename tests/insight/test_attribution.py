"""Attributions of pixels and filters against finite differences, loops and captum's own whole passes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from captum.attr import InputXGradient, Occlusion
from torch import Tensor, nn

from tests.families import TINY
from visml.insight.attribution import METHODS, PARTS, Question, attribution, parts
from visml.insight.carriers import carriers
from visml.insight.forward import InsightRefused
from visml.insight.quantity import LogOdds, LogProbability, Quantity, Shift
from visml.insight.region import Region
from visml.inspector import Inspection, Inspector
from visml.models import registry

HERE = Region(20, 30, 26, 38)


class Little(nn.Module):
    """Lightness to ab on 40 x 40 pixels, smooth, in float64 inside."""

    input_size = 40

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(2)
        self.first = nn.Conv2d(1, 6, 5, stride=2, padding=2).double()
        self.second = nn.Conv2d(6, 2, 3, padding=1).double()

    def forward(self, lightness: Tensor) -> Tensor:
        return self.second(torch.tanh(self.first((lightness.double() - 50) / 50))) * 20


@pytest.fixture(scope="module")
def little(astronaut: np.ndarray) -> Inspection:
    return Inspector.wrap(Little(), ["first"]).open(astronaut)


@pytest.fixture
def question(little: Inspection) -> Iterator[Question]:
    with little.question(Shift(3, 4), Region(8, 12, 14, 15)) as made:
        yield made


def test_gradient_is_the_finite_difference(question: Question) -> None:
    found = attribution(question).map
    x = question.forward.lightness.double()
    for row, column in [(10, 9), (13, 12), (15, 6), (0, 39)]:
        step = torch.zeros_like(x)
        step[0, 0, row, column] = 1e-3
        slope = (exact(question, x + step) - exact(question, x - step)) / 2e-3
        assert float(found[row, column]) == pytest.approx(slope * float(x[0, 0, row, column] - 50), rel=1e-3, abs=1e-6)


def exact(question: Question, lightness: Tensor) -> float:
    """The quantity in float64: the mean color over positions 4..6 of row 6 and 7, weighted by their pixels."""
    with torch.no_grad():
        ab = question.forward.module(lightness)[0]
    total = sum(ab[:, y // 2, x // 2] for y in range(12, 15) for x in range(8, 14)) / 18
    return float(total @ torch.tensor([0.6, 0.8], dtype=torch.float64))


def test_integrated_gradients_are_the_mean_slope_of_the_path(question: Question) -> None:
    x, steps = question.forward.lightness, 400
    slow = torch.zeros_like(x)
    for step in range(steps):
        at = (50 + (x - 50) * (step + 0.5) / steps).requires_grad_()
        slow += torch.autograd.grad(question.of(at).sum(), at)[0] / steps
    whole = attribution(question, "integrated_gradients")
    np.testing.assert_allclose(whole.map.numpy(), (slow * (x - 50))[0, 0].numpy(), rtol=1e-3, atol=1e-5)
    assert whole.missing == pytest.approx(0, abs=1e-4)
    assert whole.high == pytest.approx(exact(question, x.double()), rel=1e-4)


@pytest.mark.parametrize("method", METHODS)
def test_parts_sum_to_the_whole(question: Question, method: str) -> None:
    count = parts(method, 40)
    each = [attribution(question, method, "mean", part) for part in range(count)]
    whole = attribution(question, method, "mean")
    np.testing.assert_allclose(sum(part.map for part in each).numpy(), whole.map.numpy(), atol=1e-6)
    if method == "integrated_gradients":
        assert [part.high for part in each[:-1]] == pytest.approx([part.low for part in each[1:]])
        assert count == PARTS


@pytest.mark.parametrize("size", [16, 24, 40, 45])
def test_occlusion_is_captums_at_once(size: int) -> None:
    rgb = np.random.default_rng(size).integers(0, 255, (size, size, 3), dtype=np.uint8)
    module = Little()
    module.input_size = size
    opened = Inspector.wrap(module, ["first"]).open(rgb)
    with opened.question(Shift(1, 0), Region.pixel(size // 2, 3)) as question:
        found = attribution(question, "occlusion", "mean").map
        x = question.forward.lightness
        with torch.no_grad():
            whole = Occlusion(question.of).attribute(
                x, sliding_window_shapes=(1, 16, 16), strides=(1, 8, 8), baselines=float(x.mean())
            )
    np.testing.assert_allclose(found.numpy(), whole[0, 0].numpy(), atol=1e-5)


def test_a_window_falls_as_much_as_the_quantity(question: Question) -> None:
    """The corner pixel lies in one window alone."""
    found, x = attribution(question, "occlusion").map, question.forward.lightness
    hidden = x.clone()
    hidden[:, :, :16, :16] = 50
    assert float(found[3, 5]) == pytest.approx(question.at(x) - question.at(hidden), abs=1e-5)


@pytest.mark.parametrize("quantity", [LogProbability(40), LogOdds(40, 200), Shift(1, 1)])
def test_gradient_x_input_is_captums_on_the_normalized_input(opened: Inspection, quantity: Quantity) -> None:
    found = opened.attribution(quantity, HERE)
    with opened.question(quantity, HERE) as question:
        normalized = ((question.forward.lightness - 50) / 100).requires_grad_()
        told = InputXGradient(lambda z: question.of(100 * z + 50)).attribute(normalized)
    assert found.shape == (224, 224)
    np.testing.assert_allclose(found, told.detach()[0, 0].numpy(), rtol=1e-3, atol=1e-6 * np.abs(found).max())


@pytest.mark.parametrize("layer", ["conv2", "conv5", "conv8"])
def test_carriers_are_activation_times_gradient(opened: Inspection, layer: str) -> None:
    quantity = LogOdds(40, 200)
    found = opened.carriers(layer, quantity, HERE)
    with opened.question(quantity, HERE) as question:
        maps = question.forward.maps(layer).clone().requires_grad_()
        output = question.forward.resume(layer, maps)
        slope = torch.autograd.grad(quantity.of(output, question.forward.centers, question._weights), maps)[0]
    slow = (maps.detach().double() * slope.double()).sum(dim=(0, 2, 3))
    np.testing.assert_allclose(found, slow.numpy(), rtol=1e-3, atol=1e-5 * float(slow.abs().max()))


def test_carriers_of_the_logits_are_the_two_bins(opened: Inspection) -> None:
    found = opened.carriers("bins", LogOdds(40, 200), Region.pixel(100, 120))
    row, column = opened.position(100, 120)
    assert opened.logits is not None
    assert found[40] == pytest.approx(opened.logits[40, row, column], rel=1e-4)
    assert found[200] == pytest.approx(-opened.logits[200, row, column], rel=1e-4)
    assert np.count_nonzero(found) == 2


@pytest.mark.parametrize("family", TINY)
def test_every_family_answers(family: str, astronaut: np.ndarray) -> None:
    torch.manual_seed(1)
    model = registry.build(TINY[family].family, TINY[family].arguments).eval()
    opened = Inspector.wrap(model).open(astronaut)
    size = opened.trace.facts.size
    with opened.question(Shift(1, 2), Region.pixel(size // 3, size // 2)) as question:
        found = attribution(question)
        carried = carriers(question)
    assert found.map.shape == (size, size)
    assert np.isfinite(found.map.numpy()).all()
    assert [len(carried[layer.name]) for layer in opened.layers] == [layer.channels for layer in opened.layers]


class Closed(Little):
    def forward(self, lightness: Tensor) -> Tensor:
        with torch.no_grad():
            return super().forward(lightness)


def test_a_network_without_gradients_says_so(astronaut: np.ndarray) -> None:
    opened = Inspector.wrap(Closed(), ["first"]).open(astronaut)
    for method in METHODS[:2]:
        with pytest.raises(InsightRefused, match="ask by occlusion"):
            opened.attribution(Shift(1, 0), method=method)
    with pytest.raises(InsightRefused, match="no gradient"):
        opened.carriers("first", Shift(1, 0))
    assert opened.attribution(Shift(1, 0), method="occlusion").any()


def test_what_means_nothing_is_refused(question: Question, little: Inspection) -> None:
    for method, baseline, part in [
        ("saliency", "gray", 0),
        (METHODS[0], "black", 0),
        (METHODS[0], "gray", 1),
        ("occlusion", "gray", -1),
    ]:
        with pytest.raises(InsightRefused):
            attribution(question, method, baseline, part)
    with pytest.raises(InsightRefused, match="no bins"):
        little.attribution(LogProbability(3))
    with pytest.raises(InsightRefused, match="within the photo"):
        little.attribution(Shift(1, 0), Region(0, 0, 41, 1))
    with pytest.raises(InsightRefused, match="no layer"):
        little.carriers("third", Shift(1, 0))


def test_no_hook_stays_and_nothing_learns(opened: Inspection) -> None:
    opened.carriers("conv3", LogProbability(3), HERE)
    with opened.forward() as forward:
        assert not any(part._forward_hooks for part in forward.module.modules())
        assert all(each.grad is None for each in forward.module.parameters())


def test_bfloat16_asks_in_float32(root: object, astronaut: np.ndarray, opened: Inspection) -> None:
    coarse = Inspector("toy", checkpoints=root, precision="bfloat16", device="cpu").open(astronaut)  # type: ignore[arg-type]
    for method in METHODS[:1]:
        np.testing.assert_allclose(
            coarse.attribution(LogProbability(40), HERE, method), opened.attribution(LogProbability(40), HERE, method)
        )
    with coarse.forward() as forward, coarse.forward(exact=True) as exactly:
        assert forward.module is not exactly.module
    with coarse.forward(exact=True) as again:
        assert again.module is exactly.module

"""The other networks on the nine-block trunk against the same network written out, in float64."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from visml.activations.recorder import record
from visml.models.base import Colorizer
from visml.models.conditioned import Conditioned, ConditionRefused
from visml.models.regression import Regression
from visml.models.zhang16 import Zhang16

WIDTH = 1 / 16
CATEGORIES = ("beach", "cats", "forest")
LIGHTNESS = torch.rand(3, 1, 32, 40, generator=torch.Generator().manual_seed(1)) * 100
# block: its convolutions' (stride, dilation) in order; conv8 begins with a transposed one
CONVOLUTIONS = {
    "conv1": [(1, 1), (2, 1)],
    "conv2": [(1, 1), (2, 1)],
    "conv3": [(1, 1), (1, 1), (2, 1)],
    "conv4": [(1, 1)] * 3,
    "conv5": [(1, 2)] * 3,
    "conv6": [(1, 2)] * 3,
    "conv7": [(1, 1)] * 3,
}


def written_out(model: Colorizer, inputs: Tensor) -> Tensor:
    """Features after conv8 of ``(N, planes, H, W)``, from the weights alone."""
    state = {name.removeprefix("trunk."): value.double() for name, value in model.state_dict().items()}
    value = inputs.double()
    for block, convolutions in CONVOLUTIONS.items():
        for index, (stride, dilation) in enumerate(convolutions):
            weight, bias = (state[f"{block}.{2 * index}.{kind}"] for kind in ("weight", "bias"))
            value = functional.conv2d(value, weight, bias, stride, dilation, dilation).relu()
        mean, variance, scale, shift = (
            state[f"{block}.{2 * len(convolutions)}.{kind}"][:, None, None]
            for kind in ("running_mean", "running_var", "weight", "bias")
        )
        value = (value - mean) / (variance + 1e-5).sqrt() * scale + shift
    value = functional.conv_transpose2d(value, state["conv8.0.weight"], state["conv8.0.bias"], 2, 1).relu()
    for index in (2, 4):
        weight, bias = state[f"conv8.{index}.weight"], state[f"conv8.{index}.bias"]
        value = functional.conv2d(value, weight, bias, padding=1).relu()
    return value


def lived_in(model: Colorizer) -> Colorizer:
    """As if trained: BatchNorm that does something, biases that are not 0."""
    torch.manual_seed(3)
    for part in model.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            torch.nn.init.normal_(part.running_mean)
            torch.nn.init.uniform_(part.running_var, 0.5, 2)
        if isinstance(part, torch.nn.Conv2d | torch.nn.ConvTranspose2d):
            torch.nn.init.normal_(part.bias, std=0.1)
    return model.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def regression() -> Colorizer:
    return lived_in(Regression(WIDTH))


@pytest.fixture(scope="module")
def conditioned() -> Conditioned:
    model = lived_in(Conditioned(WIDTH, CATEGORIES, unknown_share=0.25))
    assert isinstance(model, Conditioned)
    return model


def parameters(model: Colorizer) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def test_regression_is_the_trunk_and_a_linear_map_in_units_of_110(regression: Colorizer) -> None:
    weight, bias = (regression.get_parameter(f"head.0.{kind}").double() for kind in ("weight", "bias"))
    features = written_out(regression, (LIGHTNESS - 50) / 100)
    ab = 110 * functional.conv2d(features, weight, bias)
    assert ab.shape == (3, 2, 8, 10)
    torch.testing.assert_close(regression(LIGHTNESS).double(), ab, rtol=1e-4, atol=1e-3)
    assert torch.equal(regression.ab(ab), ab)


def test_regression_has_the_papers_trunk_at_full_width() -> None:
    with torch.device("meta"):
        regression, bins = Regression(), Zhang16()
    assert parameters(regression) == parameters(bins) - (256 + 1) * 313 + (256 + 1) * 2 == 32_155_458
    assert [layer.name for layer in regression.layers] == [*(f"conv{number}" for number in range(1, 9)), "ab"]
    assert regression.layers[:-1] == bins.layers[:-1]
    assert regression.centers is None


def test_regression_takes_a_trained_trunk_by_its_names(regression: Colorizer) -> None:
    ours, theirs = (
        {name for name in model.state_dict() if name.startswith("trunk.")} for model in (regression, Zhang16(WIDTH))
    )
    assert ours == theirs != set()


@pytest.mark.parametrize("network", ["regression", "conditioned"])
def test_resuming_from_any_layer_gives_the_same_output_to_the_bit(network: str, request: pytest.FixtureRequest) -> None:
    model: Colorizer = request.getfixturevalue(network)
    told = torch.tensor([0, 2, -1])
    with record(model) as kept:
        output = model(LIGHTNESS, told)
    for layer in model.layers:
        assert torch.equal(model.resume(layer.name, kept[layer.name]), output)


def test_a_category_is_a_plane_of_ones_beside_the_lightness(conditioned: Conditioned) -> None:
    planes = torch.zeros(3, len(CATEGORIES), 32, 40)
    planes[0, 1], planes[1, 2] = 1, 1
    features = written_out(conditioned, torch.cat([(LIGHTNESS - 50) / 100, planes], dim=1))
    weight, bias = (conditioned.get_parameter(f"bins.{kind}").double() for kind in ("weight", "bias"))
    told = conditioned.category(["cats", "forest", "a word never heard"])
    logits = conditioned(LIGHTNESS, told).double()
    torch.testing.assert_close(logits, functional.conv2d(features, weight, bias), rtol=1e-4, atol=1e-4)


def test_without_a_category_all_planes_are_empty(conditioned: Conditioned) -> None:
    unknown = conditioned(LIGHTNESS)
    assert torch.equal(unknown, conditioned(LIGHTNESS, torch.full((3,), -1)))
    for index in range(len(CATEGORIES)):
        assert not torch.equal(unknown, conditioned(LIGHTNESS, torch.full((3,), index)))


def test_conditioned_has_one_more_kernel_for_each_category() -> None:
    with torch.device("meta"):
        conditioned, bins = Conditioned(1.0, CATEGORIES), Zhang16()
    assert parameters(conditioned) == parameters(bins) + len(CATEGORIES) * 64 * 9
    assert conditioned.layers == bins.layers


def test_without_categories_it_is_the_plain_network() -> None:
    plain, conditioned = Zhang16(WIDTH).eval(), Conditioned(WIDTH).eval()
    conditioned.load_state_dict(plain.state_dict())
    assert torch.equal(conditioned(LIGHTNESS), plain(LIGHTNESS))
    assert conditioned.category(["cats"]) is None


def test_in_training_the_asked_share_of_categories_is_passed_over(conditioned: Conditioned) -> None:
    learning = copy.deepcopy(conditioned).train()
    lightness, told = torch.zeros(4000, 1, 8, 8), torch.ones(4000, dtype=torch.int64)
    torch.manual_seed(5)
    planes = learning._planes(lightness, told)
    assert 0.2 < 1 - planes[:, 1].amax(dim=(1, 2)).mean() < 0.3
    assert not planes[:, [0, 2]].any()
    torch.manual_seed(5)
    assert torch.equal(learning._planes(lightness, told), planes)
    assert learning.eval()._planes(lightness, told)[:, 1].all()


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_all_or_none_are_passed_over(share: float) -> None:
    learning = Conditioned(WIDTH, CATEGORIES, share).train()
    told = torch.tensor([0, 1, 2])
    seen = learning._planes(LIGHTNESS, told)
    expected = torch.eye(3)[:, :, None, None].expand_as(seen) * (1 - share)
    assert torch.equal(seen, expected)


def test_a_share_that_is_none_is_refused() -> None:
    with pytest.raises(ConditionRefused, match="unknown_share must lie between 0 and 1, not be 2"):
        Conditioned(WIDTH, CATEGORIES, 2)

"""The networks of halving and doubling modules, written once more in float64, and what their layers declare."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from tests.models.reach import opened, reaches
from visml.activations.recorder import record
from visml.models import encoder, registry
from visml.models.autoencoder import Autoencoder, Bounded
from visml.models.base import Colorizer
from visml.models.chroma_mean import ChromaMean

LARGE, SMALL = (32, 64, 128, 256, 256, 512), (8, 16, 32, 64, 128, 256)
MODULES = [*(f"down{number}" for number in range(1, 7)), *(f"up{number}" for number in range(1, 7))]


def _trained(model: Colorizer) -> Colorizer:
    """As if trained: BatchNorm that does something, an output that is not near gray; not so far that it saturates."""
    for part in model.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            torch.nn.init.normal_(part.running_mean, std=0.3)
            torch.nn.init.uniform_(part.running_var, 0.2, 1)
            torch.nn.init.normal_(part.bias, std=0.3)
    last = model.layers[-1].convolution
    assert last is not None
    torch.nn.init.normal_(model.get_submodule(last).weight, std=0.3)  # type: ignore[arg-type]
    return model.eval().requires_grad_(False).double()


@pytest.fixture(params=[("sigmoid", False), ("tanh", False), ("sigmoid", True), ("tanh", True)])
def autoencoder(request: pytest.FixtureRequest) -> Autoencoder:
    torch.manual_seed(0)
    output, residual = request.param
    model = _trained(Autoencoder("small", output, residual))
    assert isinstance(model, Autoencoder)
    return model


@pytest.fixture
def chroma_mean() -> ChromaMean:
    torch.manual_seed(0)
    model = _trained(ChromaMean("small"))
    assert isinstance(model, ChromaMean)
    return model


def _norm(state: dict[str, Tensor], path: str, value: Tensor) -> Tensor:
    mean, variance, gain, shift = (
        state[f"{path}.{kind}"].double().view(1, -1, 1, 1) for kind in ("running_mean", "running_var", "weight", "bias")
    )
    return (value - mean) / (variance + 1e-5).sqrt() * gain + shift


def _down(state: dict[str, Tensor], value: Tensor, residual: bool = False) -> Tensor:
    for number in range(1, 7):
        path = f"stages.down{number}"
        weight = state[f"{path}.convolution.weight"].double()
        made = _norm(state, f"{path}.norm", functional.conv2d(value, weight, stride=2, padding=1))
        if residual:
            mean = functional.avg_pool2d(value, 2)
            beside = functional.conv2d(mean, state[f"{path}.branch.1.weight"].double())
            made = made + _norm(state, f"{path}.branch.2", beside)
        value = made.relu()
    return value


def _up(state: dict[str, Tensor], value: Tensor, residual: bool) -> Tensor:
    for number in range(1, 7):
        path, last = f"stages.up{number}", number == 6
        weight = state[f"{path}.convolution.weight"].double()
        made = functional.conv_transpose2d(value, weight, stride=2, padding=1)
        made = made + state[f"{path}.convolution.bias"].view(1, 2, 1, 1) if last else _norm(state, f"{path}.norm", made)
        if residual:
            beside = functional.conv2d(value, state[f"{path}.branch.0.weight"].double())
            beside = beside if last else _norm(state, f"{path}.branch.1", beside)
            made = made + beside.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
        value = made if last else made.relu()
    return value


def test_the_autoencoder_is_what_it_says(autoencoder: Autoencoder) -> None:
    lightness = torch.rand(2, 1, 64, 128, generator=torch.Generator().manual_seed(1)) * 100
    state = autoencoder.state_dict()
    residual = "stages.up6.branch.0.weight" in state
    value = _up(state, _down(state, (lightness.double() - 50) / 100, residual), residual)
    share = 1 / (1 + (-value).exp()) if autoencoder.stages.ab.output == "sigmoid" else (1 + value.tanh()) / 2
    assert float(share.std()) > 0.02, "else nothing is compared"
    torch.testing.assert_close(autoencoder(lightness.double()).double(), 255 * share - 128, rtol=0, atol=1e-3)


def test_the_mean_color_is_a_linear_function_of_the_last_maps(chroma_mean: ChromaMean) -> None:
    lightness = torch.rand(3, 1, 128, 128, generator=torch.Generator().manual_seed(1)) * 100
    state = chroma_mean.state_dict()
    flat = _down(state, (lightness.double() - 50) / 100).flatten(1)
    weight, bias = (state[f"stages.ab.convolution.{kind}"].double() for kind in ("weight", "bias"))
    linear = flat @ weight.flatten(1).T + bias
    assert flat.shape == (3, 4 * 256)
    torch.testing.assert_close(chroma_mean(lightness.double()).double()[:, :, 0, 0], 110 * linear, rtol=1e-5, atol=1e-3)
    assert float(linear.std()) > 0.05


@pytest.mark.parametrize(("maps", "counts"), [("large", LARGE), ("small", SMALL)])
def test_as_many_weights_as_the_maps_ask_for(maps: str, counts: tuple[int, ...]) -> None:
    pairs = list(pairwise((1, *counts)))
    down = sum(16 * before * after + 2 * after for before, after in pairs)
    up = sum(16 * before * after + 2 * before for before, after in pairs[1:]) + 16 * counts[0] * 2 + 2
    branches = sum(before * after + 2 * after for before, after in pairs)
    branches += sum(before * after + 2 * before for before, after in pairs[1:]) + 2 * counts[0]
    with torch.device("meta"):
        models = ChromaMean(maps), Autoencoder(maps), Autoencoder(maps, residual=True)
    found = [sum(each.numel() for each in model.parameters()) for model in models]
    assert found == [down + 4 * counts[-1] * 2 + 2, down + up, down + up + branches]


def test_layers_are_named_by_their_modules_and_branches() -> None:
    assert [layer.name for layer in ChromaMean("small").layers] == [*MODULES[:6], "ab"]
    assert [layer.name for layer in Autoencoder("small").layers] == [*MODULES, "ab"]
    both = [name for module in MODULES for name in (f"{module}_branch", module)]
    assert [layer.name for layer in Autoencoder("small", residual=True).layers] == [*both, "ab"]


@pytest.mark.parametrize("residual", [False, True])
def test_fields_are_what_gradients_reach(residual: bool) -> None:
    model = opened(Autoencoder("small", residual=residual))
    for layer in model.layers[:-1]:  # ab is up6 point by point
        found = reaches(model, layer, 2, 704, 64)
        assert max(reach.side for reach in found.values()) == layer.receptive_field, layer.name
    assert model.layers[-1].receptive_field == model.layers[-2].receptive_field


def test_the_mean_color_sees_the_whole_photo() -> None:
    model = opened(ChromaMean("small"))
    assert reaches(model, model.layer("ab"), 1, 128, 128)[0].side == model.layer("ab").receptive_field == 128


def test_it_goes_on_from_a_layer_without_the_lightness(autoencoder: Autoencoder) -> None:
    lightness = torch.rand(1, 1, 64, 64).double() * 100
    with record(autoencoder) as kept:
        output = autoencoder(lightness)
    for layer in autoencoder.layers:
        if layer.name.endswith("_branch"):
            with pytest.raises(ValueError, match="needs the lightness"):
                autoencoder.resume(layer.name, kept[layer.name])
        else:
            assert torch.equal(autoencoder.resume(layer.name, kept[layer.name]), output)


@pytest.mark.parametrize("output", ["sigmoid", "tanh"])
def test_colors_are_bounded_however_large_the_values(output: str) -> None:
    values = torch.tensor([-1e4, -2.0, 0.0, 2.0, 1e4]).view(1, 1, 1, 5)
    ab = Bounded(output)(values).flatten()
    assert (ab[0], ab[2], ab[4]) == (-128, -0.5, 127)
    steepness = 1 if output == "sigmoid" else 2
    torch.testing.assert_close(ab, Bounded("sigmoid")(steepness * values).flatten())


def test_training_starts_near_gray() -> None:
    torch.manual_seed(0)
    lightness = torch.rand(8, 1, 128, 128) * 100
    for model in (ChromaMean(), Autoencoder(), Autoencoder(output="tanh", residual=True)):
        assert float(model.train()(lightness).detach().abs().mean()) < 10


def test_other_sizes_are_averaged_to_what_the_linear_layer_takes(chroma_mean: ChromaMean) -> None:
    lightness = torch.rand(1, 1, 256, 320).double() * 100
    features = chroma_mean.stages[:6](chroma_mean.normalize(lightness))
    assert features.shape[2:] == (4, 5)
    rows = features.view(1, -1, 2, 2, 5).mean(dim=3)
    means = torch.stack([rows[..., :3].mean(dim=3), rows[..., 2:].mean(dim=3)], dim=3)  # the middle column is in both
    expected = 110 * chroma_mean.stages.ab.convolution(means)
    torch.testing.assert_close(chroma_mean(lightness), expected.float())


@pytest.mark.parametrize("model", [ChromaMean("small"), Autoencoder("small")], ids=["chroma_mean", "autoencoder"])
def test_sides_that_cannot_be_halved_six_times_are_refused(model: Colorizer) -> None:
    with pytest.raises(encoder.EncoderRefused, match="multiples of 64 pixels, not 96 x 128"):
        model(torch.zeros(1, 1, 128, 96))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [({"maps": "huge"}, "no maps 'huge'; there are large, small"), ({"output": "relu"}, "there are sigmoid, tanh")],
)
def test_maps_and_outputs_that_do_not_exist_are_refused(arguments: dict[str, str], sentence: str) -> None:
    with pytest.raises(encoder.EncoderRefused, match=sentence):
        registry.build("autoencoder", arguments)

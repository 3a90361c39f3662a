"""The fully connected painter as matrices in float64, and its colors against scikit-image."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from skimage.color import rgb2lab

from visml.activations.recorder import record
from visml.models import registry
from visml.models.fully_connected import FullyConnected, FullyConnectedRefused


@pytest.fixture
def model() -> FullyConnected:
    torch.manual_seed(0)
    made = FullyConnected([24, 12])
    for part in made.modules():
        if isinstance(part, torch.nn.Conv2d):
            assert part.bias is not None
            torch.nn.init.normal_(part.bias, std=0.5)
    return made.eval().requires_grad_(False)


@pytest.fixture
def lightness() -> torch.Tensor:
    return torch.rand(3, 1, 32, 32, generator=torch.Generator().manual_seed(1)) * 100


def _painted(model: FullyConnected, lightness: torch.Tensor) -> np.ndarray:
    """RGB ``(N, 3, 32, 32)``: three matrices and nothing else."""
    state = {name: value.double().numpy() for name, value in model.state_dict().items()}
    value = (lightness.double().numpy().reshape(len(lightness), -1) - 50) / 100
    for path in ("stages.fc1.convolution", "stages.fc2.convolution", "stages.rgb.linear"):
        weight = state[f"{path}.weight"]
        value = value @ weight.reshape(len(weight), -1).T + state[f"{path}.bias"]
        value = np.maximum(value, 0) if "fc" in path else 1 / (1 + np.exp(-value))
    return value.reshape(-1, 3, 32, 32)


def test_it_is_three_matrices(model: FullyConnected, lightness: torch.Tensor) -> None:
    painted = model.paint(lightness).numpy()
    np.testing.assert_allclose(painted, _painted(model, lightness), atol=1e-5)
    assert painted.std() > 0.1


def test_ab_is_that_of_what_was_painted(model: FullyConnected, lightness: torch.Tensor) -> None:
    truth = rgb2lab(_painted(model, lightness).transpose(0, 2, 3, 1))[..., 1:].transpose(0, 3, 1, 2)
    np.testing.assert_allclose(model(lightness).numpy(), truth, atol=0.02)


def test_hidden_values_are_maps_of_one_position(model: FullyConnected, lightness: torch.Tensor) -> None:
    with record(model) as kept:
        output = model(lightness)
    assert {name: tuple(value.shape[1:]) for name, value in kept.items()} == {
        "fc1": (24, 1, 1),
        "fc2": (12, 1, 1),
        "rgb": (3, 32, 32),
    }
    for name, value in kept.items():
        assert torch.equal(model.resume(name, value), output)
    assert [layer.rectified for layer in model.layers] == [True, True, False]


def test_every_pixel_painted_reads_every_pixel(model: FullyConnected) -> None:
    lightness = torch.full((1, 1, 32, 32), 60.0, requires_grad=True)
    (gradient,) = torch.autograd.grad(model.paint(lightness)[0, 1, 3, 30], lightness)
    assert bool((gradient != 0).all())


def test_a_larger_picture_is_read_as_means_of_its_parts(model: FullyConnected) -> None:
    large = torch.rand(2, 1, 96, 64, generator=torch.Generator().manual_seed(2)) * 100
    means = large.view(2, 1, 32, 3, 32, 2).mean(dim=(3, 5))
    torch.testing.assert_close(model.paint(large), model.paint(means))


def test_weights_are_those_of_the_matrices() -> None:
    with torch.device("meta"):
        model = FullyConnected()
    matrices = 1024 * 1024 + 1024 * 1024 + 1024 * 3072
    assert sum(each.numel() for each in model.parameters()) == matrices + 1024 + 1024 + 3072


@pytest.mark.parametrize("hidden", [[], [0], [16.0], "16", [True]])
def test_hidden_layers_that_cannot_be_built_are_refused(hidden: object) -> None:
    with pytest.raises(FullyConnectedRefused, match="list of whole numbers above 0"):
        registry.build("fully_connected", {"hidden": hidden})

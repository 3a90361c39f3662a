"""The residual encoder against the blog's figure, written once more in float64, and scikit-image's color conversion."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from skimage import data
from skimage.color import rgb2lab
from torch import Tensor
from torch.nn import functional

from tests.models.reach import opened, reaches
from tests.training.learning import EDGE, edge_errors, learned
from visml.activations.recorder import record
from visml.color import bins, lab, yuv
from visml.models.residual_encoder import ResidualEncoder
from visml.training.crops import Batch
from visml.training.objectives.base import NoSettings
from visml.training.objectives.blurred import BlurredL2

# (convolution's place in the trunk, channels) of VGG-16 up to relu4_3, P where a pooling stands between two.
TRUNK = [
    *((0, 64), (2, 64), "P", (5, 128), (7, 128), "P", (10, 256), (12, 256), (14, 256), "P"),
    *((17, 512), (19, 512), (21, 512)),
]
STEPS = {"up5": (512, 256, 1), "up4": (256, 128, 3), "up3": (128, 64, 3), "up2": (64, 3, 3), "up1": (3, 3, 3)}


@pytest.fixture
def narrow() -> ResidualEncoder:
    torch.manual_seed(0)
    model = ResidualEncoder(1 / 16)
    for part in model.modules():  # as if trained: BatchNorm that does something
        if isinstance(part, torch.nn.BatchNorm2d):
            torch.nn.init.normal_(part.running_mean, std=0.3)
            torch.nn.init.uniform_(part.running_var, 0.5, 2)
            torch.nn.init.normal_(part.bias, std=0.3)
            torch.nn.init.uniform_(part.weight, 0.3, 0.7)
    return model.eval().requires_grad_(False)


def _norm(state: dict[str, Tensor], path: str, value: Tensor) -> Tensor:
    mean, variance, gain, shift = (
        state[f"{path}.{kind}"].double().view(1, -1, 1, 1) for kind in ("running_mean", "running_var", "weight", "bias")
    )
    return (value - mean) / (variance + 1e-5).sqrt() * gain + shift


def _literal(state: dict[str, Tensor], lightness: Tensor) -> Tensor:
    """U and V, from the state dict alone."""
    gray = (lightness.double() - 50) / 100
    value, blocks = gray, [gray.expand(-1, 3, -1, -1)]
    for place in TRUNK:
        if place == "P":
            blocks.append(value)
            value = functional.max_pool2d(value, 2)
        else:
            weight, bias = (state[f"trunk.features.{place[0]}.{kind}"].double() for kind in ("weight", "bias"))
            value = functional.conv2d(value, weight, bias, padding=1).relu()
    blocks.append(value)
    above: Tensor | None = None
    for step, (_, _, window) in STEPS.items():
        value = _norm(state, f"steps.{step}.normalize", blocks.pop())
        if above is not None and above.shape != value.shape:
            above = functional.interpolate(above, scale_factor=2, mode="bilinear")
        value = value if above is None else value + above
        value = functional.conv2d(value, state[f"steps.{step}.convolution.weight"].double(), padding=window // 2)
        above = _norm(state, f"steps.{step}.norm", value).relu()
    value = functional.conv2d(above, state["uv.convolution.weight"].double(), padding=1)
    return 1 / (1 + (-_norm(state, "uv.norm", value)).exp())


def test_chroma_is_that_of_the_figure(narrow: ResidualEncoder) -> None:
    lightness = torch.rand(2, 1, 32, 48) * 100
    ours, theirs = narrow.chroma(lightness), _literal(narrow.state_dict(), lightness)
    assert ours.shape == (2, 2, 32, 48)
    torch.testing.assert_close(ours.double(), theirs, atol=1e-5, rtol=0)
    assert float(ours.std()) > 0.01


def _painted(luma: np.ndarray, uv: np.ndarray) -> np.ndarray:
    """Lab ``(N, 3)`` of luma ``(N,)`` and chroma ``(N, 2)`` around 0."""
    red, blue = luma + 1.402 * uv[:, 1], luma + 1.772 * uv[:, 0]
    green = luma - 0.344136 * uv[:, 0] - 0.714136 * uv[:, 1]
    return rgb2lab(np.stack([red, green, blue], axis=1).clip(0, 1))


def test_ab_is_that_of_the_painted_picture_of_the_same_lightness(narrow: ResidualEncoder) -> None:
    lightness = 30 + 40 * torch.rand(1, 1, 16, 16)
    uv = narrow.chroma(lightness)[0].double().permute(1, 2, 0).numpy().reshape(-1, 2) - 0.5
    wanted, low, high = lightness.double().numpy().ravel(), np.zeros(256), np.ones(256)
    for _ in range(40):  # lightness grows with luma: halve the interval
        middle = (low + high) / 2
        light = _painted(middle, uv)[:, 0] > wanted
        low, high = np.where(light, low, middle), np.where(light, middle, high)
    ab = narrow(lightness)[0].flatten(1).T.numpy()
    error = np.linalg.norm(ab - _painted(low, uv)[:, 1:], axis=1)
    assert np.percentile(error, 90) < 0.3
    assert np.linalg.norm(ab, axis=1).mean() > 10


@pytest.mark.parametrize("photo", [data.coffee, data.astronaut])
def test_the_true_chroma_gives_the_true_ab(narrow: ResidualEncoder, photo: Callable[[], np.ndarray]) -> None:
    rgb = torch.from_numpy(photo()[:400:2, :400:2].transpose(2, 0, 1).copy())[None]
    truth = rgb2lab(rgb[0].permute(1, 2, 0).numpy())[..., 1:]
    narrow.chroma = lambda lightness: yuv.chroma(rgb.float() / 255)  # type: ignore[method-assign]
    ab = narrow(lab.lightness(rgb))[0].permute(1, 2, 0).numpy()
    error = np.linalg.norm(ab - truth, axis=2)
    assert error.mean() < 0.1
    assert np.percentile(error, 99) < 0.5


@pytest.mark.parametrize("shift", [-30.0, 0.0, 30.0])
def test_every_painted_color_exists(narrow: ResidualEncoder, shift: float) -> None:
    narrow.uv.norm.bias.fill_(shift)
    lightness = torch.rand(1, 1, 16, 16) * 100
    ab = narrow(lightness)
    assert ab.isfinite().all()
    assert float(ab.abs().max()) < 110


def test_first_colors_are_near_gray() -> None:
    torch.manual_seed(0)
    with torch.no_grad():
        ab = ResidualEncoder(1 / 8).train()(torch.rand(2, 1, 64, 64) * 100)
    assert 0 < ab.square().mean().sqrt() < 10


def test_half_is_gray(narrow: ResidualEncoder) -> None:
    for kind in (narrow.uv.norm.weight, narrow.uv.norm.bias):
        kind.zero_()
    assert float(narrow(torch.rand(1, 1, 16, 16) * 100).abs().max()) < 0.05


def test_full_width_has_the_figures_weights() -> None:
    with torch.device("meta"):
        model = ResidualEncoder()
    before, count = 1, 0
    for _, channels in (place for place in TRUNK if place != "P"):
        count += channels * (9 * before + 1)
        before = channels
    for channels, out, window in STEPS.values():
        count += window**2 * channels * out + 2 * (channels + out)
    count += 9 * 3 * 2 + 2 * 2
    assert sum(value.numel() for value in model.parameters()) == count
    names = [layer.name for layer in model.layers]
    assert names[-7:] == ["relu4_3", "up5", "up4", "up3", "up2", "up1", "uv"]


def test_layers_say_what_the_network_gives(narrow: ResidualEncoder) -> None:
    with record(narrow) as kept:
        narrow(torch.rand(1, 1, 32, 32) * 100)
    assert list(kept) == [layer.name for layer in narrow.layers]
    for layer in narrow.layers:
        assert kept[layer.name].shape == (1, layer.channels, 32 / layer.stride, 32 / layer.stride)
        assert layer.convolution is not None
        assert narrow.get_submodule(layer.convolution).out_channels == layer.channels
        assert not layer.rectified or kept[layer.name].min() >= 0


def test_receptive_fields_are_what_positions_read() -> None:
    model = opened(ResidualEncoder(1 / 64))
    torch.nn.init.constant_(model.uv.norm.weight, 1e-9)  # far from where the sigmoid is flat
    for layer in model.layers:
        found = reaches(model, layer, 3 if layer.stride > 1 else 18, 320, 16)
        assert max(reach.side for reach in found.values()) == layer.receptive_field, layer.name


def test_every_weight_is_used() -> None:
    model = ResidualEncoder(1 / 16).train()
    model.chroma(torch.rand(2, 1, 32, 32) * 100).square().sum().backward()
    assert [name for name, value in model.named_parameters() if value.grad is None] == []


def test_resuming_from_any_layer_gives_the_same_output_to_the_bit(narrow: ResidualEncoder) -> None:
    lightness = torch.rand(1, 1, 32, 32) * 100
    with record(narrow) as kept:
        ab = narrow(lightness)
    for layer in narrow.layers:
        assert torch.equal(narrow.resume(layer.name, kept[layer.name], lightness), ab)


def test_one_picture_is_learned_without_spilling_over_its_edge() -> None:
    torch.manual_seed(0)
    objective = BlurredL2(NoSettings(), torch.empty(0), bins.centers())
    model = learned(ResidualEncoder(1 / 16), objective, Batch(EDGE, torch.tensor([-1])), steps=300, lr=2e-2)
    near, away = edge_errors(model)
    assert near < 15  # half of red, half of blue would be 52 away from both
    assert away < 4

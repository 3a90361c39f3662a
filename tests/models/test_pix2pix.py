"""pix2pix and its critic against the paper's appendix, the released code's counts and a pass written out by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from skimage import data
from skimage.color import rgb2lab
from torch import Tensor, nn
from torch.nn import functional

from visml import checkpoints
from visml.activations.recorder import record
from visml.inspector import Inspector, runtime
from visml.models.pix2pix import Judged, Pix2pix, SizeRefused

DEPTH, SIZE = 6, 64
# Published by the authors' code for one channel in and one out, and for a critic of two, in millions.
PUBLISHED_GENERATOR, PUBLISHED_CRITIC = 54.408, 2.765


@pytest.fixture(scope="module")
def model() -> Pix2pix:
    torch.manual_seed(0)
    model = Pix2pix(1 / 16, DEPTH)
    for part in model.modules():  # as if trained: BatchNorm that does something, weights that reach the output
        if isinstance(part, nn.BatchNorm2d):
            nn.init.normal_(part.running_mean)  # type: ignore[arg-type]
            nn.init.uniform_(part.running_var, 0.5, 2)  # type: ignore[arg-type]
            nn.init.normal_(part.bias)
        elif isinstance(part, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.kaiming_normal_(part.weight)
            if part.bias is not None:
                nn.init.normal_(part.bias)
    return model.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def lightness() -> Tensor:
    return torch.rand(2, 1, SIZE, SIZE, generator=torch.Generator().manual_seed(1)) * 100


def _count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def test_full_width_has_the_released_codes_parameters() -> None:
    with torch.device("meta"):
        model = Pix2pix()
    critic = _count(model.critic)
    # Two more channels of 64 filters of 16 weights each, at the output with a bias each; and, other than there,
    # a bias where no BatchNorm follows, in down1 and down8.
    difference = 2 * (2 * 64 * 16 + 1) + 64 + 512
    assert round((_count(model) - critic - difference) / 1e6, 3) == PUBLISHED_GENERATOR
    assert round((critic - 2 * 64 * 16) / 1e6, 3) == PUBLISHED_CRITIC
    assert model.input_size == 256


def test_channels_are_the_papers() -> None:
    with torch.device("meta"):
        model = Pix2pix()
    down, up = [64, 128, 256, *[512] * 5], [512] * 4 + [256, 128, 64]
    assert [(layer.name, layer.channels) for layer in model.layers] == [
        *((f"down{index}", channels) for index, channels in enumerate(down, 1)),
        *((f"up{index}", channels) for index, channels in enumerate(up, 1)),
        ("rgb", 3),
    ]
    assert [layer.channels for layer in model.companions["critic"].layers] == [64, 128, 256, 512, 1]
    dropped = [index for index, stage in enumerate(model.decoder, 1) if any(isinstance(p, nn.Dropout) for p in stage)]
    assert dropped == [1, 2, 3]


def _normalized(value: Tensor, state: dict[str, Tensor], path: str) -> Tensor:
    if f"{path}.running_mean" not in state:
        return value
    mean, variance, scale, shift = (
        state[f"{path}.{name}"][:, None, None] for name in ("running_mean", "running_var", "weight", "bias")
    )
    return (value - mean) / (variance + 1e-5).sqrt() * scale + shift


def _contracted(value: Tensor, state: dict[str, Tensor], path: str, stride: int = 2) -> Tensor:
    value = functional.conv2d(value, state[f"{path}.0.weight"], state.get(f"{path}.0.bias"), stride, 1)
    value = _normalized(value, state, f"{path}.1")
    return torch.where(value > 0, value, 0.2 * value)


def _painted(state: dict[str, Tensor], lightness: Tensor) -> Tensor:
    value, kept = (lightness - 50) / 50, []
    for number in range(1, DEPTH + 1):
        value = _contracted(value, state, f"encoder.down{number}")
        kept.append(value)
    for number in range(1, DEPTH):
        path = f"decoder.up{number}"
        value = functional.conv_transpose2d(value, state[f"{path}.0.weight"], None, 2, 1)
        value = _normalized(value, state, f"{path}.1").clamp_min(0)
        value = torch.cat([value, kept[DEPTH - 1 - number]], dim=1)
    value = functional.conv_transpose2d(value, state["rgb.0.weight"], state["rgb.0.bias"], 2, 1)
    return (1 + value.tanh()) / 2


def test_painting_and_judging_are_the_pass_written_out(model: Pix2pix, lightness: Tensor) -> None:
    state = {name: value.double() for name, value in model.state_dict().items()}
    painted = _painted(state, lightness.double())
    torch.testing.assert_close(model.paint(lightness), painted.float(), atol=2e-5, rtol=0)
    value = torch.cat([lightness.double() / 50 - 1, painted * 2 - 1], dim=1)
    for number, stride in enumerate((2, 2, 2, 1), 1):
        value = _contracted(value, state, f"critic.down{number}", stride)
    verdict = functional.conv2d(value, state["critic.verdict.0.weight"], state["critic.verdict.0.bias"], 1, 1)
    assert verdict.shape == (2, 1, 6, 6)
    torch.testing.assert_close(model.judge(lightness, painted.float()), verdict.float(), atol=1e-4, rtol=1e-4)


def test_the_colors_are_those_of_the_painted_picture(model: Pix2pix, lightness: Tensor) -> None:
    painted = model.paint(lightness)
    assert (painted.min() >= 0, painted.max() <= 1) == (True, True)
    expected = rgb2lab(painted.double().numpy(), channel_axis=1)[:, 1:]
    np.testing.assert_allclose(model(lightness).numpy(), expected, atol=2e-3)


def test_a_verdict_is_about_70_pixels(model: Pix2pix) -> None:
    rgb = torch.rand(1, 3, 160, 160, generator=torch.Generator().manual_seed(2)).requires_grad_()
    with record(model.companions["critic"], keep=lambda output: output) as kept:
        model.judge(torch.full((1, 1, 160, 160), 40.0), rgb)
    fields = {}
    for name, maps in kept.items():
        middle = maps[0, :, maps.shape[2] // 2, maps.shape[3] // 2].sum()
        (gradient,) = torch.autograd.grad(middle, rgb, retain_graph=True)
        rows = gradient[0].abs().sum(dim=(0, 1)).nonzero().flatten()
        fields[name] = int(rows[-1] - rows[0]) + 1
    assert fields == {layer.name: layer.receptive_field for layer in model.companions["critic"].layers}
    assert fields["verdict"] == 70


def test_the_critic_looks_on_and_colors_nothing(model: Pix2pix, lightness: Tensor) -> None:
    judged = model.companions["critic"]
    assert isinstance(judged, Judged)
    assert {id(each) for each in judged.parameters()} == {id(each) for each in model.parameters()}
    with record(judged) as kept:
        output = judged(lightness)
    assert torch.equal(output, model(lightness))
    assert torch.equal(kept["verdict"], model.judge(lightness, model.paint(lightness)))
    for layer in judged.layers:
        assert torch.equal(judged.resume(layer.name, torch.zeros_like(kept[layer.name]), lightness), output)


def test_a_checkpoint_opens_with_its_critic(model: Pix2pix, tmp_path: Path) -> None:
    checkpoints.save(tmp_path / "painter", model, {"width": 1 / 16, "depth": DEPTH}, half=False)
    names = [each.name for each in checkpoints.list_checkpoints(tmp_path)[0]]
    assert names == ["painter", "painter:critic"]
    painter, critic = (Inspector(name, checkpoints=tmp_path, precision="float32", device="cpu") for name in names)
    photo = data.astronaut()
    opened = critic.open(photo)
    assert opened["verdict"].maps.shape == (1, 6, 6)
    assert painter.open(photo)["rgb"].maps.shape == (3, SIZE, SIZE)
    np.testing.assert_array_equal(critic.colorize(photo), painter.colorize(photo))


def test_painting_ends_in_float32_after_bfloat16(lightness: Tensor) -> None:
    torch.manual_seed(0)
    model = Pix2pix(1 / 8, DEPTH)
    judged = runtime.prepare(model.companions["critic"].eval(), torch.device("cpu"), "bfloat16")
    with torch.inference_mode(), record(judged) as kept:
        assert judged(lightness).dtype == torch.float32
    assert kept["down1"].dtype == torch.bfloat16
    assert kept["verdict"].dtype == torch.float32


def test_weights_begin_at_the_papers_spread() -> None:
    torch.manual_seed(0)
    model = Pix2pix(1 / 4, 6)
    weights = torch.cat([value.detach().flatten() for value in model.parameters() if value.dim() == 4])
    assert float(weights.mean()) == pytest.approx(0, abs=1e-4)
    assert float(weights.std()) == pytest.approx(0.02, rel=0.01)


def test_sizes_that_do_not_fit_are_refused(model: Pix2pix) -> None:
    with pytest.raises(SizeRefused, match="multiples of 64, not 64 x 96"):
        model.paint(torch.zeros(1, 1, 96, 64))
    with pytest.raises(SizeRefused, match=r"5\.\.10, not be 3"):
        Pix2pix(depth=3)

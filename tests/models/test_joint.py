"""The joint global-and-local network against the paper's table 1 and a pass written out by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from skimage import data
from torch import Tensor, nn
from torch.nn import functional

from visml import checkpoints
from visml.activations.recorder import record
from visml.inspector import Inspector
from visml.models.joint import UNIT, Joint, SizeRefused, share

CATEGORIES = ("cats", "people", "sky")
# The paper's table 1 at 224 pixels: layer, inputs, outputs, side of the kernel, side of the map it gives.
TABLE = (
    ("low1", 1, 64, 3, 112),
    ("low2", 64, 128, 3, 112),
    ("low3", 128, 128, 3, 56),
    ("low4", 128, 256, 3, 56),
    ("low5", 256, 256, 3, 28),
    ("low6", 256, 512, 3, 28),
    ("global1", 512, 512, 3, 14),
    ("global2", 512, 512, 3, 14),
    ("global3", 512, 512, 3, 7),
    ("global4", 512, 512, 3, 7),
    ("fc1", 512, 1024, 7, 1),
    ("fc2", 1024, 512, 1, 1),
    ("class1", 512, 256, 1, 1),
    ("classes", 256, 205, 1, 1),
    ("fc3", 512, 256, 1, 1),
    ("mid1", 512, 512, 3, 28),
    ("mid2", 512, 256, 3, 28),
    ("fusion", 512, 256, 1, 28),
    ("color1", 256, 128, 3, 28),
    ("color2", 128, 64, 3, 56),
    ("color3", 64, 64, 3, 56),
    ("color4", 64, 32, 3, 112),
    ("ab", 32, 2, 3, 112),
)
WITH_BIAS = ("fc1", "fc2", "fc3", "class1", "classes", "ab")  # no BatchNorm after them


@pytest.fixture(scope="module")
def model() -> Joint:
    torch.manual_seed(0)
    model = Joint(1 / 16, 64, CATEGORIES)
    for part in model.modules():  # as if trained: BatchNorm and biases that do something
        if isinstance(part, nn.BatchNorm2d):
            nn.init.normal_(part.running_mean, std=0.3)  # type: ignore[arg-type]
            nn.init.uniform_(part.running_var, 0.5, 2)  # type: ignore[arg-type]
            nn.init.normal_(part.bias, std=0.3)
        elif isinstance(part, nn.Conv2d) and part.bias is not None:
            nn.init.normal_(part.bias, std=0.3)
    return model.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def lightness() -> Tensor:
    return torch.rand(2, 1, 64, 64, generator=torch.Generator().manual_seed(1)) * 100


def test_full_width_is_the_papers_table() -> None:
    with torch.device("meta"):
        model = Joint(categories=[str(number) for number in range(205)])
        with record(model) as kept:
            model(torch.empty(1, 1, 224, 224))
    assert {name: tuple(maps.shape[1:]) for name, maps in kept.items()} == {
        name: (outputs, side, side) for name, _, outputs, _, side in TABLE
    }
    assert [layer.name for layer in model.layers] == [row[0] for row in TABLE]
    weights = sum(inputs * outputs * kernel**2 for _, inputs, outputs, kernel, _ in TABLE)
    others = sum(outputs * (1 if name in WITH_BIAS else 2) for name, _, outputs, _, _ in TABLE)
    assert sum(value.numel() for value in model.parameters()) == weights + others == 42_358_543


def _stage(value: Tensor, state: dict[str, Tensor], path: str, stride: int = 1) -> Tensor:
    weight = state[f"{path}.0.weight"]
    padding = weight.shape[2] // 2 if f"{path}.1.weight" in state or path == "color.ab" else 0
    value = functional.conv2d(value, weight, state.get(f"{path}.0.bias"), stride, padding)
    if f"{path}.1.weight" in state:
        mean, variance, scale, shift = (
            state[f"{path}.1.{name}"][:, None, None] for name in ("running_mean", "running_var", "weight", "bias")
        )
        value = (value - mean) / (variance + 1e-5).sqrt() * scale + shift
    return value if path in ("color.ab", "classifier.classes") else value.clamp_min(0)


def _both(state: dict[str, Tensor], lightness: Tensor) -> tuple[Tensor, Tensor]:
    value = (lightness - 50) / 100
    for number, stride in enumerate((2, 1, 2, 1, 2, 1), 1):
        value = _stage(value, state, f"low.low{number}", stride)
    overall, local = value, value
    for number, stride in enumerate((2, 1, 2, 1), 1):
        overall = _stage(overall, state, f"overall.global{number}", stride)
    for path in ("overall.fc1", "overall.fc2"):
        overall = _stage(overall, state, path)
    for path in ("mid.mid1", "mid.mid2"):
        local = _stage(local, state, path)
    vector = _stage(overall, state, "fc3")
    tiled = vector * torch.ones(1, 1, *local.shape[2:], dtype=torch.float64)
    value = _stage(torch.cat([tiled, local], 1), state, "fusion")
    value = _stage(value, state, "color.color1").repeat_interleave(2, 2).repeat_interleave(2, 3)
    value = _stage(_stage(value, state, "color.color2"), state, "color.color3")
    value = _stage(value.repeat_interleave(2, 2).repeat_interleave(2, 3), state, "color.color4")
    ab = 220 / (1 + (-_stage(value, state, "color.ab")).exp()) - 110
    classes = _stage(_stage(overall, state, "classifier.class1"), state, "classifier.classes")
    return ab, classes[:, :, 0, 0]


def test_colors_and_category_are_the_pass_written_out(model: Joint, lightness: Tensor) -> None:
    state = {name: value.double() for name, value in model.state_dict().items()}
    for found, expected in zip(model.both(lightness), _both(state, lightness.double()), strict=True):
        torch.testing.assert_close(found, expected.float(), atol=1e-3, rtol=1e-4)
    assert torch.equal(model(lightness), model.both(lightness)[0])


def test_every_place_is_told_what_the_whole_picture_shows(model: Joint) -> None:
    lightness = torch.full((1, 1, 64, 64), 30.0).requires_grad_()
    corner = model(lightness)[0, :, 0, 0].sum()
    (gradient,) = torch.autograd.grad(corner, lightness)
    assert bool(gradient[0, 0, -8:, -8:].any())
    with record(model, keep=lambda output: output) as kept:
        model(lightness)
    (gradient,) = torch.autograd.grad(kept["mid2"][0, :, 0, 0].sum(), lightness)
    assert not gradient[0, 0, 40:].any()


@pytest.mark.parametrize(("height", "width"), [(32, 32), (96, 160)])
def test_other_sizes_are_averaged_to_what_the_connected_layers_take(model: Joint, height: int, width: int) -> None:
    lightness = torch.rand(1, 1, height, width) * 100
    with record(model) as kept:
        ab, logits = model.both(lightness)
    assert ab.shape == (1, 2, height // 2, width // 2)
    assert logits.shape == (1, 3)
    averaged = functional.adaptive_avg_pool2d(kept["global4"], 2)
    expected = functional.conv2d(averaged, model.overall.fc1[0].weight, model.overall.fc1[0].bias)  # type: ignore[union-attr, index, arg-type]
    torch.testing.assert_close(kept["fc1"], expected.clamp_min(0))


def test_a_picture_alone_can_be_learned_from(lightness: Tensor) -> None:
    model = Joint(1 / 16, 32, CATEGORIES).train()
    ab, logits = model.both(lightness[:1, :, :64])
    (ab.mean() + logits.mean()).backward()
    assert all(value.grad is not None and value.grad.isfinite().all() for value in model.parameters())


def test_without_categories_there_is_no_classifier(lightness: Tensor) -> None:
    model = Joint(1 / 16, 64).eval()
    ab, logits = model.both(lightness)
    assert (ab.shape, logits.shape) == ((2, 2, 32, 32), (2, 0))
    assert {"class1", "classes"}.isdisjoint(layer.name for layer in model.layers)
    assert model.category(["cats"]) is None


def test_a_share_stands_for_what_the_sigmoid_gives(model: Joint) -> None:
    values = torch.tensor([-3.0, 0.0, 0.5, 9.0])
    torch.testing.assert_close(share(model.color.ab[1](values)), values.sigmoid())  # type: ignore[union-attr, index]
    assert share(torch.tensor([-UNIT, 0.0, UNIT])).tolist() == [0, 0.5, 1]


def test_the_classifiers_verdict_on_a_photo_is_a_layer(model: Joint, tmp_path: Path) -> None:
    arguments = {"width": 1 / 16, "input_size": 64, "categories": list(CATEGORIES)}
    checkpoints.save(tmp_path / "joint", model, arguments, half=False)
    inspection = Inspector("joint", checkpoints=tmp_path, precision="float32", device="cpu").open(data.astronaut())
    logits = model.both(torch.from_numpy(inspection.lightness.copy()))[1]
    np.testing.assert_allclose(inspection["classes"].mean, logits[0].numpy(), atol=1e-4)
    assert inspection["classes"].layer.channel_names == CATEGORIES


@pytest.mark.parametrize("size", [0, -32, 48])
def test_an_input_size_that_is_no_multiple_of_32_is_refused(size: int) -> None:
    with pytest.raises(SizeRefused, match=f"multiple of 32 pixels, not {size}"):
        Joint(1 / 16, size)

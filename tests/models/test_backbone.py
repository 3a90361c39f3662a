"""Published VGG weights: random ones in the published layout against the published network, on gray pictures."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional

from visml.activations.recorder import record
from visml.models import backbone
from visml.models.hypercolumn import Hypercolumn
from visml.models.official import WeightsRefused
from visml.models.residual_encoder import ResidualEncoder
from visml.models.vgg import TrunkRefused

MEAN, STD = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
BLOCKS = {"vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}
NORMS = ("weight", "bias", "running_mean", "running_var")
WIDTHS = (4, 8, 16, 32, 32)  # a sixteenth of the published ones


def published(trunk: str) -> dict[str, Tensor]:
    """A random state dict in the published layout, a classifier's included."""
    generator = torch.Generator().manual_seed(4)
    state: dict[str, Tensor] = {}
    place, before, normalized = 0, 3, trunk.endswith("_bn")
    for count, channels in zip(BLOCKS[trunk.removesuffix("_bn")], WIDTHS, strict=True):
        for _ in range(count):
            scale = (2 / 9 / before) ** 0.5
            state[f"features.{place}.weight"] = torch.randn(channels, before, 3, 3, generator=generator) * scale
            state[f"features.{place}.bias"] = torch.randn(channels, generator=generator) * 0.1
            if normalized:
                state |= {f"features.{place + 1}.{kind}": torch.full((channels,), 1.5) for kind in NORMS}
            place, before = place + (3 if normalized else 2), channels
        place += 1
    return state | {"classifier.0.weight": torch.zeros(7, 7), "classifier.0.bias": torch.full((7,), torch.nan)}


def _first(state: dict[str, Tensor], gray: Tensor) -> Tensor:
    """The published first convolution, in float64, on gray RGB of values ``(N, 1, H, W)`` in 0..1."""
    rgb = (gray.double().expand(-1, 3, -1, -1) - MEAN.view(1, 3, 1, 1)) / STD.view(1, 3, 1, 1)
    weight, bias = (state[f"features.0.{kind}"].double() for kind in ("weight", "bias"))
    return functional.conv2d(rgb, weight, bias, padding=1)


@pytest.mark.parametrize("trunk", ["vgg16", "vgg19", "vgg19_bn"])
def test_the_folded_first_layer_is_the_published_one_on_gray_pictures(trunk: str) -> None:
    state = published(trunk)
    model, _ = backbone.convert(state, trunk, "before_relu")
    lightness = torch.rand(2, 1, 16, 16) * 100
    with torch.no_grad():
        ours = model.get_submodule("trunk.features.0")(model.normalize(lightness))
    theirs = _first(state, lightness / 100)
    inside = (..., slice(1, -1), slice(1, -1))
    torch.testing.assert_close(ours[inside].double(), theirs[inside], atol=1e-5, rtol=1e-5)
    assert (ours - theirs).abs()[..., 0, :].max() > 1e-3  # beside the picture, zeros stand for another gray


def test_far_from_the_border_every_layer_is_the_published_one() -> None:
    state = published("vgg16")
    model, _ = backbone.convert(state, "vgg16")
    lightness = torch.rand(1, 1, 224, 32) * 100
    lightness = torch.cat([lightness, lightness.flip(3), lightness, lightness.flip(3)], dim=3)
    value, place, theirs = _first(state, lightness / 100), 0, []
    for block, count in enumerate(BLOCKS["vgg16"][:4]):
        for number in range(count):
            if (block, number) != (0, 0):
                weight, bias = (state[f"features.{place}.{kind}"].double() for kind in ("weight", "bias"))
                value = functional.conv2d(value, weight, bias, padding=1)
            value, place = value.relu(), place + 2
        theirs.append(value)
        value, place = functional.max_pool2d(value, 2), place + 1
    with torch.no_grad(), record(model) as kept:
        model(lightness)
    for name, maps in zip(("relu1_2", "relu2_2", "relu3_3", "relu4_3"), theirs, strict=True):
        layer = model.layer(name)
        margin = round(layer.receptive_field / 2 / layer.stride) + 1
        middle = slice(margin, -margin)
        ours = kept[name][..., middle, middle].double()
        assert ours.numel()
        torch.testing.assert_close(ours, maps[..., middle, middle], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_files_are_read_and_the_head_paints_gray(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"vgg{suffix}"
    torch.save(published("vgg19"), path) if suffix == ".pth" else save_file(published("vgg19"), path)
    model, arguments = backbone.read(path, "vgg19", "squeezed")
    assert arguments == {"trunk": "vgg19", "maps": "squeezed", "width": 1 / 16}
    assert not model.training
    with torch.no_grad():
        assert not model(torch.rand(1, 1, 32, 32) * 100).any()
    again, _ = backbone.read(path, "vgg19", "squeezed")
    assert all(torch.equal(value, again.state_dict()[name]) for name, value in model.state_dict().items())


def test_batch_norms_are_imported_whether_or_not_they_say_how_many_batches_they_saw() -> None:
    state = published("vgg16_bn")
    model, _ = backbone.convert(state, "vgg16_bn")
    again, _ = backbone.convert(state | {"features.1.num_batches_tracked": torch.tensor(5)}, "vgg16_bn")
    for name, value in state.items():
        if f"trunk.{name}" in model.state_dict() and name != "features.0.weight":
            assert torch.equal(again.state_dict()[f"trunk.{name}"], model.state_dict()[f"trunk.{name}"])
            assert name == "features.0.bias" or torch.equal(model.state_dict()[f"trunk.{name}"], value)
    assert again.state_dict()["trunk.features.1.num_batches_tracked"] == 5
    with pytest.raises(WeightsRefused, match=r"features.1.running_var is missing"):
        backbone.convert({name: value for name, value in state.items() if name != "features.1.running_var"}, "vgg16_bn")


def test_importing_leaves_the_random_numbers_alone() -> None:
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    backbone.convert(published("vgg16"), "vgg16")
    assert torch.equal(torch.rand(1), expected)


def test_only_what_is_read_is_kept() -> None:
    model, _ = backbone.convert(published("vgg16"), "vgg16", "pools")
    assert [name for name in model.state_dict() if name.startswith("trunk")][-1] == "trunk.features.21.bias"


@pytest.mark.parametrize(("trunk", "width"), [("vgg19", 1 / 16), ("vgg16", 1 / 16)])
def test_a_recipes_network_takes_every_trunk_tensor(trunk: str, width: float) -> None:
    state = {name: value.shape for name, value in backbone.convert(published(trunk), trunk)[0].state_dict().items()}
    networks = [Hypercolumn(trunk, "all", width), *([ResidualEncoder(width)] if trunk == "vgg16" else [])]
    for network in networks:
        wanted = {name: value.shape for name, value in network.state_dict().items() if name.startswith("trunk.")}
        assert wanted.items() <= state.items()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda state: state.pop("features.0.weight"), "not the weights of vgg16: features.0.weight is missing"),
        (lambda state: state.pop("features.28.bias"), "features.28.bias is missing"),
        (lambda state: state.update({"features.30.weight": torch.zeros(1)}), "features.30.weight is superfluous"),
        (lambda state: state.update({"features.7.weight": torch.zeros(8, 8, 3)}), r"features.7.weight is \(8, 8, 3\)"),
        (lambda state: state.update({"features.0.weight": torch.zeros(4, 1, 3, 3)}), r"must be \(4, 3, 3, 3\)"),
        (lambda state: state.update({"features.0.weight": torch.zeros(())}), r"features.0.weight is of shape \(\)"),
        (lambda state: state["features.5.bias"].fill_(torch.inf), "features.5.bias holds values that are not finite"),
        (lambda state: state.clear(), "features.0.weight is missing"),
    ],
)
def test_other_weights_are_refused_by_the_tensor_that_is_wrong(change: object, sentence: str) -> None:
    state = published("vgg16")
    change(state)  # type: ignore[operator]
    with pytest.raises(WeightsRefused, match=sentence):
        backbone.convert(state, "vgg16")


def test_a_file_of_the_other_trunk_is_refused() -> None:
    with pytest.raises(WeightsRefused, match="not the weights of vgg19"):
        backbone.convert(published("vgg16"), "vgg19")
    with pytest.raises(WeightsRefused, match="not the weights of vgg16"):
        backbone.convert(published("vgg19"), "vgg16")


def test_trunks_and_maps_that_do_not_exist_are_refused() -> None:
    with pytest.raises(TrunkRefused, match=r"'zhang16'.*vgg16, vgg16_bn, vgg19"):
        backbone.convert(published("vgg16"), "zhang16")
    with pytest.raises(TrunkRefused, match=r"'bins'.*blocks"):
        backbone.convert(published("vgg16"), "vgg16", "bins")


def test_a_first_tensor_of_absurd_size_is_refused_before_anything_is_built() -> None:
    state = published("vgg16") | {"features.0.weight": torch.zeros(1, 3, 3, 3).expand(10**6, 3, 3, 3)}
    with pytest.raises(WeightsRefused, match="must be"):
        backbone.convert(state, "vgg16")

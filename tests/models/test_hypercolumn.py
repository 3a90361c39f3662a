"""Hypercolumns against the literal network: all maps at the picture's size, concatenated, one 1x1 convolution."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode

from tests.models.reach import opened, reaches
from tests.training.learning import EDGE, edge_errors, learned
from visml.activations.recorder import record
from visml.color import bins
from visml.models import registry
from visml.models.hypercolumn import Hypercolumn, sets
from visml.models.hypercolumn_head import Reading, upscale
from visml.models.vgg import TrunkRefused
from visml.models.zhang16 import Zhang16
from visml.training.crops import Batch
from visml.training.objectives.base import NoSettings
from visml.training.objectives.l2 import L2

NARROW = 1 / 16
CONCATENATED = [
    *(("vgg19", maps) for maps in ("all", "pools", "blocks", "blocks345", "blocks45", "block5", "before_relu")),
    *(("zhang16", maps) for maps in ("blocks", "blocks45")),
    ("vgg16", "all"),
    ("vgg19_bn", "blocks"),
    ("vgg19_bn", "before_relu"),
]
EVERY = [*CONCATENATED, ("vgg19", "squeezed"), ("zhang16", "squeezed"), ("vgg16", "residual"), ("vgg19", "residual")]


def _model(trunk: str, maps: str, width: float = NARROW) -> Hypercolumn:
    torch.manual_seed(1)
    model = Hypercolumn(trunk, maps, width)
    for part in model.modules():  # as if trained: BatchNorm that does something
        if isinstance(part, torch.nn.BatchNorm2d):
            torch.nn.init.normal_(part.running_mean, std=0.3)
            torch.nn.init.uniform_(part.running_var, 0.5, 2)
    return model.eval()


def _full_size(maps: Tensor, side: int, corner: bool) -> Tensor:
    """Maps at ``side``, each new pixel weighed by its distance from the four positions around it, one after another."""
    stride = side // maps.shape[2]
    place = torch.arange(side, dtype=torch.float64)
    place = (place if corner else place + 0.5 - stride / 2) / stride
    distance = (place.clamp(0, maps.shape[2] - 1)[:, None] - torch.arange(maps.shape[2])[None]).abs()
    share = (1 - distance).clamp_min(0)
    return torch.einsum("yh,nchw,xw->ncyx", share, maps, share)


@pytest.mark.parametrize(("trunk", "maps", "count"), [
    ("vgg19", "all", 5440), ("vgg19", "pools", 960), ("vgg19", "blocks", 64 + 128 + 256 + 512 + 512),
    ("vgg19", "before_relu", 1472), ("vgg19", "blocks345", 1280), ("vgg19", "blocks45", 1024),
    ("vgg19", "block5", 512), ("vgg16", "all", 4160), ("zhang16", "blocks", 2496),
])  # fmt: skip
def test_a_set_reads_as_many_maps_as_published(trunk: str, maps: str, count: int) -> None:
    with torch.device("meta"):
        model = Hypercolumn(trunk, maps)
    weights = [part.weight.shape for part in model.head.parts.values()]
    assert sum(shape[1] for shape in weights) == count == sum(place.channels for place in sets(trunk)[maps])
    assert sum(value.numel() for value in model.head.parameters()) == 2 * count + 2


def test_all_are_the_fifteen_relus_from_the_second_on() -> None:
    names = [place.name for place in sets("vgg19")["all"]]
    assert (len(names), names[0], names[-1]) == (15, "relu1_2", "relu5_4")
    assert [place.name for place in sets("vgg19")["blocks"]] == ["relu1_2", "relu2_2", "relu3_4", "relu4_4", "relu5_4"]
    assert [place.name for place in sets("vgg16")["before_relu"]][2:] == ["conv3_3", "conv4_3", "conv5_3"]


def test_the_nine_block_trunk_is_read_behind_the_batch_norm_of_each_last_relu() -> None:
    model = _model("zhang16", "blocks")
    for layer, place in zip(model.layers, sets("zhang16", NARROW)["blocks"], strict=False):
        block = model.get_submodule(f"trunk.{layer.name}")
        assert (layer.name, layer.rectified) == (place.name, True)
        assert model.get_submodule(layer.module) is block[-2]
        assert model.get_submodule(place.module) is block[-1]
        assert isinstance(block[-1], torch.nn.BatchNorm2d)


@pytest.mark.parametrize(("trunk", "maps"), CONCATENATED)
def test_it_equals_concatenating_at_full_size(trunk: str, maps: str) -> None:
    model = _model(trunk, maps).double()
    torch.nn.init.uniform_(model.head.bias)
    lightness = torch.rand(2, 1, 64, 64, dtype=torch.float64) * 100
    with torch.no_grad(), record(model, sets(trunk, NARROW)[maps]) as kept:
        ab = model(lightness)
        columns = torch.cat([_full_size(each, 64, trunk == "zhang16") for each in kept.values()], dim=1)
        weight = torch.cat([part.weight for part in model.head.parts.values()], dim=1)
        literal = 110 * functional.conv2d(columns, weight, model.head.bias)
    assert ab.shape == (2, 2, 64, 64)
    assert (ab - literal).abs().max() < 1e-10 * literal.abs().max()


def test_squeezed_reads_one_map_of_each_block() -> None:
    model = _model("vgg16", "squeezed").double()
    lightness = torch.rand(1, 1, 32, 32, dtype=torch.float64) * 100
    state = model.state_dict()
    with torch.no_grad(), record(model, sets("vgg16", NARROW)["squeezed"]) as kept:
        ab = model(lightness)
        literal = torch.zeros(1, 2, 32, 32, dtype=torch.float64)
        for number, (name, maps) in enumerate(kept.items(), 1):
            path = f"between.parts.{name}.0"
            one = functional.conv2d(maps, state[f"{path}.weight"], state[f"{path}.bias"]).relu()
            assert one.shape[1] == 1
            literal += 110 * functional.conv2d(_full_size(one, 32, False), state[f"head.parts.squeezed{number}.weight"])
    assert (ab - literal).abs().max() < 1e-10 * literal.abs().max()


@pytest.mark.parametrize("seed", range(10))
def test_no_squeezed_map_starts_dead(seed: int) -> None:
    torch.manual_seed(seed)
    model = Hypercolumn("vgg16", "squeezed", NARROW)
    assert model.between is not None
    with torch.no_grad(), record(model, model.between.layers) as kept:
        model(torch.rand(1, 1, 32, 32) * 100)
    assert [float(maps.max()) > 0 for maps in kept.values()] == [True] * 5


def test_residual_adds_from_the_top_down() -> None:
    model = _model("vgg19", "residual").double()
    lightness = torch.rand(1, 1, 64, 64, dtype=torch.float64) * 100
    state = model.state_dict()
    with torch.no_grad(), record(model, sets("vgg19", NARROW)["residual"]) as kept:
        ab = model(lightness)
        value, *below = reversed(kept.values())
        for step, maps in zip((4, 3, 2, 1), below, strict=True):
            path = f"between.steps.up{step}.squeeze.0"
            squeezed = functional.conv2d(value, state[f"{path}.weight"], state[f"{path}.bias"]).relu()
            value = maps + _full_size(squeezed, maps.shape[2], False)
        literal = 110 * functional.conv2d(value, state["head.parts.up1.weight"])
    assert (ab - literal).abs().max() < 1e-10 * literal.abs().max()


class Largest(TorchDispatchMode):
    """Notes the largest tensor that is made."""

    def __init__(self) -> None:
        super().__init__()
        self.values = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        made = func(*args, **(kwargs or {}))
        if isinstance(made, Tensor) and func is not torch.ops.aten.detach.default:
            self.values = max(self.values, made.numel())
        return made


@pytest.mark.parametrize("corner", [False, True])
def test_the_columns_are_never_made(corner: bool) -> None:
    head = Reading(sets("vgg19")["blocks"], corner)
    maps = [torch.rand(1, place.channels, 64 // round(place.stride), 64 // round(place.stride)) for place in head.read]
    with torch.no_grad(), Largest() as largest:
        head(maps, (64, 64))
    assert largest.values <= 2 * 65 * 65  # of 1472 * 64 * 64


@pytest.mark.parametrize("trunk", ["vgg16", "zhang16"])
def test_a_map_is_laid_where_its_positions_look(trunk: str) -> None:
    model = opened(_model(trunk, "blocks345", 1 / 64))
    for layer in sets(trunk, 1 / 64)["blocks345"]:
        corner, stride = trunk == "zhang16", int(layer.stride)
        for row, reach in reaches(model, layer, 2, 320, 16).items():
            assert reach.middle == (stride * row if corner else stride * row + (stride - 1) / 2)
        looked = torch.arange(320 / stride) * stride + (0 if corner else (stride - 1) / 2)
        maps = looked.view(1, 1, -1, 1).expand(1, 1, -1, 320 // stride)
        rows = upscale(maps, (320, 320), corner)[0, 0, :, 7]
        inner = slice(stride, 320 - stride)
        torch.testing.assert_close(rows[inner], torch.arange(320.0)[inner])


@pytest.mark.parametrize(("trunk", "maps"), EVERY)
def test_layers_say_what_the_network_gives(trunk: str, maps: str) -> None:
    model = _model(trunk, maps)
    with torch.no_grad(), record(model) as kept:
        ab = model(torch.rand(1, 1, 64, 64) * 100)
    assert list(kept) == [layer.name for layer in model.layers]
    for layer in model.layers:
        assert kept[layer.name].shape == (1, layer.channels, 64 / layer.stride, 64 / layer.stride)
        if layer.convolution is not None:
            assert model.get_submodule(layer.convolution).out_channels == layer.channels
    assert torch.equal(kept["ab"], ab)


@pytest.mark.parametrize(("trunk", "maps"), [
    ("vgg16", "blocks"), ("vgg19", "before_relu"), ("vgg19", "residual"), ("zhang16", "squeezed"), ("vgg16", "pools"),
])  # fmt: skip
def test_receptive_fields_are_what_positions_read(trunk: str, maps: str) -> None:
    model = opened(_model(trunk, maps, 1 / 64))
    for layer in model.layers:
        found = reaches(model, layer, 3 if layer.stride > 1 else 34, 832, 16)
        assert max(reach.side for reach in found.values()) == layer.receptive_field, layer.name


@pytest.mark.parametrize(("trunk", "maps"), EVERY)
def test_every_weight_is_used(trunk: str, maps: str) -> None:
    model = _model(trunk, maps).train()
    model(torch.rand(2, 1, 32, 32) * 100).square().sum().backward()
    assert [name for name, value in model.named_parameters() if value.grad is None] == []


def test_the_nine_block_trunk_takes_zhang16s_weights() -> None:
    with torch.device("meta"):
        ours, theirs = (model.state_dict() for model in (Hypercolumn("zhang16"), Zhang16()))
    trunk = {name: value.shape for name, value in ours.items() if name.startswith("trunk.")}
    assert trunk.items() <= {name: value.shape for name, value in theirs.items()}.items()
    assert {name.split(".")[1] for name in trunk} == {f"conv{block}" for block in range(1, 8)}


@pytest.mark.parametrize(("trunk", "maps"), [("vgg19", "blocks"), ("zhang16", "squeezed"), ("vgg16", "residual")])
def test_resuming_from_any_layer_gives_the_same_output_to_the_bit(trunk: str, maps: str) -> None:
    model = _model(trunk, maps)
    lightness = torch.rand(1, 1, 32, 32) * 100
    with torch.no_grad(), record(model) as kept:
        ab = model(lightness)
    for layer in model.layers:
        with torch.no_grad():
            assert torch.equal(model.resume(layer.name, kept[layer.name], lightness), ab)


@pytest.mark.parametrize(("trunk", "maps", "said"), [
    ("zhang16", "all", "'zhang16' has no maps 'all'.*block5, blocks, blocks345"), ("zhang16", "residual", "residual"),
    ("vgg19", "relus", "'relus'.*pools"), ("resnet", "blocks", "'resnet'.*vgg16, vgg16_bn, vgg19, vgg19_bn, zhang16"),
])  # fmt: skip
def test_maps_that_a_trunk_lacks_are_refused_by_name(trunk: str, maps: str, said: str) -> None:
    with pytest.raises(TrunkRefused, match=said):
        registry.build("hypercolumn", {"trunk": trunk, "maps": maps})


def test_first_colors_are_near_gray() -> None:
    with torch.no_grad():
        ab = _model("vgg16", "blocks", 1 / 4)(torch.rand(1, 1, 64, 64) * 100)
    assert 0 < ab.square().mean().sqrt() < 10


def test_a_silent_head_paints_gray() -> None:
    model = _model("vgg19", "all")
    model.head.silence()
    with torch.no_grad():
        assert not model(torch.rand(1, 1, 32, 32) * 100).any()


def test_one_picture_is_learned_without_spilling_over_its_edge() -> None:
    torch.manual_seed(0)
    objective = L2(NoSettings(), torch.empty(0), bins.centers())
    model = learned(Hypercolumn(width=NARROW), objective, Batch(EDGE, torch.tensor([-1])), 300, lr=1e-2, clip=1.0)
    near, away = edge_errors(model)
    assert near < 25  # half of red, half of blue would be 52 away from both
    assert away < 4

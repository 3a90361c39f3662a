"""Layers found in networks that declare none."""

from __future__ import annotations

import re

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from visml.color import bins
from visml.inspector.wrapping import ModuleRefused, look, short_name
from visml.models import blocks
from visml.models.zhang16 import Zhang16


def chain(out: int = 2) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, stride=2, padding=1),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 8, 3, padding=2, dilation=2),
        nn.LeakyReLU(),
        nn.ConvTranspose2d(8, 4, 4, stride=2, padding=1),
        nn.Conv2d(4, out, 1),
    )


def seen(module: nn.Module, path: str, size: int = 64) -> int:
    """A receptive field as gradients tell it: the extent of the input that the middle position depends on."""
    found: list[Tensor] = []
    hook = module.get_submodule(path).register_forward_hook(lambda *given: found.append(given[2]))
    x = torch.rand(1, 1, size, size, requires_grad=True)
    module(x)
    hook.remove()
    _, _, h, w = found[0].shape
    (gradient,) = torch.autograd.grad(found[0][0, :, h // 2, w // 2].sum(), x)
    rows = gradient[0, 0].abs().sum(1).nonzero()
    return int(rows.max() - rows.min()) + 1


def test_every_convolution_and_activation_is_a_layer() -> None:
    layers = look(chain()).layers
    assert [layer.module for layer in layers] == ["0", "1", "3", "4", "5", "6"]
    assert [layer.channels for layer in layers] == [4, 4, 8, 8, 4, 2]
    assert [layer.stride for layer in layers] == [2, 2, 4, 4, 2, 2]
    assert [layer.rectified for layer in layers] == [False, True, False, False, False, False]
    assert [layer.convolution for layer in layers] == ["0", None, "3", None, "5", "6"]
    assert [layer.dilation for layer in layers] == [1, 1, 2, 1, 1, 1]


def test_receptive_fields_of_a_chain() -> None:
    # 3; pooled 5; two dilated taps further on either side 5 + 4*4 = 21; transposed 4/2: one step of 4 more.
    assert [layer.receptive_field for layer in look(chain()).layers] == [3, 3, 21, 21, 25, 25]


@pytest.mark.parametrize("path", ["0", "3", "6"])
def test_receptive_fields_are_what_gradients_tell(path: str) -> None:
    class Smooth(nn.Sequential):
        pass

    net = Smooth(
        nn.Conv2d(1, 4, 3, stride=2, padding=1),
        nn.GELU(),
        nn.AvgPool2d(2),
        nn.Conv2d(4, 8, 3, padding=2, dilation=2),
        nn.GELU(),
        nn.Conv2d(8, 4, 5, padding=2),
        nn.Conv2d(4, 2, 1),
    )
    layers = {layer.module: layer.receptive_field for layer in look(net, size=64).layers}
    assert layers[path] == seen(net, path)


def test_the_nine_blocks_agree_with_the_table() -> None:
    class Bare(nn.Module):
        """The nine-block network without its declarations; its normalization as a module that changes no place."""

        def __init__(self) -> None:
            super().__init__()
            self.scale = nn.BatchNorm2d(1)
            self.trunk = blocks.trunk(1 / 16)
            self.last = nn.Conv2d(16, 313, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.last(self.trunk(self.scale(x)))

    found = {layer.module: layer for layer in look(Bare()).layers}
    for declared in blocks.trunk_layers(1 / 16):
        layer = found[declared.module]
        assert (layer.receptive_field, layer.stride) == (declared.receptive_field, declared.stride)


def test_receptive_fields_stop_where_the_graph_is_no_chain() -> None:
    class Skip(nn.Module):
        def __init__(self, in_place: bool) -> None:
            super().__init__()
            self.a, self.b, self.c = nn.Conv2d(1, 2, 3, padding=1), nn.Conv2d(2, 2, 3, padding=1), nn.Conv2d(2, 2, 1)
            self.in_place = in_place

        def forward(self, x: Tensor) -> Tensor:
            first = self.a(x)
            second = self.b(first)
            if self.in_place:
                second += first
                return self.c(second)
            return self.c(second + first)

    for in_place in (True, False):
        assert [layer.receptive_field for layer in look(Skip(in_place)).layers] == [3, 5, 0]


def test_functions_between_modules_are_not_guessed() -> None:
    class Pooled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a = nn.Conv2d(1, 2, 3)

        def forward(self, x: Tensor) -> Tensor:
            return self.a(avg_pool2d(x, 3, 1, 1))

    assert look(Pooled()).layers[0].receptive_field == 0


def test_a_module_that_runs_twice_counts_as_its_last_turn() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b, self.relu = nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 2, 3, 2), nn.ReLU()

        def forward(self, x: Tensor) -> Tensor:
            return self.relu(self.b(self.relu(self.a(x))))

    layers = look(Twice()).layers
    assert [layer.module for layer in layers] == ["a", "b", "relu"]
    assert layers[-1].channels == 2


def test_names_are_short_and_fit_into_a_url() -> None:
    deep = nn.Sequential()
    deep.add_module("encoder_" + "x" * 60, nn.Sequential(chain()))
    names = [layer.name for layer in look(deep).layers]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}", name) for name in names)


def test_names_are_kept_apart() -> None:
    taken: set[str] = set()
    assert [short_name(path, taken) for path in ("a.b", "a_b", "A.B", "", "..")] == [
        "a-b", "a-b-2", "A-B-3", "output", "output-2",
    ]  # fmt: skip
    assert short_name("y" * 50, taken) != short_name("y" * 50, taken)


def test_chosen_layers_by_path_or_as_given() -> None:
    declared = look(chain()).layers[2]
    found = look(chain(), layers=["2", declared]).layers
    assert found[0].module == "2"
    assert found[0].channels == 4
    assert found[1] is declared
    with pytest.raises(ModuleRefused, match="no part 'nowhere'"):
        look(chain(), layers=["nowhere"])


def test_outputs() -> None:
    assert look(chain(2)).centers is None
    centers = look(chain(313)).centers
    assert centers is not None
    torch.testing.assert_close(centers, bins.centers())


@pytest.mark.parametrize("channels", [1, 3, 312])
def test_other_channels_are_refused(channels: int) -> None:
    with pytest.raises(ModuleRefused, match=f"gives {channels} channels; 2 \\(ab\\) or 313"):
        look(chain(channels))


def test_other_inputs_are_refused_with_the_reason() -> None:
    with pytest.raises(ModuleRefused, match=r"does not take lightness of shape .*3 channels"):
        look(nn.Conv2d(3, 2, 1))


@pytest.mark.parametrize("module", [nn.Flatten(), nn.LSTM(224, 2, batch_first=True)])
def test_outputs_that_are_no_picture_are_refused(module: nn.Module) -> None:
    with pytest.raises(ModuleRefused):
        look(module)


def test_a_colorizer_keeps_its_own_declarations() -> None:
    model = Zhang16(1 / 16)
    found = look(model)
    assert found.layers == model.layers
    assert found.centers is model.centers


def test_the_module_is_left_as_it_was() -> None:
    net = chain()
    net.train()
    net.append(nn.BatchNorm2d(2))
    look(net)
    assert all(part.training for part in net.modules())
    assert not any(part._forward_hooks for part in net.modules())
    assert net[-1].num_batches_tracked == 0
    with pytest.raises(ModuleRefused):
        look(nn.Sequential(net, nn.Conv2d(9, 2, 1)))
    assert not any(part._forward_hooks for part in net.modules())

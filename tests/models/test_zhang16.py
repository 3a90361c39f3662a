"""The nine-block network against the paper's table, and its layers against the network itself."""

from __future__ import annotations

import pytest
import torch

from visml.models import registry
from visml.models.base import Colorizer
from visml.models.zhang16 import Zhang16

# block: channels, size of its maps at 224, receptive field (paper's table 4, and arithmetic)
TABLE = {
    "conv1": (64, 112, 5),
    "conv2": (128, 56, 13),
    "conv3": (256, 28, 37),
    "conv4": (512, 28, 85),
    "conv5": (512, 28, 181),
    "conv6": (512, 28, 277),
    "conv7": (512, 28, 325),
    "conv8": (256, 56, 349),
    "bins": (313, 56, 349),
}


@pytest.fixture(scope="module")
def narrow() -> Colorizer:
    torch.manual_seed(0)
    model = Zhang16(1 / 16)
    for part in model.modules():  # as if trained: BatchNorm that does something
        if isinstance(part, torch.nn.BatchNorm2d):
            torch.nn.init.normal_(part.running_mean)
            torch.nn.init.uniform_(part.running_var, 0.5, 2)
    return model.eval().requires_grad_(False)


def _kept(model: Colorizer, lightness: torch.Tensor) -> dict[str, torch.Tensor]:
    kept: dict[str, torch.Tensor] = {}
    for layer in model.layers:
        module = model.get_submodule(layer.module)
        module.register_forward_hook(lambda _m, _i, out, name=layer.name: kept.__setitem__(name, out))
    model(lightness)
    return kept


def test_full_width_has_the_papers_parameters() -> None:
    with torch.device("meta"):
        model = Zhang16()
    assert sum(parameter.numel() for parameter in model.parameters()) == 32_235_385
    assert {
        layer.name: (layer.channels, round(224 / layer.stride), layer.receptive_field) for layer in model.layers
    } == TABLE


def test_layers_say_what_the_network_gives(narrow: Colorizer) -> None:
    kept = _kept(narrow, torch.rand(1, 1, 224, 224) * 100)
    for layer in narrow.layers:
        _, channels, height, width = kept[layer.name].shape
        assert (channels, height, width) == (layer.channels, round(224 / layer.stride), round(224 / layer.stride))
        assert layer.rectified == bool((kept[layer.name] >= 0).all())
        assert layer.convolution is not None
        convolution = narrow.get_submodule(layer.convolution)
        assert isinstance(convolution, torch.nn.Conv2d)
        assert (convolution.out_channels, convolution.dilation[0]) == (layer.channels, layer.dilation)


@pytest.mark.parametrize("name", ["conv1", "conv2", "conv3", "conv4"])
def test_receptive_field_is_the_input_that_one_position_reads(narrow: Colorizer, name: str) -> None:
    layer = narrow.layer(name)
    lightness = (torch.rand(1, 1, 224, 224) * 100).requires_grad_()
    maps = _kept(narrow, lightness)[name]
    middle = maps.shape[2] // 2
    # Several positions' own gradients, moved to one origin, so that silent ReLUs hide no pixel.
    reach = torch.zeros(224, dtype=torch.bool)
    for at in range(middle - 3, middle + 4):
        gradient = torch.autograd.grad(maps[0, :, at, at].sum(), lightness, retain_graph=True)[0][0, 0]
        reach |= torch.roll(gradient.abs().sum(dim=0) > 0, -round((at - middle) * layer.stride))
    rows = reach.nonzero().flatten()
    assert int(rows.max() - rows.min()) + 1 == layer.receptive_field


def test_resuming_from_any_layer_gives_the_same_output_to_the_bit(narrow: Colorizer) -> None:
    lightness = torch.rand(2, 1, 64, 64) * 100
    kept = _kept(narrow, lightness)
    for layer in narrow.layers:
        assert torch.equal(narrow.resume(layer.name, kept[layer.name]), kept["bins"])


def test_a_photo_does_not_depend_on_its_neighbors_in_the_batch(narrow: Colorizer) -> None:
    lightness = torch.rand(3, 1, 32, 32) * 100
    torch.testing.assert_close(narrow(lightness)[:1], narrow(lightness[:1]))


def test_lightness_is_normalized_around_50(narrow: Colorizer) -> None:
    assert isinstance(narrow, Zhang16)
    assert narrow.normalize(torch.tensor([0.0, 50.0, 100.0])).tolist() == [-0.5, 0.0, 0.5]


def test_colors_are_those_of_the_bins(narrow: Colorizer) -> None:
    logits = torch.full((1, 313, 1, 1), -100.0)
    logits[0, 42] = 100
    assert narrow.centers is not None
    assert torch.equal(narrow.ab(logits)[0, :, 0, 0], narrow.centers[42])


def test_an_unknown_layer_family_or_argument_is_refused_by_name(narrow: Colorizer) -> None:
    with pytest.raises(ValueError, match=r"'conv9'.*conv1, conv2"):
        narrow.resume("conv9", torch.zeros(1))
    with pytest.raises(registry.FamilyRefused, match=r"'zhang17'.*zhang16"):
        registry.build("zhang17", {})
    with pytest.raises(registry.FamilyRefused, match="widht"):
        registry.build("zhang16", {"widht": 1.0})

"""VGG's convolutional part against the published state dicts' layout and a forward pass written from it alone."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from visml.models import vgg

# Places of the convolutions in the published state dicts, P where a pooling stands between two.
LAYOUT = {
    "vgg16": "0 2 P 5 7 P 10 12 14 P 17 19 21 P 24 26 28 P",
    "vgg16_bn": "0 3 P 7 10 P 14 17 20 P 24 27 30 P 34 37 40 P",
    "vgg19": "0 2 P 5 7 P 10 12 14 16 P 19 21 23 25 P 28 30 32 34 P",
    "vgg19_bn": "0 3 P 7 10 P 14 17 20 23 P 27 30 33 36 P 40 43 46 49 P",
}
CHANNELS = (64, 128, 256, 512, 512)
# Weights of the published features, less two thirds of the first convolution, which sees one channel here.
FEATURES = {"vgg16": 14_714_688, "vgg16_bn": 14_723_136, "vgg19": 20_024_384, "vgg19_bn": 20_035_392}
PARAMETERS = {name: count - 2 * 64 * 9 for name, count in FEATURES.items()}
LAST = {"vgg16": 30, "vgg16_bn": 43, "vgg19": 36, "vgg19_bn": 52}
NORMS = ("weight", "bias", "running_mean", "running_var")


def _forward(name: str, state: dict[str, torch.Tensor], value: torch.Tensor) -> dict[str, torch.Tensor]:
    """Every ReLU's and pooling's output, by name, in float64."""
    found, block, number = {}, 1, 0
    for place in LAYOUT[name].split():
        if place == "P":
            value = functional.max_pool2d(value, 2)
            found[f"pool{block}"] = value
            block, number = block + 1, 0
            continue
        number += 1
        weight, bias = (state[f"features.{place}.{kind}"].double() for kind in ("weight", "bias"))
        value = functional.conv2d(value, weight, bias, padding=1)
        if name.endswith("_bn"):
            value = _normalized(value, *(state[f"features.{int(place) + 1}.{kind}"].double() for kind in NORMS))
        found[f"conv{block}_{number}"] = value
        value = found[f"relu{block}_{number}"] = found[f"conv{block}_{number}"].relu()
    return found


def _normalized(value: torch.Tensor, *statistics: torch.Tensor) -> torch.Tensor:
    weight, bias, mean, variance = (each.view(-1, 1, 1) for each in statistics)
    return (value - mean) / (variance + 1e-5).sqrt() * weight + bias


@pytest.mark.parametrize("name", LAYOUT)
def test_the_state_dict_is_torchvisions(name: str) -> None:
    with torch.device("meta"):
        trunk = vgg.VGG(name)
    before, expected = 1, {}
    for channels, block in zip(CHANNELS, LAYOUT[name].split("P"), strict=False):
        for place in block.split():
            expected[f"features.{place}.weight"] = (channels, before, 3, 3)
            expected[f"features.{place}.bias"] = (channels,)
            before = channels
            if name.endswith("_bn"):
                expected |= {f"features.{int(place) + 1}.{kind}": (channels,) for kind in NORMS}
                expected[f"features.{int(place) + 1}.num_batches_tracked"] = ()
    assert {key: tuple(value.shape) for key, value in trunk.state_dict().items()} == expected
    assert sum(value.numel() for value in trunk.parameters()) == PARAMETERS[name]


@pytest.mark.parametrize("name", LAYOUT)
def test_every_place_gives_what_an_independent_forward_does(name: str) -> None:
    torch.manual_seed(0)
    trunk = vgg.VGG(name, 1 / 16).eval()
    for key, value in trunk.state_dict().items():
        if ".running_" in key:
            value.uniform_(0.5, 2)
    value = torch.rand(2, 1, 40, 32) - 0.5
    places = vgg.places(name, 1 / 16)
    with torch.no_grad():
        ours = vgg.maps_of(trunk, value, "", [place.module for place in places])
        theirs = _forward(name, trunk.state_dict(), value.double())
    assert [place.name for place in places] == list(theirs)
    for place in places:
        maps = ours[place.module]
        assert maps.shape[1] == place.channels
        torch.testing.assert_close(maps.double(), theirs[place.name], atol=1e-5, rtol=1e-4)
    assert torch.equal(trunk(value), ours[f"features.{LAST[name]}"])


def test_a_trunk_ends_where_it_is_told_to() -> None:
    trunk = vgg.VGG("vgg16", 1 / 16, last="relu2_1")
    kinds = " ".join(type(part).__name__ for part in trunk.features)
    assert kinds == "Conv2d ReLU Conv2d ReLU MaxPool2d Conv2d ReLU"


def test_width_scales_every_layer() -> None:
    half = vgg.places("vgg19", 0.5)
    assert [2 * place.channels for place in half] == [place.channels for place in vgg.places("vgg19")]


def test_an_unknown_trunk_is_refused_by_name() -> None:
    with pytest.raises(vgg.TrunkRefused, match=r"'vgg17'.*vgg16, vgg16_bn, vgg19, vgg19_bn"):
        vgg.VGG("vgg17")

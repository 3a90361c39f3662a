"""The convolutional part of VGG-16 and VGG-19 on lightness, under the names that torchvision's weights have.

Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition" (ICLR 2015), table 1,
columns D and E: five blocks of 3x3 convolutions, a ReLU behind each, 2x2 max pooling at the end of a block. Place i of
the chain convolution, ReLU, .., pooling, convolution, .. is ``features.i``. ``vgg16_bn`` and ``vgg19_bn`` have a
BatchNorm between each convolution and its ReLU, so that they can be trained from scratch (torchvision's variants).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from torch import Tensor, nn

from visml.models.base import Layer
from visml.models.blocks import scaled
from visml.settings import Refused

CONVOLUTIONS = {
    "vgg16": (2, 2, 3, 3, 3),
    "vgg16_bn": (2, 2, 3, 3, 3),
    "vgg19": (2, 2, 4, 4, 4),
    "vgg19_bn": (2, 2, 4, 4, 4),
}
CHANNELS = (64, 128, 256, 512, 512)


class TrunkRefused(Refused):
    """A trunk that does not exist, or maps that it does not have."""


class VGG(nn.Module):
    """Normalized lightness ``(N, 1, H, W)`` to the maps of its last place; a side not divisible by 2 loses a pixel.

    Args:
        name: ``vgg16``, ``vgg16_bn``, ``vgg19`` or ``vgg19_bn``.
        width: share of the paper's channels.
        last: name of the place that ends it; ``pool5`` is the whole convolutional part.

    Raises:
        TrunkRefused: there is no trunk of that name.
    """

    def __init__(self, name: str = "vgg16", width: float = 1.0, last: str = "pool5") -> None:
        super().__init__()
        self.features = nn.Sequential()
        channels = 1
        for place in until(places(name, width), last):
            self.features.extend(_modules(place, channels, _normalized(name)))
            channels = place.channels

    def forward(self, value: Tensor) -> Tensor:
        maps: Tensor = self.features(value)
        return maps


def places(name: str, width: float = 1.0, path: str = "features") -> tuple[Layer, ...]:
    """The places in order: conv1_1, relu1_1, conv1_2, relu1_2, pool1, conv2_1, .., pool5.

    What ``conv1_1`` gives is what its ReLU reads, through the BatchNorm where there is one.

    Args:
        name: ``vgg16``, ``vgg16_bn``, ``vgg19`` or ``vgg19_bn``.
        width: share of the paper's channels.
        path: dotted path of the chain.

    Raises:
        TrunkRefused: there is no trunk of that name.
    """
    if name not in CONVOLUTIONS:
        raise TrunkRefused(f"There is no trunk '{name}'; there are {', '.join(CONVOLUTIONS)}.")
    return tuple(_places(CONVOLUTIONS[name], width, path, 3 if _normalized(name) else 2))


def until(chain: tuple[Layer, ...], last: str) -> tuple[Layer, ...]:
    """The layers of a chain up to the one of that name."""
    return chain[: [layer.name for layer in chain].index(last) + 1]


def maps_of(chain: nn.Module, value: Tensor, path: str, kept: Collection[str]) -> dict[str, Tensor]:
    """What the modules at dotted paths ``kept`` give, by path, while ``value`` goes through a chain.

    Args:
        chain: holds modules that follow one another, perhaps in groups.
        value: what the first one takes.
        path: dotted path of the chain itself.
        kept: paths whose outputs are wanted.
    """
    maps = {}
    for place, module in chain.named_modules(prefix=path):
        if next(module.children(), None) is None:
            value = module(value)
            if place in kept:
                maps[place] = value
    return maps


def seen_walking_back(read: Sequence[Layer], windows: Sequence[int] | None = None) -> int:
    """Receptive field of a sum over places, where each place's is first scaled up to the size of the one before.

    Args:
        read: places, each at half the size of the one before.
        windows: side of the window through which each is read, at its own size; 1 for all when None.
    """
    positions, field = 1, 0  # of a place's maps that are seen, one beside the other
    for place, window in zip(read, windows or [1] * len(read), strict=True):
        positions += window - 1
        field = max(field, place.receptive_field + round((positions - 1) * place.stride))
        positions = positions // 2 + 2
    return field


def _normalized(name: str) -> bool:
    return name.endswith("_bn")


def _places(convolutions: tuple[int, ...], width: float, path: str, step: int) -> Iterator[Layer]:
    index, stride, field = 0, 1, 1
    for block, (count, full) in enumerate(zip(convolutions, CHANNELS, strict=True), 1):
        channels = scaled(full, width)
        for number in range(1, count + 1):
            field += 2 * stride
            convolution = f"{path}.{index}"
            index += step
            before, relu = f"{path}.{index - 2}", f"{path}.{index - 1}"
            yield Layer(f"conv{block}_{number}", before, channels, stride, field, False, convolution)
            yield Layer(f"relu{block}_{number}", relu, channels, stride, field, True, convolution)
        field, stride = field + stride, 2 * stride
        yield Layer(f"pool{block}", f"{path}.{index}", channels, stride, field, False, convolution)
        index += 1


def _modules(place: Layer, channels: int, normalized: bool) -> list[nn.Module]:
    if not place.name.startswith("conv"):
        return [nn.ReLU() if place.rectified else nn.MaxPool2d(2)]
    convolution = nn.Conv2d(channels, place.channels, 3, padding=1)
    return [convolution, nn.BatchNorm2d(place.channels)] if normalized else [convolution]

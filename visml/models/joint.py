"""The joint global-and-local network: what a picture shows as a whole, told to every place in it.

Iizuka, Simo-Serra, Ishikawa, "Let there be Color!: Joint End-to-end Learning of Global and Local Image Priors for
Automatic Image Colorization with Simultaneous Classification" (SIGGRAPH 2016), section 3, figure 2 and table 1.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor, nn

from visml.models import blocks
from visml.models.base import Colorizer, Layer
from visml.settings import Refused

UNIT = 110.0  # a sigmoid's 0..1 stands for a and b in -110..110, which hold all of sRGB; the released code has 100
_HALVED = 32  # input pixels to a position of the last global map

_WHOLE = 0  # the whole picture, of whatever size
_CLASSIFIER = ("classifier.class1", "classifier.classes")
# Where a layer is kept, input pixels from one position to the next, and side in input pixels of what a position sees.
_PLACES = (
    ("low.low1", 2, 3),
    ("low.low2", 2, 7),
    ("low.low3", 4, 11),
    ("low.low4", 4, 19),
    ("low.low5", 8, 27),
    ("low.low6", 8, 43),
    ("overall.global1", 16, 59),
    ("overall.global2", 16, 91),
    ("overall.global3", 32, 123),
    ("overall.global4", 32, 187),
    ("overall.fc1", _WHOLE, _WHOLE),
    ("overall.fc2", _WHOLE, _WHOLE),
    *((path, _WHOLE, _WHOLE) for path in _CLASSIFIER),
    ("fc3", _WHOLE, _WHOLE),
    ("mid.mid1", 8, 59),
    ("mid.mid2", 8, 75),
    ("fusion", 8, _WHOLE),
    ("color.color1", 8, _WHOLE),
    ("color.color2", 4, _WHOLE),
    ("color.color3", 4, _WHOLE),
    ("color.color4", 2, _WHOLE),
    ("color.ab", 2, _WHOLE),
)


class SizeRefused(Refused):
    """A size of pictures that the network cannot be built for."""


class Joint(Colorizer):
    """Lightness ``(N, 1, H, W)`` to ab ``(N, 2, H/2, W/2)``, and to a category; H and W are multiples of 8.

    Low-level features, ``low1`` .. ``low6``, go two ways. The middle part, ``mid1`` and ``mid2``, stays local. The
    overall part, ``global1`` .. ``global4`` and fully connected ``fc1`` .. ``fc3``, ends in one vector for the picture.
    The vector is put beside the local features at every place, and ``fusion`` mixes both; ``color1`` .. ``color4``
    go up from there. A classifier, ``class1`` and ``classes``, reads ``fc2``, so that the overall part learns what a
    picture shows. Channels and strides are the paper's. Everything but ``classes`` and ``ab`` ends in ReLU, with
    BatchNorm before it in convolutions; the fully connected layers have none, so that a picture alone can be learned
    from. Each of them is a convolution over all positions, and what it gives is a map of one position.

    In the paper the overall part sees the picture scaled to 224 x 224, whatever its size, through low-level weights
    that it shares with the local part. Here ``input_size`` is that size for both parts, and the low-level features are
    computed once: photos are squashed to it, and a recipe's crops should have it. At another size the last global map
    is averaged to the positions that it has at ``input_size``. That works, but the overall part then sees things at
    another scale than the one it learned.

    Args:
        width: share of the paper's channels.
        input_size: side in pixels of the pictures that the fully connected layers are built for, a multiple of 32.
        categories: what the classifier tells apart; without any there is no classifier.

    Raises:
        SizeRefused: the input size is no multiple of 32.
    """

    family = "joint"
    needs_categories: ClassVar[bool] = True

    def __init__(self, width: float = 1.0, input_size: int = 224, categories: Sequence[str] = ()) -> None:
        super().__init__()
        if input_size <= 0 or input_size % _HALVED:
            raise SizeRefused(f"The input size of joint must be a multiple of {_HALVED} pixels, not {input_size}.")
        self.input_size, self.categories = input_size, tuple(categories)
        c32, c64, c128, c256, c512, c1024 = (blocks.scaled(32 * 2**power, width) for power in range(6))
        self.normalize = blocks.Normalize()
        self.low = _local("low", (1, c64, c128, c128, c256, c256, c512), (2, 1, 2, 1, 2, 1))
        self.mid = _local("mid", (c512, c512, c256), (1, 1))
        self.overall = _local("global", (c512,) * 5, (2, 1, 2, 1))
        positions = input_size // _HALVED
        self.overall.add_module("pool", nn.AdaptiveAvgPool2d(positions))
        self.overall.add_module("fc1", _connected(c512, c1024, positions))
        self.overall.add_module("fc2", _connected(c1024, c512))
        self.fc3 = _connected(c512, c256)
        self.classifier = _classifier(c512, c256, len(categories)) if categories else None
        self.fusion = _convolved(2 * c256, c256, kernel=1)
        self.color = _color(c256, c128, c64, c32)
        self.layers = _layers(self)
        blocks.initialize(self)

    def forward(self, lightness: Tensor, category: Tensor | None = None) -> Tensor:
        return self.both(lightness)[0]

    def both(self, lightness: Tensor) -> tuple[Tensor, Tensor]:
        """Colors and category, both float32, of lightness ``(N, 1, H, W)`` in 0..100.

        Returns:
            ab ``(N, 2, H/2, W/2)`` in -110..110, and logits ``(N, K)`` of the K categories, none without a classifier.
        """
        features = self.low(self.normalize(lightness))
        overall = self.overall(features)
        local = self.mid(features)
        vector = self.fc3(overall).expand(-1, -1, *local.shape[2:])
        ab: Tensor = self.color(self.fusion(torch.cat([vector, local], dim=1)))
        logits = overall[:, :0] if self.classifier is None else self.classifier(overall)
        return ab, logits[:, :, 0, 0].float()


class Chroma(nn.Module):
    """Values ``(N, 2, h, w)`` of any size to ab in -110..110, by a sigmoid, in float32."""

    def forward(self, value: Tensor) -> Tensor:
        return UNIT * (2 * value.float().sigmoid() - 1)


def share(ab: Tensor) -> Tensor:
    """The sigmoid's 0..1 that stands for ab of any shape."""
    return (ab / UNIT + 1) / 2


def _local(name: str, channels: Sequence[int], steps: Sequence[int]) -> nn.Sequential:
    """``name1``, ``name2``, ..: 3x3 convolutions with these channels, the first being the input's, and strides."""
    stages: OrderedDict[str, nn.Module] = OrderedDict()
    for number, step in enumerate(steps, 1):
        stages[f"{name}{number}"] = _convolved(channels[number - 1], channels[number], step)
    return nn.Sequential(stages)


def _convolved(before: int, after: int, step: int = 1, kernel: int = 3) -> nn.Sequential:
    convolution = nn.Conv2d(before, after, kernel, step, kernel // 2, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(after), nn.ReLU())


def _connected(before: int, after: int, positions: int = 1) -> nn.Sequential:
    """All values of a map of so many positions a side to a vector ``(N, after, 1, 1)``."""
    return nn.Sequential(nn.Conv2d(before, after, positions), nn.ReLU())


def _classifier(before: int, hidden: int, categories: int) -> nn.Sequential:
    output = nn.Conv2d(hidden, categories, 1)
    return nn.Sequential(OrderedDict(class1=_connected(before, hidden), classes=nn.Sequential(output)))


def _color(before: int, c128: int, c64: int, c32: int) -> nn.Sequential:
    """Fused features to ab, four times as wide and high, by nearest-neighbor upsampling between convolutions."""
    return nn.Sequential(
        OrderedDict(
            color1=_convolved(before, c128),
            up1=nn.Upsample(scale_factor=2),
            color2=_convolved(c128, c64),
            color3=_convolved(c64, c64),
            up2=nn.Upsample(scale_factor=2),
            color4=_convolved(c64, c32),
            ab=nn.Sequential(nn.Conv2d(c32, 2, 3, padding=1), Chroma()),
        )
    )


def _layers(model: Joint) -> tuple[Layer, ...]:
    return tuple(_layer(model, *row) for row in _PLACES if model.classifier is not None or row[0] not in _CLASSIFIER)


def _layer(model: Joint, path: str, stride: int, receptive_field: int) -> Layer:
    channels = model.get_parameter(f"{path}.0.weight").shape[0]
    return Layer(
        name=path.rpartition(".")[2],
        module=path,
        channels=channels,
        stride=stride or model.input_size,
        receptive_field=receptive_field or model.input_size,
        rectified=isinstance(model.get_submodule(path)[-1], nn.ReLU),  # type: ignore[index]
        convolution=f"{path}.0",
        channel_names={"classifier.classes": model.categories, "color.ab": ("a", "b")}.get(path, ()),
    )

"""The residual encoder of R. Dahl, "Automatic Colorization" (tinyclouds.org/colorize, 2016): VGG-16 walked back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from visml.color import lab, yuv
from visml.models import blocks, vgg
from visml.models.base import Colorizer, Layer
from visml.models.hypercolumn_head import upscale

READ = ("relu1_2", "relu2_2", "relu3_3", "relu4_3")
ROUNDS = 2  # leave 0.04 units of ab on average, 0.1 at one pixel of a hundred
GRAYS = 3  # the last maps are added to the picture itself, as gray RGB
_CALM = 0.1  # standard deviation of the sigmoid's first input: the first colors are near gray


class ResidualEncoder(Colorizer):
    """Lightness ``(N, 1, H, W)`` to ab ``(N, 2, H, W)`` in Lab units; what it paints itself is chroma U and V.

    From the top, maps are squeezed to the channels of the next lower block's (``up5``: 1x1, ``up4`` .. ``up1``: 3x3),
    scaled to its size and added to its maps; at last to the picture. Whatever is added or convolved is normalized by
    BatchNorm, so no convolution of the way back has biases.

    ab is that of the RGB picture made of U, V and luma, clipped to 0..1, in float32: the ab of a color that exists.
    Luma is chosen so that this picture has the photo's lightness: a gray of that lightness has another luma than a red,
    by 4 units of ab at one pixel of a hundred. What was clipped may still be lighter or darker.

    Args:
        width: share of VGG-16's channels, and of the way back's; the three of ``up2`` and ``up1`` stay.
    """

    family = "residual_encoder"

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        trunk = vgg.until(vgg.places("vgg16", width, "trunk.features"), READ[-1])
        read = [place for place in trunk if place.name in READ]
        self.places = tuple(place.module for place in read)
        self.normalize = blocks.Normalize()
        self.trunk = vgg.VGG("vgg16", width, READ[-1])
        channels = [GRAYS, *(place.channels for place in read)]
        self.steps = nn.ModuleDict()
        for index in reversed(range(len(channels))):
            window = 1 if index == len(channels) - 1 else 3
            self.steps[f"up{index + 1}"] = Step(channels[index], channels[max(index - 1, 0)], window)
        self.uv = Chroma(GRAYS)
        shown = (place for place in trunk if not place.name.startswith("conv"))
        self.layers = (*shown, *_way_back(read, channels))
        blocks.initialize(self)
        nn.init.constant_(self.uv.norm.weight, _CALM)

    def forward(self, lightness: Tensor, category: Tensor | None = None) -> Tensor:
        uv = self.chroma(lightness)
        return lab.rgb_to_lab(yuv.to_rgb(_luma(lightness, uv), uv))[:, 1:]

    def chroma(self, lightness: Tensor) -> Tensor:
        """U and V ``(N, 2, H, W)`` float32 in 0..1, see :mod:`visml.color.yuv`, of lightness in 0..100."""
        gray = self.normalize(lightness)
        found = vgg.maps_of(self.trunk, gray, "trunk", self.places)
        lower = [gray.expand(-1, GRAYS, -1, -1), *(found[place] for place in self.places)]
        value: Tensor | None = None
        for step in self.steps.values():
            value = step(lower.pop(), value)
        uv: Tensor = self.uv(value)
        return uv


class Step(nn.Module):
    """``relu(norm(convolution(norm(lower) + upper)))``, ``upper`` scaled bilinearly to the size of ``lower``.

    Args:
        channels: of ``lower`` and ``upper``.
        out: of what is given.
        window: side of the convolution.
    """

    def __init__(self, channels: int, out: int, window: int) -> None:
        super().__init__()
        self.normalize = nn.BatchNorm2d(channels)
        self.convolution = nn.Conv2d(channels, out, window, padding=window // 2, bias=False)
        self.norm = nn.BatchNorm2d(out)
        self.relu = nn.ReLU()

    def forward(self, lower: Tensor, upper: Tensor | None = None) -> Tensor:
        value: Tensor = self.normalize(lower)
        if upper is not None:
            value = value + upscale(upper, value.shape[2:])
        given: Tensor = self.relu(self.norm(self.convolution(value)))
        return given


class Chroma(nn.Module):
    """``sigmoid(norm(convolution(maps)))``: U and V, float32 whatever the precision of the convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(channels, 2, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(2)

    def forward(self, maps: Tensor) -> Tensor:
        return self.norm(self.convolution(maps).float()).sigmoid()  # type: ignore[no-any-return]


def _luma(lightness: Tensor, uv: Tensor) -> Tensor:
    """Luma ``(N, 1, H, W)`` with which U and V have this lightness, as nearly as ``ROUNDS`` corrections get."""
    gray = _gray_luma(lightness)
    luma = gray
    for _ in range(ROUNDS):
        luma = luma + gray - _gray_luma(lab.rgb_to_lab(yuv.to_rgb(luma, uv))[:, :1])
    return luma


def _gray_luma(lightness: Tensor) -> Tensor:
    """The luma of a gray of that lightness."""
    colorless = lightness.new_zeros(1).expand(len(lightness), 2, *lightness.shape[2:])
    return yuv.luma(lab.lab_to_rgb(torch.cat([lightness, colorless], dim=1)))


def _way_back(read: Sequence[Layer], channels: Sequence[int]) -> Iterator[Layer]:
    """The layers ``up5`` .. ``up1`` and ``uv``."""
    strides = [1, *(place.stride for place in read)]
    for index in reversed(range(len(channels))):
        path, out = f"steps.up{index + 1}", channels[max(index - 1, 0)]
        field = _seen(read, index)
        yield Layer(f"up{index + 1}", path, out, strides[index], field, True, f"{path}.convolution")
    yield Layer("uv", "uv", 2, 1, _seen(read, 0, 2), False, "uv.convolution", channel_names=("U", "V"))


def _seen(read: Sequence[Layer], index: int, more: int = 0) -> int:
    """Receptive field of the step that adds ``read[index - 1]``, or the picture, seen in a window by ``more`` larger.

    The picture and the lowest maps are equally large, so the windows on them add up.
    """
    first = max(index - 1, 0)
    windows = [3 + more + (2 if index == 0 else 0), *[3] * (len(read) - 1 - first)]
    windows[-1] -= 2
    return vgg.seen_walking_back(read[first:], windows)

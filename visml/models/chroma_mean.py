"""A photo's mean color from its lightness: an encoder and one linear layer, so the whole photo gets one tint."""

from __future__ import annotations

from collections import OrderedDict

from torch import Tensor, nn

from visml.models import blocks, encoder
from visml.models.base import Layer
from visml.models.chain import Chain

_LEFT = 2  # positions along a side that six halvings leave of 128 pixels


class Tint(nn.Module):
    """Features ``(N, C, h, w)`` to mean a and b ``(N, 2, 1, 1)``: a linear layer on 2 x 2 positions.

    A convolution whose kernel is as large as what it reads is a linear layer. Of other than 128 pixels, which leave
    other than 2 x 2 positions, it reads their means over 2 x 2 parts.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(_LEFT)
        self.convolution = nn.Conv2d(channels, 2, _LEFT)
        self.units = blocks.LabUnits()

    def forward(self, features: Tensor) -> Tensor:
        ab: Tensor = self.units(self.convolution(self.pool(features)))
        return ab


class ChromaMean(Chain):
    """Lightness ``(N, 1, H, W)`` to mean ab ``(N, 2, 1, 1)`` in Lab units; H and W are multiples of 64.

    Args:
        maps: ``large`` (32, 64, 128, 256, 256, 512) or ``small`` (8, 16, 32, 64, 128, 256), see
            :mod:`visml.models.encoder`.

    Raises:
        EncoderRefused: there are no such maps.
    """

    family = "chroma_mean"
    input_size = encoder.SIZE

    def __init__(self, maps: str = "large") -> None:
        counts = encoder.chosen_maps(maps)
        modules = encoder.down(counts)
        super().__init__(OrderedDict(**modules, ab=Tint(counts[-1])))
        size = self.input_size
        self.layers = (
            *encoder.layers(modules, "stages"),
            Layer("ab", "stages.ab", 2, size, size, False, "stages.ab.convolution", channel_names=("a", "b")),
        )
        blocks.initialize(self)
        encoder.start_near_gray(self, "stages.ab")

    def forward(self, lightness: Tensor, category: Tensor | None = None) -> Tensor:
        encoder.check_sides(lightness)
        return super().forward(lightness, category)

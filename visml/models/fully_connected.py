"""Fully connected layers that paint a small picture: every pixel of the output reads every pixel of the input."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from visml.color import lab
from visml.models import blocks
from visml.models.base import Layer
from visml.models.chain import Chain
from visml.settings import Refused

SIDE = 32


class FullyConnectedRefused(Refused):
    """Hidden layers that cannot be built."""


class Painting(nn.Module):
    """Hidden values ``(N, C, 1, 1)`` to RGB ``(N, 3, 32, 32)`` in 0..1, float32: a linear layer and a sigmoid."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.linear = nn.Conv2d(channels, 3 * SIDE * SIDE, 1)

    def forward(self, hidden: Tensor) -> Tensor:
        values: Tensor = self.linear(hidden)
        return values.float().sigmoid().view(-1, 3, SIDE, SIDE)


class FullyConnected(Chain):
    """Lightness ``(N, 1, H, W)`` to ab ``(N, 2, 32, 32)`` in Lab units, by way of RGB.

    A picture of other than 32 x 32 pixels is read as the means over its 32 x 32 parts. A convolution whose kernel is
    the whole picture is a fully connected layer, so hidden values are maps of one position each.

    Args:
        hidden: how many values each hidden layer gives, ``fc1`` first.

    Raises:
        FullyConnectedRefused: ``hidden`` is not a list of whole numbers above 0.
    """

    family = "fully_connected"
    input_size = SIDE

    def __init__(self, hidden: Sequence[int] = (1024, 1024)) -> None:
        if not hidden or any(type(count) is not int or count < 1 for count in hidden):
            raise FullyConnectedRefused("'hidden' must be a list of whole numbers above 0.")
        stages = {f"fc{number}": _hidden(*pair) for number, pair in enumerate(pairwise((0, *hidden)), 1)}
        super().__init__(OrderedDict(**stages, rgb=Painting(hidden[-1])))
        self.layers = (
            *(_layer(name, count) for name, count in zip(stages, hidden, strict=True)),
            Layer("rgb", "stages.rgb", 3, 1, SIDE, rectified=False, channel_names=("red", "green", "blue")),
        )
        blocks.initialize(self)

    def paint(self, lightness: Tensor) -> Tensor:
        """RGB ``(N, 3, 32, 32)`` in 0..1 of lightness ``(N, 1, H, W)`` in 0..100."""
        painted: Tensor = self.stages(self.normalize(lightness))
        return painted

    def finish(self, value: Tensor) -> Tensor:
        """The ab ``(N, 2, 32, 32)`` of what was painted; its lightness is dropped, the photo keeps its own."""
        return lab.rgb_to_lab(value)[:, 1:]


def _hidden(before: int, after: int) -> nn.Sequential:
    """A fully connected layer and a ReLU; the first, before which there is nothing, reads the picture."""
    if before:
        parts = OrderedDict(convolution=nn.Conv2d(before, after, 1), relu=nn.ReLU())
    else:
        pool = nn.AdaptiveAvgPool2d(SIDE)
        parts = OrderedDict(pool=pool, convolution=nn.Conv2d(1, after, SIDE), relu=nn.ReLU())
    return nn.Sequential(parts)


def _layer(name: str, channels: int) -> Layer:
    path = f"stages.{name}"
    return Layer(name, path, channels, SIDE, SIDE, rectified=True, convolution=f"{path}.convolution")

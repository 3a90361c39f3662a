"""What reads a hypercolumn: one 1x1 convolution to ab, and what may stand before it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, pad

from visml.color import lab
from visml.models import vgg
from visml.models.base import Layer
from visml.models.blocks import AB_UNIT

_SPREAD = 0.1  # of the first colors, in units of 110, where maps are about 1: they are near gray


class Reading(nn.Module):
    """Maps of several places to ab ``(N, 2, H, W)`` in Lab units: the head of a hypercolumn network.

    It equals scaling all maps bilinearly to H x W, concatenating them and taking one 1x1 convolution, whose weights
    for the maps of a place are ``parts[place].weight``. But a 1x1 convolution and bilinear scaling, whose weights sum
    to 1, may be swapped: so each place's maps become two at their own size, and only these are scaled and added.

    Args:
        read: the places.
        corner: where position i of a map of stride s lies: on pixel ``s i``, as behind 3x3 convolutions of stride 2;
            or else amid pixels ``s i`` to ``s i + s - 1``, as behind 2x2 pooling.
    """

    def __init__(self, read: Sequence[Layer], corner: bool = False) -> None:
        super().__init__()
        self.read, self.corner = tuple(read), corner
        self.parts = nn.ModuleDict({place.name: nn.Conv2d(place.channels, 2, 1, bias=False) for place in read})
        self.bias = nn.Parameter(torch.zeros(2))

    def forward(self, maps: Sequence[Tensor], size: Sequence[int]) -> Tensor:
        parts = zip(self.parts.values(), maps, strict=True)
        scaled = [upscale(part(each).to(self.bias.dtype), size, self.corner) for part, each in parts]
        return AB_UNIT * sum(scaled, start=self.bias.view(1, 2, 1, 1))

    def start(self) -> None:
        """Weights drawn anew, small; of variance 0.01 over the number of maps."""
        count = sum(place.channels for place in self.read)
        for part in self.parts.parameters():
            nn.init.normal_(part, std=_SPREAD / count**0.5)

    def silence(self) -> None:
        """All weights 0: every picture is painted gray."""
        for part in self.parameters():
            nn.init.zeros_(part)


class Squeezed(nn.Module):
    """Maps of several places to one map each, by a 1x1 convolution and a ReLU: the hypercolumn has as many entries.

    The convolutions start as means: a map that starts below 0 everywhere would never be anything else.
    """

    def __init__(self, read: Sequence[Layer]) -> None:
        super().__init__()
        self.parts = nn.ModuleDict({place.name: _squeeze(place.channels, 1) for place in read})
        self.layers = tuple(
            Layer(f"squeezed{i}", path, 1, place.stride, place.receptive_field, True, f"{path}.0")
            for i, place in enumerate(read, 1)
            for path in (f"between.parts.{place.name}",)
        )
        self.read = self.layers

    def forward(self, maps: Sequence[Tensor]) -> list[Tensor]:
        return [part(each) for part, each in zip(self.parts.values(), maps, strict=True)]

    def start(self) -> None:
        """Each map is the mean of its place's maps."""
        for part in self.parts.parameters():
            nn.init.constant_(part, 1 / part[0].numel() if part.dim() > 1 else 0)


class Residual(nn.Module):
    """Maps of the blocks' last ReLUs, added instead of concatenated: from the top each sum is squeezed to the channels
    of the block below, scaled to its size and added to its maps; the head reads the sum at block 1.

    So each block says what is still to be added to what the blocks above have said, as the layers of a residual
    network do. Between two blocks there is a ReLU, without which this would be the set ``blocks`` written otherwise;
    without the 3x3 convolutions, BatchNorm and colors of the residual encoder it remains a hypercolumn network, in
    which no position reads its neighbor's maps except by being scaled.
    """

    def __init__(self, read: Sequence[Layer]) -> None:
        super().__init__()
        self.steps = nn.ModuleDict()
        layers: list[Layer] = []
        for at in reversed(range(len(read) - 1)):
            lower, path = read[at], f"between.steps.up{at + 1}"
            field = vgg.seen_walking_back(read[at:])
            self.steps[f"up{at + 1}"] = Step(read[at + 1].channels, lower.channels)
            layers.append(Layer(f"up{at + 1}", path, lower.channels, lower.stride, field, False, f"{path}.squeeze.0"))
        self.layers, self.read = tuple(layers), tuple(layers[-1:])

    def forward(self, maps: Sequence[Tensor]) -> list[Tensor]:
        value = maps[-1]
        for step, lower in zip(self.steps.values(), reversed(maps[:-1]), strict=True):
            value = step(value, lower)
        return [value]


class Step(nn.Module):
    """A block's maps plus those from above, squeezed by a 1x1 convolution and a ReLU and scaled to their size."""

    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.squeeze = _squeeze(channels, out)

    def forward(self, upper: Tensor, lower: Tensor) -> Tensor:
        return lower + upscale(self.squeeze(upper), lower.shape[2:])


def upscale(maps: Tensor, size: Sequence[int], corner: bool = False) -> Tensor:
    """Maps ``(N, C, h, w)`` bilinearly at ``size`` (H, W), edges repeated; for ``corner`` see :class:`Reading`."""
    if tuple(maps.shape[2:]) == tuple(size):
        return maps
    if not corner:
        return lab.upsample(maps, (size[0], size[1]))
    # One position more, repeated, lies on pixel H: then both ends are known and H + 1 pixels lie evenly between.
    wider = (size[0] + 1, size[1] + 1)
    edged = pad(maps, (0, 1, 0, 1), mode="replicate")
    return interpolate(edged, size=wider, mode="bilinear", align_corners=True)[:, :, :-1, :-1]


def _squeeze(channels: int, out: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(channels, out, 1), nn.ReLU())

"""Hypercolumns: every pixel is described by all that a trunk's layers say there, and one 1x1 convolution colors it.

Hariharan, Arbelaez, Girshick, Malik, "Hypercolumns for Object Segmentation and Fine-grained Localization" (CVPR
2015); for color first Larsson, Maire, Shakhnarovich (ECCV 2016) and Dahl (2016).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from torch import Tensor, nn

from visml.models import blocks, vgg
from visml.models.base import Colorizer, Layer
from visml.models.hypercolumn_head import Reading, Residual, Squeezed

NINE = "zhang16"
BETWEEN: dict[str, type[Squeezed] | type[Residual]] = {"squeezed": Squeezed, "residual": Residual}


class Hypercolumn(Colorizer):
    """Lightness ``(N, 1, H, W)`` to ab ``(N, 2, H, W)`` in Lab units; H and W are best multiples of 16.

    Args:
        trunk: ``vgg19``, ``vgg16``, either with ``_bn`` behind its name for the one with BatchNorm, or ``zhang16``,
            blocks conv1 to conv7 of the nine-block network. It ends at the last place that is read. Of ``zhang16`` a
            block's last ReLU is read through the BatchNorm that ends the block: the same up to a scale and an offset
            for each map, but a ReLU of a trained one goes into the thousands.
        maps: which places are read, see :func:`sets`. ``squeezed`` and ``residual`` change them first, see
            :class:`Squeezed` and :class:`Residual`.
        width: share of the trunk's channels.

    Raises:
        TrunkRefused: there is no such trunk, or it has no such maps.
    """

    family = "hypercolumn"

    def __init__(self, trunk: str = "vgg19", maps: str = "blocks", width: float = 1.0) -> None:
        super().__init__()
        read = chosen(trunk, maps, width)
        self.places = tuple(place.module for place in read)
        self.normalize = blocks.Normalize()
        self.trunk = _trunk(trunk, width, read[-1].name)
        self.between = BETWEEN[maps](read) if maps in BETWEEN else None
        shown = () if self.between is None else self.between.layers
        self.head = Reading(read if self.between is None else self.between.read, corner=trunk == NINE)
        field = max(_seen_upscaled(place) for place in self.head.read)
        ab = Layer("ab", "head", 2, stride=1, receptive_field=field, rectified=False, channel_names=("a", "b"))
        self.layers = (*_shown(_chain(trunk, width), read), *shown, ab)
        blocks.initialize(self)
        self.head.start()
        if isinstance(self.between, Squeezed):
            self.between.start()

    def forward(self, lightness: Tensor, category: Tensor | None = None) -> Tensor:
        found = vgg.maps_of(self.trunk, self.normalize(lightness), "trunk", self.places)
        maps = [found[place] for place in self.places]
        ab: Tensor = self.head(maps if self.between is None else self.between(maps), lightness.shape[2:])
        return ab


def sets(trunk: str, width: float = 1.0) -> dict[str, tuple[Layer, ...]]:
    """What each named set reads, from input to output.

    ===========  ========================================================================
    all          every ReLU but the first (VGG alone; of VGG-19 5440 maps)
    pools        pool1 to pool4 (VGG alone; 960 maps)
    blocks       each block's last ReLU (VGG: 1472 maps; zhang16, behind its BatchNorm: 2496)
    blocks345    those of blocks 3 to 5; likewise blocks45 and block5
    before_relu  as blocks, before the ReLU, behind a BatchNorm (VGG alone)
    squeezed     as blocks, each block squeezed to one map
    residual     as blocks, added from the top down (VGG alone, whose blocks halve in turn)
    ===========  ========================================================================

    Args:
        trunk: as for :class:`Hypercolumn`.
        width: share of its channels.

    Raises:
        TrunkRefused: there is no such trunk.
    """
    chain = _chain(trunk, width)
    pools = [index for index, place in enumerate(chain) if place.name.startswith("pool")]
    ends = tuple(chain[index - 1] for index in pools) if pools else chain
    if not pools:
        ends = tuple(replace(place, module=_behind(place), rectified=False) for place in chain)
    found = {"blocks": ends, "blocks345": ends[2:5], "blocks45": ends[3:5], "block5": ends[4:5], "squeezed": ends}
    if not pools:
        return found
    return found | {
        "all": tuple(place for place in chain if place.rectified)[1:],
        "pools": tuple(chain[index] for index in pools[:4]),
        "before_relu": tuple(chain[index - 2] for index in pools),
        "residual": ends,
    }


def chosen(trunk: str, maps: str, width: float = 1.0) -> tuple[Layer, ...]:
    """The places that a trunk's set of that name reads.

    Raises:
        TrunkRefused: there is no such trunk, or it has no such set.
    """
    known = sets(trunk, width)
    if maps not in known:
        raise vgg.TrunkRefused(f"The trunk '{trunk}' has no maps '{maps}'; it has {', '.join(sorted(known))}.")
    return known[maps]


def _chain(trunk: str, width: float) -> tuple[Layer, ...]:
    """All places of a trunk, from input to output."""
    if trunk == NINE:
        return tuple(layer for layer in blocks.trunk_layers(width) if layer.name != "conv8")
    if trunk not in vgg.CONVOLUTIONS:
        raise vgg.TrunkRefused(f"There is no trunk '{trunk}'; there are {', '.join((*vgg.CONVOLUTIONS, NINE))}.")
    return vgg.places(trunk, width, "trunk.features")


def _trunk(trunk: str, width: float, last: str) -> nn.Module:
    """The trunk up to its place ``last``."""
    if trunk != NINE:
        return vgg.VGG(trunk, width, last)
    stages = blocks.trunk(width)
    return stages[: list(dict(stages.named_children())).index(last) + 1]


def _behind(place: Layer) -> str:
    """The module of the nine-block trunk that follows a block's last ReLU, its BatchNorm."""
    block, _, index = place.module.rpartition(".")
    return f"{block}.{int(index) + 1}"


def _shown(chain: tuple[Layer, ...], read: Sequence[Layer]) -> tuple[Layer, ...]:
    """The layers of a trunk up to the last that is read; of convolutions before their ReLU those that are read."""
    until = vgg.until(chain, read[-1].name)
    return tuple(layer for layer in until if layer.rectified or layer.name.startswith("pool") or layer in read)


def _seen_upscaled(place: Layer) -> int:
    """Side of the square that a pixel sees through a place's maps: two positions of them, unless they are as large."""
    return place.receptive_field + round(place.stride) * (place.stride > 1)

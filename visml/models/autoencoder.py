"""An encoder walked back up: chroma of every pixel through a code of 2 x 2 positions, with no way around it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import torch
from torch import Tensor, nn

from visml.models import blocks, encoder
from visml.models.base import Layer
from visml.models.chain import Chain

SHARES: dict[str, Callable[[Tensor], Tensor]] = {
    "sigmoid": torch.sigmoid,
    "tanh": lambda value: (1 + value.tanh()) / 2,
}


class Bounded(nn.Module):
    """Values ``(N, 2, H, W)`` of any size to ab in -128..127, ``255 s - 128``.

    The share s of 0..1 is ``sigmoid(x)`` or ``(1 + tanh(x)) / 2``. The second is ``sigmoid(2 x)``: the same curve,
    twice as steep, so what differs is how fast it is learned and how soon it saturates.
    """

    def __init__(self, output: str) -> None:
        super().__init__()
        self.output = output

    def forward(self, value: Tensor) -> Tensor:
        return encoder.CHROMA_LEAST + encoder.CHROMA_SPAN * SHARES[self.output](value.float())


class Autoencoder(Chain):
    """Lightness ``(N, 1, H, W)`` to ab ``(N, 2, H, W)`` in Lab units; H and W are multiples of 64.

    Args:
        maps: ``large`` or ``small``, see :mod:`visml.models.encoder`; going up they are walked back.
        output: ``sigmoid`` or ``tanh``, see :class:`Bounded`.
        residual: whether every module has a parallel branch that is added before its ReLU, see
            :func:`visml.models.encoder.down` and :func:`visml.models.encoder.up`.

    Raises:
        EncoderRefused: there are no such maps or no such output.
    """

    family = "autoencoder"
    input_size = encoder.SIZE

    def __init__(self, maps: str = "large", output: str = "sigmoid", residual: bool = False) -> None:
        if output not in SHARES:
            raise encoder.EncoderRefused(f"There is no output '{output}'; there are {', '.join(sorted(SHARES))}.")
        counts = encoder.chosen_maps(maps)
        modules = encoder.down(counts, residual) | encoder.up(counts, 2, residual)
        super().__init__(OrderedDict(**modules, ab=Bounded(output)))
        found = encoder.layers(modules, "stages")
        field = found[-1].receptive_field
        self.layers = (
            *found,
            Layer("ab", "stages.ab", 2, 1, field, False, found[-1].convolution, channel_names=("a", "b")),
        )
        blocks.initialize(self)
        encoder.start_near_gray(self, "stages.up6")

    def forward(self, lightness: Tensor, category: Tensor | None = None) -> Tensor:
        encoder.check_sides(lightness)
        return super().forward(lightness, category)

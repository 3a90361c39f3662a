"""Where color has edges that lightness has not, and the reverse.

Colors that run over the border of a thing are the commonest flaw of colorization (color bleeding: Kim et al., "Deep
Edge-Aware Interactive Colorization against Color-Bleeding Effects", ICCV 2021). The measure here is VisML's own.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import conv2d, max_pool2d, pad

from visml.activations.summary import Floats

STEPS = 56  # to a side
STRONG = 0.95  # the share of pixels whose edges are weaker than one that counts in full
FAINTEST = 0.5  # Lab units a pixel: a picture whose edges are all weaker has none that count in full
_REACH = 4  # standard deviations to which the blur is computed
_SOBEL = ((-1.0, 0.0, 1.0), (-2.0, 0.0, 2.0), (-1.0, 0.0, 1.0))


@dataclass(frozen=True)
class Spill:
    """Edges that color and lightness do not share.

    Attributes:
        spilled: ``(S, S)`` float32 in 0..1: strength of color edges beyond the lightness edges near by.
        missed: the reverse, strength of lightness edges beyond the color edges near by.
    """

    spilled: Floats = field(repr=False)
    missed: Floats = field(repr=False)

    @property
    def spill(self) -> float:
        """Mean of ``spilled``, in percent."""
        return 100 * float(self.spilled.mean(dtype=np.float64))

    @property
    def miss(self) -> float:
        """Mean of ``missed``, in percent."""
        return 100 * float(self.missed.mean(dtype=np.float64))


def spill(lightness: Tensor, ab: Tensor) -> Spill:
    """How color's edges and lightness's differ.

    Both are looked at in steps of ``S / 56`` pixels, which is as finely as the nine-block network paints; the same
    for every network, so that their numbers compare. Both are blurred by a Gaussian whose standard deviation is half
    a step. An edge's strength is the gradient's length by Sobel's filter, ``sqrt(|grad a|^2 + |grad b|^2)`` for
    color, divided by its 95th percentile over the photo (at least half a Lab unit a pixel) and cut at 1. Then::

        spilled = max(0, color - near lightness)        missed = max(0, lightness - near color)

    where "near" is the strongest edge within one step, rounded to pixels, to each side: an edge may be that far off.

    Args:
        lightness: L, ``(S, S)`` in 0..100.
        ab: the colors at the same size, ``(2, S, S)`` in Lab units, before they are clipped to sRGB.
    """
    step = len(lightness) / STEPS
    dark, color = edges(lightness[None], step), edges(ab, step)
    return Spill(*((one - _near(other, step)).clamp_min(0).numpy() for one, other in ((color, dark), (dark, color))))


def edges(planes: Tensor, step: float) -> Tensor:
    """Strength of the edges of planes ``(C, S, S)`` taken together: ``(S, S)`` float32 in 0..1, see :func:`spill`."""
    blurred = _blur(planes.float()[:, None], step / 2)
    padded = pad(blurred, (1, 1, 1, 1), mode="replicate")
    across = torch.tensor(_SOBEL)[None, None] / 8
    gradients = [conv2d(padded, each) for each in (across, across.mT)]
    length = sum(each.square().sum(dim=(0, 1)) for each in gradients).sqrt()  # type: ignore[union-attr]
    strong = max(float(np.quantile(length.numpy(), STRONG)), FAINTEST)
    return (length / strong).clamp_max(1)


def _blur(planes: Tensor, sigma: float) -> Tensor:
    """Gaussian blur of ``(C, 1, S, S)``, edges repeated."""
    radius = int(_REACH * sigma + 0.5)
    place = torch.arange(-radius, radius + 1, dtype=torch.float64)
    kernel = (-place.square() / (2 * max(sigma, 1e-9) ** 2)).softmax(dim=0).float()
    wide = conv2d(_repeated(planes, radius, 0), kernel.view(1, 1, 1, -1))
    return conv2d(_repeated(wide, 0, radius), kernel.view(1, 1, -1, 1))


def _repeated(planes: Tensor, across: int, down: int) -> Tensor:
    return pad(planes, (across, across, down, down), mode="replicate")


def _near(strength: Tensor, step: float) -> Tensor:
    """The strongest edge within a step of each pixel, ``(S, S)``."""
    radius = int(step + 0.5)
    return max_pool2d(strength[None, None], 2 * radius + 1, stride=1, padding=radius)[0, 0]

"""What part of the photo a position of a layer really sees."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from visml.activations.summary import Floats
from visml.insight.carriers import watched
from visml.insight.forward import Forward, InsightRefused

MASS = 0.95


@dataclass(frozen=True)
class EffectiveField:
    """How strongly each pixel of the photo moves a layer at one position.

    Attributes:
        map: ``(S, S)`` float32, 0 or more: ``|d(sum of the layer's channels at the position) / dL|``.
        x: the position's middle, in pixels of the squashed photo, 0 being the middle of the first one.
        y: the same, downward.
        radius: the root of the mean squared distance from that middle, in pixels, weighted by the map.
        side: of the smallest square around that middle that holds 95 % of the map's sum, in pixels.
        declared: side of the square beyond which the map is 0, as the layer says.
    """

    map: Floats = field(repr=False)
    x: float
    y: float
    radius: float
    side: float
    declared: int


def effective_field(forward: Forward, layer: str, x: int, y: int) -> EffectiveField:
    """The effective receptive field (Luo et al. 2016, "Understanding the effective receptive field").

    They take the gradient of one output unit; here it is that of the sum of all channels at the position that
    pixel (x, y) stands over, on this photo, not a mean over random inputs.

    Raises:
        InsightRefused: there is no such layer or pixel, or nothing of the photo moves the layer there.
    """
    asked, size = forward.layer(layer), forward.lightness.shape[-1]
    if not (0 <= x < size and 0 <= y < size):
        raise InsightRefused(f"x and y must lie between 0 and {size - 1}.")
    lightness = forward.lightness.detach().clone().requires_grad_()
    with torch.enable_grad(), watched(forward.module, (asked,)) as seen:
        forward.run(lightness)
        maps = seen[layer]
        height, width = maps.shape[2:]
        row, column = y * height // size, x * width // size
        slope = _slope(maps[0, :, row, column].sum(), lightness)
    strength = slope.abs()[0, 0].float().cpu().numpy()
    middle = (column + 0.5) * size / width - 0.5, (row + 0.5) * size / height - 0.5
    return EffectiveField(strength, *middle, *_extent(strength, *middle), asked.receptive_field)


def _slope(value: Tensor, lightness: Tensor) -> Tensor:
    slope = torch.autograd.grad(value, lightness, allow_unused=True)[0] if value.requires_grad else None
    if slope is None or not slope.any():
        raise InsightRefused("Nothing of the photo moves this layer here, to first order.")
    return slope


def _extent(strength: Floats, x: float, y: float) -> tuple[float, float]:
    """Root-mean-square radius, and side of the square of 95 %, of a map around a middle."""
    mass = strength.astype(np.float64)
    down, across = np.abs(np.arange(len(mass)) - y)[:, None], np.abs(np.arange(len(mass)) - x)[None]
    radius = float(np.sqrt((mass * (down**2 + across**2)).sum() / mass.sum()))
    reach = np.maximum(down, across).ravel()
    order = reach.argsort(kind="stable")
    held = mass.ravel()[order].cumsum()
    return radius, float(2 * reach[order][np.searchsorted(held, MASS * held[-1])] + 1)

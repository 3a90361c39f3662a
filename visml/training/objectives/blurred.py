"""Squared error of chroma, sharp and blurred."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import conv2d, pad

from visml.color import yuv
from visml.training import targets
from visml.training.crops import Batch
from visml.training.objectives.base import Objective

ROWS = {3: (1, 2, 1), 5: (1, 4, 6, 4, 1)}  # binomial: the Gaussians of so many pixels


class BlurredL2(Objective):
    """Mean squared error of U and V in 0..1, and of both blurred by Gaussians of 3 and of 5 pixels: a third of each.

    The loss of R. Dahl's residual encoder. A blurred error forgives colors that are right a pixel beside. Means are
    over both channels, all pixels and all crops; pictures without color count nothing, the same ones as for the
    cross-entropy.
    """

    methods = ("chroma",)

    def forward(self, network: Any, batch: Batch, turn: str = "") -> dict[str, Tensor]:
        lightness, coarse = targets.lightness_and_ab(batch.rgb)
        counted = targets.has_color(coarse)[:, None, None, None]
        error = counted * (network.chroma(lightness).float() - yuv.chroma(batch.rgb.float() / 255))
        blurred = {f"uv_blurred_{side}": blur(error, side) for side in ROWS}
        return {name: each.square().mean() / (1 + len(ROWS)) for name, each in ({"uv": error} | blurred).items()}


def blur(maps: Tensor, side: int) -> Tensor:
    """Maps ``(N, C, H, W)`` blurred by the binomial window of 3 or 5 pixels, mirrored at the edges; same shape."""
    row = torch.tensor(ROWS[side], dtype=maps.dtype, device=maps.device)
    row = (row / row.sum()).expand(maps.shape[1], 1, 1, side)
    edged = pad(maps, 4 * [side // 2], mode="reflect")
    with torch.autocast(maps.device.type, enabled=False):
        return conv2d(conv2d(edged, row, groups=maps.shape[1]), row.mT, groups=maps.shape[1])

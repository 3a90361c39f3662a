"""Squared error of painted RGB."""

from __future__ import annotations

from typing import Any, ClassVar

from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, mse_loss

from visml.color import lab
from visml.training.crops import Batch
from visml.training.objectives.base import Objective


class RgbL2(Objective):
    """Mean squared error of red, green and blue in 0..1, of networks that paint a picture.

    Where the painted picture is smaller than the crop, a pixel's target is the mean of the pixels that it stands for.
    """

    methods: ClassVar[tuple[str, ...]] = ("paint",)

    def forward(self, network: Any, batch: Batch, turn: str = "") -> dict[str, Tensor]:
        painted = network.paint(lab.lightness(batch.rgb)).float()
        target = adaptive_avg_pool2d(batch.rgb.float() / 255, painted.shape[2:])
        return {"rgb_l2": mse_loss(painted, target)}

"""Squared error of ab."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from visml.models.base import Colorizer
from visml.models.blocks import AB_UNIT
from visml.training import targets
from visml.training.crops import Batch
from visml.training.objectives.base import Objective, needs_ab


class L2(Objective):
    """Half the squared distance of ab to the true one (Zhang et al. 2016, equation 1), in units of 110.

    ``1/2 ((a - a*)^2 + (b - b*)^2) / 110^2`` averaged over the output's positions, whatever its resolution; the paper
    takes the sum. A position's true color is that of the pixel in its middle, see :func:`visml.training.targets.at`.
    Pictures without color count nothing, the same ones as for the cross-entropy.
    """

    @classmethod
    def check(cls, model: Colorizer) -> None:
        needs_ab(model, "l2")

    def forward(self, network: Any, batch: Batch, turn: str = "") -> dict[str, Tensor]:
        lightness, coarse = targets.lightness_and_ab(batch.rgb)
        ab = network(lightness, batch.category).float()
        true = targets.ab_at(batch.rgb, (ab.shape[2], ab.shape[3]))
        counted = targets.has_color(coarse)[:, None, None]
        return {"l2": (counted * half_squared_error(ab, true)).mean()}


def half_squared_error(ab: Tensor, true: Tensor) -> Tensor:
    """Half the squared distance of colors ``(N, 2, h, w)``, in units of 110: ``(N, h, w)``."""
    return ((ab - true) / AB_UNIT).square().sum(dim=1) / 2

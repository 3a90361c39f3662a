"""Squared error of chroma scaled to 0..1."""

from __future__ import annotations

from typing import Any

from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, mse_loss

from visml.color import lab
from visml.models.base import Colorizer
from visml.models.encoder import CHROMA_SPAN
from visml.training.crops import Batch
from visml.training.objectives.base import Objective, needs_ab


class ChromaL2(Objective):
    """Mean squared error of a and b, each scaled to 0..1 as ``(ab + 128) / 255``.

    The mean is over both channels, all positions of the output and all crops, gray ones as well. The target of a
    position is the mean ab of all pixels that it stands for: of one pixel for an output as large as the crop, of the
    whole crop for an output of one position.
    """

    @classmethod
    def check(cls, model: Colorizer) -> None:
        needs_ab(model, "chroma_l2")

    def forward(self, network: Any, batch: Batch, turn: str = "") -> dict[str, Tensor]:
        output = network(lab.lightness(batch.rgb), batch.category).float()
        ab = lab.rgb_to_lab(batch.rgb.float() / 255)[:, 1:]
        target = adaptive_avg_pool2d(ab, output.shape[2:])
        return {"chroma_l2": mse_loss(output / CHROMA_SPAN, target / CHROMA_SPAN)}

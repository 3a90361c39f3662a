"""Cross-entropy over the bins, rebalanced by how rare a color is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from torch import Tensor

from visml.color import bins
from visml.models.base import Colorizer
from visml.training import tables, targets
from visml.training.crops import Batch
from visml.training.objectives.base import Objective, needs_bins


@dataclass(frozen=True)
class CrossEntropySettings:
    """How colors are weighed and encoded.

    Attributes:
        uniform: lambda of the class rebalancing; 1 is none.
        neighbors: bins that share a target color.
        sigma: width of the target's Gaussian, in ab units.
    """

    uniform: float = 0.5
    neighbors: int = 5
    sigma: float = 5.0

    def __post_init__(self) -> None:
        tables.check(0 <= self.uniform <= 1, "uniform must lie between 0 and 1")
        tables.check(self.neighbors > 0, "neighbors must be at least 1")
        tables.check(self.sigma > 0, "sigma must be above 0")


@dataclass(frozen=True)
class Encoded:
    """What a batch's colors ask of distributions over the bins.

    Attributes:
        index: the bins that share each color, ``(N, neighbors, h, w)`` int64, nearest first.
        share: how much of it each of them has, float32 of the same shape, sum 1.
        weight: how much each position counts, ``(N, h, w)``: by how rare its color is, 0 in pictures without color.
    """

    index: Tensor
    share: Tensor
    weight: Tensor


class CrossEntropy(Objective):
    """Class-rebalanced cross-entropy with soft targets (Zhang et al. 2016, equation 2).

    ``-sum v(Z) sum_q Z_q log Zhat_q`` averaged over pixels, where ``v = w[argmax_q Z]`` and w are the rebalancing
    weights of the smoothed prior. Pictures without color count nothing.
    """

    Settings: ClassVar[type] = CrossEntropySettings
    centers: Tensor
    weights: Tensor

    def __init__(self, settings: CrossEntropySettings, prior: Tensor, centers: Tensor) -> None:
        super().__init__(settings, prior, centers)
        smoothed = bins.smooth(prior, centers)
        self.register_buffer("centers", centers.clone())
        self.register_buffer("weights", bins.rebalancing_weights(smoothed, settings.uniform))

    @classmethod
    def check(cls, model: Colorizer) -> None:
        needs_bins(model, "cross_entropy")

    def forward(self, network: Any, batch: Batch, turn: str = "") -> dict[str, Tensor]:
        lightness, ab = targets.lightness_and_ab(batch.rgb)
        encoded = self.encode(ab)
        logits = network(lightness, batch.category).float()
        return {"cross_entropy": (encoded.weight * cross_entropy(logits, encoded)).mean()}

    def encode(self, ab: Tensor) -> Encoded:
        """What colors ``(N, 2, h, w)`` ask, and how much each counts."""
        index, share = bins.soft_encode(ab, self.centers, self.settings.neighbors, self.settings.sigma)
        return Encoded(index, share, self.weights[index[:, 0]] * targets.has_color(ab)[:, None, None])


def cross_entropy(logits: Tensor, encoded: Encoded) -> Tensor:
    """``-sum_q Z_q log Zhat_q`` of each position, ``(N, h, w)``, of logits ``(N, Q, h, w)``."""
    return -(encoded.share * logits.log_softmax(dim=1).gather(1, encoded.index)).sum(dim=1)

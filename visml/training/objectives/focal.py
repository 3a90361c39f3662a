"""Focal loss over the bins: what the network has nearly right counts less."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from visml.color import bins
from visml.models.base import Colorizer
from visml.training import tables, targets
from visml.training.crops import Batch
from visml.training.objectives.base import needs_bins
from visml.training.objectives.cross_entropy import CrossEntropy, CrossEntropySettings, Encoded, cross_entropy
from visml.training.objectives.l2 import half_squared_error

_LEAST = 1e-6  # of 1 - p: powers below 1 have no slope at 0


@dataclass(frozen=True)
class FocalSettings(CrossEntropySettings):
    """How colors are weighed and encoded, and how much less easy ones count.

    Attributes:
        gamma: of equation 5; 0 is the cross-entropy.
        l2: weight of the squared error of the expected color; 0 leaves it out.
    """

    gamma: float = 2.0
    l2: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        tables.check(self.gamma >= 0, "gamma must not be negative")
        tables.check(self.l2 >= 0, "l2 must not be negative")


class Focal(CrossEntropy):
    """Class-rebalanced focal loss with soft targets, and on request the squared error of the expected color.

    ``focal`` is ``v(Z) (1 - p)^gamma CE(Z, Zhat)`` averaged over pixels, with v and CE of :class:`CrossEntropy`
    (Lin, Goyal, Girshick, He, Dollar 2017, equation 5, v being its alpha). With a hard target p is the probability of
    the true bin. With a soft one it is ``p = exp(-KL(Z, Zhat))``, KL being the cross-entropy less the target's own
    entropy, which is the same where the target is hard: 1 where the network gives the very distribution asked for,
    and there alone, so that the loss is lowest there.

    ``l2`` is the setting of that name times half the squared distance of the expected color, the mean at T = 1, to the
    true one, as :class:`visml.training.objectives.l2.L2` counts it: not rebalanced. Pictures without color count
    nothing in either.
    """

    Settings: ClassVar[type] = FocalSettings

    @classmethod
    def check(cls, model: Colorizer) -> None:
        needs_bins(model, "focal")

    def forward(self, network: Any, batch: Batch, turn: str = "") -> dict[str, Tensor]:
        lightness, ab = targets.lightness_and_ab(batch.rgb)
        encoded = self.encode(ab)
        logits = network(lightness, batch.category).float()
        losses = {"focal": (encoded.weight * focal(logits, encoded, self.settings.gamma)).mean()}
        if self.settings.l2:
            distance = half_squared_error(bins.decode(logits, self.centers, temperature=1.0), ab)
            losses["l2"] = self.settings.l2 * (targets.has_color(ab)[:, None, None] * distance).mean()
        return losses


def focal(logits: Tensor, encoded: Encoded, gamma: float) -> Tensor:
    """``(1 - p)^gamma CE`` of each position, ``(N, h, w)``, of logits ``(N, Q, h, w)``; see :class:`Focal` for p."""
    each = cross_entropy(logits, encoded)
    divergence = each - torch.special.entr(encoded.share).sum(dim=1)
    missing = -torch.expm1(-divergence)  # 1 - p
    return missing.clamp_min(_LEAST) ** gamma * each

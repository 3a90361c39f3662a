"""Colors and category at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from torch import Tensor
from torch.nn.functional import cross_entropy, mse_loss

from visml.color import lab
from visml.models import joint
from visml.models.base import Colorizer
from visml.training import tables, targets
from visml.training.crops import Batch
from visml.training.objectives.base import Objective

UNKNOWN = -1


@dataclass(frozen=True)
class TwoTaskSettings:
    """How much the category counts beside the colors.

    Attributes:
        classification: weight of its cross-entropy.
    """

    classification: float = 1 / 300

    def __post_init__(self) -> None:
        tables.check(self.classification >= 0, "classification must not be negative")


class TwoTask(Objective):
    """Squared error of color and cross-entropy of the category (Iizuka et al. 2016, section 3).

    ``l2`` is the mean squared error of a and b scaled to 0..1 as the network's sigmoid gives them, over all positions
    of its output; a position's target is the color of the pixel in its middle. ``classification`` is the mean
    cross-entropy over the pictures whose category is known, 0 without any, times its weight. The paper sums the first
    over a picture where this takes the mean; its weight of 1/300 stands here as it is given there.
    """

    Settings = TwoTaskSettings
    methods: ClassVar[tuple[str, ...]] = ("both",)

    @classmethod
    def check(cls, model: Colorizer) -> None:
        super().check(model)
        tables.check(len(model.categories) > 0, "the objective 'two_task' needs a network that knows categories")

    def forward(self, network: Any, batch: Batch, turn: str = "") -> dict[str, Tensor]:
        colors = lab.rgb_to_lab(batch.rgb.float() / 255)
        ab, logits = network.both(lab.lightness(batch.rgb))
        target = targets.at(colors[:, 1:], (ab.shape[2], ab.shape[3]))
        known = max(self.counted(batch, "classification"), 1)
        wrong = cross_entropy(logits.float(), batch.category, ignore_index=UNKNOWN, reduction="sum") / known
        return {
            "l2": mse_loss(joint.share(ab.float()), joint.share(target)),
            "classification": self.settings.classification * wrong,
        }

    def counted(self, batch: Batch, term: str) -> int:
        return int((batch.category != UNKNOWN).sum()) if term == "classification" else len(batch.rgb)

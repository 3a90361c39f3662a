"""A painter against a critic, and close to the true picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, l1_loss

from visml.color import lab
from visml.training import tables
from visml.training.crops import Batch
from visml.training.objectives.base import Objective


@dataclass(frozen=True)
class AdversarialSettings:
    """How much the true picture counts beside the critic.

    Attributes:
        l1: weight of the mean absolute error of RGB, in units of -1..1.
    """

    l1: float = 100.0

    def __post_init__(self) -> None:
        tables.check(self.l1 >= 0, "l1 must not be negative")


class Adversarial(Objective):
    """The conditional adversarial loss with an L1 term (Isola et al. 2017, equations 1 to 4).

    The critic's turn lowers ``critic``: the mean of its cross-entropy on the true pictures, which it shall call real,
    and on the painted ones, which it shall not; half their sum, as in section 3.3, so that it learns more slowly. The
    painter's turn lowers ``adversarial``, the cross-entropy of the critic's verdicts on the painted pictures with
    "real" (the form of the loss whose gradient does not fade, section 3.3), and ``l1``, the mean absolute difference
    from the true picture, red, green and blue in -1..1, times its weight.

    The painter runs once in each turn. Its dropout is drawn anew and its BatchNorm counts the batch twice; neither
    matters to what is lowered. The critic sees real and painted pictures in batches of their own.
    """

    Settings = AdversarialSettings
    turns: ClassVar[tuple[str, ...]] = ("critic", "")
    methods: ClassVar[tuple[str, ...]] = ("paint", "judge")

    def forward(self, network: Any, batch: Batch, turn: str = "") -> dict[str, Tensor]:
        lightness, real = lab.lightness(batch.rgb), batch.rgb.float() / 255
        if turn == "critic":
            return {"critic": _critic(network, lightness, real)}
        painted = network.paint(lightness)
        return {
            "adversarial": _verdict(network.judge(lightness, painted), real=True),
            "l1": self.settings.l1 * l1_loss(2 * painted - 1, 2 * real - 1),
        }


def _critic(network: Any, lightness: Tensor, real: Tensor) -> Tensor:
    with torch.no_grad():
        painted = network.paint(lightness)
    on_real = _verdict(network.judge(lightness, real), real=True)
    return (on_real + _verdict(network.judge(lightness, painted), real=False)) / 2


def _verdict(logits: Tensor, *, real: bool) -> Tensor:
    """Mean cross-entropy of verdicts ``(N, 1, h, w)`` with what they ought to be."""
    return binary_cross_entropy_with_logits(logits.float(), torch.full_like(logits, float(real), dtype=torch.float32))

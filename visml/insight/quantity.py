"""Scalars of a network's output that a question can be about; all can be differentiated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from visml.color import bins
from visml.insight.forward import InsightRefused


class Quantity(Protocol):
    """A number for each output of a batch."""

    @property
    def unit(self) -> str:
        """What it is counted in."""

    def of(self, output: Tensor, centers: Tensor | None, weights: Tensor) -> Tensor:
        """The number, ``(N,)``.

        Args:
            output: logits ``(N, Q, h, w)`` or ab ``(N, 2, h, w)``, float32.
            centers: ``(Q, 2)``, None for a network that gives ab.
            weights: of positions, ``(h, w)``, sum 1, see :func:`visml.insight.region.weights`.

        Raises:
            InsightRefused: the network has no such quantity.
        """


@dataclass(frozen=True)
class Shift:
    """How far the region's mean color lies in a direction of the ab plane, in Lab units.

    ``sum_p w_p <ab_p, u>``, u the unit vector of (a, b) and ab_p the annealed mean at the temperature.

    Attributes:
        a: of the direction: red is positive, green negative.
        b: of the direction: yellow is positive, blue negative.
        temperature: of the decoding, above 0: the mode has no gradient.
    """

    a: float
    b: float
    temperature: float = bins.DEFAULT_TEMPERATURE
    unit: str = "Lab units"

    def of(self, output: Tensor, centers: Tensor | None, weights: Tensor) -> Tensor:
        a, b = mean_ab(output, centers, weights, self.temperature).unbind(1)
        length = float((self.a**2 + self.b**2) ** 0.5)
        if not length:
            raise InsightRefused("A direction of color needs an a or a b other than 0.")
        return (a * self.a + b * self.b) / length


@dataclass(frozen=True)
class LogProbability:
    """The region's mean log probability of a bin, at T = 1: ``sum_p w_p log Z_p(q)``, in nats."""

    bin: int
    unit: str = "nats"

    def of(self, output: Tensor, centers: Tensor | None, weights: Tensor) -> Tensor:
        _check_bins(centers, self.bin)
        return _mean(output.log_softmax(dim=1)[:, self.bin], weights)


@dataclass(frozen=True)
class LogOdds:
    """The region's mean log odds of one bin against another: ``sum_p w_p (z_p(q) - z_p(r))``, z the logits, in nats."""

    bin: int
    against: int
    unit: str = "nats"

    def of(self, output: Tensor, centers: Tensor | None, weights: Tensor) -> Tensor:
        _check_bins(centers, self.bin, self.against)
        return _mean(output[:, self.bin] - output[:, self.against], weights)


def mean_ab(output: Tensor, centers: Tensor | None, weights: Tensor, temperature: float) -> Tensor:
    """The region's mean color ``(N, 2)`` in Lab units, the annealed mean where there are bins.

    Raises:
        InsightRefused: the temperature is 0 and there are bins.
    """
    if centers is not None and temperature <= 0:
        raise InsightRefused("At T = 0 a color jumps from bin to bin and has no gradient; choose a T above 0.")
    ab = output if centers is None else bins.decode(output, centers.to(output.device), temperature)
    return (ab * weights.to(output.device)).sum(dim=(2, 3))


def _mean(values: Tensor, weights: Tensor) -> Tensor:
    return torch.sum(values * weights.to(values.device), dim=(1, 2))


def _check_bins(centers: Tensor | None, *asked: int) -> None:
    if centers is None:
        raise InsightRefused("This model gives colors itself and has no bins; ask for a direction of color instead.")
    for each in asked:
        if not 0 <= each < len(centers):
            raise InsightRefused(f"Bins are counted from 0 to {len(centers) - 1}.")

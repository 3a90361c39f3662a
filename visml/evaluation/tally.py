"""What is kept of a set of colorings while it is gone through: sums and counts that do not grow with the set."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from visml import metrics
from visml.color.bins import BINS


@dataclass(frozen=True)
class Colored:
    """One picture, the photo itself or a coloring of it.

    Attributes:
        rgb: ``(S, S, 3)`` uint8.
        ab: ``(2, S, S)`` float32; of a coloring as it was painted, before RGB clipped it.
    """

    rgb: npt.NDArray[np.uint8]
    ab: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Measures:
    """What is measured on one coloring: its numbers in the order of ``NAMES``, and its ab errors ``(S, S)``."""

    numbers: npt.NDArray[np.float64]
    errors: metrics.Floats


@dataclass(frozen=True)
class Row:
    """The scores of one method over one set of pictures.

    Attributes:
        method: ``model``, ``gray`` or ``training_mean``.
        category: the pictures' category; None for all of them together.
        pictures: how many were scored.
        auc: area under the accuracy curve, every pixel counting the same; percent.
        balanced_auc: the same, each pixel counting 1/n of its true bin; percent, None without a bin of 500 pixels.
        prior_auc: the paper's, each pixel counting 1/p of its true bin, p the smoothed training prior; None without.
        psnr: mean over pictures, dB.
        ciede2000: mean color difference.
        colorfulness: mean over pictures, as first defined.
        colorfulness_difference: the same minus the targets': below 0 is too dull.
        colorfulness_absolute: mean of the variant on absolute values.
        colorfulness_absolute_difference: the same minus the targets'.
        accuracy: share of positions whose true bin is the likeliest; None for what has no bins.
        relaxed_accuracy: share of positions whose true bin is among the five likeliest; None likewise.
    """

    method: str
    category: str | None
    pictures: int
    auc: float
    balanced_auc: float | None
    prior_auc: float | None
    psnr: float
    ciede2000: float
    colorfulness: float
    colorfulness_difference: float
    colorfulness_absolute: float
    colorfulness_absolute_difference: float
    accuracy: float | None
    relaxed_accuracy: float | None


NAMES = (
    "psnr",
    "ciede2000",
    "colorfulness",
    "colorfulness_difference",
    "colorfulness_absolute",
    "colorfulness_absolute_difference",
)


def measure(target: Colored, painted: Colored) -> Measures:
    """The scores of one coloring of a photo."""
    signed, absolute = metrics.colorfulness(painted.rgb), metrics.colorfulness_absolute(painted.rgb)
    numbers = (
        metrics.psnr(target.rgb, painted.rgb),
        metrics.ciede2000(metrics.lab(target.rgb), metrics.lab(painted.rgb)),
        signed,
        signed - metrics.colorfulness(target.rgb),
        absolute,
        absolute - metrics.colorfulness_absolute(target.rgb),
    )
    return Measures(np.array(numbers), metrics.ab_errors(target.ab, painted.ab))


class Tally:
    """One method's scores over a set, gathered picture by picture."""

    def __init__(self) -> None:
        self.curves = metrics.AccuracyCurves(len(BINS))
        self._numbers = np.zeros(len(NAMES))
        self._pictures = 0
        self._hits = np.zeros(2, dtype=np.int64)
        self._positions = 0

    def add(self, measures: Measures, true_bins: npt.NDArray[np.int64]) -> None:
        """Count one coloring, with its photo's true bins ``(S, S)``."""
        self.curves.add(measures.errors, true_bins)
        self._numbers += measures.numbers
        self._pictures += 1

    def add_hits(self, likeliest: int, among_five: int, positions: int) -> None:
        """Count positions whose true bin was the likeliest, and among the five likeliest, of ``positions``."""
        self._hits += (likeliest, among_five)
        self._positions += positions

    def merge(self, other: Tally) -> None:
        """Count another tally's pictures too."""
        self.curves.merge(other.curves)
        self._numbers += other._numbers
        self._pictures += other._pictures
        self._hits += other._hits
        self._positions += other._positions

    def row(self, method: str, category: str | None, weights: npt.NDArray[np.floating] | None) -> Row:
        """The scores gathered.

        Args:
            method: what painted.
            category: which pictures.
            weights: ``1/p`` of the smoothed training prior for each bin ``(313,)``, or None.
        """
        accuracy, relaxed = (self._hits / self._positions).tolist() if self._positions else (None, None)
        return Row(
            method=method,
            category=category,
            pictures=self._pictures,
            auc=metrics.curve_area(self.curves.raw()),
            balanced_auc=_known(metrics.curve_area(self.curves.balanced())),
            prior_auc=None if weights is None else _known(metrics.curve_area(self.curves.weighted(weights))),
            accuracy=accuracy,
            relaxed_accuracy=relaxed,
            **dict(zip(NAMES, (self._numbers / self._pictures).tolist(), strict=True)),
        )


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value

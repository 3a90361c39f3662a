"""What is kept of a set of colorings while it is gone through: sums and counts that do not grow with the set."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from visml import metrics
from visml.color.bins import BINS
from visml.evaluation.measures import Measures, known


@dataclass(frozen=True)
class Row:
    """The scores of one method over one set of pictures.

    Attributes:
        method: ``model``, ``gray``, ``training_mean``, ``lightness_table`` or ``random_picture``.
        category: the pictures' category; None for all of them together.
        pictures: how many were scored.
        auc: area under the accuracy curve, every pixel counting the same; percent.
        balanced_auc: the same, each pixel counting 1/n of its true bin; percent, None without a bin of 500 pixels.
        prior_auc: the paper's, each pixel counting 1/p of its true bin, p the smoothed training prior; None without.
        rmse_ab: root of the mean squared difference over all ab values of the set.
        psnr: mean over pictures, dB.
        ssim: structural similarity, mean over pictures, -1..1; None for pictures of fewer than 11 x 11 pixels.
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
    rmse_ab: float
    psnr: float
    ssim: float | None
    ciede2000: float
    colorfulness: float
    colorfulness_difference: float
    colorfulness_absolute: float
    colorfulness_absolute_difference: float
    accuracy: float | None
    relaxed_accuracy: float | None


_MEANS = (
    "psnr",
    "ciede2000",
    "colorfulness",
    "colorfulness_difference",
    "colorfulness_absolute",
    "colorfulness_absolute_difference",
)


class Tally:
    """One method's scores over a set, gathered picture by picture."""

    def __init__(self) -> None:
        self.curves = metrics.AccuracyCurves(len(BINS))
        self._means = np.zeros(len(_MEANS))
        self._ssim = self._squares = 0.0
        self._pictures = 0
        self._hits = np.zeros(2, dtype=np.int64)
        self._positions = 0

    def add(self, measures: Measures, true_bins: npt.NDArray[np.int64]) -> None:
        """Count one coloring, with its photo's true bins ``(S, S)``; all must be of one size."""
        self.curves.add(measures.errors, true_bins)
        self._means += [getattr(measures, name) for name in _MEANS]
        self._ssim += measures.ssim
        self._squares += measures.rmse_ab**2
        self._pictures += 1

    def add_hits(self, likeliest: int, among_five: int, positions: int) -> None:
        """Count positions whose true bin was the likeliest, and among the five likeliest, of ``positions``."""
        self._hits += (likeliest, among_five)
        self._positions += positions

    def merge(self, other: Tally) -> None:
        """Count another tally's pictures too."""
        self.curves.merge(other.curves)
        self._means += other._means
        self._ssim += other._ssim
        self._squares += other._squares
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
            balanced_auc=known(metrics.curve_area(self.curves.balanced())),
            prior_auc=None if weights is None else known(metrics.curve_area(self.curves.weighted(weights))),
            rmse_ab=math.sqrt(self._squares / self._pictures),
            ssim=known(self._ssim / self._pictures),
            accuracy=accuracy,
            relaxed_accuracy=relaxed,
            **dict(zip(_MEANS, (self._means / self._pictures).tolist(), strict=True)),
        )

"""Whether a model is right as often as it is sure (Guo et al., "On Calibration of Modern Neural Networks", 2017)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from visml.evaluation.measures import known

PARTS = 15


@dataclass(frozen=True)
class Part:
    """The positions whose confidence lies above ``low`` and not above ``high``.

    Attributes:
        low: where the part begins, 0..1.
        high: where it ends.
        confidence: mean confidence; None where the part is empty.
        accuracy: share whose likeliest bin is the true one; None where the part is empty.
        positions: how many there are.
    """

    low: float
    high: float
    confidence: float | None
    accuracy: float | None
    positions: int


@dataclass(frozen=True)
class Calibration:
    """How confidence and accuracy agree.

    Attributes:
        temperature: at which the probabilities were taken: 1, the network's own.
        ece: expected calibration error (section 2, equation 3): mean of ``|accuracy - confidence|`` over the parts,
            each weighed by its positions; 0..1.
        parts: 15 equal parts of 0..1.
    """

    temperature: float
    ece: float
    parts: tuple[Part, ...]


class Reliability:
    """Counts for a :class:`Calibration`, gathered batch by batch."""

    def __init__(self) -> None:
        """No position yet."""
        self._positions = np.zeros(PARTS, dtype=np.int64)
        self._right = np.zeros(PARTS, dtype=np.int64)
        self._confidence = np.zeros(PARTS)

    def add(self, confidence: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]) -> None:
        """Count positions.

        Args:
            confidence: probability of the likeliest bin, 0..1, any shape.
            right: whether that bin is the true one, of the same shape.
        """
        # A confidence on a border belongs to the part below it, as in the paper.
        part = np.clip(np.ceil(confidence * PARTS).astype(np.int64) - 1, 0, PARTS - 1).ravel()
        self._positions += np.bincount(part, minlength=PARTS)
        self._right += np.bincount(part[right.ravel()], minlength=PARTS)
        self._confidence += np.bincount(part, weights=confidence.ravel(), minlength=PARTS)

    def merge(self, other: Reliability) -> None:
        """Count another set's positions too."""
        self._positions += other._positions
        self._right += other._right
        self._confidence += other._confidence

    def result(self) -> Calibration:
        """What was gathered; the probabilities were those of T = 1."""
        with np.errstate(invalid="ignore"):
            confidence, accuracy = self._confidence / self._positions, self._right / self._positions
        gaps = np.abs(self._right - self._confidence).sum()
        parts = (
            Part(i / PARTS, (i + 1) / PARTS, known(float(confidence[i])), known(float(accuracy[i])), count)
            for i, count in enumerate(self._positions.tolist())
        )
        return Calibration(1.0, float(gaps / max(self._positions.sum(), 1)), tuple(parts))

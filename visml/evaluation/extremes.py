"""The pictures that a model colored best and worst, found in one pass and never more than a dozen of each held."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from visml.evaluation.measures import PictureScores
from visml.evaluation.photos import Colored

SHOWN = 12


@dataclass(frozen=True)
class Example:
    """One picture and its coloring.

    Attributes:
        scores: of the coloring.
        target: the photo, ``(S, S, 3)`` uint8.
        painted: its coloring, of the same shape.
    """

    scores: PictureScores
    target: npt.NDArray[np.uint8] = field(repr=False, compare=False)
    painted: npt.NDArray[np.uint8] = field(repr=False, compare=False)


class Extremes:
    """The best and the worst pictures so far, by their ``rmse_ab``; equal ones in the order of their names."""

    def __init__(self) -> None:
        """No picture yet."""
        self._best: list[tuple[float, str, Example]] = []
        self._worst: list[tuple[float, str, Example]] = []

    def add(self, scores: PictureScores, target: Colored, painted: Colored) -> None:
        """Consider a picture; no two may have the same name."""
        for ranked, rank in ((self._best, scores.rmse_ab), (self._worst, -scores.rmse_ab)):
            if len(ranked) == SHOWN and (rank, scores.picture) > ranked[-1][:2]:
                continue
            # Copies, since the arrays are parts of a whole batch's.
            insort(ranked, (rank, scores.picture, Example(scores, target.rgb.copy(), painted.rgb.copy())))
            del ranked[SHOWN:]

    def merge(self, other: Extremes) -> None:
        """Consider another set's pictures too."""
        for ranked, others in ((self._best, other._best), (self._worst, other._worst)):
            for each in others:
                insort(ranked, each)
            del ranked[SHOWN:]

    def best(self) -> tuple[Example, ...]:
        """Up to 12 pictures, the best first."""
        return tuple(example for _, _, example in self._best)

    def worst(self) -> tuple[Example, ...]:
        """Up to 12 pictures, the worst first."""
        return tuple(example for _, _, example in self._worst)

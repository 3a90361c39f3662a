"""What an evaluation keeps of some pictures: sums, counts and a dozen examples, to which others' can be added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt
from torch import Tensor

from visml.evaluation.baselines import RandomPictures
from visml.evaluation.calibration import Calibration, Reliability
from visml.evaluation.extremes import Extremes
from visml.evaluation.measures import Measures, PictureScores, measure
from visml.evaluation.photos import Colored, Photos, colored
from visml.evaluation.reading import Passed
from visml.evaluation.sweep import AtTemperature, Sweep
from visml.evaluation.tally import Row, Tally

RANDOM_PICTURE = "random_picture"
Measuring = Callable[[Callable[[Colored, Colored], Measures], Iterable[Colored], Iterable[Colored]], Iterable[Measures]]


class Gathered:
    """The tallies of a model and its baselines, for every category, over some pictures of a folder.

    Attributes:
        done: pictures seen, whether scored or passed over.
        scored: pictures scored.
        passed: how many were passed over, by reason.
        scores: the model's on each picture, in order; not those of what is merged.
        extremes: the pictures that the model colored best and worst.
        reliability: of the model's distributions; None where it has none.
        sweeps: scores at other temperatures.
        tallies: of each method and category.
        random: the pictures that wait for another one's colors.
    """

    def __init__(self, has_bins: bool, temperatures: tuple[float, ...] = ()) -> None:
        """Nothing gathered yet.

        Args:
            has_bins: whether the model gives distributions over bins.
            temperatures: at which such a model is scored besides.
        """
        self.done = self.scored = 0
        self.passed: Counter[Passed] = Counter()
        self.scores: list[PictureScores] = []
        self.extremes = Extremes()
        self.reliability = Reliability() if has_bins else None
        self.sweeps = [Sweep(temperature) for temperature in temperatures] if has_bins else []
        self.tallies: dict[tuple[str, str | None], Tally] = {}
        self.random = RandomPictures()

    def merge(self, other: Gathered) -> None:
        """Add what was gathered, in the same way, of the pictures that follow on these."""
        self.done += other.done
        self.scored += other.scored
        self.passed.update(other.passed)
        self.extremes.merge(other.extremes)
        if self.reliability is not None and other.reliability is not None:
            self.reliability.merge(other.reliability)
        for sweep, more in zip(self.sweeps, other.sweeps, strict=True):
            sweep.merge(more)
        for key, tally in other.tallies.items():
            self.tallies.setdefault(key, Tally()).merge(tally)
        self._color_waiting(self.random.follow(other.random))

    def finish(self) -> None:
        """Score what had to wait for the last picture; a single picture has no other to take colors from."""
        if self.scored > 1:
            self._color_waiting(self.random.finish())

    def tally(self, method: str, photos: Photos, painted: list[Colored], each: Measuring = map) -> list[Measures]:
        """Count the colorings of some photos, measured through ``each``; returns what was measured on each."""
        measured = list(each(measure, photos.targets, painted))
        for category, measures, true in zip(photos.categories, measured, photos.true_bins, strict=True):
            self.tallies.setdefault((method, category), Tally()).add(measures, true)
        return measured

    def rows(self, weights: npt.NDArray[np.floating] | None) -> tuple[Row, ...]:
        """For each method its scores over all pictures, then for each category in turn.

        Args:
            weights: as for :meth:`visml.evaluation.tally.Tally.row`.
        """
        totals = self.totals()
        rows = [tally.row(method, None, weights) for method, tally in totals.items()]
        for category in sorted({name for _, name in self.tallies if name is not None}):
            named = [(method, self.tallies[method, category]) for method in totals]
            rows += [tally.row(method, category, weights) for method, tally in named]
        return tuple(rows)

    def totals(self) -> dict[str, Tally]:
        """Each method's tally over all pictures."""
        totals: dict[str, Tally] = {}
        for (method, _), tally in self.tallies.items():
            totals.setdefault(method, Tally()).merge(tally)
        return totals

    def calibration(self) -> Calibration | None:
        """Of the model's distributions; None where it has none."""
        return None if self.reliability is None else self.reliability.result()

    def temperatures(self) -> tuple[AtTemperature, ...] | None:
        """The model's scores at other temperatures; None where none were asked for or it has no bins."""
        return tuple(sweep.result() for sweep in self.sweeps) or None

    def _color_waiting(self, waiting: tuple[Photos, Tensor] | None) -> None:
        if waiting is not None:
            photos, ab = waiting
            self.tally(RANDOM_PICTURE, photos, colored(photos.lightness, ab))

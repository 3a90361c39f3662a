"""Everything that an evaluation gathers of a folder, batch by batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from visml.color import bins
from visml.evaluation import baselines
from visml.evaluation.baselines import TrainingColors
from visml.evaluation.calibration import Calibration, Reliability
from visml.evaluation.extremes import Extremes
from visml.evaluation.measures import Measures, PictureScores, measure, picture_scores
from visml.evaluation.painting import Guesses, ModelPainter
from visml.evaluation.photos import Colored, Photos, colored, scorable
from visml.evaluation.reading import Passed, Read
from visml.evaluation.sweep import AtTemperature, Sweep
from visml.evaluation.tally import Row, Tally

MODEL, RANDOM_PICTURE = "model", "random_picture"


class Scoring:
    """The tallies of a model and its baselines, for every category.

    Attributes:
        done: pictures seen, whether scored or passed over.
        scored: pictures scored.
        passed: how many were passed over, by reason.
        extremes: the pictures that the model colored best and worst.
    """

    def __init__(
        self,
        painter: ModelPainter,
        training: TrainingColors | None,
        temperatures: tuple[float, ...] = (),
        each: Callable[[PictureScores], None] = lambda scores: None,
    ) -> None:
        """Nothing gathered yet.

        Args:
            painter: the model.
            training: what is known of its training set's colors.
            temperatures: at which a model with bins is scored besides.
            each: told the model's scores on each picture.
        """
        self.done = self.scored = 0
        self.passed: Counter[Passed] = Counter()
        self.extremes = Extremes()
        self._model, self._each = painter, each
        self._baselines, self._random = baselines.painters(training), baselines.RandomPictures()
        self._weights = None if training is None else _inverse(training.probabilities)
        self._reliability = Reliability() if painter.has_bins else None
        self._sweeps = [Sweep(temperature) for temperature in temperatures] if painter.has_bins else []
        self._tallies: dict[tuple[str, str | None], Tally] = {}

    def add(self, pool: ThreadPoolExecutor, batch: list[Read]) -> None:
        """Score a batch: the tensor work here, each picture's own measures in the pool."""
        self.done += len(batch)
        self.passed.update(each.content for each in batch if isinstance(each.content, Passed))
        photos = scorable(batch)
        if photos is None:
            return
        self.scored += len(photos)
        self._add_model(pool, photos)
        for method, paint in self._baselines.items():
            self._tally(pool, method, photos, colored(photos.lightness, paint(photos.lightness)))
        self._add_random(pool, *self._random.paint(photos))

    def finish(self, pool: ThreadPoolExecutor) -> None:
        """Score what had to wait for the last picture; a single picture has no other to take colors from."""
        if self.scored > 1:
            self._add_random(pool, *self._random.finish())

    def rows(self) -> tuple[Row, ...]:
        """For each method its scores over all pictures, then for each category in turn."""
        totals = self.totals()
        rows = [tally.row(method, None, self._weights) for method, tally in totals.items()]
        for category in sorted({name for _, name in self._tallies if name is not None}):
            named = [(method, self._tallies[method, category]) for method in totals]
            rows += [tally.row(method, category, self._weights) for method, tally in named]
        return tuple(rows)

    def totals(self) -> dict[str, Tally]:
        """Each method's tally over all pictures."""
        totals: dict[str, Tally] = {}
        for (method, _), tally in self._tallies.items():
            totals.setdefault(method, Tally()).merge(tally)
        return totals

    def calibration(self) -> Calibration | None:
        """Of the model's distributions; None where it has none."""
        return None if self._reliability is None else self._reliability.result()

    def temperatures(self) -> tuple[AtTemperature, ...] | None:
        """The model's scores at other temperatures; None where none were asked for or it has no bins."""
        return tuple(sweep.result() for sweep in self._sweeps) or None

    def _add_model(self, pool: ThreadPoolExecutor, photos: Photos) -> None:
        size = photos.lightness.shape[-1]
        output = self._model.output(photos.lightness, photos.categories)
        painted = colored(photos.lightness, self._model.ab(output, size))
        measured = self._tally(pool, MODEL, photos, painted)
        for read, target, coloring, measures in zip(photos.reads, photos.targets, painted, measured, strict=True):
            scores = picture_scores(read, target, coloring, measures)
            self.extremes.add(scores, target, coloring)
            self._each(scores)
        guesses = self._model.guesses(output, photos.ab)
        if guesses is not None:
            self._add_guesses(guesses, photos)
        for sweep in self._sweeps:
            known = sweep.temperature == self._model.temperature
            ab = None if known else self._model.ab(output, size, sweep.temperature)
            sweep.add(pool, photos, painted if ab is None else colored(photos.lightness, ab))

    def _add_guesses(self, guesses: Guesses, photos: Photos) -> None:
        for category, right, among_five in zip(photos.categories, guesses.right, guesses.among_five, strict=True):
            self._tallies[MODEL, category].add_hits(int(right.sum()), int(among_five.sum()), right.size)
        if self._reliability is not None:
            self._reliability.add(guesses.confidence, guesses.right)

    def _add_random(self, pool: ThreadPoolExecutor, photos: Photos, ab: Tensor) -> None:
        if len(photos):
            self._tally(pool, RANDOM_PICTURE, photos, colored(photos.lightness, ab))

    def _tally(self, pool: ThreadPoolExecutor, method: str, photos: Photos, painted: list[Colored]) -> list[Measures]:
        """Count the colorings of some photos; returns what was measured on each."""
        measured = list(pool.map(measure, photos.targets, painted))
        for category, measures, true in zip(photos.categories, measured, photos.true_bins, strict=True):
            self._tallies.setdefault((method, category), Tally()).add(measures, true)
        return measured


def _inverse(prior: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """``1/p`` of each bin up to a factor, p smoothed (Zhang et al. 2016, section 3.1: equation 4 with lambda 0)."""
    smoothed = bins.smooth(torch.as_tensor(prior, dtype=torch.float64), bins.centers())
    weights: npt.NDArray[np.floating] = bins.rebalancing_weights(smoothed, 0.0).numpy()
    return weights

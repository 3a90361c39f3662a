"""How a model and its baselines are scored on some pictures of a folder."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from visml.color import bins
from visml.evaluation import baselines
from visml.evaluation.baselines import Painter, TrainingColors
from visml.evaluation.gathered import RANDOM_PICTURE, Gathered
from visml.evaluation.measures import picture_scores
from visml.evaluation.painting import Guesses, ModelPainter
from visml.evaluation.photos import Photos, colored, scorable
from visml.evaluation.reading import BATCH, Passed, Read, read_ahead
from visml.images.decode import Limits
from visml.images.folder import Picture
from visml.models.base import Colorizer
from visml.scale.work import Tell, silent

MODEL = "model"
_WORKERS = 2


@dataclass(frozen=True)
class Scoring:
    """The :class:`visml.scale.work.Work` of scoring pictures.

    Attributes:
        model: the colorizer.
        temperature: of decoding.
        training: what is known of its training set's colors.
        temperatures: at which a model with bins is scored besides.
        root: the folder.
        limits: which pictures are too large to open.
        chunk: pictures of one part; whole batches, so that a part holds the very batches of one long pass.
    """

    model: Colorizer = field(repr=False)
    temperature: float
    training: TrainingColors | None
    temperatures: tuple[float, ...]
    root: Path
    limits: Limits
    chunk: int = 2 * BATCH

    @property
    def on_gpu(self) -> bool:
        """Whether the model lies on a GPU."""
        return any(weight.is_cuda for weight in self.model.parameters())

    def nothing(self) -> Gathered:
        """What is gathered of no picture."""
        return Gathered(self._painter.has_bins, self.temperatures)

    def do(self, items: Sequence[Picture], tell: Tell = silent) -> Gathered:
        """What is gathered of some pictures.

        Raises:
            EvaluationRefused: the network gives no colors.
        """
        gathered = self.nothing()
        with ThreadPoolExecutor(_WORKERS) as pool:
            for batch in read_ahead(pool, items, self.root, self.model.input_size, self.limits):
                self._add(gathered, pool, batch)
                tell(gathered.done)
        return gathered

    @cached_property
    def _painter(self) -> ModelPainter:
        return ModelPainter(self.model, self.temperature)

    @property
    def _baselines(self) -> dict[str, Painter]:
        return baselines.painters(self.training)

    def _add(self, gathered: Gathered, pool: ThreadPoolExecutor, batch: list[Read]) -> None:
        """Score a batch: the tensor work here, each picture's own measures in the pool."""
        gathered.done += len(batch)
        gathered.passed.update(each.content for each in batch if isinstance(each.content, Passed))
        photos = scorable(batch)
        if photos is None:
            return
        gathered.scored += len(photos)
        self._add_model(gathered, pool, photos)
        for method, paint in self._baselines.items():
            gathered.tally(method, photos, colored(photos.lightness, paint(photos.lightness)), pool.map)
        ready, ab = gathered.random.paint(photos)
        if len(ready):
            gathered.tally(RANDOM_PICTURE, ready, colored(ready.lightness, ab), pool.map)

    def _add_model(self, gathered: Gathered, pool: ThreadPoolExecutor, photos: Photos) -> None:
        size = photos.lightness.shape[-1]
        output = self._painter.output(photos.lightness, photos.categories)
        painted = colored(photos.lightness, self._painter.ab(output, size))
        measured = gathered.tally(MODEL, photos, painted, pool.map)
        for read, target, coloring, measures in zip(photos.reads, photos.targets, painted, measured, strict=True):
            gathered.scores.append(picture_scores(read, target, coloring, measures))
            gathered.extremes.add(gathered.scores[-1], target, coloring)
        guesses = self._painter.guesses(output, photos.ab)
        if guesses is not None:
            _add_guesses(gathered, guesses, photos)
        for sweep in gathered.sweeps:
            known = sweep.temperature == self.temperature
            ab = None if known else self._painter.ab(output, size, sweep.temperature)
            sweep.add(pool, photos, painted if ab is None else colored(photos.lightness, ab))


def inverse_prior(prior: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """``1/p`` of each bin up to a factor, p smoothed (Zhang et al. 2016, section 3.1: equation 4 with lambda 0)."""
    smoothed = bins.smooth(torch.as_tensor(prior, dtype=torch.float64), bins.centers())
    weights: npt.NDArray[np.floating] = bins.rebalancing_weights(smoothed, 0.0).numpy()
    return weights


def _add_guesses(gathered: Gathered, guesses: Guesses, photos: Photos) -> None:
    for category, right, among_five in zip(photos.categories, guesses.right, guesses.among_five, strict=True):
        gathered.tallies[MODEL, category].add_hits(int(right.sum()), int(among_five.sum()), right.size)
    if gathered.reliability is not None:
        gathered.reliability.add(guesses.confidence, guesses.right)

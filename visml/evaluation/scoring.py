"""Every method's tally for every category of a folder, gathered batch by batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from visml.color import bins, lab
from visml.evaluation import baselines
from visml.evaluation.painting import ModelPainter
from visml.evaluation.reading import Passed, Read
from visml.evaluation.tally import Colored, Row, Tally, measure
from visml.evaluation.truth import true_bins

MODEL, GRAY, TRAINING_MEAN = "model", "gray", "training_mean"


class Scoring:
    """The tallies of a model and its baselines.

    Attributes:
        done: pictures seen, whether scored or passed over.
        scored: pictures scored.
        passed: how many were passed over, by reason.
    """

    def __init__(self, painter: ModelPainter, prior: npt.NDArray[np.floating] | None) -> None:
        """Nothing gathered yet.

        Args:
            painter: the model.
            prior: bin probabilities ``(313,)`` of its training set, or None.
        """
        self.done = self.scored = 0
        self.passed: Counter[Passed] = Counter()
        self._model = painter
        self._baselines = {GRAY: baselines.gray()}
        self._weights: npt.NDArray[np.floating] | None = None
        if prior is not None:
            self._baselines[TRAINING_MEAN] = baselines.training_mean(prior)
            self._weights = _inverse(prior)
        self._tallies: dict[tuple[str, str | None], Tally] = {}

    def add(self, pool: ThreadPoolExecutor, batch: list[Read]) -> None:
        """Score a batch: the tensor work here, each picture's own measures in the pool."""
        self.done += len(batch)
        self.passed.update(each.content for each in batch if isinstance(each.content, Passed))
        categories = [each.category for each in batch if not isinstance(each.content, Passed)]
        pictures = [each.content for each in batch if not isinstance(each.content, Passed)]
        if not pictures:
            return
        self.scored += len(pictures)
        target = lab.rgb_to_lab(torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255)
        ab = target[:, 1:].numpy()
        targets, truth = [Colored(*pair) for pair in zip(pictures, ab, strict=True)], true_bins(ab)
        for method, painted in self._paint(target, categories):
            measured = pool.map(measure, targets, painted)
            for category, measures, true in zip(categories, measured, truth, strict=True):
                self._tally(method, category).add(measures, true)

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

    def _paint(self, target: Tensor, categories: list[str | None]) -> Iterator[tuple[str, list[Colored]]]:
        """Each method's colorings of the pictures ``target`` ``(N, 3, S, S)`` in Lab."""
        lightness = target[:, :1]
        output = self._model.output(lightness)
        self._count_hits(output, target[:, 1:], categories)
        yield MODEL, _colored(lightness, self._model.ab(output, target.shape[-1]))
        for method, paint in self._baselines.items():
            yield method, _colored(lightness, paint(lightness))

    def _count_hits(self, output: Tensor, ab: Tensor, categories: list[str | None]) -> None:
        hits = self._model.hits(output, ab)
        if hits is None:
            return
        positions = output.shape[2] * output.shape[3]
        for category, (likeliest, among_five) in zip(categories, hits.tolist(), strict=True):
            self._tally(MODEL, category).add_hits(likeliest, among_five, positions)

    def _tally(self, method: str, category: str | None) -> Tally:
        return self._tallies.setdefault((method, category), Tally())


def _inverse(prior: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """``1/p`` of each bin up to a factor, p smoothed (Zhang et al. 2016, section 3.1: equation 4 with lambda 0)."""
    smoothed = bins.smooth(torch.as_tensor(prior, dtype=torch.float64), bins.centers())
    weights: npt.NDArray[np.floating] = bins.rebalancing_weights(smoothed, 0.0).numpy()
    return weights


def _colored(lightness: Tensor, ab: Tensor) -> list[Colored]:
    """Colorings as pictures, of lightness ``(N, 1, S, S)`` and ab ``(N, 2, S, S)``; RGB is rounded to nearest."""
    rgb = lab.lab_to_rgb(torch.cat([lightness, ab], dim=1)).mul_(255).round_().byte().permute(0, 2, 3, 1)
    return [Colored(*pair) for pair in zip(rgb.contiguous().numpy(), ab.numpy(), strict=True)]

"""Colorings that know nothing of the picture's content: what every table shows beside the models.

A painter turns lightness ``(N, 1, S, S)`` float32, 0..100, into ab ``(N, 2, S, S)`` float32. Gray is a strong
baseline: most pixels of most photos have little color, and the distance to gray is then small.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from visml.color import bins
from visml.evaluation.photos import Photos

Painter = Callable[[Tensor], Tensor]
Floats = npt.NDArray[np.floating]


@dataclass(frozen=True)
class TrainingColors:
    """What is known of the colors that a model was trained on: its checkpoint's ``prior.json``.

    Attributes:
        name: whose prior it is, the checkpoint's name.
        pictures: pictures counted.
        pixels: pixels counted.
        probabilities: share of pixels nearest to each bin, ``(313,)``, sum 1.
        lightness_table: mean a and b of the pixels of each whole lightness 0..100, ``(101, 2)``, or None.
    """

    name: str
    pictures: int
    pixels: int
    probabilities: Floats
    lightness_table: Floats | None = None


def painters(training: TrainingColors | None) -> dict[str, Painter]:
    """The baselines that look at lightness at most, by method: gray always, the others as far as is known."""
    methods = {"gray": gray()}
    if training is not None:
        methods["training_mean"] = training_mean(training.probabilities)
        if training.lightness_table is not None:
            methods["lightness_table"] = lightness_table(training.lightness_table)
    return methods


def gray() -> Painter:
    """Paints ab = 0 everywhere."""
    return constant(0.0, 0.0)


def training_mean(prior: Floats) -> Painter:
    """Paints the mean color of a training set everywhere.

    Args:
        prior: the set's bin probabilities, ``(313,)``, which sum to 1 (a checkpoint's ``prior.json``).
    """
    mean = np.asarray(prior, dtype=np.float64) @ bins.BINS.astype(np.float64)
    return constant(float(mean[0]), float(mean[1]))


def constant(a: float, b: float) -> Painter:
    """Paints one color everywhere."""

    def paint(lightness: Tensor) -> Tensor:
        n, _, height, width = lightness.shape
        return torch.tensor([a, b]).view(1, 2, 1, 1).expand(n, 2, height, width)

    return paint


def lightness_table(table: Floats) -> Painter:
    """Paints each pixel in the mean color that its lightness, rounded, has in a training set.

    Args:
        table: mean a and b of each whole lightness, ``(101, 2)``.
    """
    colors = torch.from_numpy(np.asarray(table, dtype=np.float32))

    def paint(lightness: Tensor) -> Tensor:
        place = lightness[:, 0].round().long().clamp(0, len(colors) - 1)
        return colors[place].permute(0, 3, 1, 2)

    return paint


class RandomPictures:
    """Another picture's colors for every picture, at the same positions: real colors that fit nothing.

    The picture is one of the evaluated folder, since the training set is not at hand when a checkpoint is evaluated.
    It is the one scored before, in an order that was shuffled once and for all; the first waits for the last one's.
    So at most two pictures are held, each serves once, and no choice hangs on which worker was faster.
    """

    def __init__(self) -> None:
        """Nothing held yet."""
        self._first: Photos | None = None
        self._last: Tensor | None = None

    def paint(self, photos: Photos) -> tuple[Photos, Tensor]:
        """Which of a batch's photos can be painted now, and their colors ``(N, 2, S, S)``; N may be 0."""
        if self._last is None:
            self._first, ready, colors = photos.part(slice(0, 1)), photos.part(slice(1, None)), photos.ab[:-1]
        else:
            ready, colors = photos, torch.cat([self._last, photos.ab[:-1]])
        self._last = photos.ab[-1:].clone()
        return ready, colors

    def follow(self, other: RandomPictures) -> tuple[Photos, Tensor] | None:
        """Go on with pictures that came after these; the first of them and this one's last colors, where there are."""
        if other._first is None:
            return None
        ready = None if self._last is None else (other._first, self._last)
        self._first, self._last = self._first or other._first, other._last
        return ready

    def finish(self) -> tuple[Photos, Tensor]:
        """The first photo of all and the last one's colors.

        Raises:
            ValueError: no photo was ever given.
        """
        if self._first is None or self._last is None:
            raise ValueError("There is no picture to paint.")
        return self._first, self._last

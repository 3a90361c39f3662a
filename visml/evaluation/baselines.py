"""Colorings that know nothing of the picture: what every table shows beside the models.

A painter turns lightness ``(N, 1, S, S)`` float32, 0..100, into ab ``(N, 2, S, S)`` float32. Gray is a strong
baseline: most pixels of most photos have little color, and the distance to gray is then small.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from visml.color import bins

Painter = Callable[[Tensor], Tensor]


def gray() -> Painter:
    """Paints ab = 0 everywhere."""
    return constant(0.0, 0.0)


def training_mean(prior: npt.NDArray[np.floating]) -> Painter:
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

"""What is known of a training set's colors before any picture is seen: how often each bin occurs, and where."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from visml.checkpoints import SCHEMA, write_json
from visml.color import bins, lab
from visml.images.folder import Picture
from visml.scale.work import Driver, Tell, here, silent
from visml.settings import Refused
from visml.training.crops import RGB, read

LIGHTNESSES = 101  # whole lightness 0..100
_STRIDE, _CHUNK = 8, 256
_AB_LIMIT = 128.0


class PriorRefused(Refused):
    """A file that is not a prior over the bins."""


@dataclass(frozen=True)
class Prior:
    """How often each bin occurs in a set of pictures, and the mean color of each lightness.

    Attributes:
        probabilities: ``(Q,)`` float32, sum 1.
        pictures: pictures counted.
        pixels: pixels counted.
        lightness_table: ``(101, 2)`` float32, the mean a and b of the pixels whose lightness rounds to 0, 1, .. 100;
            a lightness that none has takes its nearest neighbor's. None where it was not measured.
    """

    probabilities: Tensor
    pictures: int
    pixels: int
    lightness_table: Tensor | None = None

    def to_json(self) -> dict[str, Any]:
        """The content of ``prior.json``."""
        content: dict[str, Any] = {"schema": SCHEMA, "pictures": self.pictures, "pixels": self.pixels}
        content["probabilities"] = self.probabilities.double().tolist()
        if self.lightness_table is not None:
            content["lightness_table"] = [[round(a, 4), round(b, 4)] for a, b in self.lightness_table.tolist()]
        return content

    def save(self, path: Path) -> None:
        """Write it as JSON of schema 1."""
        write_json(path, self.to_json())


@dataclass
class Counts:
    """What is counted of some pictures.

    Attributes:
        bins: pixels of each bin, ``(Q,)`` int64.
        lightness: sum of a, sum of b and count of the pixels of each whole lightness, ``(101, 3)`` float64.
        pictures: how many could be opened.
    """

    bins: Tensor
    lightness: Tensor
    pictures: int = 0

    @classmethod
    def none(cls) -> Counts:
        """Of no picture."""
        return cls(torch.zeros(len(bins.BINS), dtype=torch.int64), torch.zeros(LIGHTNESSES, 3, dtype=torch.float64))

    def merge(self, other: Counts) -> None:
        """Count other pictures too."""
        self.bins += other.bins
        self.lightness += other.lightness
        self.pictures += other.pictures


@dataclass(frozen=True)
class Counting:
    """The :class:`visml.scale.work.Work` of counting pictures' colors, at one pixel of 64."""

    chunk: int = _CHUNK
    on_gpu: bool = False

    def do(self, items: Sequence[Picture], tell: Tell = silent) -> Counts:
        """What is counted of some pictures."""
        counts, sampled = Counts.none(), [_sample(rgb) for rgb in map(read, items) if rgb is not None]
        if sampled:
            colors = lab.rgb_to_lab(lab.from_uint8(np.concatenate(sampled)[None]))
            nearest = bins.nearest(colors[:, 1:], bins.centers()).flatten()
            counts.merge(
                Counts(torch.bincount(nearest, minlength=len(counts.bins)), _by_lightness(colors), len(sampled))
            )
        return counts


def measure_prior(pictures: Sequence[Picture], progress: Callable[[int], None] = silent, drive: Driver = here) -> Prior:
    """How often each of the 313 bins is the nearest one to a pixel's color, at one pixel of 64; and each L's mean ab.

    Args:
        pictures: unreadable ones are passed over.
        progress: told now and then how many were seen.
        drive: what goes through them.
    """
    counts = Counts.none()
    for part in drive(Counting(), pictures, progress):
        counts.merge(part)
    pixels, table = counts.bins.sum(), _means(counts.lightness) if counts.pictures else None
    return Prior((counts.bins / pixels.clamp_min(1)).float(), counts.pictures, int(pixels), table)


def _sample(rgb: RGB) -> RGB:
    """One pixel of 64, as a list ``(M, 3)`` uint8; the picture's first where it is smaller than that."""
    offset = _STRIDE // 2
    pixels = rgb[min(offset, len(rgb) - 1) :: _STRIDE, min(offset, rgb.shape[1] - 1) :: _STRIDE]
    return pixels.reshape(-1, 3)


def _by_lightness(colors: Tensor) -> Tensor:
    """Sum of a, sum of b and count of the pixels of each whole lightness, ``(101, 3)``, of Lab ``(1, 3, 1, M)``."""
    lightness, a, b = colors[0, :, 0].double()
    each = torch.stack([a, b, torch.ones_like(a)], dim=1)
    place = lightness.round().long().clamp(0, LIGHTNESSES - 1)
    return torch.zeros(LIGHTNESSES, 3, dtype=torch.float64).index_add_(0, place, each)


def _means(sums: Tensor) -> Tensor:
    """The table of sums and counts ``(101, 3)``; of two neighbors as near, the darker one is taken."""
    there = sums[:, 2].nonzero()[:, 0]
    nearest = there[(torch.arange(LIGHTNESSES)[:, None] - there).abs().argmin(dim=1)]
    return (sums[nearest, :2] / sums[nearest, 2:]).float()


def load_prior(path: Path) -> Prior:
    """The prior that a ``prior.json`` holds.

    Raises:
        PriorRefused: the file does not hold 313 probabilities that sum to 1, or another lightness table than 101
            pairs of numbers.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        probabilities = torch.tensor(content["probabilities"], dtype=torch.float32)
        table = content.get("lightness_table")
        table = None if table is None else torch.tensor(table, dtype=torch.float32)
        prior = Prior(probabilities, int(content.get("pictures", 0)), int(content.get("pixels", 0)), table)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError, RuntimeError):
        raise PriorRefused(f"'{path.name}' does not hold bin probabilities.") from None
    _check(prior, path.name)
    return prior


def _check(prior: Prior, name: str) -> None:
    probabilities, table = prior.probabilities, prior.lightness_table
    sound = probabilities.shape == (len(bins.BINS),) and bool((probabilities >= 0).all())
    if not sound or abs(float(probabilities.sum()) - 1) > 1e-3:
        raise PriorRefused(f"'{name}' must hold {len(bins.BINS)} probabilities that sum to 1.")
    if table is not None and (table.shape != (LIGHTNESSES, 2) or not bool((table.abs() <= _AB_LIMIT).all())):
        raise PriorRefused(f"The lightness_table of '{name}' must hold {LIGHTNESSES} pairs of ab.")

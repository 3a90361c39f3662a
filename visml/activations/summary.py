"""What is kept of a layer besides its maps: a few numbers for each filter, always of the raw values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

Floats = npt.NDArray[np.float32]
BINS = 64
_ALWAYS = ("mean", "std", "max", "min")


@dataclass(frozen=True)
class Histogram:
    """How often a layer's values fall into each of 64 equal parts of ``low .. high``, both ends included.

    Attributes:
        counts: ``(64,)`` int64.
        low: the layer's least value.
        high: its greatest.
    """

    counts: npt.NDArray[np.int64]
    low: float
    high: float

    def to_json(self) -> dict[str, Any]:
        """The same as plain numbers and a list."""
        return {"low": self.low, "high": self.high, "counts": self.counts.tolist()}

    @classmethod
    def from_json(cls, value: Any) -> Histogram:
        """What :meth:`to_json` was of; raises ValueError, KeyError or TypeError for anything else."""
        return cls(_sized(value["counts"], BINS, np.int64), float(value["low"]), float(value["high"]))


@dataclass(frozen=True)
class LayerSummary:
    """A layer on one photo, filter by filter: arrays ``(C,)``, float32 in the layer's own unit.

    Attributes:
        mean: over positions.
        std: over positions (of the whole population, not a sample).
        max: greatest value.
        min: least value.
        active_share: share of positions above 0, in 0..1; None where there is no ReLU.
        silent: bool, never above 0 on this photo; all False where there is no ReLU.
        histogram: of all of the layer's values.
    """

    mean: Floats
    std: Floats
    max: Floats
    min: Floats
    active_share: Floats | None
    silent: npt.NDArray[np.bool_]
    histogram: Histogram

    def to_json(self) -> dict[str, Any]:
        """The same as plain numbers and lists; float32 values survive the way there and back."""
        values = {name: getattr(self, name).tolist() for name in (*_ALWAYS, "silent")}
        active = None if self.active_share is None else self.active_share.tolist()
        return {**values, "active_share": active, "histogram": self.histogram.to_json()}

    @classmethod
    def from_json(cls, value: Any, channels: int) -> LayerSummary:
        """The summary of a layer with that many filters.

        Raises:
            ValueError, KeyError, TypeError: ``value`` is not what :meth:`to_json` gives.
        """
        floats = {name: _sized(value[name], channels, np.float32) for name in _ALWAYS}
        active = value["active_share"]
        return cls(
            **floats,
            active_share=None if active is None else _sized(active, channels, np.float32),
            silent=_sized(value["silent"], channels, np.bool_),
            histogram=Histogram.from_json(value["histogram"]),
        )


def summarize(maps: Tensor, rectified: bool) -> LayerSummary:
    """The summary of a layer's maps ``(C, H, W)`` float32, contiguous, on the CPU.

    Args:
        maps: raw values.
        rectified: whether they are a ReLU's output, never negative.
    """
    flat = maps.flatten(1)
    mean, low, high = flat.mean(1), flat.amin(1), flat.amax(1)
    deviation = torch.linalg.vector_norm(flat - mean.unsqueeze(1), dim=1)
    silent = high <= 0 if rectified else torch.zeros_like(high, dtype=torch.bool)
    return LayerSummary(
        mean=mean.numpy(),
        std=(deviation / math.sqrt(flat.shape[1])).numpy(),
        max=high.numpy(),
        min=low.numpy(),
        active_share=_active_share(flat) if rectified else None,
        silent=silent.numpy(),
        histogram=_histogram(flat, float(low.min()), float(high.max())),
    )


def _active_share(flat: Tensor) -> Floats:
    # The sign of a rectified value is 1 or 0, and its float sum is exact and five times faster than counting.
    share: Floats = (flat.sign().sum(1) / flat.shape[1]).numpy()
    return share


def _histogram(values: Tensor, low: float, high: float) -> Histogram:
    """The histogram of what is finite; a network that gives anything else must not stop the page."""
    if not (math.isfinite(low) and math.isfinite(high)):
        values = values[values.isfinite()]
        if not values.numel():
            return Histogram(np.zeros(BINS, dtype=np.int64), 0.0, 0.0)
        low, high = float(values.min()), float(values.max())
    scale = BINS / (high - low) if high > low else 0.0
    places = (values - low).mul_(scale).to(torch.uint8).flatten()
    return Histogram(_count(places).numpy(), low, high)


def _count(places: Tensor) -> Tensor:
    """Counts ``(64,)`` of uint8 values in 0..64; those of 64, the far edge, go to the last.

    Two neighbors are read as one 16-bit number, which halves the work of the one part that is not vectorized.
    """
    even = places.numel() // 2 * 2
    pairs = torch.bincount(places[:even].view(torch.int16), minlength=256 * (BINS + 1)).view(BINS + 1, 256)
    counts = pairs.sum(1) + pairs[:, : BINS + 1].sum(0) + torch.bincount(places[even:], minlength=BINS + 1)
    counts[BINS - 1] += counts[BINS]
    return counts[:BINS]


def _sized(values: Any, length: int, dtype: type[np.generic]) -> npt.NDArray[Any]:
    array = np.asarray(values, dtype=dtype)
    if array.shape != (length,):
        raise ValueError(f"{length} values expected, {array.shape} found")
    return array

"""Mean activation of every filter over a data set: what "switched to its mean" puts in a filter's place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from visml import checkpoints
from visml.models.base import Layer

FILE = "filter_means.npy"


class Means:
    """Sums of every filter's activations, gathered batch by batch in float64.

    Args:
        layers: the network's.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._sums = {layer.name: torch.zeros(layer.channels, dtype=torch.float64) for layer in layers}
        self._positions = dict.fromkeys(self._sums, 0)

    def add(self, maps: Mapping[str, Tensor]) -> None:
        """Count maps ``(N, C, h, w)`` of every layer."""
        for name, values in maps.items():
            self._sums[name] += values.sum(dim=(0, 2, 3), dtype=torch.float64)
            self._positions[name] += values[:, 0].numel()

    def merge(self, other: Means) -> None:
        """Count what was gathered of the same layers elsewhere too."""
        for name, sums in other._sums.items():
            self._sums[name] += sums
            self._positions[name] += other._positions[name]

    def array(self) -> npt.NDArray[np.float32]:
        """The means of every filter of every layer, one layer after another, float32."""
        parts = [self._sums[name] / max(count, 1) for name, count in self._positions.items()]
        return torch.cat(parts).float().numpy()


def current(folder: Path, layers: Sequence[Layer]) -> bool:
    """Whether a checkpoint's folder has means that fit its layers and are no older than its weights."""
    try:
        written, trained = ((folder / name).stat().st_mtime_ns for name in (FILE, checkpoints.WEIGHTS))
        count = len(np.load(folder / FILE, mmap_mode="r", allow_pickle=False))
    except (OSError, ValueError, EOFError, TypeError):
        return False
    return written >= trained and count == sum(layer.channels for layer in layers)


def save(means: npt.NDArray[np.float32], folder: Path) -> None:
    """Write ``filter_means.npy`` into a checkpoint's folder, whole or not at all."""
    with checkpoints.replacing(folder) as new:
        (new / FILE).unlink(missing_ok=True)
        np.save(new / FILE, means)

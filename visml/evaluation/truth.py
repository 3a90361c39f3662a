"""The bin of a true color, for every pixel of a set: the nearest of the 313, found by rounding."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visml.color.bins import BINS, STEP

_REACH = 11  # the bins lie on the lattice -110, -100, .. 110
_SIDE = 2 * _REACH + 1
_AT_ONCE = 4096  # a picture all of colors beyond the bins would else take hundreds of megabytes


def _table() -> npt.NDArray[np.int64]:
    """The bin at each point of the lattice ``(23, 23)``, -1 where there is none."""
    table = np.full((_SIDE, _SIDE), -1, dtype=np.int64)
    places = (BINS / STEP).astype(np.int64) + _REACH
    table[places[:, 0], places[:, 1]] = np.arange(len(BINS))
    return table


_TABLE = _table()


def true_bins(ab: npt.NDArray[np.floating]) -> npt.NDArray[np.int64]:
    """The nearest of the 313 bins for each color: ``(N, H, W)`` of ab ``(N, 2, H, W)``.

    Bins are points of a square lattice, so the nearest is the point a color rounds to, wherever that point is a bin.
    The few colors that round to a gap are compared with all bins.
    """
    places = np.clip(np.rint(ab / STEP).astype(np.int64) + _REACH, 0, _SIDE - 1)
    found = _TABLE[places[:, 0], places[:, 1]]
    gaps = found < 0
    found[gaps] = _nearest(np.moveaxis(ab, 1, -1)[gaps])
    return found


def _nearest(colors: npt.NDArray[np.floating]) -> npt.NDArray[np.int64]:
    """The nearest bin ``(K,)`` of colors ``(K, 2)``, by their distances to every bin, some at a time."""
    parts = np.array_split(colors, 1 + len(colors) // _AT_ONCE)
    return np.concatenate([np.square(part[:, None] - BINS).sum(axis=-1).argmin(axis=1) for part in parts])

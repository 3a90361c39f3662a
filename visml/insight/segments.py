"""The photo in a few parts of one color each, for tables that say what happened where."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from skimage.segmentation import slic

from visml.activations.summary import Floats

PARTS = 6
PIECES = 120  # superpixels that the parts are put together from
COMPACTNESS = 0.1  # of colors stretched to 0..1 against places: low enough to follow a horizon
BLUR = 1.0  # pixels of the photo, before
Labels = npt.NDArray[np.uint8]
Indices = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]


def segments(lab: Floats, count: int = PARTS) -> Labels:
    """The photo in at most ``count`` connected parts, ``(S, S)`` uint8 from 0, the largest first.

    Superpixels (SLIC: Achanta et al., "SLIC superpixels compared to state-of-the-art superpixel methods", TPAMI 2012,
    as implemented by scikit-image), of which the two neighbors whose union adds least to the squared distances of
    pixels from their part's mean color become one (Ward's criterion), until ``count`` are left.

    Args:
        lab: the squashed photo, ``(3, S, S)`` float32: L 0..100, a and b in Lab units.
        count: how many parts, 1..255.
    """
    colors = np.moveaxis(lab, 0, -1).astype(np.float64)
    pieces = slic(
        colors, n_segments=PIECES, compactness=COMPACTNESS, sigma=BLUR, convert2lab=False, start_label=0
    ).astype(np.int64)
    pieces = np.unique(pieces, return_inverse=True)[1].reshape(pieces.shape)
    parts = _merged(pieces, colors, count)[pieces]
    order = np.argsort(-np.bincount(parts.ravel()), kind="stable")
    return np.argsort(order).astype(np.uint8)[parts]


def _merged(pieces: Indices, colors: Doubles, count: int) -> Indices:
    """The part of each piece, ``(pieces,)`` from 0."""
    sizes = np.bincount(pieces.ravel()).astype(np.float64)
    planes = np.moveaxis(colors, -1, 0)
    sums: Doubles = np.stack([np.bincount(pieces.ravel(), plane.ravel()) for plane in planes], axis=1)
    means = sums / sizes[:, None]
    near, part = _neighbors(pieces, len(sizes)), np.arange(len(sizes))
    for _ in range(len(sizes) - count):
        one, other = _closest(near, sizes, means)
        means[one] = (sizes[one] * means[one] + sizes[other] * means[other]) / (sizes[one] + sizes[other])
        sizes[one] += sizes[other]
        near[one] |= near[other]
        near[:, one] |= near[:, other]
        near[other] = near[:, other] = False
        near[one, one] = False
        part[part == other] = one
    return np.unique(part, return_inverse=True)[1]


def _neighbors(pieces: Indices, count: int) -> npt.NDArray[np.bool_]:
    """Which pieces touch, ``(count, count)``."""
    near = np.zeros((count, count), dtype=np.bool_)
    for one, other in ((pieces[:-1], pieces[1:]), (pieces[:, :-1], pieces[:, 1:])):
        near[one, other] = near[other, one] = True
    np.fill_diagonal(near, False)
    return near


def _closest(near: npt.NDArray[np.bool_], sizes: Doubles, means: Doubles) -> tuple[int, int]:
    """The two neighbors whose union costs least by Ward's criterion."""
    one, other = np.nonzero(np.triu(near))
    distance = np.square(means[one] - means[other]).sum(axis=1)
    least = int(np.argmin(distance * sizes[one] * sizes[other] / (sizes[one] + sizes[other])))
    return int(one[least]), int(other[least])

"""The 313 bins of the ab plane: encoding colors as distributions over them, and decoding distributions to colors.

Source of all formulas: Zhang, Isola, Efros, "Colorful Image Colorization", ECCV 2016 (arXiv 1603.08511),
cited below by section. Bins are points of a grid of step 10, sorted by a, then b, as in the published weights.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from visml.color.precision import exact

STEP = 10
DEFAULT_TEMPERATURE = 0.38
AB_LIMIT = 120.0  # no color of sRGB lies beyond; colors that do are taken as their nearest point within
_CELL = 4.0
_CELLS = int(2 * AB_LIMIT / _CELL)
_PRIOR_FLOOR = 1e-8  # far bins of a small set's smoothed prior underflow; their inverse must stay finite

# For each a, the lowest and highest b of its column.
_COLUMNS = {
    -90: (50, 90), -80: (20, 90), -70: (0, 90), -60: (-20, 90), -50: (-30, 100),
    -40: (-40, 100), -30: (-50, 100), -20: (-50, 100), -10: (-60, 100), 0: (-70, 100),
    10: (-80, 90), 20: (-80, 90), 30: (-90, 90), 40: (-100, 90), 50: (-100, 80),
    60: (-110, 80), 70: (-110, 80), 80: (-110, 70), 90: (-110, 70), 100: (-90, 0),
}  # fmt: skip

BINS: npt.NDArray[np.float32] = np.array(
    [(a, b) for a, (low, high) in _COLUMNS.items() for b in range(low, high + STEP, STEP)], dtype=np.float32
)
BINS.setflags(write=False)


def centers() -> Tensor:
    """The bins' centers, ``(313, 2)`` float32: a, b."""
    return torch.tensor(BINS)


def soft_encode(ab: Tensor, centers: Tensor, neighbors: int = 5, sigma: float = 5.0) -> tuple[Tensor, Tensor]:
    """Each color as a distribution over its nearest bins (section 2.1).

    Weights are ``exp(-d^2 / (2 sigma^2))`` of the distance d to a bin, normalized to sum 1.

    Args:
        ab: colors, ``(N, 2, h, w)`` float32 within +-120.
        centers: ``(Q, 2)`` float32.
        neighbors: how many bins share a color.
        sigma: width of the Gaussian, in ab units.

    Returns:
        Bin indices ``(N, neighbors, h, w)`` int64, nearest first, and their weights, float32, of the same shape.
    """
    squared, candidates = _distances(ab, centers, neighbors)
    nearest_first, place = squared.topk(neighbors, dim=1, largest=False)
    weights = (-nearest_first / (2 * sigma**2)).softmax(dim=1)
    return _as_maps(candidates.gather(1, place), ab), _as_maps(weights, ab)


def nearest(ab: Tensor, centers: Tensor) -> Tensor:
    """The nearest bin of each color: ``(N, h, w)`` int64 of ab ``(N, 2, h, w)``."""
    squared, candidates = _distances(ab, centers, 1)
    return _as_maps(candidates.gather(1, squared.argmin(dim=1, keepdim=True)), ab)[:, 0]


def _distances(ab: Tensor, centers: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """For each of M colors the bins that can be among its ``count`` nearest: squared distances and indices, (M, K)."""
    colors = ab.permute(0, 2, 3, 1).reshape(-1, 2).clamp(-AB_LIMIT, AB_LIMIT)
    candidates = _candidates(centers, count)[_cell(colors)]
    return (centers[candidates] - colors.unsqueeze(1)).square().sum(dim=2), candidates


def _as_maps(values: Tensor, ab: Tensor) -> Tensor:
    """Values of pixels ``(M, K)`` as maps ``(N, K, h, w)``, M being the pixels of ``ab`` ``(N, 2, h, w)``."""
    n, _, h, w = ab.shape
    return values.view(n, h, w, -1).permute(0, 3, 1, 2)


def _cell(colors: Tensor) -> Tensor:
    """The index of the square cell of the ab plane in which each color ``(M, 2)`` lies."""
    place = ((colors + AB_LIMIT) / _CELL).long().clamp_max(_CELLS - 1)
    return place[:, 0] * _CELLS + place[:, 1]


@lru_cache(maxsize=16)
def _candidates(centers: Tensor, count: int) -> Tensor:
    """For each cell the bins that can be among a color's ``count`` nearest, ``(cells, K)`` int64.

    Ten times fewer than all of them, so that looking a color up costs a tenth. A color lies within r of its cell's
    middle, so a bin farther from the middle than the ``count``-th plus 2 r is never among them.
    """
    middle = (torch.arange(_CELLS, device=centers.device) + 0.5) * _CELL - AB_LIMIT
    distance = torch.cdist(torch.cartesian_prod(middle, middle), centers)
    ordered, index = distance.sort(dim=1)
    reach = ordered[:, count - 1 : count] + _CELL * 2**0.5 + 1e-3
    return index[:, : int((ordered <= reach).sum(dim=1).max())]


def distribution(logits: Tensor, temperature: float = 1.0) -> Tensor:
    """``f_T(z) = softmax(log z / T)`` (section 2.3): probabilities of the same shape as logits ``(N, Q, h, w)``.

    Args:
        logits: ``(N, Q, h, w)``.
        temperature: 1 leaves the network's distribution; 0 puts all mass on the likeliest bin.

    Raises:
        ValueError: the temperature is negative.
    """
    if temperature < 0:
        raise ValueError(f"The temperature must not be negative, and {temperature} is.")
    if temperature == 0:
        return torch.zeros_like(logits).scatter_(1, logits.argmax(1, keepdim=True), 1)
    return (logits / temperature).softmax(dim=1)


@exact
def decode(logits: Tensor, centers: Tensor, temperature: float = DEFAULT_TEMPERATURE) -> Tensor:
    """The annealed mean (section 2.3): ab ``(N, 2, h, w)`` expected under :func:`distribution`."""
    return torch.einsum("nqhw,qc->nchw", distribution(logits.float(), temperature), centers)


def entropy(probabilities: Tensor) -> Tensor:
    """Shannon entropy in bits, ``(N, h, w)``, of probabilities ``(N, Q, h, w)``; 0 log 0 counts as 0."""
    bits: Tensor = torch.special.entr(probabilities).sum(dim=1) / math.log(2)
    return bits


def smooth(prior: Tensor, centers: Tensor, sigma: float = 5.0) -> Tensor:
    """A prior ``(Q,)`` blurred by a Gaussian *in ab space* (section 2.2), its mass kept.

    Each bin spreads its own mass over all bins by a kernel that sums to 1, so none is lost at the gamut's edge.
    """
    squared = torch.cdist(centers.double(), centers.double()).square()
    kernel = (-squared / (2 * sigma**2)).softmax(dim=1)
    return (prior.double() @ kernel).to(prior.dtype)


def rebalancing_weights(prior: Tensor, uniform: float = 0.5) -> Tensor:
    """The loss weight of each bin (section 2.2): ``1 / ((1-lambda) p + lambda/Q)``, scaled to ``sum p w = 1``.

    Args:
        prior: the *smoothed* probabilities p ``(Q,)``, which sum to 1.
        uniform: lambda in 0..1, the share of the uniform distribution mixed in; the paper takes 1/2,
            1 is no rebalancing, 0 the full inverse frequency.

    Returns:
        ``(Q,)``, positive.

    Raises:
        ValueError: lambda lies outside 0..1.
    """
    if not 0 <= uniform <= 1:
        raise ValueError(f"Lambda must lie between 0 and 1, not {uniform}.")
    probabilities = prior.double().clamp_min(_PRIOR_FLOOR)
    probabilities = probabilities / probabilities.sum()
    weights = 1 / ((1 - uniform) * probabilities + uniform / len(prior))
    return (weights / (probabilities * weights).sum()).to(prior.dtype)

"""The true colors of a training batch as soft distributions over the bins, against scikit-learn's nearest neighbors.

Both give each color its five nearest of the 313 bins with Gaussian weights: `visml.color.bins.soft_encode`, and the
published training code's way, ``NearestNeighbors(algorithm="ball_tree")`` and NumPy. The colors are those of crops at
a quarter of their side, as many as a step of the shipped recipe has.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from sklearn.neighbors import NearestNeighbors  # type: ignore[import-untyped]

from benchmarks import pictures
from benchmarks.findings import Finding, aside
from benchmarks.samples import alternate
from benchmarks.workshop import RECIPE, Workshop
from visml.color import bins
from visml.training import recipe, targets

NEIGHBORS, SIGMA = 5, 5.0


def measure(shop: Workshop) -> list[Finding]:
    """The ratio, and both times."""
    ab = _colors(shop)
    tree = NearestNeighbors(n_neighbors=NEIGHBORS, algorithm="ball_tree").fit(bins.BINS)
    centers = bins.centers()
    sides: dict[str, Callable[[], object]] = {
        "visml": lambda: bins.soft_encode(ab, centers, NEIGHBORS, SIGMA),
        "neighbors": lambda: _by_neighbors(tree, ab),
    }
    took = alternate(sides, shop.rounds(20, 2))
    colors = f"{ab.numel() // 2:,} colors"
    return [
        aside("scikit-learn / visml", f"{took['neighbors'].over(took['visml']).tell('x')}; {colors}"),
        aside("visml", took["visml"].tell(" ms")),
        aside("scikit-learn", took["neighbors"].tell(" ms")),
    ]


def _colors(shop: Workshop) -> torch.Tensor:
    """``(N, 2, S/4, S/4)`` of a batch."""
    shipped = recipe.load(RECIPE)
    size, count = shipped.data.crop, 4 if shop.quick else shipped.batch
    photo = torch.from_numpy(pictures.small(size).copy()).permute(2, 0, 1)
    turned = torch.stack([photo.roll((7 * turn, 13 * turn), (1, 2)) for turn in range(count)])
    return targets.lightness_and_ab(turned)[1]


def _by_neighbors(tree: NearestNeighbors, ab: torch.Tensor) -> np.ndarray:
    """Distributions ``(M, 313)``, as the published code makes them."""
    colors = ab.permute(0, 2, 3, 1).reshape(-1, 2).numpy()
    distances, indices = tree.kneighbors(colors)
    weights = np.exp(-(distances**2) / (2 * SIGMA**2))
    encoded = np.zeros((len(colors), len(bins.BINS)), dtype=np.float32)
    encoded[np.arange(len(colors))[:, None], indices] = weights / weights.sum(axis=1, keepdims=True)
    return encoded

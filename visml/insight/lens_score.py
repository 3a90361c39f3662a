"""The second pass of a color lens: how well its probes do on pictures held out, counted picture by picture."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from visml.color import bins
from visml.insight.lens import FINEST, LayerLens, Quality, pooled
from visml.insight.means import Means
from visml.insight.probes import Probe
from visml.insight.sweep import Batch, Network, at_centers
from visml.metrics import SMALLEST_BIN, AccuracyCurves, curve_area


class Scoring:
    """The second pass: how well probes do on pictures held out.

    Args:
        network: whose layers are read.
        probes: as a lens has them.
        temperature: at which bins are decoded.

    Attributes:
        shown: pictures so far.
        pictures: those of them in color.
        points: on a side of the grid at which everything is compared.
    """

    def __init__(self, network: Network, probes: Mapping[str, Probe], temperature: float) -> None:
        self.shown = self.pictures = 0
        self.probes, self.points = probes, min(FINEST, network.size)
        self._smallest = round(SMALLEST_BIN * self.points**2 / network.size**2)  # the same share of a picture
        self._centers, self._temperature = network.centers, temperature
        self._true_bins = bins.centers()
        self._curves: dict[str, AccuracyCurves] = {}

    def add(self, batch: Batch) -> None:
        """Score a batch."""
        self.shown += len(batch)
        chosen = batch.colored
        self.pictures += len(chosen)
        if not len(chosen):
            return
        truth = at_centers(batch.ab[chosen], self.points, self.points)
        true_bins = bins.nearest(truth, self._true_bins).numpy()
        self._count("gray", torch.zeros_like(truth), truth, true_bins)
        self._count("output", self._decoded(batch.output[chosen]), truth, true_bins)
        for name, maps in batch.readable().items():
            features = pooled(maps[chosen])
            for kind in ("bins", "ab"):
                if f"{name}.{kind}" in self.probes:
                    found = self.probes[f"{name}.{kind}"](features)
                    self._count(f"{name}.{kind}", self._decoded(found) if kind == "bins" else found, truth, true_bins)

    def merge(self, other: Scoring) -> None:
        """Count what the same probes did on other pictures too."""
        self.shown += other.shown
        self.pictures += other.pictures
        for key, curves in other._curves.items():
            self._curves.setdefault(key, AccuracyCurves(len(self._true_bins))).merge(curves)

    def quality(self, key: str) -> Quality:
        """What was gathered of one way to color."""
        curves = self._curves.get(key) or AccuracyCurves(len(self._true_bins))
        balanced = curve_area(curves.balanced(self._smallest))
        return Quality(round(curve_area(curves.raw()), 3), None if np.isnan(balanced) else round(balanced, 3))

    def layers(self, grids: Mapping[str, tuple[int, int]]) -> tuple[LayerLens, ...]:
        """What was gathered of each layer."""
        return tuple(
            LayerLens(name, *size, self.quality(f"{name}.bins") if self._centers is not None else None,
                      self.quality(f"{name}.ab"))
            for name, size in grids.items()
        )  # fmt: skip

    def _decoded(self, output: Tensor) -> Tensor:
        return output if self._centers is None else bins.decode(output, self._centers, self._temperature)

    def _count(self, key: str, ab: Tensor, truth: Tensor, true_bins: npt.NDArray[np.int64]) -> None:
        fine = functional.interpolate(ab, truth.shape[2:], mode="bilinear", align_corners=False)
        curves = self._curves.setdefault(key, AccuracyCurves(len(self._true_bins)))
        curves.add((fine - truth).square().sum(dim=1).sqrt().numpy(), true_bins)


class Held:
    """What the second pass counts of some pictures: how well probes do, and every filter's sums.

    Args:
        network: whose layers are read.
        probes: as a lens has them.
        temperature: at which bins are decoded.

    Attributes:
        scoring: of the probes.
        means: of every filter.
    """

    def __init__(self, network: Network, probes: Mapping[str, Probe], temperature: float) -> None:
        self.scoring, self.means = Scoring(network, probes, temperature), Means(network.layers)

    def count(self, batch: Batch) -> None:
        """Count a batch too."""
        self.means.add(batch.maps)
        self.scoring.add(batch)

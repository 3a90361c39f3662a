"""The first pass of a color lens: probes of every layer, learned from pictures as they come.

Nothing grows with the number of pictures: sums for the ridge, a bounded pool of rows for the logistic regression.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from visml.insight.lens import grid, pooled
from visml.insight.means import Means
from visml.insight.probes import Logistic, Moments, Pool, Probe
from visml.insight.sweep import Batch, Network, at_centers
from visml.models.base import Layer

POSITIONS = 64  # taken of each picture and layer
POOL = 16384  # rows that the logistic regression learns from, drawn from all
ROWS, STEPS = 512, 800  # rows of a step, and steps


@dataclass(frozen=True)
class Rows:
    """Features of a layer at some positions of some pictures.

    Attributes:
        grid: rows and columns at which the layer is read.
        features: ``(n, C)``.
        ab: the photos' colors there, ``(n, 2)``.
    """

    grid: tuple[int, int]
    features: Tensor = field(repr=False)
    ab: Tensor = field(repr=False)


class Gleaned:
    """What the first pass takes of some pictures.

    Args:
        layers: the network's.

    Attributes:
        shown: pictures so far.
        pictures: those of them in color.
        means: of every filter.
        batches: of each batch what is learned from, by layer.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.shown = self.pictures = 0
        self.means = Means(layers)
        self.batches: list[dict[str, Rows]] = []

    def count(self, batch: Batch) -> None:
        """Count a batch too."""
        self.means.add(batch.maps)
        self.shown += len(batch)
        self.pictures += sum(each.has_color for each in batch.shown)
        readable = batch.readable().items()
        self.batches.append({name: Rows(grid(*maps.shape[2:]), *sampled(batch, maps)) for name, maps in readable})


@dataclass
class LayerFit:
    """What is gathered of one layer."""

    moments: Moments
    pool: Pool


class Fitting:
    """The first pass: probes of every layer.

    Args:
        network: whose layers.

    Attributes:
        shown: pictures so far.
        pictures: those of them in color.
        means: of every filter.
        grids: rows and columns at which each layer is read.
    """

    def __init__(self, network: Network) -> None:
        self.shown = self.pictures = 0
        self.means = Means(network.layers)
        self.grids: dict[str, tuple[int, int]] = {}
        self._declared, self._centers = network.layers, network.centers
        self._layers: dict[str, LayerFit] = {}

    def add(self, batch: Batch) -> None:
        """Count a batch too."""
        gleaned = Gleaned(self._declared)
        gleaned.count(batch)
        self.merge(gleaned)

    def merge(self, gleaned: Gleaned) -> None:
        """Count some pictures too."""
        self.means.merge(gleaned.means)
        self.shown += gleaned.shown
        self.pictures += gleaned.pictures
        for batch in gleaned.batches:
            self._take(batch)

    def _take(self, batch: dict[str, Rows]) -> None:
        for name, rows in batch.items():
            if len(rows.features):
                layer = self._layer(name, rows)
                layer.moments.add(rows.features, rows.ab)
                layer.pool.add(rows.features, rows.ab)

    def finish(self, weights: Tensor | None = None) -> dict[str, Probe]:
        """Every layer's probes, learned from what was counted, see :meth:`Logistic.probe`."""
        probes: dict[str, Probe] = {}
        for name, layer in self._layers.items():
            probes[f"{name}.ab"] = layer.moments.ridge()
            if self._centers is not None:
                probes[f"{name}.bins"] = _learned(layer.pool, self._centers).probe(weights)
        return probes

    def _layer(self, name: str, rows: Rows) -> LayerFit:
        if name not in self._layers:
            channels = rows.features.shape[1]
            self._layers[name] = LayerFit(Moments(channels, 2), Pool.of(POOL, channels))
            self.grids[name] = rows.grid
        return self._layers[name]


def _learned(pool: Pool, centers: Tensor) -> Logistic:
    logistic, random = Logistic(pool, centers, STEPS), torch.Generator().manual_seed(0)
    for _ in range(STEPS):
        logistic.step(*pool.draw(ROWS, random))
    return logistic


def sampled(batch: Batch, maps: Tensor) -> tuple[Tensor, Tensor]:
    """Features ``(n, C)`` and colors ``(n, 2)`` at random positions of a layer, 64 of each picture in color."""
    features = pooled(maps).flatten(2)
    colors = at_centers(batch.ab, *grid(*maps.shape[2:])).flatten(2)
    rows, ab = [torch.empty(0, maps.shape[1])], [torch.empty(0, 2)]
    for place in batch.colored.tolist():
        chosen = batch.shown[place].draw(features.shape[2], POSITIONS)
        rows.append(features[place][:, chosen].T)
        ab.append(colors[place][:, chosen].T)
    return torch.cat(rows), torch.cat(ab)

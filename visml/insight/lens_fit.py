"""Fitting a color lens over a folder of pictures, in one pass for the probes and one for the pictures held out.

Nothing grows with the number of pictures: sums for the ridge, a bounded pool of rows for the logistic regression,
counts for the accuracy curves.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from visml.color import bins
from visml.images.decode import DEFAULT_LIMITS, Limits
from visml.insight.forward import InsightRefused
from visml.insight.lens import FINEST, LayerLens, Lens, Quality, grid, pooled, with_digest
from visml.insight.means import Means
from visml.insight.probes import Affine, Logistic, Moments, Pool, folded
from visml.insight.sweep import BATCH, Batch, Folder, Network, run
from visml.metrics import AccuracyCurves, curve_area

HELD_OUT = 0.2  # share of pictures, by their content
POSITIONS = 64  # taken of each picture and layer
REPLAY, WARM = 8192, 2048  # rows in the pool, and in it before learning begins
ROWS, STEPS, LEAST_STEPS = 512, 4, 100  # rows of a step, steps after each batch, steps at least
Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Fitted:
    """What came of a folder.

    Attributes:
        lens: the probes and how well they do.
        means: of every filter of every layer over all pictures and positions, one layer after another, float32.
    """

    lens: Lens
    means: npt.NDArray[np.float32] = field(repr=False)


def fit(
    network: Network,
    data: Path,
    *,
    model_sha256: str,
    precision: str = "float32",
    uniform: float | None = None,
    prior: Tensor | None = None,
    most: int | None = None,
    temperature: float = bins.DEFAULT_TEMPERATURE,
    limits: Limits = DEFAULT_LIMITS,
    progress: Progress = lambda done, total: None,
) -> Fitted:
    """A lens of a network, fitted to the colors of a folder's pictures.

    Of each picture and layer 64 random positions are taken; the truth is the photo's ab in the pixel at a position's
    center. The output itself and layers of one position are left out. One picture in five, by its content, is held
    out and scored: every layer's colors, upsampled bilinearly, at the same grid of at most 56 x 56 points.

    Args:
        network: in eval mode, run by nobody else meanwhile.
        data: folder of pictures; those without color are passed over.
        model_sha256: of the network's weights.
        precision: in which the network runs, as it is written down.
        uniform: lambda of the class rebalancing that the network was trained with, None for none; its weights are
            then given to the lens too, so that it can be compared with the network.
        prior: of the network's training pictures, ``(Q,)``, that these weights are made of.
        most: how many pictures at most.
        temperature: at which bins are decoded where scores are taken.
        limits: how large a picture may be.
        progress: told how many pictures are done, and of how many.

    Raises:
        FolderRefused: there is no such folder, or it holds no pictures.
        InsightRefused: too few of them have color, or no layer has more than one position.
    """
    began, folder = time.monotonic(), Folder(data, most, limits)
    fitting = Fitting(network, -(-len(folder.pictures) // BATCH))
    weights = _rebalancing(network.centers, uniform, prior)
    for count, batch in _batches(network, folder, lambda fraction: fraction >= HELD_OUT):
        fitting.add(batch)
        progress(count, len(folder.pictures))
    scoring = Scoring(network, fitting.finish(weights), temperature)
    for count, batch in _batches(network, folder, lambda fraction: fraction < HELD_OUT):
        fitting.means.add(batch.maps)
        scoring.add(batch)
        progress(min(fitting.shown + count, len(folder.pictures)), len(folder.pictures))
    if not (scoring.pictures and fitting.pictures):
        raise InsightRefused("A lens needs more pictures in color, some to fit and some to hold out; give at least 20.")
    facts = {
        "model_sha256": model_sha256,
        "data": folder.root.name,
        "pictures": fitting.pictures,
        "held_out": scoring.pictures,
        "without_color": fitting.shown + scoring.shown - fitting.pictures - scoring.pictures,
        "unreadable": folder.unreadable,
        "positions": POSITIONS,
        "points": scoring.points,
        "size": network.size,
        "temperature": temperature,
        "rebalanced": None if weights is None else uniform,
        "precision": precision,
        "seconds": round(time.monotonic() - began, 1),
        "gray": scoring.quality("gray"),
        "layers": scoring.layers(fitting.grids),
        "output": scoring.quality("output"),
    }
    return Fitted(with_digest(facts, scoring.probes), fitting.means.array())


def _rebalancing(centers: Tensor | None, uniform: float | None, prior: Tensor | None) -> Tensor | None:
    """How much each bin counted in training, ``(Q,)``; None where all counted the same or that is not known."""
    if centers is None or uniform is None or prior is None:
        return None
    return bins.rebalancing_weights(bins.smooth(prior, centers), uniform)


def _batches(network: Network, folder: Folder, wanted: Callable[[float], bool]) -> Iterator[tuple[int, Batch]]:
    """The wanted pictures in the network, each batch with how many there were so far."""
    count = 0
    for shown in folder.batches(network.size, wanted):
        count += len(shown)
        if shown:
            yield count, run(network, shown)


@dataclass
class LayerFit:
    """What is gathered of one layer."""

    moments: Moments
    pool: Pool
    logistic: Logistic | None = None


class Fitting:
    """The first pass: probes of every layer.

    Args:
        network: whose layers.
        batches: how many are expected.

    Attributes:
        shown: pictures so far.
        pictures: those of them in color.
        means: of every filter.
        grids: rows and columns at which each layer is read.
    """

    def __init__(self, network: Network, batches: int) -> None:
        self.shown = self.pictures = 0
        self.means = Means(network.layers)
        self.grids: dict[str, tuple[int, int]] = {}
        self._centers = network.centers
        self._steps = max(LEAST_STEPS, STEPS * batches)
        self._done = 0
        self._layers: dict[str, LayerFit] = {}
        self._random = torch.Generator().manual_seed(0)

    def add(self, batch: Batch) -> None:
        """Count a batch, and learn from it and those before."""
        self.means.add(batch.maps)
        self.shown += len(batch)
        self.pictures += sum(each.has_color for each in batch.shown)
        for name, maps in _readable(batch).items():
            rows, ab = sampled(batch, maps)
            if len(rows):
                layer = self._layer(name, maps)
                layer.moments.add(rows, ab)
                layer.pool.add(rows, ab)
        if self._layers and all(len(layer.pool) >= WARM for layer in self._layers.values()):
            self._learn(min(STEPS, self._steps - self._done))

    def finish(self, weights: Tensor | None = None) -> dict[str, Affine]:
        """Every layer's probes, after the steps that are left, see :meth:`Logistic.probe`."""
        self._learn(self._steps - self._done)
        probes: dict[str, Affine] = {}
        for name, layer in self._layers.items():
            weight, bias = layer.moments.ridge()
            probes[f"{name}.ab"] = folded(weight, bias, layer.moments.mean, layer.moments.scale)
            if layer.logistic is not None:
                probes[f"{name}.bins"] = layer.logistic.probe(weights)
        return probes

    def _layer(self, name: str, maps: Tensor) -> LayerFit:
        if name not in self._layers:
            channels = maps.shape[1]
            self._layers[name] = LayerFit(Moments(channels, 2), Pool.of(REPLAY, channels))
            self.grids[name] = grid(*maps.shape[2:])
        return self._layers[name]

    def _learn(self, steps: int) -> None:
        if self._centers is None:
            return
        for layer in self._layers.values():
            layer.logistic = layer.logistic or Logistic(layer.pool, self._centers, self._steps)
            for _ in range(steps):
                layer.logistic.step(*layer.pool.draw(ROWS, self._random))
        self._done += steps


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

    def __init__(self, network: Network, probes: Mapping[str, Affine], temperature: float) -> None:
        self.shown = self.pictures = 0
        self.probes, self.points = probes, min(FINEST, network.size)
        self._centers, self._temperature = network.centers, temperature
        self._true_bins = bins.centers()
        self._curves: dict[str, AccuracyCurves] = {}

    def add(self, batch: Batch) -> None:
        """Score a batch."""
        self.shown += len(batch)
        chosen = _colored(batch)
        self.pictures += len(chosen)
        if not len(chosen):
            return
        truth = at_centers(batch.ab[chosen], self.points, self.points)
        true_bins = bins.nearest(truth, self._true_bins).numpy()
        self._count("gray", torch.zeros_like(truth), truth, true_bins)
        self._count("output", self._decoded(batch.output[chosen]), truth, true_bins)
        for name, maps in _readable(batch).items():
            features = pooled(maps[chosen])
            for kind in ("bins", "ab"):
                if f"{name}.{kind}" in self.probes:
                    found = self.probes[f"{name}.{kind}"](features)
                    self._count(f"{name}.{kind}", self._decoded(found) if kind == "bins" else found, truth, true_bins)

    def quality(self, key: str) -> Quality:
        """What was gathered of one way to color."""
        curves = self._curves.get(key) or AccuracyCurves(len(self._true_bins))
        balanced = curve_area(curves.balanced())
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


def at_centers(ab: Tensor, height: int, width: int) -> Tensor:
    """The colors ``(N, 2, S, S)`` of the pixels at the centers of a grid's positions: ``(N, 2, height, width)``.

    The center of position i of n lies at ``(i + 1/2) S / n``, in the pixel of that number rounded down.
    """
    rows, columns = (((torch.arange(n) + 0.5) * ab.shape[2] / n).long() for n in (height, width))
    return ab[:, :, rows[:, None], columns]


def sampled(batch: Batch, maps: Tensor) -> tuple[Tensor, Tensor]:
    """Features ``(n, C)`` and colors ``(n, 2)`` at random positions of a layer, 64 of each picture in color."""
    features = pooled(maps).flatten(2)
    colors = at_centers(batch.ab, *grid(*maps.shape[2:])).flatten(2)
    rows, ab = [torch.empty(0, maps.shape[1])], [torch.empty(0, 2)]
    for place in _colored(batch).tolist():
        chosen = batch.shown[place].draw(features.shape[2], POSITIONS)
        rows.append(features[place][:, chosen].T)
        ab.append(colors[place][:, chosen].T)
    return torch.cat(rows), torch.cat(ab)


def _colored(batch: Batch) -> Tensor:
    """Places of the pictures in color, ``(n,)`` int64."""
    return torch.tensor([place for place, each in enumerate(batch.shown) if each.has_color], dtype=torch.int64)


def _readable(batch: Batch) -> dict[str, Tensor]:
    """The layers that a lens reads: not the output itself, and more than one position."""
    return {
        name: maps
        for name, maps in batch.maps.items()
        if min(maps.shape[2:]) > 1 and not torch.equal(maps, batch.output)
    }

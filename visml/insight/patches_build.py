"""Building an index of top patches in one pass, whose memory does not grow with the number of pictures."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from visml.images.decode import DEFAULT_LIMITS, Limits
from visml.insight.fields import Field, fields
from visml.insight.forward import InsightRefused
from visml.insight.gathering import gather
from visml.insight.means import Means
from visml.insight.patches import IndexedLayer, IndexedPicture, PatchIndex
from visml.insight.probes import Moments
from visml.insight.strongest import Strongest
from visml.insight.sweep import Batch, Folder, Network, Shown, run
from visml.models.base import Layer
from visml.scale.work import Driver, here

PER_FILTER = 9
SIMILAR = 0.95  # cosine above which two filters are near-duplicates
POSITIONS = 64  # of each picture and layer that responses are compared at
MOST_COMPARED = 2048  # filters of a layer; more are not compared, for that takes their square in memory
MOST_PAIRS = 500  # near-duplicates told of a layer
Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Built:
    """What came of a set of pictures.

    Attributes:
        index: where each filter answers most strongly.
        means: of every filter of every layer over all pictures and positions, one layer after another, float32.
    """

    index: PatchIndex
    means: npt.NDArray[np.float32] = field(repr=False)


def build(
    network: Network,
    data: Path,
    *,
    model_sha256: str,
    per_filter: int = PER_FILTER,
    most: int | None = None,
    limits: Limits = DEFAULT_LIMITS,
    progress: Progress = lambda done, total: None,
    drive: Driver = here,
) -> Built:
    """The index of a folder's pictures.

    Args:
        network: in eval mode, run by nobody else meanwhile.
        data: the folder.
        model_sha256: of the network's weights.
        per_filter: K, positions kept of each filter, at most one of a picture.
        most: how many pictures at most.
        limits: how large a picture may be.
        progress: told how many pictures are done, and of how many.
        drive: what goes through the pictures.

    Raises:
        FolderRefused: there is no such folder, or it holds no pictures.
        InsightRefused: none of them can be opened.
    """
    began, folder = time.monotonic(), Folder(data, most, limits)
    builder = Builder(network, per_filter)
    new, found = partial(Builder, network, per_filter, builder.fields), len(folder.pictures)
    for part in gather(drive, network, folder, new, tell=lambda done: progress(done, found)):
        builder.merge(part)
    if not builder.seen:
        raise InsightRefused(f"None of the {len(folder.pictures)} pictures in '{data}' can be opened.")
    seconds = round(time.monotonic() - began, 1)
    index = builder.index(model_sha256, str(folder.root), unreadable=folder.unreadable, seconds=seconds)
    return Built(index, builder.means.array())


@dataclass
class LayerState:
    """What is gathered of one layer."""

    layer: Layer
    field: Field
    height: int
    width: int
    strongest: Strongest
    moments: Moments | None

    def merge(self, other: LayerState, first: int) -> None:
        """Add what was gathered of the pictures that follow on these, the first of which has this number."""
        self.strongest.merge(other.strongest, first)
        if self.moments is not None and other.moments is not None:
            self.moments.merge(other.moments)


class Builder:
    """An index in the making, to which pictures are added batch by batch.

    Args:
        network: whose filters.
        per_filter: K.
        known: the fields of the network's layers, where they were found already.

    Attributes:
        seen: pictures so far.
        fields: of the network's layers.
        means: of every filter.
    """

    def __init__(
        self, network: Network, per_filter: int = PER_FILTER, known: Mapping[str, Field] | None = None
    ) -> None:
        self.seen = 0
        self.means = Means(network.layers)
        self._size, self._per_filter = network.size, per_filter
        self._declared, self.fields = network.layers, known or fields(network)
        self._has_bins = network.centers is not None
        self._layers: dict[str, LayerState] = {}
        self._pictures: dict[int, IndexedPicture] = {}

    def add(self, network: Network, shown: list[Shown]) -> None:
        """Run some pictures through the network and count them."""
        if shown:
            self.count(run(network, shown))

    def count(self, batch: Batch) -> None:
        """Count pictures that ran through the network."""
        numbers = torch.arange(self.seen, self.seen + len(batch))
        self.means.add(batch.maps)
        for layer in self._declared:
            maps = batch.maps[layer.name]
            if not (self._has_bins and torch.equal(maps, batch.output)):
                self._count(layer, maps, batch, numbers)
        self.seen += len(batch)
        self._pictures |= {
            int(number): IndexedPicture(each.name, each.width, each.height)
            for number, each in zip(numbers, batch.shown, strict=True)
        }
        self._forget()

    def merge(self, other: Builder) -> None:
        """Add what was gathered, in the same way, of the pictures that follow on these."""
        self.means.merge(other.means)
        for name, more in other._layers.items():
            state = self._layers.setdefault(name, more)
            if state is not more:
                state.merge(more, self.seen)
        self._pictures |= {self.seen + number: picture for number, picture in other._pictures.items()}
        self.seen += other.seen
        self._forget()

    def index(self, model_sha256: str, data: str, *, unreadable: int = 0, seconds: float = 0.0) -> PatchIndex:
        """The index of what was added so far."""
        numbers = sorted(self._pictures)
        values, places = zip(*(_arrays(state, numbers) for state in self._layers.values()), strict=True)
        return PatchIndex(
            model_sha256=model_sha256,
            data=data,
            per_filter=self._per_filter,
            seen=self.seen,
            unreadable=unreadable,
            size=self._size,
            seconds=seconds,
            pictures=tuple(self._pictures[number] for number in numbers),
            layers=tuple(_indexed(state) for state in self._layers.values()),
            values=np.concatenate(values),
            places=np.concatenate(places),
        )

    def _count(self, layer: Layer, maps: Tensor, batch: Batch, numbers: Tensor) -> None:
        if layer.name not in self._layers:
            channels, height, width = maps.shape[1:]
            moments = Moments(channels) if channels <= MOST_COMPARED else None
            strongest = Strongest(channels, self._per_filter)
            seen = self.fields[layer.name]
            self._layers[layer.name] = LayerState(layer, seen, height, width, strongest, moments)
        state = self._layers[layer.name]
        state.strongest.add(maps, numbers, layer.rectified)
        if state.moments is not None:
            for each, values in zip(batch.shown, maps.flatten(2), strict=True):
                state.moments.add(functional.normalize(values[:, each.draw(values.shape[1], POSITIONS)].T))

    def _forget(self) -> None:
        """Let go of the pictures that no filter has among its strongest."""
        named = [state.strongest.places[..., 0].numpy().ravel() for state in self._layers.values()]
        numbers = np.unique(np.concatenate(named)).tolist() if named else []
        self._pictures = {number: self._pictures[number] for number in numbers if number >= 0}


def _arrays(state: LayerState, numbers: list[int]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int32]]:
    """A layer's values ``(C, K)`` and places ``(C, K, 3)``, pictures counted by their place in ``numbers``."""
    values, (picture, at) = state.strongest.values.numpy().copy(), state.strongest.places.numpy().transpose(2, 0, 1)
    none = picture < 0
    values[none] = np.nan
    rank = np.searchsorted(np.asarray(numbers, dtype=np.int64), picture)
    places = np.stack([rank, at // state.width, at % state.width], axis=2).astype(np.int32)
    places[none] = -1
    return values, places


def _indexed(state: LayerState) -> IndexedLayer:
    layer, seen, nowhere = state.layer, state.field, state.strongest.places[:, 0, 0] < 0
    dead = tuple(nowhere.nonzero().flatten().tolist()) if layer.rectified else ()
    pairs = () if state.moments is None else duplicates(state.moments.cosines())
    shape = len(nowhere), state.height, state.width
    return IndexedLayer(layer.name, *shape, seen.side, seen.start, seen.stride, dead, pairs)


def duplicates(cosines: Tensor) -> tuple[tuple[int, int, float], ...]:
    """Pairs of filters whose cosine lies above 0.95, the most similar first, at most 500.

    What the filters of a layer give at a position is brought to length one before: otherwise a few places, such as a
    corner where all of them answer a hundred times as strongly as elsewhere, make most pairs look alike.
    """
    one, other = torch.triu_indices(len(cosines), len(cosines), offset=1)
    found = cosines[one, other]
    order = found.sort(descending=True, stable=True).indices[:MOST_PAIRS]
    pairs = zip(one[order].tolist(), other[order].tolist(), found[order].tolist(), strict=True)
    return tuple((i, j, round(cosine, 4)) for i, j, cosine in pairs if cosine > SIMILAR)

"""One photo through one model: recorded by one forward pass, or found again in the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.utils.dlpack import from_dlpack

from visml.activations.card import card
from visml.activations.facts import SCHEMA, Facts
from visml.activations.recorder import as_maps, record
from visml.activations.sealed import Array
from visml.activations.store import ArrayStore
from visml.activations.summary import Floats, Histogram, LayerSummary, summarize
from visml.activations.values import Ledger
from visml.models.base import Layer
from visml.settings import Refused

FACTS, OUTPUT, CENTERS = "trace", "output", "centers"


class TraceExpired(Refused):
    """A trace, or a part of it, that is no longer kept: open its photo again."""


class TraceRefused(Refused):
    """A network that cannot be recorded as asked."""


class StoredArrays(Mapping[str, Array]):
    """The arrays of a kept trace, mapped when first asked for.

    Its subscription raises :class:`TraceExpired` for what is no longer there.
    """

    def __init__(self, store: ArrayStore, handle: str) -> None:
        self._store, self._handle = store, handle
        self._mapped: dict[str, Array] = {}

    def __getitem__(self, name: str) -> Array:
        if name not in self._mapped:
            array = self._store.get(self._handle, name)
            if array is None:
                raise TraceExpired("This photo's activations are no longer kept: open the photo again.")
            self._mapped[name] = array
        return self._mapped[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._mapped)

    def __len__(self) -> int:
        return len(self._mapped)


@dataclass(frozen=True)
class LayerTrace:
    """One layer on one photo; statistics are per filter, ``(C,)`` float32, see :class:`LayerSummary`."""

    layer: Layer
    trace: Trace = field(repr=False)

    def _repr_html_(self) -> str:
        return card(self)

    @property
    def maps(self) -> Floats:
        """What the layer gave, ``(C, H, W)`` float32, raw and read-only."""
        return self.trace.arrays[self.trace.array_name(self.layer.name)]

    @cached_property
    def summary(self) -> LayerSummary:
        """All that is kept besides the maps."""
        return self.trace.summary(self.layer)

    @property
    def mean(self) -> Floats:
        """Mean over positions."""
        return self.summary.mean

    @property
    def std(self) -> Floats:
        """Standard deviation over positions."""
        return self.summary.std

    @property
    def max(self) -> Floats:
        """Greatest value."""
        return self.summary.max

    @property
    def min(self) -> Floats:
        """Least value."""
        return self.summary.min

    @property
    def active_share(self) -> Floats | None:
        """Share of positions above 0, in 0..1; None where there is no ReLU."""
        return self.summary.active_share

    @property
    def silent(self) -> npt.NDArray[np.bool_]:
        """Which filters are never above 0 on this photo; none where there is no ReLU."""
        return self.summary.silent

    @property
    def histogram(self) -> Histogram:
        """Of all of the layer's values."""
        return self.summary.histogram


@dataclass(frozen=True)
class Trace:
    """One photo through one model.

    Attributes:
        handle: its name in the store, 32 hexadecimal digits.
        facts: what it is of.
        arrays: maps, output, centers and whatever else was kept with it, by name.
        ledger: small results of it.
    """

    handle: str
    facts: Facts
    arrays: Mapping[str, Array] = field(repr=False)
    ledger: Ledger = field(default_factory=Ledger, repr=False, compare=False)

    def __getitem__(self, name: str) -> LayerTrace:
        self.array_name(name)
        return LayerTrace(next(layer for layer in self.facts.layers if layer.name == name), self)

    def array_name(self, layer: str) -> str:
        """The name under which a layer's maps are kept.

        Raises:
            KeyError: there is no such layer.
        """
        names = [each.name for each in self.facts.layers]
        if layer not in names:
            raise KeyError(f"There is no layer '{layer}'; there are {', '.join(names)}.")
        return _maps_name(names.index(layer))

    def names(self) -> tuple[str, ...]:
        """The names of the arrays that every trace of these facts has."""
        maps = tuple(map(_maps_name, range(len(self.facts.layers))))
        centers = (CENTERS,) if self.facts.output == "bins" else ()
        return (*dict.fromkeys((*maps, self.facts.output_array)), *centers)

    @property
    def output(self) -> Floats:
        """What the network gave: logits ``(Q, h, w)`` or ab ``(2, h, w)``, float32."""
        return self.arrays[self.facts.output_array]

    @property
    def centers(self) -> Floats | None:
        """The bins' centers ``(Q, 2)``, None for a network without bins."""
        return self.arrays[CENTERS] if self.facts.output == "bins" else None

    def key(self, what: str) -> str:
        """The key of a small result of this trace."""
        return f"visml:{SCHEMA}:{self.handle}:{what}"

    def summary(self, layer: Layer) -> LayerSummary:
        """The summary of a layer, from the ledger or from its maps: the same to the bit."""
        return self.ledger.recall(
            self.key(f"summary:{layer.name}"),
            compute=lambda: _summary(self.arrays[self.array_name(layer.name)], layer),
            encode=LayerSummary.to_json,
            decode=lambda value: LayerSummary.from_json(value, layer.channels),
        )


def run(
    model: nn.Module, lightness: Tensor, layers: tuple[Layer, ...], category: Tensor | None = None
) -> tuple[dict[str, Array], str]:
    """Arrays of one recorded forward pass, and the name of the one that is the output.

    Args:
        model: a network in eval mode.
        lightness: ``(1, 1, S, S)`` float32 in 0..100, on the model's device.
        layers: what to record; one that did not run is refused.
        category: ``(1,)`` int64, there as well, for a network that is told one.

    Raises:
        TraceRefused: a layer did not run.
    """
    with torch.inference_mode(), record(model, layers, as_maps) as kept:
        output = as_maps(model(lightness) if category is None else model(lightness, category))
    missing = [layer.name for layer in layers if layer.name not in kept]
    if missing:
        raise TraceRefused(f"The layer '{missing[0]}' did not run.")
    arrays = {_maps_name(index): frozen(kept[layer.name].numpy()) for index, layer in enumerate(layers)}
    if layers and torch.equal(kept[layers[-1].name], output):
        return arrays, _maps_name(len(layers) - 1)
    return {**arrays, OUTPUT: frozen(output.numpy())}, OUTPUT


def frozen(array: Array) -> Array:
    """The array itself, read-only from now on."""
    array.setflags(write=False)
    return array


def shared(array: Array) -> Tensor:
    """An array as a tensor of the same memory; it must not be written to when the array is read-only."""
    try:
        return from_dlpack(array)  # torch.from_numpy warns of every read-only array
    except BufferError:
        return torch.from_numpy(array.copy())


def reopen(store: ArrayStore, handle: str, ledger: Ledger | None = None) -> Trace | None:
    """The trace kept under a handle, None when there is none; its arrays are mapped when asked for."""
    arrays = StoredArrays(store, handle)
    try:
        return Trace(handle, Facts.from_bytes(arrays[FACTS]), arrays, ledger or Ledger())
    except (TraceExpired, ValueError, TypeError, KeyError):
        return None


def _summary(maps: Floats, layer: Layer) -> LayerSummary:
    return summarize(shared(maps), layer.rectified)


def _maps_name(index: int) -> str:
    return f"maps-{index:03d}"

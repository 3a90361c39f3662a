"""Switching filters off: what a network gives when some of its filters give something else.

A filter is one channel of a layer's kept maps, at the place where they are kept: for the nine-block network the
block's last ReLU, before BatchNorm. Switched off, all positions of its map are set to 0, or to the filter's mean over
a data set, or multiplied by a factor. The pass goes on from what was kept of the first layer touched, and later
layers' maps, as they then arrive, are changed in the same way; so the whole network answers to the change.

The first ablations of single units of a trained network to be read this way are those of Morcos, Barrett, Rabinowitz,
Botvinick, "On the importance of single directions for generalization", ICLR 2018, with zero and with the mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from visml.activations.summary import Floats
from visml.insight.forward import Edit, Forward, InsightRefused
from visml.insight.means import FILE as FILTER_MEANS
from visml.models.base import Layer

LARGEST_FACTOR = 10.0
Filters = Mapping[str, Sequence[int]]
_LONGEST = 5  # digits of a filter's number


def switched_off(forward: Forward, filters: Filters, to: str | float = "zero") -> Tensor:
    """The output when filters give something else.

    Args:
        forward: the photo's pass.
        filters: numbers of filters, from 0, by layer's name; at least one.
        to: ``"zero"``; ``"mean"``, the filter's mean over a data set; or a factor 0..10 that its map is multiplied by.

    Returns:
        Logits ``(1, Q, h, w)`` or ab ``(1, 2, h, w)``, float32, on the CPU.

    Raises:
        InsightRefused: there is no such layer or filter, none is named, the factor lies outside 0..10, or the means
            over a data set are not known.
    """
    check_factor(to)
    named = {name: numbers for name, numbers in filters.items() if numbers}
    if not named:
        raise InsightRefused("Name at least one filter to switch off.")
    for name, numbers in named.items():
        check_filters(forward.layer(name), numbers)
    means = filter_means(forward.folder, forward.layers) if to == "mean" else {}
    return forward.edited({name: _edit(numbers, to, means.get(name)) for name, numbers in named.items()})


def parse(text: str) -> dict[str, list[int]]:
    """Filters as addresses write them, ``conv4:12,17;conv5:3``: by layer, each once, in order.

    Raises:
        InsightRefused: they are written otherwise.
    """
    found: dict[str, set[int]] = {}
    for part in filter(None, text.split(";")):
        name, colon, numbers = part.rpartition(":")
        if not (name and colon):
            raise InsightRefused("Filters are written as layer:number,number and layers are divided by ';'.")
        found.setdefault(name, set()).update(parse_numbers(numbers))
    return {name: sorted(numbers) for name, numbers in found.items()}


def parse_numbers(text: str) -> list[int]:
    """Numbers of filters, ``3,5,7``, as they stand.

    Raises:
        InsightRefused: one of them is no whole number.
    """
    numbers = text.split(",")
    if not all(each.isascii() and each.isdigit() and len(each) <= _LONGEST for each in numbers):
        raise InsightRefused("Filters are whole numbers from 0, divided by commas.")
    return [int(each) for each in numbers]


def check_filters(layer: Layer, filters: Sequence[int]) -> None:
    """Refuse numbers that the layer has no filter of.

    Raises:
        InsightRefused: there is one.
    """
    for each in filters:
        if not 0 <= each < layer.channels:
            raise InsightRefused(f"Filters of '{layer.name}' are counted from 0 to {layer.channels - 1}.")


def check_factor(to: str | float) -> None:
    """Refuse what a filter cannot be switched to.

    Raises:
        InsightRefused: it is neither ``"zero"`` nor ``"mean"`` nor a number in 0..10.
    """
    if to in ("zero", "mean"):
        return
    if isinstance(to, str) or not 0 <= to <= LARGEST_FACTOR:
        raise InsightRefused(f"Filters are set to zero, to the mean, or scaled by 0 to {LARGEST_FACTOR:g}.")


def filter_means(folder: Path | None, layers: Sequence[Layer]) -> dict[str, Floats]:
    """Every filter's mean over a data set, ``(C,)`` float32 by layer's name.

    They are read from ``filter_means.npy``, the layers' means one after another.

    Raises:
        InsightRefused: the folder has no such file, or one of another network.
    """
    if folder is None or not (folder / FILTER_MEANS).is_file():
        raise InsightRefused("The filters' means are not known for this model: visml patches index makes them.")
    try:
        means = np.load(folder / FILTER_MEANS, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        means = np.empty(0)
    ends = np.cumsum([layer.channels for layer in layers])
    if means.dtype != np.float32 or means.shape != (ends[-1],) or not np.isfinite(means).all():
        raise InsightRefused(
            "The filters' means kept with this model do not fit it: visml patches index makes them anew."
        )
    return {layer.name: part for layer, part in zip(layers, np.split(means, ends[:-1]), strict=True)}


def _edit(filters: Sequence[int], to: str | float, means: Floats | None) -> Edit:
    places = list(filters)

    def edit(maps: Tensor) -> Tensor:
        changed = maps.clone()
        if isinstance(to, str):
            changed[:, places] = 0 if means is None else torch.from_numpy(means[places]).to(maps)[:, None, None]
        else:
            changed[:, places] *= to
        return changed

    return edit

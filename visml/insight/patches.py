"""Top patches: where in a set of pictures each filter answers most strongly, and which filters tell nothing new.

An index holds no pictures: patches are cut from the photos when they are shown. It is built by
:mod:`visml.insight.patches_build` and kept by :mod:`visml.insight.patches_kept`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from visml.images.decode import Limits, Photo, PhotoRefused, decode, read_file, squash
from visml.insight.forward import InsightRefused

SCHEMA = 1
GALLERY = "gallery"  # what an index of the page's own gallery has for a folder
Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class IndexedPicture:
    """A picture that patches are cut from: its path relative to the folder, or its key in the gallery, and its size."""

    name: str
    width: int
    height: int


@dataclass(frozen=True)
class IndexedLayer:
    """A layer of the index.

    Attributes:
        name: the layer's.
        channels: its filters.
        height: rows of a map.
        width: columns of a map.
        receptive_field: side in input pixels of what a position sees, 0 where that is as large as the picture.
        start: the first pixel that position 0 sees, see :class:`visml.insight.fields.Field`.
        stride: pixels by which the next position's square lies farther on.
        dead: filters of a rectified layer that were above 0 nowhere on any picture.
        duplicates: pairs of filters and the cosine of their responses, above 0.95, the most similar first; what the
            layer's filters give at a position counts relative to its length.
    """

    name: str
    channels: int
    height: int
    width: int
    receptive_field: int
    start: float
    stride: float
    dead: tuple[int, ...]
    duplicates: tuple[tuple[int, int, float], ...]


@dataclass(frozen=True)
class Box:
    """Pixels of the squashed picture: columns ``left`` to ``right`` and rows ``top`` to ``bottom``, these left out."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True)
class Patch:
    """One of a filter's strongest positions.

    Attributes:
        picture: where it is.
        value: the filter's activation there.
        row: of the layer's map.
        column: of the layer's map.
        x: the position's middle, in pixels of the squashed picture, 0 being the middle of the first one.
        y: the same, downward.
        box: what it sees, clipped to the picture.
        whole: whether that is as large as the picture; then the box is all of it.
    """

    picture: IndexedPicture
    value: float
    row: int
    column: int
    x: float
    y: float
    box: Box
    whole: bool


@dataclass(frozen=True)
class PatchIndex:
    """The strongest positions of every filter over a set of pictures.

    Attributes:
        model_sha256: of the network's weights.
        data: the folder's absolute path, ``gallery`` for the page's own gallery.
        per_filter: K, how many positions are kept of a filter, each of another picture.
        seen: how many pictures were gone through.
        unreadable: how many of the set could not be opened.
        size: side S to which they were squashed.
        seconds: what it took.
        pictures: those that patches are cut from.
        layers: all but the output over bins.
        values: activations ``(F, K)`` float32 of the filters of one layer after another, strongest first, NaN for none.
        places: number of the picture, row and column, ``(F, K, 3)`` int32, -1 for none.
    """

    model_sha256: str
    data: str
    per_filter: int
    seen: int
    unreadable: int
    size: int
    seconds: float
    pictures: tuple[IndexedPicture, ...] = field(repr=False)
    layers: tuple[IndexedLayer, ...] = field(repr=False)
    values: npt.NDArray[np.float32] = field(repr=False)
    places: npt.NDArray[np.int32] = field(repr=False)

    def layer(self, name: str) -> IndexedLayer:
        """The layer of that name.

        Raises:
            InsightRefused: the index has none.
        """
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise InsightRefused(f"The index of patches has no layer '{name}'.")

    def patches(self, layer: str, number: int) -> tuple[Patch, ...]:
        """The patches of a layer's filter, the strongest first; fewer than K where it answers to fewer pictures.

        Raises:
            InsightRefused: there is no such layer or filter.
        """
        found = self.layer(layer)
        if not 0 <= number < found.channels:
            raise InsightRefused(f"Filters of '{layer}' are counted from 0 to {found.channels - 1}.")
        row = self._first(layer) + number
        there = [(value, *place) for value, place in zip(self.values[row], self.places[row].tolist(), strict=True)]
        return tuple(self._patch(found, *each) for each in there if each[1] >= 0)

    def to_json(self) -> dict[str, Any]:
        """What ``index.json`` says."""
        plain = {key: value for key, value in vars(self).items() if key not in ("values", "places")}
        lists = {"pictures": [asdict(each) for each in self.pictures], "layers": [asdict(each) for each in self.layers]}
        return {"schema": SCHEMA} | plain | lists

    def _first(self, layer: str) -> int:
        names = [each.name for each in self.layers]
        return sum(each.channels for each in self.layers[: names.index(layer)])

    def _patch(self, layer: IndexedLayer, value: float, picture: int, row: int, column: int) -> Patch:
        x, y = (column + 0.5) * self.size / layer.width, (row + 0.5) * self.size / layer.height
        whole = layer.receptive_field == 0
        box = Box(0, 0, self.size, self.size) if whole else self._box(layer, row, column)
        return Patch(self.pictures[picture], float(value), row, column, x - 0.5, y - 0.5, box, whole)

    def _box(self, layer: IndexedLayer, row: int, column: int) -> Box:
        """What a position sees, clipped to the picture."""
        left, top = (round(layer.start + place * layer.stride) for place in (column, row))
        right, bottom = left + layer.receptive_field, top + layer.receptive_field
        return Box(max(0, left), max(0, top), min(self.size, right), min(self.size, bottom))


def cut(photo: Photo, patch: Patch, size: int) -> Pixels:
    """A patch as the network saw it, in color: ``(h, w, 3)`` uint8 of the photo squashed to ``size``."""
    box = patch.box
    return np.ascontiguousarray(squash(photo.rgb, size)[box.top : box.bottom, box.left : box.right])


def opened(index: PatchIndex, patch: Patch, limits: Limits) -> Photo:
    """The photo of a patch, from the folder that was indexed.

    Raises:
        PhotoRefused: it is no longer there, leads out of the folder, or cannot be opened.
    """
    root = Path(index.data)
    path = root / patch.picture.name
    if index.data == GALLERY or not path.resolve().is_relative_to(root.resolve()):
        raise PhotoRefused("This photo is no longer where it was indexed: index its folder again.")
    return decode(read_file(path, limits), limits, path.name)

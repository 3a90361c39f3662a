"""Top patches: where in a set of pictures each filter answers most strongly, and which filters tell nothing new.

An index names files of one's own disk, so it is kept in the cache folder, ``<cache>/patches/<weights' sha256>/``, and
never in a checkpoint, which is shared; it holds no pictures. ``index.json`` says what was indexed (see
``docs/formats.md``), ``values.npy`` and ``places.npy`` which positions answered most strongly.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from visml import checkpoints
from visml.images.decode import Limits, Photo, PhotoRefused, decode, read_file, squash
from visml.insight.forward import InsightRefused

SCHEMA = 1
INDEX, VALUES, PLACES = "index.json", "values.npy", "places.npy"
GALLERY = "gallery"  # what an index of the page's own gallery has for a folder
_LARGEST = 64_000_000  # bytes of index.json
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
        receptive_field: side in input pixels of what a position sees, 0 where that is not known.
        dead: filters of a rectified layer that were above 0 nowhere on any picture.
        duplicates: pairs of filters and the cosine of their responses, above 0.95, the most similar first.
    """

    name: str
    channels: int
    height: int
    width: int
    receptive_field: int
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
        whole = not 0 < layer.receptive_field < self.size
        box = Box(0, 0, self.size, self.size) if whole else _box(x, y, layer.receptive_field, self.size)
        return Patch(self.pictures[picture], float(value), row, column, x - 0.5, y - 0.5, box, whole)


def _box(x: float, y: float, side: int, size: int) -> Box:
    """The field of that side around a middle, clipped; strides move its true place by half a stride at most."""
    low = [max(0, math.floor(at - side / 2)) for at in (x, y)]
    high = [min(size, math.ceil(at + side / 2)) for at in (x, y)]
    return Box(*low, *high)


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


# ---- on disk ---------------------------------------------------------------------------------------------------------


def place(cache: Path, model_sha256: str, gallery: bool = False) -> Path:
    """The folder of a network's index: that of the folder indexed last, or that of the page's gallery."""
    return cache / "patches" / (f"{model_sha256}-{GALLERY}" if gallery else model_sha256)


def save(index: PatchIndex, folder: Path) -> None:
    """Write an index as a folder, whole or not at all."""
    with checkpoints.replacing(folder) as new:
        for name, array in ((VALUES, index.values), (PLACES, index.places)):
            (new / name).unlink(missing_ok=True)
            np.save(new / name, array)
        checkpoints.write_json(new / INDEX, index.to_json(), indent=None)


def load(folder: Path, model_sha256: str) -> PatchIndex | None:
    """The index in a folder; None where there is none of these weights, or it is damaged."""
    try:
        index = _load(folder, (folder / INDEX).stat().st_mtime_ns)
    except (OSError, ValueError, KeyError, TypeError, EOFError):
        return None
    return index if index.model_sha256 == model_sha256 else None


@lru_cache(maxsize=4)
def _load(folder: Path, _changed: int) -> PatchIndex:
    if (folder / INDEX).stat().st_size > _LARGEST:
        raise ValueError(INDEX)
    told = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    if told.pop("schema") != SCHEMA:
        raise ValueError("schema")
    told["pictures"] = tuple(IndexedPicture(**each) for each in told["pictures"])
    told["layers"] = tuple(_tupled(each) for each in told["layers"])
    arrays = (np.load(folder / name, mmap_mode="r", allow_pickle=False) for name in (VALUES, PLACES))
    return checked(PatchIndex(**told, **dict(zip(("values", "places"), arrays, strict=True))))


def _tupled(layer: dict[str, Any]) -> IndexedLayer:
    pairs = tuple((int(one), int(other), float(cosine)) for one, other, cosine in layer["duplicates"])
    return IndexedLayer(**(layer | {"dead": tuple(map(int, layer["dead"])), "duplicates": pairs}))


def checked(index: PatchIndex) -> PatchIndex:
    """An index whose arrays fit what it says.

    Raises:
        ValueError: they do not.
    """
    shape = (sum(layer.channels for layer in index.layers), index.per_filter)
    if index.values.shape != shape or index.places.shape != (*shape, 3):
        raise ValueError("shape")
    if index.places.size and not -1 <= int(index.places[..., 0].min()) <= int(index.places[..., 0].max()) < len(
        index.pictures
    ):
        raise ValueError("pictures")
    return index

"""An index of top patches on disk.

It names files of one's own disk, so it is kept in the cache folder, ``<cache>/patches/<weights' sha256>/``, and never
in a checkpoint, which is shared. ``index.json`` says what was indexed (see ``docs/formats.md``), ``values.npy`` and
``places.npy`` which positions answered most strongly.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from visml import checkpoints
from visml.insight.patches import GALLERY, SCHEMA, IndexedLayer, IndexedPicture, PatchIndex

INDEX, VALUES, PLACES = "index.json", "values.npy", "places.npy"
_LARGEST = 64_000_000  # bytes of index.json


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

"""What a training run left beside its weights, read back: prior, history, sample colorings.

Every reader looks only at names the folder's own index gives, so that no part of a URL ever becomes a path.
A run may be under way: a line still being written is passed over, an epoch written twice counts once, the last time.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from visml.settings import Refused

PRIOR, HISTORY, SAMPLES = "prior.json", "history.jsonl", "samples"
_LARGEST = 32_000_000
_PHOTO = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")


class RecordRefused(Refused):
    """A record that is missing or cannot be read; the message says which and what to do."""


@dataclass(frozen=True)
class Prior:
    """How often each bin occurs in the training pictures.

    Attributes:
        probabilities: ``(Q,)`` float64, summing to 1.
        pictures: how many pictures were counted, where the file says so.
        pixels: how many pixels were counted, where the file says so.
    """

    probabilities: npt.NDArray[np.float64]
    pictures: int | None
    pixels: int | None


@dataclass(frozen=True)
class Score:
    """Accuracy and relaxed accuracy on the validation split, shares in 0..1, or None."""

    accuracy: float | None
    relaxed_accuracy: float | None
    pictures: int | None = None


@dataclass(frozen=True)
class Epoch:
    """One line of ``history.jsonl``; ``number`` counts from 1, losses and learning rate are finite or absent."""

    number: int
    step: int | None
    lr: float | None
    losses: dict[str, float]
    overall: Score
    categories: dict[str, Score] = field(default_factory=dict)
    seconds: float | None = None


@dataclass(frozen=True)
class Samples:
    """The sample colorings of a run.

    Attributes:
        folder: where they are.
        epochs: the epochs that have them, ascending.
        photos: the photos' names.
        version: changes whenever the index does.
    """

    folder: Path
    epochs: tuple[int, ...]
    photos: tuple[str, ...]
    version: str

    def path(self, epoch: int, photo: str) -> Path | None:
        """The file of one coloring, or None where the index has no such epoch or photo or the file is gone."""
        if epoch not in self.epochs or photo not in self.photos:
            return None
        path = self.folder / f"{epoch:03d}" / f"{photo}.webp"
        inside = path.is_file() and self.folder.resolve() in path.resolve().parents
        return path if inside else None


def read_prior(folder: Path, bins: int) -> Prior:
    """The prior of a checkpoint folder, scaled to sum exactly 1.

    Raises:
        RecordRefused: there is none, or it is not ``bins`` probabilities.
    """
    content = _json(folder / PRIOR)
    try:
        values = np.asarray(content["probabilities"], dtype=np.float64)
    except (TypeError, KeyError, ValueError):
        raise RecordRefused(f"The {PRIOR} of '{folder.name}' has no list of probabilities.") from None
    if values.shape != (bins,) or not np.isfinite(values).all() or (values < 0).any() or values.sum() <= 0:
        raise RecordRefused(f"The {PRIOR} of '{folder.name}' does not hold {bins} probabilities.")
    return Prior(values / values.sum(), _whole(content.get("pictures")), _whole(content.get("pixels")))


def read_history(folder: Path) -> tuple[Epoch, ...]:
    """The epochs of a run, ascending; empty where it has no readable history."""
    path = folder / HISTORY
    epochs = {epoch.number: epoch for epoch in map(_epoch, _lines(path)) if epoch is not None}
    return tuple(epochs[number] for number in sorted(epochs))


def read_samples(folder: Path) -> Samples | None:
    """What sample colorings there are, or None."""
    path = folder / SAMPLES / "index.json"
    try:
        index = _json(path)
        version = f"{path.stat().st_mtime_ns:x}"
    except (RecordRefused, OSError):
        return None
    epochs = sorted({n for n in map(_whole, _list(index, "epochs")) if n is not None})
    photos = [name for name in _list(index, "photos") if isinstance(name, str) and _PHOTO.fullmatch(name)]
    return Samples(folder / SAMPLES, tuple(epochs), tuple(photos), version) if epochs and photos else None


def _epoch(line: str) -> Epoch | None:
    """A line of the history, or None where it is not one."""
    try:
        content = json.loads(line)
    except (ValueError, RecursionError):
        return None
    number = _whole(content.get("epoch")) if isinstance(content, dict) else None
    if number is None:
        return None
    losses = {str(name): value for name, raw in _dict(content, "losses").items() if (value := _number(raw)) is not None}
    categories = {name: _score(raw) for name, raw in _dict(content, "categories").items() if isinstance(raw, dict)}
    return Epoch(
        number=number,
        step=_whole(content.get("step")),
        lr=_number(content.get("lr")),
        losses=losses,
        overall=_score(content),
        categories=categories,
        seconds=_number(content.get("seconds")),
    )


def _score(content: dict[str, Any]) -> Score:
    accuracy, relaxed = (_number(content.get(key)) for key in ("accuracy", "relaxed_accuracy"))
    return Score(accuracy, relaxed, _whole(content.get("pictures")))


def _lines(path: Path) -> Iterator[str]:
    try:
        if path.stat().st_size <= _LARGEST:
            yield from path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return


def _json(path: Path) -> dict[str, Any]:
    """A JSON object of schema 1.

    Raises:
        RecordRefused: missing, unreadable, too large or of another kind.
    """
    where = f"{path.name} of '{path.parent.name}'"
    try:
        if path.stat().st_size > _LARGEST:
            raise RecordRefused(f"The {where} is too large to be one.")
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecordRefused(f"'{path.parent.name}' has no {path.name}.") from None
    except (OSError, ValueError, RecursionError):
        raise RecordRefused(f"The {where} cannot be read.") from None
    if not isinstance(content, dict) or content.get("schema") != 1:
        raise RecordRefused(f"The {where} is not of schema 1.")
    return content


def _list(content: dict[str, Any], key: str) -> list[Any]:
    value = content.get(key)
    return value if isinstance(value, list) else []


def _dict(content: dict[str, Any], key: str) -> dict[str, Any]:
    value = content.get(key)
    return value if isinstance(value, dict) else {}


def _number(value: Any) -> float | None:
    """A finite number, or None."""
    sound = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if sound else None


def _whole(value: Any) -> int | None:
    """A whole number from 0, or None."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None

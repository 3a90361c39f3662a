"""What a training run left beside its weights, read back: prior, history, sample colorings.

Every reader looks only at names the folder's own index gives, so that no part of a URL ever becomes a path.
A run may be under way: a line still being written is passed over, an epoch written twice counts once, the last time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from visml.dashboard import lenient
from visml.dashboard.lenient import RecordRefused as RecordRefused

PRIOR, HISTORY, SAMPLES = "prior.json", "history.jsonl", "samples"
_PHOTO = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")


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
    """One line of ``history.jsonl``; ``number`` counts from 1, losses and learning rate are finite or absent.

    ``losses`` are of the training crops, ``validation`` the same terms on validation crops; ``unreadable`` and
    ``small`` count the training pictures that were left out.
    """

    number: int
    step: int | None
    lr: float | None
    losses: dict[str, float]
    overall: Score
    validation: dict[str, float] = field(default_factory=dict)
    categories: dict[str, Score] = field(default_factory=dict)
    seconds: float | None = None
    unreadable: int | None = None
    small: int | None = None


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
    content = lenient.read_object(folder / PRIOR)
    try:
        values = np.asarray(content["probabilities"], dtype=np.float64)
    except (TypeError, KeyError, ValueError):
        raise RecordRefused(f"The {PRIOR} of '{folder.name}' has no list of probabilities.") from None
    if values.shape != (bins,) or not np.isfinite(values).all() or (values < 0).any() or values.sum() <= 0:
        raise RecordRefused(f"The {PRIOR} of '{folder.name}' does not hold {bins} probabilities.")
    return Prior(values / values.sum(), lenient.whole(content.get("pictures")), lenient.whole(content.get("pixels")))


def read_history(folder: Path) -> tuple[Epoch, ...]:
    """The epochs of a run, ascending; empty where it has no readable history."""
    path = folder / HISTORY
    epochs = {epoch.number: epoch for epoch in map(_epoch, _lines(path)) if epoch is not None}
    return tuple(epochs[number] for number in sorted(epochs))


def read_samples(folder: Path) -> Samples | None:
    """What sample colorings there are, or None."""
    path = folder / SAMPLES / "index.json"
    try:
        index = lenient.read_object(path)
    except RecordRefused:
        return None
    epochs = sorted({n for n in map(lenient.whole, lenient.items(index, "epochs")) if n is not None})
    photos = [name for name in lenient.items(index, "photos") if isinstance(name, str) and _PHOTO.fullmatch(name)]
    return Samples(folder / SAMPLES, tuple(epochs), tuple(photos), lenient.version(path)) if epochs and photos else None


def _epoch(line: str) -> Epoch | None:
    """A line of the history, or None where it is not one."""
    try:
        content = json.loads(line)
    except (ValueError, RecursionError):
        return None
    number = lenient.whole(content.get("epoch")) if isinstance(content, dict) else None
    if number is None:
        return None
    categories = {
        name: _score(raw) for name, raw in lenient.table(content, "categories").items() if isinstance(raw, dict)
    }
    return Epoch(
        number=number,
        step=lenient.whole(content.get("step")),
        lr=lenient.number(content.get("lr")),
        losses=_terms(content, "losses"),
        overall=_score(content),
        validation=_terms(content, "validation"),
        categories=categories,
        seconds=lenient.number(content.get("seconds")),
        unreadable=lenient.whole(content.get("unreadable")),
        small=lenient.whole(content.get("small")),
    )


def _terms(content: dict[str, Any], key: str) -> dict[str, float]:
    """The finite numbers of a table of loss terms, by name."""
    found = ((name, lenient.number(value)) for name, value in lenient.table(content, key).items())
    return {name: value for name, value in found if value is not None}


def _score(content: dict[str, Any]) -> Score:
    accuracy, relaxed = (lenient.number(content.get(key)) for key in ("accuracy", "relaxed_accuracy"))
    return Score(accuracy, relaxed, lenient.whole(content.get("pictures")))


def _lines(path: Path) -> Iterator[str]:
    try:
        if path.stat().st_size <= lenient.LARGEST:
            yield from path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return

"""What is known after each epoch: accuracy on the validation split, and the history file's lines."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor

from visml.checkpoints import SCHEMA
from visml.color import bins
from visml.models.base import Colorizer
from visml.training import targets
from visml.training.crops import Batch

FILE = "history.jsonl"
RELAXED = 5


@dataclass(frozen=True)
class Accuracy:
    """Scores of a set of pictures.

    Attributes:
        accuracy: share of pixels whose true bin is the likeliest.
        relaxed_accuracy: share of pixels whose true bin is among the five likeliest.
        pictures: pictures looked at.
    """

    accuracy: float
    relaxed_accuracy: float
    pictures: int


@dataclass(frozen=True)
class Epoch:
    """One line of the history; ``accuracy`` and its kin are None for a network without bins.

    Attributes:
        epoch: counted from 1.
        step: optimizer steps so far.
        lr: learning rate at the epoch's last step.
        losses: mean of every loss term over the epoch's training crops.
        validation: the same over the validation pictures' crops, of the averaged weights.
        accuracy: see :class:`Accuracy`; on the validation split.
        relaxed_accuracy: likewise.
        categories: the same per category.
        seconds: time the epoch took, validation included.
        unreadable: training pictures that could not be opened.
        small: training pictures smaller than the shortest crop.
    """

    epoch: int
    step: int
    lr: float
    losses: dict[str, float]
    validation: dict[str, float]
    accuracy: float | None
    relaxed_accuracy: float | None
    categories: dict[str, Accuracy]
    seconds: float
    unreadable: int
    small: int


@torch.inference_mode()
def validate(model: Colorizer, batches: Iterable[Batch], categories: tuple[str, ...]) -> dict[str | None, Accuracy]:
    """Accuracy over all pictures, under None, and per category, of a classifier in eval mode; pictures are whole."""
    if model.centers is None:
        return {}
    hits = torch.zeros(len(categories) + 1, 2, dtype=torch.float64)
    seen = torch.zeros(len(categories) + 1, dtype=torch.int64)
    for batch in batches:
        share = picture_accuracy(model, batch).double().cpu()
        hits.index_add_(0, batch.category + 1, share)
        seen.index_add_(0, batch.category + 1, torch.ones_like(batch.category))
    scores: dict[str | None, Accuracy] = {None: _accuracy(hits.sum(0), int(seen.sum()))}
    scores.update({name: _accuracy(hits[i], int(seen[i])) for i, name in enumerate(categories, 1) if seen[i]})
    return scores


def picture_accuracy(model: Colorizer, batch: Batch) -> Tensor:
    """Accuracy and relaxed accuracy of each picture of a batch, ``(N, 2)`` float32 in 0..1."""
    assert model.centers is not None
    device = model.centers.device
    lightness, ab = targets.lightness_and_ab(batch.rgb.to(device))
    likeliest = model(lightness, batch.category.to(device)).topk(RELAXED, dim=1).indices
    right = likeliest == bins.nearest(ab, model.centers).unsqueeze(1)
    return torch.stack([right[:, 0], right.any(dim=1)], dim=1).float().mean(dim=(2, 3))


def append(folder: Path, epoch: Epoch) -> None:
    """Add a line to the folder's history; an older file is replaced, never written into."""
    path = folder / FILE
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.unlink(missing_ok=True)
    path.write_text(before + json.dumps({"schema": SCHEMA} | asdict(epoch)) + "\n", encoding="utf-8")


def _accuracy(hits: Tensor, seen: int) -> Accuracy:
    first, relaxed = (hits / max(seen, 1)).tolist()
    return Accuracy(first, relaxed, seen)

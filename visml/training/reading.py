"""Batches of pictures, read by processes of their own."""

from __future__ import annotations

from typing import Any

import torch
from torch.utils.data import DataLoader

from visml.training import crops
from visml.training.run import Run

_WORKERS = 2


def batches(pictures: Any, **how: Any) -> DataLoader[crops.Batch]:
    """A loader of a data set of crops; ``how`` is what ``DataLoader`` takes."""
    return DataLoader(pictures, collate_fn=crops.collate, num_workers=_WORKERS, **how)


def order(run: Run) -> list[list[int]]:
    """The epoch's batches of picture indices; pictures that fill no whole batch wait for another epoch."""
    generator = torch.Generator().manual_seed(run.recipe.seed + 1_000_003 * (run.at.epoch + 1))
    places = torch.randperm(len(run.pictures.training), generator=generator).tolist()
    size = run.recipe.batch
    return [places[start : start + size] for start in range(0, len(places) - size + 1, size)]


def epoch_batches(run: Run, parts: list[list[int]]) -> DataLoader[crops.Batch]:
    """Those of an epoch's batches of picture indices that are still to come."""
    recipe, pictures = run.recipe, run.pictures
    cut = crops.Crops(pictures.training, pictures.categories, recipe.data, recipe.seed, run.at.epoch)
    return batches(cut, batch_sampler=parts[run.at.batch :])

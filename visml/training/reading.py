"""Batches of pictures, read by processes of their own."""

from __future__ import annotations

import multiprocessing
import os
from functools import partial
from typing import Any

import torch
from torch.utils.data import DataLoader

from visml.training import crops
from visml.training.run import Run

_WORKERS = 2


def batches(pictures: Any, **how: Any) -> DataLoader[crops.Batch]:
    """A loader of a data set of crops; ``how`` is what ``DataLoader`` takes."""
    forked = multiprocessing.get_start_method() == "fork"  # else their parent may be another process
    leave = partial(_leave_without, os.getpid()) if forked else None
    return DataLoader(pictures, collate_fn=crops.collate, num_workers=_WORKERS, worker_init_fn=leave, **how)


def _leave_without(trainer: int, _: int) -> None:
    """Ends a worker whose trainer was killed before PyTorch began to watch whether it lives."""
    if os.getppid() != trainer:
        os._exit(1)


def order(run: Run) -> list[list[int]]:
    """The epoch's batches of picture indices; pictures that fill no whole batch wait for another epoch."""
    generator = torch.Generator().manual_seed(run.recipe.seed + 1_000_003 * (run.at.epoch + 1))
    places = torch.randperm(len(run.pictures.training), generator=generator).tolist()
    size = run.recipe.batch
    return [places[start : start + size] for start in range(0, len(places) - size + 1, size)]


def epoch_batches(run: Run, parts: list[list[int]]) -> DataLoader[crops.Batch]:
    """This process's part of those of an epoch's batches of picture indices that are still to come."""
    recipe, pictures = run.recipe, run.pictures
    cut = crops.Crops(pictures.training, pictures.categories, recipe.data, recipe.seed, run.at.epoch)
    return batches(cut, batch_sampler=[run.team.part(each) for each in parts[run.at.batch :]])

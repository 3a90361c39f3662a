"""What is known after an epoch: the averaged weights, judged on the validation pictures."""

from __future__ import annotations

import time
from collections.abc import Iterable

import torch

from visml.training import crops, history
from visml.training.reading import batches
from visml.training.run import Run

_BATCH = 16


def judge(run: Run) -> history.Epoch:
    """The history's line of the epoch just made."""
    started = time.perf_counter()
    pictures = crops.Squashed(run.pictures, run.averaged.input_size)
    with run.fabric.autocast():
        scores = history.validate(run.averaged, batches(pictures, batch_size=_BATCH), run.pictures.categories)
        losses = validation_losses(run)
    overall = scores.pop(None, None)
    return history.Epoch(
        epoch=run.at.epoch + 1,
        step=run.at.step,
        lr=run.optimizers[run.objective.turns[-1]].param_groups[0]["lr"],
        losses=run.at.means(),
        validation=losses,
        accuracy=overall.accuracy if overall else None,
        relaxed_accuracy=overall.relaxed_accuracy if overall else None,
        categories={str(name): accuracy for name, accuracy in scores.items()},
        seconds=round(run.at.seconds + time.perf_counter() - started, 1),
        unreadable=run.at.unreadable,
        small=run.at.small,
    )


@torch.inference_mode()
def validation_losses(run: Run) -> dict[str, float]:
    """Mean of every loss term over crops of the validation pictures, the same crops after every epoch."""
    recipe, pictures = run.recipe, run.pictures
    cut = crops.Crops(pictures.validation, pictures.categories, recipe.data, recipe.seed, epoch=-1 % 2**31)
    return mean_losses(run, batches(cut, batch_size=recipe.batch))


def mean_losses(run: Run, parts: Iterable[crops.Batch]) -> dict[str, float]:
    """Mean over pictures of every loss term of the averaged weights."""
    sums: dict[str, float] = {}
    seen = 0
    for batch in (each.to(run.fabric.device) for each in parts if len(each.rgb)):
        for turn in run.objective.turns:
            for name, loss in run.objective(run.averaged, batch, turn).items():
                sums[name] = sums.get(name, 0.0) + loss.item() * len(batch.rgb)
        seen += len(batch.rgb)
    return {name: total / seen for name, total in sums.items()}

"""The training loop, from a recipe and a folder of pictures to a checkpoint folder.

A run is decided by its recipe alone: the order of the pictures comes from (seed, epoch), a crop from (seed, epoch,
picture). So a run that was stopped, however rudely, goes on from its last saved state to the very weights it
would have had, on the same machine, device and number of threads. After every epoch the folder holds a whole
checkpoint: averaged weights, history, samples; while the run lasts, the state to go on from as well.
"""

from __future__ import annotations

import logging
import math
import time
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor
from torch.optim.swa_utils import AveragedModel
from torch.utils.data import DataLoader

from visml import checkpoints
from visml.color import bins
from visml.models import registry
from visml.training import crops, history, objectives, samples, targets
from visml.training.recipe import Optimizer, Recipe
from visml.training.run import Position, Run, TrainingRefused, locked

log = logging.getLogger(__name__)
PRIOR = "prior.json"
_WORKERS = 2
_VALIDATION_BATCH = 16


def train(recipe: Recipe, data: Path, out: Path, *, resume: bool = False, progress: bool = True) -> Path:
    """Train a network; returns its checkpoint folder ``out``.

    Args:
        recipe: what to train.
        data: folder of pictures; a picture's category is its folder relative to this one.
        out: checkpoint folder to write.
        resume: go on from the state in ``out``; without one, start.
        progress: show a progress bar on a terminal.

    Raises:
        Refused: the folder has no pictures to train on, the recipe names something unknown, ``out`` holds
            another run or is being trained by another process, or more than 5 % of the pictures cannot be opened.
    """
    columns = (TextColumn("{task.description}"), MofNCompleteColumn(), TimeRemainingColumn())
    with locked(out), Progress(*columns, disable=not progress) as show:
        if not resume and out.exists():
            raise TrainingRefused(f"'{out}' exists; go on with --resume or choose another --out.")
        run = _prepare(recipe, data, out, show)
        run.restore()
        while run.at.epoch < recipe.epochs:
            _train_epoch(run)
            _end_epoch(run)
        run.end()
    return out


def learning_rate(step: int, steps: int, optimizer: Optimizer) -> float:
    """The rate of a step, counted from 0, of ``steps``: a linear warm-up, then half a cosine down to 0."""
    if step < optimizer.warmup:
        return optimizer.lr * (step + 1) / optimizer.warmup
    share = (step - optimizer.warmup) / max(steps - optimizer.warmup, 1)
    return optimizer.lr * (1 + math.cos(math.pi * share)) / 2


def _prepare(recipe: Recipe, data: Path, out: Path, show: Progress) -> Run:
    pictures = crops.split(data, recipe.data.validation)
    if len(pictures.training) < recipe.batch:
        count = len(pictures.training)
        raise crops.DataRefused(f"'{data}' has {count} pictures to train on, under one batch of {recipe.batch}.")
    torch.manual_seed(recipe.seed)
    fabric = Fabric(devices=1, precision=recipe.precision)  # type: ignore[arg-type]
    model = registry.build(recipe.family, recipe.arguments).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    network, optimizer = fabric.setup(model, _optimizer(model, recipe.optimizer))
    average = AveragedModel(model, multi_avg_fn=_averaging(recipe.optimizer.averaging), use_buffers=True)
    centers = bins.centers() if model.centers is None else model.centers.cpu()
    objective = objectives.build(recipe.objective, _prior(pictures, out, show), centers).to(fabric.device)
    return Run(recipe, pictures, out, fabric, model, network, average, optimizer, objective, show)


def _train_epoch(run: Run) -> None:
    """All steps of an epoch that are still to be made."""
    recipe, batches = run.recipe, _order(run)
    pictures = crops.Crops(run.pictures, recipe.data, recipe.seed, run.at.epoch)
    task = run.show.add_task("", total=len(batches), completed=run.at.batch)
    run.network.train()
    started = time.perf_counter()
    for batch in _loader(pictures, batch_sampler=batches[run.at.batch :]):
        rate = learning_rate(run.at.step, len(batches) * recipe.epochs, recipe.optimizer)
        losses = _step(run, batch, rate)
        run.at.count(batch, losses)
        label = f"epoch {run.at.epoch + 1}  loss {sum(losses.values()):.3f}"
        run.show.update(task, completed=run.at.batch, description=label)
        if run.at.step % recipe.save_steps == 0:
            run.at.seconds += time.perf_counter() - started
            _save(run)
            started = time.perf_counter()
    run.at.seconds += time.perf_counter() - started
    run.show.remove_task(task)


def _step(run: Run, batch: crops.Batch, rate: float) -> dict[str, float]:
    """One step down the objective; returns the loss terms before it."""
    torch.manual_seed(run.recipe.seed + run.at.step)
    for group in run.optimizer.param_groups:
        group["lr"] = rate
    losses: dict[str, Tensor] = run.objective(run.network, batch.rgb.to(run.fabric.device))
    run.optimizer.zero_grad()
    run.fabric.backward(torch.stack(list(losses.values())).sum())
    run.fabric.clip_gradients(run.network, run.optimizer, max_norm=run.recipe.optimizer.clip)
    run.optimizer.step()
    run.average.update_parameters(run.model)
    return {name: loss.item() for name, loss in losses.items()}


def _save(run: Run) -> None:
    run.refuse_unreadable()
    run.save()
    log.info("epoch %d, step %d: %s", run.at.epoch + 1, run.at.step, run.at.means())


def _end_epoch(run: Run) -> None:
    """Judge the averaged weights and write the checkpoint."""
    run.refuse_unreadable()
    line = _judge(run)
    run.at = Position(epoch=run.at.epoch + 1, step=run.at.step)
    with checkpoints.replacing(run.out) as folder:
        checkpoints.write(folder, run.averaged, run.recipe.arguments, **run.facts())
        history.append(folder, line)
        samples.write(folder, run.averaged, line.epoch)
        run.write_state(folder)
    log.info("epoch %d: accuracy %s, relaxed %s", line.epoch, line.accuracy, line.relaxed_accuracy)


def _judge(run: Run) -> history.Epoch:
    """The history's line of the epoch just made."""
    started = time.perf_counter()
    pictures = crops.Squashed(run.pictures, run.averaged.input_size)
    with run.fabric.autocast():
        batches = _loader(pictures, batch_size=_VALIDATION_BATCH)
        scores = history.validate(run.averaged, batches, run.pictures.categories)
    overall = scores.pop(None, None)
    return history.Epoch(
        epoch=run.at.epoch + 1,
        step=run.at.step,
        lr=run.optimizer.param_groups[0]["lr"],
        losses=run.at.means(),
        accuracy=overall.accuracy if overall else None,
        relaxed_accuracy=overall.relaxed_accuracy if overall else None,
        categories={str(name): accuracy for name, accuracy in scores.items()},
        seconds=round(run.at.seconds + time.perf_counter() - started, 1),
        unreadable=run.at.unreadable,
    )


def _order(run: Run) -> list[list[int]]:
    """The epoch's batches of picture indices; pictures that fill no whole batch wait for another epoch."""
    generator = torch.Generator().manual_seed(run.recipe.seed + 1_000_003 * (run.at.epoch + 1))
    order = torch.randperm(len(run.pictures.training), generator=generator).tolist()
    size = run.recipe.batch
    return [order[start : start + size] for start in range(0, len(order) - size + 1, size)]


def _loader(pictures: Any, **how: Any) -> DataLoader[crops.Batch]:
    return DataLoader(pictures, collate_fn=crops.collate, num_workers=_WORKERS, **how)


def _prior(pictures: crops.Split, out: Path, show: Progress) -> Tensor:
    """The training pictures' prior, measured once and kept in the folder."""
    if not (out / PRIOR).exists():
        task = show.add_task("prior", total=len(pictures.training))
        prior = targets.measure_prior(pictures.training, lambda done: show.update(task, completed=done))
        show.remove_task(task)
        with checkpoints.replacing(out) as folder:
            prior.save(folder / PRIOR)
    return targets.load_prior(out / PRIOR)


def _optimizer(model: torch.nn.Module, settings: Optimizer) -> torch.optim.Optimizer:
    betas = (settings.betas[0], settings.betas[1])
    return torch.optim.AdamW(model.parameters(), settings.lr, betas, weight_decay=settings.weight_decay, fused=True)


def _averaging(decay: float) -> Any:
    """An exponential average that starts fast: early weights, far from any good, are soon forgotten."""

    def update(averaged: list[Tensor], current: list[Tensor], count: Tensor | int) -> None:
        keep = min(decay, (1 + int(count)) / (10 + int(count)))
        if averaged[0].is_floating_point():
            torch._foreach_lerp_(averaged, current, 1 - keep)
        else:
            torch._foreach_copy_(averaged, current)

    return torch.no_grad()(update)

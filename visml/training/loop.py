"""The training loop, from a recipe and a folder of pictures to a checkpoint folder.

A run is decided by its recipe alone: the order of the pictures comes from (seed, epoch), a crop from (seed, epoch,
picture). So a run that was stopped, however rudely, goes on from its last saved state to the very weights it
would have had, on the same machine, device and number of threads. After every epoch the folder holds a whole
checkpoint: averaged weights, history, samples; while the run lasts, the state to go on from as well.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path

import torch
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor

from visml import checkpoints
from visml.training import crops, history, reading, samples, weights
from visml.training.judging import judge
from visml.training.preparing import moved, prepare
from visml.training.recipe import Recipe
from visml.training.run import STATE, Run, TrainingRefused, locked
from visml.training.schedule import learning_rate

log = logging.getLogger(__name__)
_EVERY_SAMPLE = 20


def train(
    recipe: Recipe, data: Path, out: Path, *, resume: bool = False, progress: bool = True, root: Path | None = None
) -> Path:
    """Train a network; returns its checkpoint folder ``out``.

    Args:
        recipe: what to train.
        data: folder of pictures; a picture's category is its folder relative to this one.
        out: checkpoint folder to write.
        resume: go on from the state in ``out``; without one, start.
        progress: show a progress bar on a terminal.
        root: folder of checkpoints in which the recipe's ``start`` is looked up; beside ``out`` when None.

    Raises:
        Refused: the folder has no pictures to train on, the recipe names something unknown, ``out`` holds
            another run or is being trained by another process, or more than 5 % of the pictures cannot be used.
    """
    with locked(out), progress_bar(progress) as show:
        if not resume and any((out / name).exists() for name in (checkpoints.WEIGHTS, STATE)):
            raise TrainingRefused(f"'{out}' exists; go on with --resume or choose another --out.")
        run = prepare(recipe, data, out, show, root)
        run.restore()
        while not run.ended:
            _train_epoch(run)
            _end_epoch(run)
        run.end()
    return out


def progress_bar(shown: bool) -> Progress:
    """A bar for a task's steps, on a terminal."""
    columns = (TextColumn("{task.description}"), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, disable=not shown)


def step(run: Run, batch: crops.Batch, rate: float) -> dict[str, float]:
    """One step down the objective, turn by turn; returns the loss terms before it."""
    torch.manual_seed(run.recipe.seed + run.at.step)
    batch = batch.to(run.fabric.device)
    losses: dict[str, Tensor] = {}
    for turn, optimizer in run.optimizers.items():
        losses |= _turn(run, batch, rate, turn, optimizer)
    run.average.update_parameters(run.model)
    return {name: loss.item() for name, loss in losses.items()}


def _turn(run: Run, batch: crops.Batch, rate: float, turn: str, optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    for group in optimizer.param_groups:
        group["lr"] = rate
    run.model.zero_grad()
    with run.fabric.autocast():  # methods of the network other than its forward pass get none by themselves
        losses: dict[str, Tensor] = run.objective(run.network, batch, turn)
    run.fabric.backward(torch.stack(list(losses.values())).sum())
    if len(run.optimizers) > 1:
        _forget_other_gradients(run, turn)
    if run.recipe.optimizer.clip:
        run.fabric.clip_gradients(run.network, optimizer, max_norm=run.recipe.optimizer.clip)
    optimizer.step()
    return {name: loss.detach() for name, loss in losses.items()}


def _forget_other_gradients(run: Run, turn: str) -> None:
    """So that the norm that is clipped is that of the turn's own gradient."""
    kept = {id(each) for each in moved(run.model, turn, run.objective.turns)}
    for each in run.model.parameters():
        if id(each) not in kept:
            each.grad = None


def _train_epoch(run: Run) -> None:
    """All steps of an epoch that are still to be made."""
    recipe, parts = run.recipe, reading.order(run)
    task = run.show.add_task("", total=len(parts), completed=run.at.batch)
    run.network.train()
    started = time.perf_counter()
    for batch in reading.epoch_batches(run, parts):
        rate = learning_rate(run.at.step, len(parts), recipe.epochs, recipe.optimizer)
        losses = step(run, batch, rate) if len(batch.rgb) else {}
        run.at.count(batch, losses)
        label = f"epoch {run.at.epoch + 1}  loss {sum(losses.values()):.3g}"
        run.show.update(task, completed=run.at.batch, description=label)
        if run.at.step % recipe.save_steps == 0:
            run.at.seconds += time.perf_counter() - started
            _save(run)
            started = time.perf_counter()
    run.at.seconds += time.perf_counter() - started
    run.show.remove_task(task)


def _save(run: Run) -> None:
    run.refuse_losses()
    run.save()
    log.info("epoch %d, step %d: %s", run.at.epoch + 1, run.at.step, run.at.means())


def _end_epoch(run: Run) -> None:
    """Judge the averaged weights and write the checkpoint."""
    run.refuse_losses()
    line = judge(run)
    run.at = run.at.after(sum(line.validation.values()))
    with run.writing() as folder:
        checkpoints.write(folder, run.averaged, run.arguments, **run.facts())
        history.append(folder, line)
        weights.append(folder, run.averaged, line.epoch)
        _keep(run, folder, line.epoch)
        run.write_state(folder)
    log.info("epoch %d: loss %s, accuracy %s", line.epoch, line.validation, line.accuracy)


def _keep(run: Run, folder: Path, epoch: int) -> None:
    """What is kept of some epochs only: the weights where the recipe says so, sample colorings of every early one."""
    if epoch <= _EVERY_SAMPLE or epoch % 2 == 0:
        samples.write(folder, run.averaged, epoch)
    if epoch in run.recipe.keep_epochs:
        kept = folder / checkpoints.KEPT / f"{epoch:03d}"
        kept.mkdir(parents=True)
        checkpoints.write(kept, run.averaged, run.arguments, **run.facts())

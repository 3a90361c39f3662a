"""The training loop, from a recipe and a folder of pictures to a checkpoint folder.

A run is decided by its recipe alone: the order of the pictures comes from (seed, epoch), a crop from (seed, epoch,
picture). So a run that was stopped, however rudely, goes on from its last saved state to the very weights it
would have had, on the same machine, device and number of threads, in the same precision. After every epoch the folder
holds a whole checkpoint: averaged weights, history, samples; while the run lasts, the state to go on from as well.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import torch
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor

from visml import checkpoints
from visml.training import crops, history, reading, samples, weights
from visml.training.judging import judge
from visml.training.preparing import moved, prepare
from visml.training.recipe import Recipe
from visml.training.run import STATE, Run, locked
from visml.training.schedule import learning_rate
from visml.training.team import Team, TrainingRefused, assembled, fitted

log = logging.getLogger(__name__)
_EVERY_SAMPLE = 20
_APART = 1_000_003  # between the seeds of two processes, whose dropout must not be the same


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
    recipe = fitted(recipe)
    with assembled(recipe) as team, _held(out, team, resume), progress_bar(progress and team.leads) as show:
        _train(prepare(recipe, data, out, show, root, team))
    return out


def _train(run: Run) -> None:
    """All of a run. Who calls this keeps nothing of it, so that its processes can part."""
    with run.team.agreeing():
        run.restore()
    while not run.ended:
        _train_epoch(run)
        _end_epoch(run)
    with run.team.agreeing():
        if run.team.leads:
            run.end()


@contextmanager
def _held(out: Path, team: Team, resume: bool) -> Iterator[None]:
    """The checkpoint folder, held by the first process for all of them."""
    with ExitStack() as held:
        with team.agreeing():
            if team.leads:
                held.enter_context(locked(out))
                _refuse_overwriting(out, resume)
        yield


def _refuse_overwriting(out: Path, resume: bool) -> None:
    if not resume and any((out / name).exists() for name in (checkpoints.WEIGHTS, STATE)):
        raise TrainingRefused(f"'{out}' exists; go on with --resume or choose another --out.")


def progress_bar(shown: bool) -> Progress:
    """A bar for a task's steps, on a terminal."""
    columns = (TextColumn("{task.description}"), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, disable=not shown)


def step(run: Run, batch: crops.Batch, rate: float) -> dict[str, float]:
    """One step down the objective, turn by turn; returns the loss terms before it, those of the whole batch.

    Args:
        run: what is trained.
        batch: this process's part of it.
        rate: the learning rate.
    """
    torch.manual_seed(run.recipe.seed + run.at.step + _APART * run.team.rank)
    batch = batch.to(run.fabric.device)
    losses: dict[str, Tensor] = {}
    for turn, optimizer in run.optimizers.items():
        losses |= _turn(run, batch, rate, turn, optimizer)
    run.average.update_parameters(run.model)
    return dict(zip(losses, run.team.sums([loss.item() for loss in losses.values()]), strict=True))


def _turn(run: Run, batch: crops.Batch, rate: float, turn: str, optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """A turn's step; returns this process's shares of the whole batch's loss terms."""
    for group in optimizer.param_groups:
        group["lr"] = rate
    losses = descend(run, batch, turn)
    if len(run.optimizers) > 1:
        _forget_other_gradients(run, turn)
    if run.recipe.optimizer.clip:
        run.fabric.clip_gradients(run.network, optimizer, max_norm=run.recipe.optimizer.clip)
    optimizer.step()
    return {name: loss.detach() for name, loss in losses.items()}


def descend(run: Run, batch: crops.Batch, turn: str) -> dict[str, Tensor]:
    """Give every weight the gradient of the whole batch; returns this process's shares of a turn's loss terms.

    A term is a mean over pictures, so each process's counts by how many of them it has: the sum of all shares is the
    term of the whole batch, and so is its gradient. A process that has none takes the step with a blank picture that
    counts nothing, in eval mode, so that BatchNorm does not learn of it.

    Raises:
        TrainingRefused: several processes train a network with weights that the objective does not reach.
    """
    run.model.zero_grad()
    losses = _losses(run, batch, turn) if len(batch.rgb) else _blank_losses(run, turn)
    shares = run.team.shares([run.objective.counted(batch, name) for name in losses])
    mine = {name: share * loss for (name, loss), share in zip(losses.items(), shares, strict=True)}
    run.fabric.backward(run.team.size * torch.stack(list(mine.values())).sum())  # DDP takes the processes' mean
    if run.team.size > 1 and not all(each.grad is not None for each in moved(run.model, turn, run.objective.turns)):
        raise TrainingRefused(
            "This objective leaves some of the network's weights as they are; train it in one process."
        )
    return mine


def _losses(run: Run, batch: crops.Batch, turn: str) -> dict[str, Tensor]:
    with run.fabric.autocast():  # methods of the network other than its forward pass get none by themselves
        losses: dict[str, Tensor] = run.objective(run.network, batch, turn)
    return losses


def _blank_losses(run: Run, turn: str) -> dict[str, Tensor]:
    training = run.network.training
    run.network.eval()
    losses = _losses(run, crops.blank(run.recipe.data.crop).to(run.fabric.device), turn)
    run.network.train(training)
    return losses


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
        kept, unreadable, small = run.team.sums([len(batch.rgb), batch.unreadable, batch.small])
        losses = step(run, batch, rate) if kept else {}
        run.at.count(replace(batch, unreadable=int(unreadable), small=int(small)), losses)
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
    with run.team.agreeing():
        if run.team.leads:
            run.save()
            log.info("epoch %d, step %d: %s", run.at.epoch + 1, run.at.step, run.at.means())


def _end_epoch(run: Run) -> None:
    """Judge the averaged weights and write the checkpoint, in the first process while the others wait."""
    run.refuse_losses()
    with run.team.agreeing():
        if run.team.leads:
            _judge_and_write(run)
    run.at = run.team.gathered(run.at)[0]


def _judge_and_write(run: Run) -> None:
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

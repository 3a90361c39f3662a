"""A training run: what it is made of, how far it has come, and how that is kept on disk."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

import torch
from lightning_fabric import Fabric
from rich.progress import Progress
from safetensors import SafetensorError
from torch import nn
from torch.optim.swa_utils import AveragedModel

from visml import checkpoints
from visml.models.base import Colorizer
from visml.training import crops
from visml.training.objectives.base import Objective
from visml.training.recipe import Recipe
from visml.training.team import Team, TrainingRefused

STATE = "state.pt"
LARGEST_LOST_SHARE = 0.05


@dataclass
class Position:
    """How far a run has come.

    Attributes:
        epoch: whole epochs done.
        batch: batches done of the one under way.
        step: optimizer steps done in all.
        seconds: time spent in the epoch under way.
        unreadable: its pictures that could not be opened.
        small: its pictures that are smaller than the shortest crop.
        losses: sum over its batches of every loss term.
        best: the lowest validation loss after an epoch.
        waited: epochs since then.
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0
    seconds: float = 0.0
    unreadable: int = 0
    small: int = 0
    losses: dict[str, float] = field(default_factory=dict)
    best: float | None = None
    waited: int = 0

    def count(self, batch: crops.Batch, losses: dict[str, float]) -> None:
        """Go one batch on."""
        self.batch, self.step = self.batch + 1, self.step + 1
        self.unreadable += batch.unreadable
        self.small += batch.small
        self.losses |= {name: self.losses.get(name, 0.0) + loss for name, loss in losses.items()}

    def means(self) -> dict[str, float]:
        """Mean over the epoch's batches of every loss term."""
        return {name: total / max(self.batch, 1) for name, total in self.losses.items()}

    def after(self, loss: float) -> Position:
        """The start of the next epoch, after one that ended with a validation loss."""
        better = self.best is None or loss < self.best
        best, waited = (loss, 0) if better else (self.best, self.waited + 1)
        return Position(epoch=self.epoch + 1, step=self.step, best=best, waited=waited)


@dataclass
class Run:
    """Everything a step needs.

    Attributes:
        recipe: what is followed.
        arguments: what the family's builder was given.
        pictures: what is learned from.
        out: the checkpoint's folder.
        team: the processes that make it, this one among them.
        model: the network.
        network: the same as Fabric runs it.
        average: its averaged weights.
        optimizers: one for each of the objective's turns.
        objective: what is lowered.
        show: the progress bar.
        at: how far it has come.
    """

    recipe: Recipe
    arguments: dict[str, Any]
    pictures: crops.Split
    out: Path
    team: Team
    model: Colorizer
    network: nn.Module
    average: AveragedModel
    optimizers: dict[str, torch.optim.Optimizer]
    objective: Objective
    show: Progress
    at: Position = field(default_factory=Position)

    @property
    def fabric(self) -> Fabric:
        """Device, precision and launch."""
        return self.team.fabric

    @property
    def averaged(self) -> Colorizer:
        """The averaged network, in eval mode: what is judged and kept."""
        return cast(Colorizer, self.average.module.eval())

    @property
    def ended(self) -> bool:
        """Whether all epochs are made, or as many as the recipe's patience bears without a lower loss."""
        waited = 0 < self.recipe.patience <= self.at.waited
        return self.at.epoch >= self.recipe.epochs or waited

    def facts(self) -> dict[str, Any]:
        """What ``model.json`` says beside the weights."""
        data = {
            "training": len(self.pictures.training),
            "validation": len(self.pictures.validation),
            "categories": list(self.pictures.categories),
        }
        return {"recipe": self.recipe.as_dict(), "data": data, "epoch": self.at.epoch, "step": self.at.step}

    @contextmanager
    def writing(self) -> Iterator[Path]:
        """A folder that takes the checkpoint's place when the block ends well.

        Raises:
            TrainingRefused: the disk does not take it; the checkpoint stays as it was.
        """
        try:
            with checkpoints.replacing(self.out) as folder:
                yield folder
        except (OSError, SafetensorError) as error:
            words = f"'{self.out}' cannot be written to; free some disk and go on with --resume."
            raise TrainingRefused(words) from error

    def save(self) -> None:
        """Keep the state to go on from, whole or not at all."""
        with self.writing() as folder:
            self.write_state(folder)

    def write_state(self, folder: Path) -> None:
        """Write the state into a folder that :meth:`writing` has opened."""
        (folder / STATE).unlink(missing_ok=True)
        state = {
            "recipe": self.recipe.as_dict(),
            "at": asdict(self.at),
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimizers": {turn: optimizer.state_dict() for turn, optimizer in self.optimizers.items()},
        }
        try:
            torch.save(state, folder / STATE)
        except RuntimeError as error:  # what torch makes of a full disk
            raise OSError(str(error)) from error

    def restore(self) -> None:
        """Go on from the folder's state, where there is one.

        Raises:
            TrainingRefused: the folder holds another run, one that has ended, or a damaged state.
        """
        if not (self.out / STATE).exists():
            if (self.out / checkpoints.WEIGHTS).exists():
                raise TrainingRefused(f"The run in '{self.out}' has ended; choose another --out.")
            return
        state = self._read_state()
        if _decisive(state["recipe"]) != _decisive(self.recipe.as_dict()):
            raise TrainingRefused(f"The run in '{self.out}' follows another recipe; choose another --out.")
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        for turn, optimizer in self.optimizers.items():
            optimizer.load_state_dict(state["optimizers"][turn])
        self.at = Position(**state["at"])

    def _read_state(self) -> dict[str, Any]:
        """The folder's state; no code in it is run."""
        try:
            state = dict(torch.load(self.out / STATE, map_location=self.fabric.device, weights_only=True))
            return {part: state[part] for part in ("recipe", "at", "model", "average", "optimizers")}
        except Exception as error:  # torch, zipfile and pickle each have their own
            raise TrainingRefused(f"The state in '{self.out}' is damaged; choose another --out.") from error

    def end(self) -> None:
        """Drop what only a run under way needs."""
        with checkpoints.replacing(self.out) as folder:
            (folder / STATE).unlink(missing_ok=True)

    def refuse_losses(self) -> None:
        """Stop when more than 5 % of the pictures seen in this epoch could not be used.

        Raises:
            DataRefused: they could not be opened, or are smaller than the shortest crop.
        """
        seen, shortest = self.at.batch * self.recipe.batch, self.recipe.data.crop_from[0]
        if self.at.unreadable > LARGEST_LOST_SHARE * seen:
            lost = f"{self.at.unreadable} of {seen} pictures could not be opened"
            raise crops.DataRefused(f"{lost}; look at the folder first.")
        if self.at.small > LARGEST_LOST_SHARE * seen:
            lost = f"{self.at.small} of {seen} pictures are smaller than the shortest crop of {shortest} pixels"
            raise crops.DataRefused(f"{lost}; lower crop_from or leave them out.")


def _decisive(recipe: dict[str, Any]) -> dict[str, Any]:
    """What a run must follow to its end; on another machine it may go on in other processes and another precision."""
    return {name: value for name, value in recipe.items() if name not in ("processes", "precision")}


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Hold the only right to train into ``out``.

    Raises:
        TrainingRefused: another process holds it.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    with (out.parent / f".{out.name}.lock").open("w") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # unlike flock's, not held by a killed run's workers
        except OSError:
            raise TrainingRefused(f"'{out}' is being trained by another process.") from None
        yield

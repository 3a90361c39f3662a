"""The processes that make a run together: which one this is, and what they tell each other.

Every process takes its own part of every batch, and Fabric's DDP gives all of them the mean of their gradients. The
first one leads: it alone holds the folder's lock, judges and writes.
"""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar, cast

import torch
from lightning_fabric import Fabric
from lightning_fabric.strategies.ddp import DDPStrategy
from torch import distributed

from visml.models.precision import multiplies_bfloat16
from visml.settings import Refused
from visml.training import objectives
from visml.training.recipe import Recipe

T = TypeVar("T")
_PATIENCE = timedelta(days=2)  # the others wait while the first one judges; torchrun ends them where one dies


class TrainingRefused(Refused):
    """A run that cannot be started or gone on with."""


@dataclass(frozen=True)
class Team:
    """The processes of a run, one of which this is.

    Attributes:
        fabric: device, precision and launch.
    """

    fabric: Fabric

    @property
    def rank(self) -> int:
        """Number of this process, from 0."""
        return self.fabric.global_rank

    @property
    def size(self) -> int:
        """How many processes there are."""
        return self.fabric.world_size

    @property
    def leads(self) -> bool:
        """Whether this is the one that writes and speaks."""
        return self.rank == 0

    def part(self, whole: list[int]) -> list[int]:
        """This process's part of a batch's picture indices; all parts together are the batch."""
        return whole[self.rank :: self.size]

    def sums(self, numbers: Sequence[float]) -> list[float]:
        """Each number summed over the processes, all of which must ask."""
        if self.size == 1:
            return list(numbers)
        mine = torch.tensor(numbers, dtype=torch.float64, device=self.fabric.device)
        return cast(list[float], cast(torch.Tensor, self.fabric.all_reduce(mine, reduce_op="sum")).tolist())

    def shares(self, counts: Sequence[float]) -> list[float]:
        """What part of each sum over the processes is this one's, in 0..1; 0 of a sum of 0."""
        return [count / total if total else 0.0 for count, total in zip(counts, self.sums(counts), strict=True)]

    def gathered(self, value: T) -> list[T]:
        """Every process's value, in order; all of them must ask."""
        if self.size == 1:
            return [value]
        values: list[Any] = [None] * self.size
        distributed.all_gather_object(values, value)
        return values

    @contextmanager
    def agreeing(self) -> Iterator[None]:
        """A block that is refused in all processes where one of them refuses.

        Raises:
            Refused: this process's own refusal, or else with the words of the first that was refused.
        """
        refusal: Refused | None = None
        try:
            yield
        except Refused as error:
            refusal = error
        words = [each for each in self.gathered("" if refusal is None else str(refusal)) if each]
        if words:
            raise refusal or TrainingRefused(words[0])


def fitted(recipe: Recipe) -> Recipe:
    """The recipe with the precision that ``auto`` is on this machine; of a run, the last one is kept."""
    if recipe.precision != "auto":
        return recipe
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return replace(recipe, precision="bf16-mixed" if multiplies_bfloat16(device) else "32-true")


def alone(precision: str) -> Team:
    """A run's only process.

    Raises:
        TrainingRefused: it is one of several that torchrun has started.
    """
    if started() > 1:
        raise TrainingRefused("This runs in one process; start it without torchrun.")
    return Team(Fabric(devices=1, precision=precision))  # type: ignore[arg-type]


@contextmanager
def assembled(recipe: Recipe) -> Iterator[Team]:
    """All processes of a run, which torchrun has started when there are several.

    Raises:
        TrainingRefused: they are not as many as the recipe says, or more than there are GPUs on a machine with some.
    """
    if started() != recipe.processes:
        raise TrainingRefused(_miscounted(recipe.processes))
    if recipe.processes == 1:
        yield alone(recipe.precision)
        return
    yield _several(recipe)
    if distributed.is_initialized():
        _part()


def _part() -> None:
    """End the exchange; whatever made use of it must be let go of by now.

    A thread of gloo's needs Python's lock to let go of the last tensors. Python's own handle gives it the lock while it
    waits for that thread; DDP's, were it the last one, would not, and both would wait forever:
    https://github.com/pytorch/pytorch/issues/56297
    """
    gc.collect()
    distributed.destroy_process_group()


def started() -> int:
    """How many processes torchrun has started; 1 without it."""
    return int(os.environ["WORLD_SIZE"]) if distributed.is_torchelastic_launched() else 1


def speaks() -> bool:
    """Whether this process is the one that tells a person what comes of the run."""
    return not distributed.is_torchelastic_launched() or os.environ["RANK"] == "0"


def _several(recipe: Recipe) -> Team:
    here = int(os.environ["LOCAL_WORLD_SIZE"])
    gpus = torch.cuda.device_count()
    if 0 < gpus < here:
        raise TrainingRefused(f"{here} processes were started on a machine of {gpus} GPUs; start one for each GPU.")
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    # A turn of several moves a part of the weights only. It also runs the network more than once before it goes
    # backward, which sharing BatchNorm's statistics before every pass would forbid.
    several = len(objectives.kind(recipe.objective.name).turns) > 1
    strategy = DDPStrategy(timeout=_PATIENCE, find_unused_parameters=several, forward_sync_buffers=False)
    nodes, precision = started() // here, cast(Any, recipe.precision)
    fabric = Fabric(
        accelerator="cuda" if gpus else "cpu", strategy=strategy, devices=here, num_nodes=nodes, precision=precision
    )
    fabric.launch()
    return Team(fabric)


def _miscounted(wanted: int) -> str:
    if started() == 1:
        how = f"torchrun --nproc-per-node {wanted} -m visml train ..."
        return f"The recipe asks for {wanted} processes; start it with: {how}"
    return f"The recipe asks for processes = {wanted}, and torchrun has started {started()}; make the two agree."

"""A step of the real training loop against the bare network's step at the same batch, in turns, in blocks of steps.

The real side is the loop itself: worker processes read and cut pictures, targets are made, weights averaged,
progress told; saved states come too seldom to count. The bare side has its input and targets ready: forward,
cross-entropy, backward, clipped AdamW. Of a block the middle one of its steps' times counts; the first steps, while
workers start, are left out, and the last ones, when they have nothing left to read. Both keep freed memory, as
`visml train` does.
"""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import pairwise
from statistics import median
from typing import Any

from rich.progress import Progress, TaskID
from torch import Tensor
from torch.nn.functional import cross_entropy

from benchmarks import pictures
from benchmarks.findings import Finding, aside, at_most
from benchmarks.samples import Samples
from benchmarks.workshop import RECIPE, BenchmarkRefused, Workshop
from visml.color import bins
from visml.training import crops, loop, memory, preparing, recipe, targets
from visml.training.run import Position, Run

BUDGET = 1.10
SKIPPED = 2  # steps at the start of a block
READ_AHEAD = 4  # batches that the workers are ahead: the steps at the end with nothing left to read


class Stamps(Progress):
    """The loop's progress bar, hidden, that notes when each step ended."""

    def __init__(self) -> None:
        super().__init__(disable=True)
        self.times: list[float] = []

    def update(self, task_id: TaskID, **fields: Any) -> None:
        """Counts a step, as the bar of a terminal would."""
        super().update(task_id, **fields)
        self.times.append(time.perf_counter())


def measure(shop: Workshop) -> list[Finding]:
    """The real step's share of the bare one."""
    memory.keep_freed()
    followed, steps = _recipe(shop), shop.rounds(16, 8)
    stamps = Stamps()
    run = _run(shop, followed, steps, stamps)
    lightness, truth = _ready(run)
    real, bare = [], []
    for turn in range(shop.rounds(5, 1)):
        shop.say(f"block {turn + 1}")
        real.append(_real(run, stamps, turn, steps))
        bare.append(_bare(run, lightness, truth, steps))
    ratios = Samples.of(real).over(Samples.of(bare))
    note = f"batch {followed.batch}, {followed.data.crop} px, {run.recipe.precision}, {followed.arguments}"
    return [
        at_most("real step / bare step", ratios.median, BUDGET, "x", f"{ratios.tell()}; {note}"),
        aside("real step", Samples.of(real).tell(" ms")),
        aside("bare step", Samples.of(bare).tell(" ms")),
    ]


def _recipe(shop: Workshop) -> recipe.Recipe:
    """The shipped recipe; in a quick try with fewer pictures a step."""
    shipped = recipe.load(RECIPE)
    return replace(shipped, batch=4) if shop.quick else shipped


def _run(shop: Workshop, followed: recipe.Recipe, steps: int, stamps: Stamps) -> Run:
    data = shop.data or pictures.folder_of_crops(shop.fresh("pictures"), round(1.15 * followed.batch * steps) + 20)
    run = preparing.prepare(followed, data, shop.folder / "run", stamps)
    chosen = run.pictures.training[: followed.batch * steps]
    if len(chosen) < followed.batch * steps:
        raise BenchmarkRefused(f"The folder has too few pictures for {steps} steps of {followed.batch}.")
    run.pictures = replace(run.pictures, training=chosen)
    return run


def _ready(run: Run) -> tuple[Tensor, Tensor]:
    """A batch as the network takes it: lightness ``(N, 1, S, S)`` and true bins ``(N, S/4, S/4)``."""
    dataset = crops.Crops(run.pictures.training, run.pictures.categories, run.recipe.data, run.recipe.seed, 0)
    batch = crops.collate([dataset[index] for index in range(run.recipe.batch)])
    lightness, ab = targets.lightness_and_ab(batch.rgb)
    return lightness, bins.nearest(ab, bins.centers())


def _real(run: Run, stamps: Stamps, epoch: int, steps: int) -> float:
    """Milliseconds a step of one epoch of the loop."""
    run.at = Position(epoch=epoch, step=epoch * steps)
    stamps.times.clear()
    loop._train_epoch(run)
    return _each(stamps.times)


def _bare(run: Run, lightness: Tensor, truth: Tensor, steps: int) -> float:
    """Milliseconds a step of the network alone."""
    times, (optimizer,) = [], run.optimizers.values()
    for _ in range(steps):
        loss = cross_entropy(run.network(lightness).float(), truth)
        optimizer.zero_grad()
        run.fabric.backward(loss)
        run.fabric.clip_gradients(run.network, optimizer, max_norm=run.recipe.optimizer.clip)
        optimizer.step()
        loss.item()
        times.append(time.perf_counter())
    return _each(times)


def _each(times: list[float]) -> float:
    return 1000 * median(end - start for start, end in pairwise(times[SKIPPED - 1 : -READ_AHEAD]))

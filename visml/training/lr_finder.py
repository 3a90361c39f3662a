"""The learning rate at which a recipe learns fastest, found by one exponential sweep.

The rate is raised from step to step by a constant factor; the loss first stands, then falls, then explodes. Smith,
"Cyclical Learning Rates for Training Neural Networks" (2017), section 3.3.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from visml import checkpoints
from visml.training import crops, loop, reading
from visml.training.preparing import prepare
from visml.training.recipe import Recipe
from visml.training.run import Run
from visml.training.tables import check

FILE = "lr_find.json"
SMOOTHING = 0.95
EXPLODED = 4.0
_EDGE = 5  # steps at either end whose slope is not trusted


@dataclass(frozen=True)
class Sweep:
    """What a sweep found.

    Attributes:
        rates: learning rate of each step, ascending.
        losses: sum of the loss terms before each step.
        smoothed: their exponential average, each divided by the sum of its weights.
        best: the rate at which the smoothed loss falls fastest over the logarithm of the rate; None where it never
            falls.
    """

    rates: list[float]
    losses: list[float]
    smoothed: list[float]
    best: float | None

    def to_json(self) -> dict[str, Any]:
        """The content of ``lr_find.json``."""
        return {"schema": checkpoints.SCHEMA} | asdict(self)

    def save(self, folder: Path) -> None:
        """Write ``lr_find.json`` into a checkpoint folder, made if need be; the rest of it stays."""
        with checkpoints.replacing(folder) as new:
            checkpoints.write_json(new / FILE, self.to_json())


def sweep(
    recipe: Recipe,
    data: Path,
    out: Path,
    *,
    low: float = 1e-6,
    high: float = 1.0,
    steps: int = 100,
    progress: bool = True,
    root: Path | None = None,
) -> Sweep:
    """Losses of a recipe's first steps, each at a higher rate.

    Args:
        recipe: what to train; its own rate and schedule are not read.
        data: folder of pictures.
        out: checkpoint folder: a prior there is used, else one is measured and written there.
        low: the first rate.
        high: the last rate, unless the loss explodes before (4 times its least).
        steps: how many.
        progress: show a progress bar on a terminal.
        root: folder of checkpoints in which the recipe's ``start`` is looked up; beside ``out`` when None.

    Raises:
        Refused: as for training; or the rates or steps make no sweep.
    """
    check(0 < low < high, "the lowest rate must be above 0 and below the highest")
    check(steps > 2 * _EDGE, f"a sweep needs more than {2 * _EDGE} steps")
    with loop.progress_bar(progress) as show:
        run = prepare(recipe, data, out, show, root)
        run.network.train()
        task = show.add_task("rates", total=steps)
        rates, losses = [], []
        for rate, batch in zip(_rates(low, high, steps), _batches(run), strict=False):
            losses.append(sum(loop.step(run, batch, rate).values()))
            rates.append(rate)
            run.at.step += 1
            show.update(task, advance=1)
            if not math.isfinite(losses[-1]) or smooth(losses)[-1] > EXPLODED * min(smooth(losses)):
                break
    return judge(rates, losses)


def judge(rates: list[float], losses: list[float]) -> Sweep:
    """The finding of a sweep's rates and losses; what comes after a loss that is not finite is left out."""
    finite = next((i for i, loss in enumerate(losses) if not math.isfinite(loss)), len(losses))
    rates, losses = rates[:finite], losses[:finite]
    smoothed = smooth(losses)
    return Sweep(rates, losses, smoothed, steepest(rates, smoothed))


def smooth(losses: list[float]) -> list[float]:
    """An exponential average of what came so far, without the pull of its start (Kingma and Ba 2015, section 3)."""
    average, averages = 0.0, []
    for count, loss in enumerate(losses, 1):
        average = SMOOTHING * average + (1 - SMOOTHING) * loss
        averages.append(average / (1 - SMOOTHING**count))
    return averages


def steepest(rates: list[float], smoothed: list[float]) -> float | None:
    """The rate at which a loss falls fastest over the logarithm of the rate, the ends left out; None if nowhere."""
    if len(rates) <= 2 * _EDGE:
        return None
    slopes = np.gradient(smoothed, np.log(rates))[_EDGE:-_EDGE]
    place = int(np.argmin(slopes))
    return rates[place + _EDGE] if slopes[place] < 0 else None


def _rates(low: float, high: float, steps: int) -> Iterator[float]:
    return (low * (high / low) ** (step / (steps - 1)) for step in range(steps))


def _batches(run: Run) -> Iterator[crops.Batch]:
    """Batches of as many epochs as are asked for."""
    while True:
        yield from (batch for batch in reading.epoch_batches(run, reading.order(run)) if len(batch.rgb))
        run.at.epoch += 1

"""Pictures a second of training steps, by as many processes as torchrun starts: started by ``benchmarks.scale``."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from pathlib import Path

from rich.progress import Progress

from benchmarks.workshop import RECIPE
from visml.training import crops, loop, recipe, team
from visml.training.preparing import prepare
from visml.training.run import Run

BATCH, WARM, STEPS = 16, 2, 8


def main(data: Path, out: Path) -> None:
    """Prints ``{"rate": ...}`` from the first process."""
    shipped = recipe.load(RECIPE)
    chosen = replace(shipped.data, validation=0.3, categories=[])
    plan = replace(shipped, batch=BATCH, precision="32-true", processes=team.started(), data=chosen)
    with team.assembled(plan) as met:
        rate = _rate(prepare(plan, data, out, Progress(disable=True), team=met))
        if met.leads:
            print(json.dumps({"rate": rate}))


def _rate(run: Run) -> float:
    run.network.train()
    pictures = crops.Crops(run.pictures.training, run.pictures.categories, run.recipe.data, 0, 0)
    batch = crops.collate([pictures[place] for place in run.team.part(list(range(BATCH)))])
    for _ in range(WARM):
        loop.step(run, batch, 1e-4)
    began = time.perf_counter()
    for _ in range(STEPS):
        loop.step(run, batch, 1e-4)
    return BATCH * STEPS / (time.perf_counter() - began)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))

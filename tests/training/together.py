"""Gradients of a batch, of which every process that torchrun starts takes its part.

``torchrun ... -m tests.training.together DATA OUT`` writes them to ``OUT/gradients.pt``; a test computes them alone.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import torch
from rich.progress import Progress
from torch import Tensor, nn

from tests.families import TINY
from visml.training import loop, recipe
from visml.training.crops import Batch
from visml.training.preparing import prepare
from visml.training.run import Run
from visml.training.team import Team, assembled

CATEGORIES = torch.tensor([0, -1, 1, -1, -1, 0])


@dataclass(frozen=True)
class Case:
    """What is trained, and which of the batch's six pictures are left out as if they could not be opened."""

    name: str
    lost: tuple[int, ...] = ()


CASES = (
    Case("zhang16", lost=(3, 5)),
    Case("hypercolumn", lost=(1, 3, 5)),  # all that the second of two processes has
    Case("fully_connected"),
    Case("joint"),
    Case("pix2pix"),
)


def followed(case: Case, processes: int) -> recipe.Recipe:
    """The recipe of a case."""
    tiny = TINY[case.name]
    table = {"family": tiny.family, "arguments": tiny.arguments, "objective": tiny.objective, "epochs": 1, "batch": 6}
    data = {"crop": tiny.crop, "crop_from": [16, 48], "validation": 0.3}
    return recipe.parse(table | {"data": data, "processes": processes})


def gradients(case: Case, team: Team, data: Path, out: Path) -> dict[str, Tensor]:
    """Each turn's loss terms, of the whole batch, and every weight's gradient."""
    run = prepare(followed(case, team.size), data, out / case.name, Progress(disable=True), team=team)
    run.network.train(not any(isinstance(part, nn.BatchNorm2d | nn.BatchNorm1d) for part in run.model.modules()))
    part = _batch(run.recipe.data.crop, [each for each in team.part(list(range(6))) if each not in case.lost])
    return dict(_gradients(run, part))


def _batch(crop: int, chosen: list[int]) -> Batch:
    rgb = torch.randint(0, 256, (6, 3, crop, crop), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    return Batch(rgb[chosen], CATEGORIES[chosen])


def _gradients(run: Run, part: Batch) -> Iterator[tuple[str, Tensor]]:
    for turn in run.optimizers:
        losses = loop.descend(run, part, turn)
        for name, total in zip(losses, run.team.sums([each.item() for each in losses.values()]), strict=True):
            yield f"{turn} loss {name}", torch.tensor(total)
        for name, weight in run.model.named_parameters():
            if weight.grad is not None:
                yield f"{turn} {name}", weight.grad.clone()


def main(data: Path, out: Path) -> None:
    """All cases, one after another; the processes meet once."""
    with ExitStack() as met:
        teams = {case: met.enter_context(assembled(followed(case, 2))) for case in CASES}
        found = {case.name: gradients(case, team, data, out) for case, team in teams.items()}
        if teams[CASES[0]].leads:
            torch.save(found, out / "gradients.pt")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))

"""A picture of two colors that meet in an edge, and runs to learn it by heart: where colors spill is seen at once."""

from __future__ import annotations

from math import inf
from pathlib import Path
from typing import Any

import torch
from rich.progress import Progress
from torch import Tensor

from tests.training import pictures
from visml.color import lab
from visml.models.base import Colorizer
from visml.training import recipe, targets
from visml.training.crops import Batch
from visml.training.objectives.base import Objective
from visml.training.preparing import prepare
from visml.training.run import Run

RED, BLUE, INDIGO = (200, 60, 40), (60, 140, 220), (40, 80, 190)  # L 47, 57 and 38
SMALL: dict[str, Any] = {"epochs": 1, "batch": 4, "data": {"crop": 32, "crop_from": [16, 48], "validation": 0.3}}
STEADY = {"weight_decay": 0, "warmup": 0, "averaging": 0}


def halves(left: tuple[int, ...], right: tuple[int, ...], side: int) -> Tensor:
    """A picture ``(1, 3, side, side)`` uint8 of two colors."""
    columns = torch.tensor((left, right), dtype=torch.uint8).repeat_interleave(side // 2, dim=0)
    return columns.T[None, :, None].repeat(1, 1, side, 1)


EDGE = halves(RED, BLUE, 48)
EDGES = Batch(EDGE.repeat(4, 1, 1, 1), torch.full((4,), -1))  # one alone leaves BatchNorm too few positions


def prepared(tmp_path: Path, table: dict[str, Any]) -> Run:
    """A run by a recipe's table on a small folder of pictures, before its first step."""
    pictures.write(tmp_path / "data")
    with Progress(disable=True) as show:
        run = prepare(recipe.parse(table), tmp_path / "data", tmp_path / "run", show)
    run.network.train()
    return run


def learned(
    model: Colorizer, objective: Objective, batch: Batch, steps: int, lr: float, clip: float = inf
) -> Colorizer:
    """The network, in eval mode, after so many steps on one batch, the rate falling to 0 and gradients clipped."""
    optimizer = torch.optim.Adam(model.train().parameters(), lr)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = lr * (1 - step / steps)
        optimizer.zero_grad()
        torch.stack(list(objective(model, batch).values())).sum().backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
    return model.eval()


@torch.inference_mode()
def edge_errors(model: Colorizer) -> tuple[float, float]:
    """Mean ab error in the two columns of positions that touch the edge, and away from it."""
    ab = model.ab(model(lab.lightness(EDGE)))
    error = (ab - targets.ab_at(EDGE, (ab.shape[2], ab.shape[3]))).square().sum(dim=1).sqrt()[0]
    middle = error.shape[1] // 2
    near = (slice(None), slice(middle - 1, middle + 1))
    away = torch.ones_like(error, dtype=torch.bool)
    away[near] = False
    return float(error[near].mean()), float(error[away].mean())

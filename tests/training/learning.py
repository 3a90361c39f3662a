"""A picture of two colors that meet in an edge, learned by heart: where colors spill over it is seen at once."""

from __future__ import annotations

from math import inf

import torch

from visml.color import lab
from visml.models.base import Colorizer
from visml.training import targets
from visml.training.crops import Batch
from visml.training.objectives.base import Objective

RED, BLUE = (200, 60, 40), (60, 140, 220)  # L 47 and 57
EDGE = torch.tensor((RED, BLUE), dtype=torch.uint8).repeat_interleave(24, dim=0).T[None, :, None].repeat(1, 1, 48, 1)
EDGES = Batch(EDGE.repeat(4, 1, 1, 1), torch.full((4,), -1))  # one alone leaves BatchNorm too few positions


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

"""The learning rate of every step."""

from __future__ import annotations

import math

from visml.training.recipe import Optimizer


def learning_rate(step: int, epoch_steps: int, epochs: int, optimizer: Optimizer) -> float:
    """The rate of a step: a linear warm-up, then the recipe's schedule.

    Args:
        step: counted from 0 over the whole run.
        epoch_steps: steps of an epoch.
        epochs: of the run.
        optimizer: highest rate, warm-up and schedule; ``cosine`` is half a cosine down to 0 (Loshchilov and Hutter
            2017, equation 5, without restarts).
    """
    if step < optimizer.warmup:
        return optimizer.lr * (step + 1) / optimizer.warmup
    if optimizer.schedule == "constant":
        return optimizer.lr
    if optimizer.schedule == "step":
        return optimizer.lr * optimizer.gamma ** sum(step >= after * epoch_steps for after in optimizer.milestones)
    share = (step - optimizer.warmup) / max(epoch_steps * epochs - optimizer.warmup, 1)
    return optimizer.lr * (1 + math.cos(math.pi * share)) / 2

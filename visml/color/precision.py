"""Color arithmetic stays in float32, whatever precision the networks around it run in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

import torch
from torch import Tensor

P = ParamSpec("P")


def exact(function: Callable[Concatenate[Tensor, P], Tensor]) -> Callable[Concatenate[Tensor, P], Tensor]:
    """The function, left in float32 by an autocast around it: bfloat16 products are off by up to 3 units of Lab."""

    @wraps(function)
    def computed(value: Tensor, /, *args: P.args, **kwargs: P.kwargs) -> Tensor:
        with torch.autocast(value.device.type, enabled=False):
            return function(value, *args, **kwargs)

    return computed

"""Where and in which precision a network runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import torch
from torch import Tensor, nn

from visml.models.base import Colorizer
from visml.models.precision import multiplies_bfloat16
from visml.settings import Refused

_WEIGHTED = (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)
_EXACT_FIRST = 4


class DeviceRefused(Refused):
    """A device that PyTorch does not have here."""


def resolve_device(name: str) -> torch.device:
    """The device of that name; ``auto`` is a GPU where there is one.

    Raises:
        DeviceRefused: there is no such device.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError):
        raise DeviceRefused(f"There is no device '{name}' here; 'cpu' always works.") from None
    return device


def resolve_precision(name: str, device: torch.device) -> str:
    """``float32`` or ``bfloat16``; ``auto`` is bfloat16 on a CPU that multiplies it by itself (AVX512-BF16).

    Raises:
        DeviceRefused: there is no precision of that name.
    """
    if name not in ("auto", "float32", "bfloat16"):
        raise DeviceRefused(f"The precision must be auto, float32 or bfloat16, not '{name}'.")
    if name != "auto":
        return name
    fast = device.type == "cpu" and multiplies_bfloat16(device)
    return "bfloat16" if fast else "float32"


def prepare(model: Colorizer, device: torch.device, precision: str) -> Colorizer:
    """The network itself, in eval mode on the device, its convolutions in the precision asked for.

    In bfloat16 what normalizes the lightness stays float32, and so do the first four convolutions and the last. What
    is rounded at the start grows on its way: with all convolutions in bfloat16 zhang16 painted a brick wall by 1.2
    CIEDE2000 otherwise, with these four in float32 by 0.08, and they are 6 % of its products. Rounding logits to 8
    bits would move probabilities by some percent, and a 1x1 convolution costs next to nothing.
    """
    model = model.to(device).eval()
    if precision == "float32":
        return model
    weighted = {name: part for name, part in model.named_modules() if isinstance(part, _WEIGHTED)}
    exact = {*list(weighted)[:_EXACT_FIRST], *(layer.convolution for layer in model.layers[-1:])}
    for name, part in weighted.items():
        part.to(torch.float32 if name in exact else torch.bfloat16)
        part.register_forward_pre_hook(_cast)
    torch.nn.Module.to(model, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return model


def _cast(part: nn.Module, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """Inputs in the precision of a part's own weights."""
    dtype = cast(Tensor, part.weight).dtype
    return tuple(value.to(dtype) if isinstance(value, Tensor) else value for value in inputs)


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Run the block in eval mode; every module then has the mode that it had."""
    before = {part: part.training for part in model.modules()}
    model.eval()
    try:
        yield
    finally:
        for part, training in before.items():
            part.training = training

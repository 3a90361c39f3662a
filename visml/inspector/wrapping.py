"""Layers of a network that declares none: found by one dry forward pass."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from visml.color import bins
from visml.inspector.runtime import evaluating
from visml.models.base import Colorizer, Layer
from visml.settings import Refused

SIZE = 224
_LONGEST = 40
_RECTIFIERS = (nn.ReLU, nn.ReLU6)
_ACTIVATIONS = (
    *_RECTIFIERS, nn.LeakyReLU, nn.PReLU, nn.RReLU, nn.ELU, nn.CELU, nn.SELU, nn.GELU, nn.SiLU, nn.Mish,
    nn.Hardswish, nn.Softplus, nn.Threshold,
)  # fmt: skip
_CONVOLUTIONS = (nn.Conv2d, nn.ConvTranspose2d)
_POINTWISE = (
    *_ACTIVATIONS, nn.BatchNorm2d, nn.Dropout, nn.Dropout2d, nn.Identity, nn.Sigmoid, nn.Tanh, nn.Hardtanh,
    nn.Hardsigmoid,
)  # fmt: skip
_POOLS = (nn.MaxPool2d, nn.AvgPool2d)


class ModuleRefused(Refused):
    """A module that cannot be opened as a colorization network."""


@dataclass(frozen=True)
class Field:
    """What one position sees: a square of ``side`` input pixels, ``jump`` pixels from its neighbor's."""

    side: float
    jump: float


@dataclass(frozen=True)
class Call:
    """One module's turn in a forward pass: its dotted path, itself, its output's shape and what a position sees."""

    path: str
    module: nn.Module
    shape: tuple[int, ...]
    field: Field | None


@dataclass(frozen=True)
class Found:
    """A module seen from outside: its layers, and the centers ``(313, 2)`` of its bins or None when it gives ab."""

    layers: tuple[Layer, ...]
    centers: Tensor | None


def look(module: nn.Module, layers: Sequence[Layer | str] | None = None, size: int = SIZE) -> Found:
    """The layers of any module that takes lightness ``(1, 1, size, size)`` in 0..100.

    Args:
        module: gives ab ``(1, 2, h, w)`` in Lab units or logits ``(1, 313, h, w)``.
        layers: what to look at, each a :class:`Layer` or a module's dotted path; every convolution and every
            ReLU-like activation when None.
        size: side of the photo, in pixels.

    Raises:
        ModuleRefused: it takes or gives something else, or has no such layer.
    """
    calls, output = dry_run(module, size)
    if isinstance(module, Colorizer):
        return Found(module.layers if layers is None else _chosen(layers, calls, size), module.centers)
    centers = _centers(output)
    every = _layers([call for call in calls.values() if _worth_seeing(call)], size)
    return Found(every if layers is None else _chosen(layers, calls, size), centers)


def dry_run(module: nn.Module, size: int) -> tuple[dict[str, Call], Any]:
    """Every module's last call, by path and in order, and the output, of one forward pass over middle gray."""
    tracer = _Tracer()
    weight = next(module.parameters(), torch.empty(0))
    lightness = torch.full((1, 1, size, size), 50.0, device=weight.device)
    tracer.put(lightness, Field(1, 1))
    try:
        with torch.no_grad(), evaluating(module), _watched(module, tracer.hook):
            return tracer.calls, module(lightness)
    except Exception as error:  # whatever a stranger's network raises
        reason = str(error).strip().partition("\n")[0]
        text = f"The module does not take lightness of shape (1, 1, {size}, {size}): {reason or type(error).__name__}"
        raise ModuleRefused(text) from None


class _Tracer:
    """Follows what a position sees from module to module; lost wherever something else makes or changes a tensor."""

    def __init__(self) -> None:
        self.calls: dict[str, Call] = {}
        self._fields: dict[int, tuple[Tensor, int, Field | None]] = {}

    def put(self, value: Tensor, field: Field | None) -> None:
        """Note what a position of a tensor sees, and how often the tensor was changed by now."""
        self._fields[id(value)] = (value, value._version, field)

    def get(self, value: Any, changes: int = 0) -> Field | None:
        """What a position of a tensor sees, if it was changed that often since it was noted."""
        known = self._fields.get(id(value))
        return None if known is None or known[1] + changes != value._version else known[2]

    def hook(self, path: str, module: nn.Module, inputs: Any, output: Any) -> None:
        if not isinstance(output, Tensor):
            return
        if next(module.children(), None) is None:
            in_place = len(inputs) == 1 and output is inputs[0]
            came = self.get(inputs[0], changes=int(in_place)) if len(inputs) == 1 else None
            self.put(output, through(module, came))
        self.calls.pop(path, None)
        self.calls[path] = Call(path, module, tuple(output.shape), self.get(output))


def through(module: nn.Module, came: Field | None) -> Field | None:
    """What a position sees behind a module, None where that is not known.

    A window of k taps d apart adds ``(k - 1) d`` steps of the input; a transposed one adds ``ceil(k / stride) - 1``.
    """
    if came is None:
        return None
    if isinstance(module, nn.ConvTranspose2d):
        taps = math.ceil(_largest(module.kernel_size) / _largest(module.stride))
        return Field(came.side + (taps - 1) * came.jump, came.jump / _largest(module.stride))
    if isinstance(module, (nn.Conv2d, *_POOLS)):
        reach = (_largest(module.kernel_size) - 1) * _largest(getattr(module, "dilation", 1))
        return Field(came.side + reach * came.jump, came.jump * _largest(module.stride))
    return came if isinstance(module, _POINTWISE) else None


def short_name(path: str, taken: set[str]) -> str:
    """A module's path as a name for URLs: letters, digits and ``-``, at most 40, none of those taken."""
    name = re.sub(r"[^A-Za-z0-9]+", "-", path).strip("-")[-_LONGEST:].strip("-") or "output"
    number, unique = 1, name
    while unique.lower() in taken:
        number += 1
        unique = f"{name[: _LONGEST - 4]}-{number}"
    taken.add(unique.lower())
    return unique


def _layers(calls: Sequence[Call], size: int) -> tuple[Layer, ...]:
    taken: set[str] = set()
    return tuple(_layer(call, short_name(call.path, taken), size) for call in calls)


def _layer(call: Call, name: str, size: int) -> Layer:
    convolution = call.path if isinstance(call.module, _CONVOLUTIONS) else None
    return Layer(
        name=name,
        module=call.path,
        channels=call.shape[1],
        stride=size / call.shape[3],
        receptive_field=round(call.field.side) if call.field else 0,
        rectified=isinstance(call.module, _RECTIFIERS),
        convolution=convolution,
        dilation=_largest(getattr(call.module, "dilation", 1)) if convolution else 1,
    )


def _chosen(layers: Sequence[Layer | str], calls: dict[str, Call], size: int) -> tuple[Layer, ...]:
    taken: set[str] = set()
    chosen = []
    for each in layers:
        path = each.module if isinstance(each, Layer) else each
        if path not in calls or len(calls[path].shape) != 4:
            raise ModuleRefused(f"The module has no part '{path}' that gives maps.")
        chosen.append(each if isinstance(each, Layer) else _layer(calls[path], short_name(path, taken), size))
    return tuple(chosen)


def _worth_seeing(call: Call) -> bool:
    return isinstance(call.module, (*_ACTIVATIONS, *_CONVOLUTIONS)) and len(call.shape) == 4


def _centers(output: Any) -> Tensor | None:
    if not isinstance(output, Tensor) or output.dim() != 4 or output.shape[0] != 1:
        shape = tuple(output.shape) if isinstance(output, Tensor) else type(output).__name__
        raise ModuleRefused(f"The module must give one tensor of shape (1, 2 or 313, h, w), not {shape}.")
    if output.shape[1] not in (2, len(bins.BINS)):
        raise ModuleRefused(f"The module gives {output.shape[1]} channels; 2 (ab) or 313 (bins) can be opened.")
    return None if output.shape[1] == 2 else bins.centers()


def _largest(value: Any) -> int:
    return max(value) if isinstance(value, tuple) else int(value)


@contextmanager
def _watched(module: nn.Module, hook: Callable[[str, nn.Module, Any, Any], None]) -> Iterator[None]:
    hooks = []
    try:
        for path, part in module.named_modules():
            hooks.append(part.register_forward_hook(_named(path, hook)))
        yield
    finally:
        for each in hooks:
            each.remove()


def _named(path: str, hook: Callable[[str, nn.Module, Any, Any], None]) -> Callable[[nn.Module, Any, Any], None]:
    return lambda module, inputs, output: hook(path, module, inputs, output)

"""Forward hooks as a context manager: what comes out of a network's layers while it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import torch
from torch import Tensor, nn

from visml.models.base import Colorizer, Layer
from visml.settings import Refused

Keep = Callable[[Tensor], Tensor]


class RecordingRefused(Refused):
    """A layer that the network does not have, or whose output cannot be kept."""


def copied(output: Tensor) -> Tensor:
    """An output apart from the graph and from whatever the network does to it in place afterwards."""
    return output.detach().clone()


def as_maps(output: Tensor) -> Tensor:
    """The maps of the only photo in a batch: ``(C, H, W)`` float32, contiguous, on the CPU, always a copy.

    Raises:
        RecordingRefused: the output is not of shape ``(1, C, H, W)``.
    """
    if output.dim() != 4 or output.shape[0] != 1:
        raise RecordingRefused(f"Only outputs of shape (1, C, H, W) can be kept, not {tuple(output.shape)}.")
    maps = output.detach().to("cpu", torch.float32, copy=True, memory_format=torch.contiguous_format)
    return maps[0]


@contextmanager
def record(model: nn.Module, layers: Iterable[Layer] | None = None, keep: Keep = copied) -> Iterator[dict[str, Tensor]]:
    """Keep what layers give while the block runs; the hooks are gone after it, whatever happens in it.

    A module that runs several times leaves what it gave last.

    Args:
        model: the network.
        layers: which to keep; the model's own when None.
        keep: what to keep of an output, called within the forward pass.

    Yields:
        Layer name to what ``keep`` made of its output, filled by each forward pass.

    Raises:
        RecordingRefused: the network has no such module, or the module's output is not a tensor.
    """
    kept: dict[str, Tensor] = {}
    chosen = cast(Colorizer, model).layers if layers is None else layers
    hooks: list[torch.utils.hooks.RemovableHandle] = []
    try:
        for layer in chosen:
            hooks.append(_module(model, layer).register_forward_hook(_hook(layer, kept, keep)))
        yield kept
    finally:
        for hook in hooks:
            hook.remove()


def _module(model: nn.Module, layer: Layer) -> nn.Module:
    try:
        return model.get_submodule(layer.module)
    except AttributeError:
        raise RecordingRefused(f"This network has no module '{layer.module}' for '{layer.name}'.") from None


def _hook(layer: Layer, kept: dict[str, Tensor], keep: Keep) -> Callable[[nn.Module, Any, Any], None]:
    def hook(module: nn.Module, inputs: Any, output: Any) -> None:
        if not isinstance(output, Tensor):
            raise RecordingRefused(f"The layer '{layer.name}' gives {type(output).__name__}, not a tensor.")
        kept[layer.name] = keep(output)

    return hook

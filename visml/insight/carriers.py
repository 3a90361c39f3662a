"""Which filters of each layer a quantity of the output is carried by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor, nn

from visml.insight.attribution import Question
from visml.insight.forward import InsightRefused
from visml.models.base import Layer


def carriers(question: Question) -> dict[str, Tensor]:
    """How much each filter carries of a quantity F, to first order: ``(C,)`` float32 on the CPU by layer's name.

    ``sum_p A_p dF/dA_p`` over the positions p of the filter's map A: about by how much F would fall were the map 0
    everywhere. It is exact where F is linear in the map. Unit: the quantity's. A layer that the output does not hang
    on has zeros. One forward and one backward pass for all layers.

    Raises:
        InsightRefused: the network or photo has no such quantity or region, or lets no gradient through.
    """
    forward = question.forward
    with torch.enable_grad(), watched(forward.module, forward.layers) as seen:
        value = question.of(forward.lightness.detach().clone().requires_grad_()).sum()
        followed = {name: maps for name, maps in seen.items() if maps.requires_grad}
        if not value.requires_grad or not followed:
            raise InsightRefused("This network lets no gradient through to its layers.")
        slopes = torch.autograd.grad(value, list(followed.values()), allow_unused=True, materialize_grads=True)
    found = dict(zip(followed, slopes, strict=True))
    products = {name: maps * found.get(name, torch.zeros_like(maps)) for name, maps in seen.items()}
    return {name: product.detach().sum(dim=(0, 2, 3)).float().cpu() for name, product in products.items()}


@contextmanager
def watched(module: nn.Module, layers: tuple[Layer, ...]) -> Iterator[dict[str, Tensor]]:
    """What layers give while the block runs ``(1, C, H, W)``, by name, as part of the graph of gradients."""
    seen: dict[str, Tensor] = {}
    with ExitStack() as stack:
        for layer in layers:
            hook = module.get_submodule(layer.module).register_forward_hook(_watching(layer.name, seen))
            stack.callback(hook.remove)
        yield seen


def _watching(name: str, seen: dict[str, Tensor]) -> Callable[[nn.Module, object, Tensor], Tensor]:
    def watch(module: nn.Module, inputs: object, output: Tensor) -> Tensor:
        seen[name] = output
        return output.clone()  # what comes next may write into it

    return watch

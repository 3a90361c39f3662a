"""A photo's forward pass, to be run again with something changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from visml.activations.trace import Trace, shared
from visml.models.base import Colorizer, Layer, resume_by_hook
from visml.settings import Refused

Edit = Callable[[Tensor], Tensor]


class InsightRefused(Refused):
    """A question that this network or photo has no answer to."""


@dataclass(frozen=True)
class Forward:
    """A photo's forward pass in a network.

    It is to be used while nobody else runs the network, in eval mode: see :meth:`visml.Inspector.running`.

    Attributes:
        module: the network, on its device and in its precision.
        layers: what was recorded of it, from input to output.
        centers: its bins' centers ``(Q, 2)`` float32 on the CPU, None when it gives ab.
        lightness: the photo's, ``(1, 1, S, S)`` float32 in 0..100, on the network's device.
        trace: what was kept of the photo.
        category: what the network was told beside the lightness, ``(1,)`` int64; None for nothing.
        folder: of the network's checkpoint, None when it has none.
    """

    module: nn.Module = field(repr=False)
    layers: tuple[Layer, ...]
    centers: Tensor | None = field(repr=False)
    lightness: Tensor = field(repr=False)
    trace: Trace = field(repr=False)
    category: Tensor | None = None
    folder: Path | None = None

    def layer(self, name: str) -> Layer:
        """The layer of that name.

        Raises:
            InsightRefused: there is none.
        """
        for layer in self.layers:
            if layer.name == name:
                return layer
        names = ", ".join(each.name for each in self.layers)
        raise InsightRefused(f"There is no layer '{name}'; there are {names}.")

    def maps(self, layer: str) -> Tensor:
        """What the layer gave on this photo: ``(1, C, H, W)`` float32 on the network's device, not to be written to."""
        return shared(self.trace[self.layer(layer).name].maps).unsqueeze(0).to(self.lightness.device)

    def run(self, lightness: Tensor | None = None) -> Tensor:
        """The network's output, with gradients where they are on; of another lightness ``(N, 1, S, S)`` if given.

        Returns:
            Logits ``(N, Q, h, w)`` or ab ``(N, 2, h, w)``, float32, on the network's device.
        """
        seen = self.lightness if lightness is None else lightness
        told = () if self.category is None else (self.category.expand(len(seen)),)
        output: Tensor = self.module(seen, *told)
        return output.float()

    def resume(self, layer: str, value: Tensor) -> Tensor:
        """The output when ``value`` ``(N, C, H, W)`` stands at a layer: like :meth:`run`, gone on from there."""
        lightness = self.lightness.expand(len(value), -1, -1, -1)
        if isinstance(self.module, Colorizer) and self.category is None:
            return self.module.resume(layer, value, lightness).float()
        return resume_by_hook(self.module, self.layer(layer).module, value, lambda: self.run(lightness))

    def edited(self, edits: Mapping[str, Edit]) -> Tensor:
        """The output when layers' maps are replaced by what ``edits`` make of them; no gradients.

        The pass goes on from what was kept of the first of these layers. An edit takes and gives ``(1, C, H, W)``
        and must not write into what it is given.

        Args:
            edits: by layer's name; at least one.

        Returns:
            ``(1, Q, h, w)`` or ``(1, 2, h, w)``, float32, on the CPU.

        Raises:
            InsightRefused: there is no such layer.
        """
        for name in edits:
            self.layer(name)
        first, *later = [layer for layer in self.layers if layer.name in edits]
        with torch.inference_mode(), _editing(self.module, later, edits):
            return self.resume(first.name, edits[first.name](self.maps(first.name))).cpu()


@contextmanager
def _editing(module: nn.Module, layers: list[Layer], edits: Mapping[str, Edit]) -> Iterator[None]:
    with ExitStack() as stack:
        for layer in layers:
            hook = module.get_submodule(layer.module).register_forward_hook(_replacing(edits[layer.name]))
            stack.callback(hook.remove)
        yield


def _replacing(edit: Edit) -> Callable[[nn.Module, object, Tensor], Tensor]:
    return lambda module, inputs, output: edit(output.float()).to(output.dtype)

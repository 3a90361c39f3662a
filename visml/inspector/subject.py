"""A network ready to be looked at, and where it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from visml import checkpoints
from visml.checkpoints import Checkpoint
from visml.inspector import runtime, wrapping
from visml.models.base import Layer

Kernels = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Subject:
    """A network ready to be looked at.

    Attributes:
        name: of its checkpoint, or of its class.
        family: of networks.
        sha256: of its weights; "" when they may change from one photo to the next.
        module: the network, on its device.
        layers: what is recorded of it, from input to output.
        centers: its bins' centers ``(Q, 2)`` on the CPU, None when it gives ab.
        size: side S, in pixels, of its input.
        device: where it runs.
        precision: of its convolutions, ``float32`` or ``bfloat16``.
        categories: names of those that it can be told a photo shows; none for most.
        folder: of its checkpoint, where what a data set tells of its layers is kept; None for a network without one.
    """

    name: str
    family: str
    sha256: str
    module: nn.Module = field(repr=False)
    layers: tuple[Layer, ...] = field(repr=False)
    centers: Tensor | None = field(repr=False)
    size: int
    device: torch.device
    precision: str
    categories: tuple[str, ...] = ()
    folder: Path | None = None

    def forward(self, lightness: Tensor, category: str | None = None) -> Tensor:
        """The output for lightness ``(1, 1, H, W)``: float32, on the CPU; nothing is recorded."""
        told = self.told(category)
        with torch.inference_mode(), runtime.evaluating(self.module):
            known = () if told is None else (told,)
            output: Tensor = self.module(lightness.to(self.device), *known)
            return output.float().cpu()

    def told(self, category: str | None) -> Tensor | None:
        """What the module is told beside the lightness, ``(1,)`` int64 on its device; None when nothing."""
        return None if category is None else torch.tensor([self.categories.index(category)], device=self.device)

    def kernels(self, layer: str) -> Kernels | None:
        """The weights that make a layer's filters, ``(C, inputs, kh, kw)``; None where no convolution is known to.

        Raises:
            KeyError: there is no such layer.
        """
        found = [each for each in self.layers if each.name == layer]
        if not found:
            raise KeyError(f"There is no layer '{layer}'.")
        path = found[0].convolution
        return None if path is None else _weights(self.module.get_submodule(path))

    def first_kernels(self) -> Kernels | None:
        """The weights of the first convolution, which sees the lightness, ``(C, 1, kh, kw)``; None without one."""
        convolutions = (part for part in self.module.modules() if isinstance(part, nn.Conv2d))
        first = next(convolutions, None)
        return None if first is None else _weights(first)


def of_checkpoint(checkpoint: Checkpoint, device: torch.device, precision: str) -> Subject:
    """The network of a checkpoint.

    Raises:
        CheckpointRefused: the checkpoint is broken.
    """
    model = runtime.prepare(checkpoints.load(checkpoint), device, precision)
    return Subject(
        name=checkpoint.name,
        family=checkpoint.family,
        sha256=checkpoint.model_sha256,
        module=model,
        layers=model.layers,
        centers=None if model.centers is None else model.centers.detach().cpu(),
        size=model.input_size,
        device=device,
        precision=precision,
        categories=checkpoint.told,
        folder=None if checkpoint.companion else checkpoint.folder,
    )


def of_module(module: nn.Module, layers: Sequence[Layer | str] | None, name: str | None = None) -> Subject:
    """Any module, as it is and where it is; see :func:`visml.inspector.wrapping.look`.

    Raises:
        ModuleRefused: it is not a network from lightness to color, or has no such layer.
    """
    size = int(getattr(module, "input_size", wrapping.SIZE))
    found = wrapping.look(module, layers, size)
    weight = next(module.parameters(), torch.empty(0))
    return Subject(
        name=name or type(module).__name__,
        family=str(getattr(module, "family", type(module).__name__)),
        sha256="",
        module=module,
        layers=found.layers,
        centers=None if found.centers is None else found.centers.detach().cpu(),
        size=size,
        device=weight.device,
        precision="float32",
    )


def _weights(part: nn.Module) -> Kernels | None:
    """A convolution's weights, outputs first (a transposed one keeps its inputs first)."""
    if not isinstance(part, nn.Conv2d | nn.ConvTranspose2d):
        return None
    weight = part.weight.detach().float().cpu()
    kernels: Kernels = (weight.swapaxes(0, 1) if isinstance(part, nn.ConvTranspose2d) else weight).numpy()
    return np.ascontiguousarray(kernels)

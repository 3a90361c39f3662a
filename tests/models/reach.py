"""What a position of a layer reads of the input, found by gradients instead of arithmetic."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from visml.activations.recorder import record
from visml.models.base import Colorizer, Layer


@dataclass(frozen=True)
class Reach:
    """Rows of the input, first to last, that a row of a layer's maps reads."""

    first: int
    last: int

    @property
    def side(self) -> int:
        return self.last - self.first + 1

    @property
    def middle(self) -> float:
        return (self.first + self.last) / 2


def opened(model: Colorizer) -> Colorizer:
    """The network with weights, and so activations, that hide nothing: all the same, positive; pooling takes means."""
    for name, part in list(model.named_modules()):
        if isinstance(part, nn.MaxPool2d):
            holder, _, last = name.rpartition(".")
            setattr(model.get_submodule(holder), last, nn.AvgPool2d(2))
        elif isinstance(part, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.constant_(part.weight, 3 / part.weight[0].numel())
    return model.eval()


def reaches(model: Colorizer, layer: Layer, rows: int, height: int, width: int) -> dict[int, Reach]:
    """What each of the ``rows`` rows in the middle of a layer's maps reads of a picture of that height and width."""
    lightness = torch.full((1, 1, height, width), 90.0, requires_grad=True)
    with record(model, [layer], lambda output: output) as kept:
        model(lightness)
    maps = kept[layer.name]
    middle = maps.shape[2] // 2
    found = {}
    for row in range(middle - rows // 2, middle - rows // 2 + rows):
        gradient = torch.autograd.grad(maps[0, :, row].sum(), lightness, retain_graph=True)[0][0, 0]
        seen = gradient.abs().sum(dim=1).nonzero().flatten()
        found[row] = Reach(int(seen.min()), int(seen.max()))
    return found

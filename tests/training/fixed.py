"""A batch of crops, one of them gray, and a network that answers what it was given."""

from __future__ import annotations

import numpy as np
import torch
from skimage import data

from visml.training.crops import Batch

CUTS = np.stack(
    [data.coffee()[100:132, 200:232], data.astronaut()[:32, :32], data.camera()[:32, :32, None].repeat(3, 2)]
)


def batch(rgb: np.ndarray = CUTS) -> Batch:
    """Crops ``(N, S, S, 3)`` uint8 as training sees them, of no category."""
    return Batch(torch.from_numpy(rgb.transpose(0, 3, 1, 2).copy()), torch.full((len(rgb),), -1))


class Fixed(torch.nn.Module):
    """A network that always says the same."""

    def __init__(self, output: torch.Tensor) -> None:
        super().__init__()
        self.output = output

    def forward(self, lightness: torch.Tensor, category: torch.Tensor | None = None) -> torch.Tensor:
        return self.output

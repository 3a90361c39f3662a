"""Networks whose answers are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from visml.color import bins
from visml.models.base import Colorizer

SIZE = 64


class Flat(Colorizer):
    """Paints one color everywhere, at a quarter of the input's size."""

    family = "flat"
    input_size = SIZE
    layers = ()

    def __init__(self, a: float, b: float) -> None:
        super().__init__()
        self.color = nn.Parameter(torch.tensor([float(a), float(b)]))

    def forward(self, lightness: Tensor, category: Tensor | None = None) -> Tensor:
        n, _, height, width = lightness.shape
        return self.color.view(1, 2, 1, 1).expand(n, 2, height // 4, width // 4)


class Ranked(Colorizer):
    """Gives every position the same logits: the higher, the earlier a bin stands in ``order``."""

    family = "ranked"
    input_size = SIZE
    layers = ()
    centers: Tensor

    def __init__(self, order: list[int]) -> None:
        super().__init__()
        self.register_buffer("centers", bins.centers())
        logits = torch.full((len(bins.BINS),), -20.0)
        logits[order] = torch.linspace(20, 10, len(order))
        self.logits = nn.Parameter(logits)

    def forward(self, lightness: Tensor, category: Tensor | None = None) -> Tensor:
        n, _, height, width = lightness.shape
        return self.logits.view(1, -1, 1, 1).expand(n, -1, height // 4, width // 4)


class Mean(Flat):
    """Gives one color for the whole picture, as a tensor ``(N, 2, 1, 1)``, of pictures of another size."""

    family = "mean"

    def __init__(self, a: float, b: float, size: int) -> None:
        super().__init__(a, b)
        self.input_size = size

    def forward(self, lightness: Tensor, category: Tensor | None = None) -> Tensor:
        return self.color.view(1, 2, 1, 1).expand(len(lightness), 2, 1, 1)


class Conditioned(Flat):
    """Paints a color that hangs on the category alone: a = 10 times its index, b = 5."""

    family = "conditioned"
    categories = ("cats", "space/far")

    def __init__(self) -> None:
        super().__init__(0, 5)

    def forward(self, lightness: Tensor, category: Tensor | None = None) -> Tensor:
        assert category is not None
        a = 10 * category.float().view(-1, 1, 1, 1).expand(-1, 1, 4, 4)
        return torch.cat([a, torch.full_like(a, 5)], dim=1)


class Critic(Flat):
    """Gives one score for a picture, no color."""

    def forward(self, lightness: Tensor, category: Tensor | None = None) -> Tensor:
        return lightness.mean(dim=(2, 3), keepdim=True)


class Sure(Ranked):
    """Says gray everywhere, surer the lighter the pixel: confidences of every kind."""

    family = "sure"

    def __init__(self) -> None:
        super().__init__([0])

    def forward(self, lightness: Tensor, category: Tensor | None = None) -> Tensor:
        small = lightness[:, :, 1::3, 1::3]
        gray = int(torch.cdist(torch.zeros(1, 2), self.centers).argmin())
        others = torch.zeros(len(small), len(self.centers), *small.shape[2:])
        return torch.cat([others[:, :gray], small / 8 + 0.1, others[:, gray + 1 :]], dim=1)


def write(path: Path, rgb: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.ascontiguousarray(rgb)).save(path)

"""The nine-block trunk with two output channels in place of the 313 bins: lightness to ab."""

from __future__ import annotations

from torch import Tensor, nn

from visml.models import blocks
from visml.models.base import Colorizer, Layer


class Regression(Colorizer):
    """Lightness ``(N, 1, H, W)`` to ab ``(N, 2, H/4, W/4)`` in Lab units; H and W are multiples of 8.

    Args:
        width: share of the paper's channels; 1.0 has 32.16 million parameters.
    """

    family = "regression"

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        self.normalize = blocks.Normalize()
        self.trunk = blocks.trunk(width)
        self.head = nn.Sequential(nn.Conv2d(blocks.scaled(256, width), 2, 1), blocks.LabUnits())
        self.layers = (
            *blocks.trunk_layers(width),
            Layer("ab", "head", 2, 4, 349, rectified=False, convolution="head.0", channel_names=("a", "b")),
        )
        blocks.initialize(self)

    def forward(self, lightness: Tensor, category: Tensor | None = None) -> Tensor:
        return self._head(self.trunk(self.normalize(lightness)))

    def resume(self, layer: str, value: Tensor, lightness: Tensor | None = None) -> Tensor:
        if self.layer(layer).name == "ab":
            return value
        return self._head(blocks.resume_trunk(self.trunk, layer, value))

    def _head(self, features: Tensor) -> Tensor:
        ab: Tensor = self.head(features)
        return ab

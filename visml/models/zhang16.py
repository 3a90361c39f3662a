"""The nine-block network of Zhang, Isola, Efros, "Colorful Image Colorization" (ECCV 2016): lightness to 313 bins."""

from __future__ import annotations

from torch import Tensor, nn

from visml.color import bins
from visml.models import blocks
from visml.models.base import Colorizer, Layer


class Zhang16(Colorizer):
    """Lightness ``(N, 1, H, W)`` to logits ``(N, 313, H/4, W/4)``; H and W are multiples of 8.

    Args:
        width: share of the paper's channels; 1.0 has 32.24 million parameters.
    """

    family = "zhang16"
    centers: Tensor

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        count = len(bins.BINS)
        self.normalize = blocks.Normalize()
        self.trunk = blocks.trunk(width)
        self.bins = nn.Conv2d(blocks.scaled(256, width), count, 1)
        self.register_buffer("centers", bins.centers())
        self.layers = (
            *blocks.trunk_layers(width),
            Layer("bins", "bins", count, stride=4, receptive_field=349, rectified=False, convolution="bins"),
        )
        blocks.initialize(self)

    def forward(self, lightness: Tensor, category: Tensor | None = None) -> Tensor:
        return self._head(self.trunk(self.normalize(lightness)))

    def resume(self, layer: str, value: Tensor, lightness: Tensor | None = None) -> Tensor:
        if self.layer(layer).name == "bins":
            return value
        return self._head(blocks.resume_trunk(self.trunk, layer, value))

    def _head(self, features: Tensor) -> Tensor:
        logits: Tensor = self.bins(features)
        return logits

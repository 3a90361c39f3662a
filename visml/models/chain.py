"""Networks whose stages follow one another, each reading nothing but the one before."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

from torch import Tensor, nn

from visml.models import blocks
from visml.models.base import Colorizer


class Chain(Colorizer):
    """Normalized lightness through one stage after another.

    Args:
        stages: modules by name, in order; a layer of that name is kept at the stage's output.
    """

    def __init__(self, stages: Mapping[str, nn.Module]) -> None:
        super().__init__()
        self.normalize = blocks.Normalize()
        self.stages = nn.Sequential(OrderedDict(stages))

    def forward(self, lightness: Tensor, category: Tensor | None = None) -> Tensor:
        return self.finish(self.stages(self.normalize(lightness)))

    def resume(self, layer: str, value: Tensor, lightness: Tensor | None = None) -> Tensor:
        names = [name for name, _ in self.stages.named_children()]
        if layer not in names:
            return super().resume(layer, value, lightness)
        return self.finish(self.stages[names.index(layer) + 1 :](value))

    def finish(self, value: Tensor) -> Tensor:
        """The network's output, of what the last stage gave: that itself, unless a network converts it."""
        return value

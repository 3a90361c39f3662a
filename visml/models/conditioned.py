"""The nine-block network told what the photo shows: lightness and a category to 313 bins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, cast

import torch
from torch import Tensor, nn

from visml.models import blocks
from visml.models.zhang16 import Zhang16
from visml.settings import Refused

_FIRST = "trunk.conv1.0.weight"


class ConditionRefused(Refused):
    """A share of unknown categories that is none."""


class Conditioned(Zhang16):
    """Lightness ``(N, 1, H, W)`` and categories ``(N,)`` to logits ``(N, 313, H/4, W/4)``; H and W multiples of 8.

    The first convolution reads, beside the lightness, one plane for each category: 1 everywhere on the plane of the
    photo's own, 0 on the others and, where the category is not known (-1), on all of them. In train mode some
    pictures' categories are passed over, drawn by PyTorch's generator, so that the network learns to do without.

    Args:
        width: share of the paper's channels.
        categories: names of the categories, in the order of their planes.
        unknown_share: share of the pictures, 0..1, whose category is passed over in train mode.

    Raises:
        ConditionRefused: the share lies outside 0..1.
    """

    family = "conditioned"
    needs_categories: ClassVar[bool] = True
    reads_category: ClassVar[bool] = True

    def __init__(self, width: float = 1.0, categories: Sequence[str] = (), unknown_share: float = 0.1) -> None:
        super().__init__(width)
        if not 0 <= unknown_share <= 1:
            raise ConditionRefused(f"unknown_share must lie between 0 and 1, not be {unknown_share}.")
        self.categories, self.unknown_share = tuple(categories), unknown_share
        first = cast(nn.Sequential, self.trunk.get_submodule("conv1"))
        first[0] = nn.Conv2d(1 + len(self.categories), blocks.scaled(64, width), 3, padding=1)
        blocks.initialize(self)

    def forward(self, lightness: Tensor, category: Tensor | None = None) -> Tensor:
        planes = self._planes(lightness, category)
        return self._head(self.trunk(torch.cat([self.normalize(lightness), planes], dim=1)))

    def adopted(self, state: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """The nine-block network's weights; zeros for the categories in its first kernels, which change nothing yet."""
        theirs = state.get(_FIRST)
        if theirs is None or theirs.shape[1] != 1:
            return state
        planes = theirs.new_zeros(1).expand(len(theirs), len(self.categories), *theirs.shape[2:])
        return {**state, _FIRST: torch.cat([theirs, planes], dim=1)}

    def _planes(self, lightness: Tensor, category: Tensor | None) -> Tensor:
        """One-hot planes ``(N, K, H, W)`` of categories ``(N,)``, of lightness ``(N, 1, H, W)``."""
        count = len(self.categories)
        if category is None:
            return lightness.new_zeros(1).expand(len(lightness), count, *lightness.shape[2:])
        if self.training:
            passed = torch.rand(category.shape, device=category.device) < self.unknown_share
            category = category.masked_fill(passed, -1)
        planes = category[:, None] == torch.arange(count, device=category.device)
        return planes.to(lightness.dtype)[:, :, None, None].expand(-1, -1, *lightness.shape[2:])

"""The strongest positions of each filter of a layer, over pictures that come in parts."""

from __future__ import annotations

import torch
from torch import Tensor


class Strongest:
    """The K strongest positions of each filter of a layer, at most one of a picture; of equal ones the first seen.

    Args:
        channels: C.
        count: K.

    Attributes:
        values: ``(C, K)`` float32, strongest first, -inf for none.
        places: number of the picture, and of the position row by row, ``(C, K, 2)`` int64, -1 for none.
    """

    def __init__(self, channels: int, count: int) -> None:
        self.values = torch.full((channels, count), -torch.inf)
        self.places = torch.full((channels, count, 2), -1)

    def add(self, maps: Tensor, pictures: Tensor, rectified: bool) -> None:
        """Count maps ``(N, C, h, w)`` of pictures ``(N,)``; a rectified layer's zeros are no answers."""
        values, at = maps.flatten(2).max(dim=2)
        if rectified:
            values = values.where(values > 0, -torch.inf)
        where = torch.stack([pictures[:, None].expand_as(at), at], dim=2)
        self._keep(values.T, where.transpose(0, 1))

    def merge(self, other: Strongest, first: int) -> None:
        """Count what was found in the pictures that follow on these, the first of which has this number."""
        places = other.places.clone()
        places[..., 0] += first
        self._keep(other.values, places)

    def _keep(self, values: Tensor, places: Tensor) -> None:
        """The strongest of those known and of ``(C, N)`` further ones at places ``(C, N, 2)``."""
        both = torch.cat([self.values, values], dim=1)
        places = torch.cat([self.places, places], dim=1)
        order = both.sort(dim=1, descending=True, stable=True).indices[:, : self.values.shape[1]]
        self.values = both.gather(1, order)
        self.places = places.gather(1, order[..., None].expand(-1, -1, 2))
        self.places[self.values == -torch.inf] = -1

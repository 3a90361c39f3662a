"""A part of a photo that a question is about: one pixel, or a rectangle."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from visml.insight.forward import InsightRefused

Mask = npt.NDArray[np.bool_]
_NUMBER = re.compile(r"[0-9]{1,5}")


@dataclass(frozen=True)
class Region:
    """Pixels of the squashed photo: columns ``left`` up to but not including ``right``, rows ``top`` to ``bottom``."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def pixel(cls, x: int, y: int) -> Region:
        """One pixel."""
        return cls(x, y, x + 1, y + 1)

    @classmethod
    def whole(cls, size: int) -> Region:
        """The whole squashed photo."""
        return cls(0, 0, size, size)

    @classmethod
    def parse(cls, text: str) -> Region:
        """A region as addresses write it: ``x,y`` or ``left,top,right,bottom``.

        Raises:
            InsightRefused: it is written otherwise.
        """
        numbers = text.split(",")
        if len(numbers) not in (2, 4) or not all(
            each.isascii() and each.isdigit() and len(each) < 6 for each in numbers
        ):
            raise InsightRefused("A region is written as x,y or as left,top,right,bottom, in pixels of the photo.")
        whole = [int(each) for each in numbers]
        return cls.pixel(*whole) if len(whole) == 2 else cls(*whole)

    def mask(self, size: int) -> Mask:
        """The region as ``(S, S)``.

        Raises:
            InsightRefused: it is empty or lies outside the photo.
        """
        if not (0 <= self.left < self.right <= size and 0 <= self.top < self.bottom <= size):
            raise InsightRefused(
                f"The region must lie within the photo's {size} x {size} pixels and hold at least one."
            )
        mask = np.zeros((size, size), dtype=np.bool_)
        mask[self.top : self.bottom, self.left : self.right] = True
        return mask


def weights(mask: Mask, height: int, width: int) -> Tensor:
    """How much each position of an output counts for a region: ``(h, w)`` float32, sum 1.

    A position counts by the region's pixels that it stands under, pixel (x, y) being under row ``y h // S`` and
    column ``x w // S``; so the weighted mean over positions is the mean over the region's pixels.

    Args:
        mask: ``(S, S)``, at least one pixel of it True.
        height: h.
        width: w.
    """
    y, x = np.nonzero(mask)
    size = len(mask)
    counts = np.zeros((height, width), dtype=np.float64)
    np.add.at(counts, (y * height // size, x * width // size), 1)
    return torch.from_numpy((counts / counts.sum()).astype(np.float32))

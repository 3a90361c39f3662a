"""The photos of a batch as what colorings are compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from visml import metrics
from visml.color import lab
from visml.evaluation.reading import Passed, Read
from visml.evaluation.truth import true_bins


@dataclass(frozen=True)
class Colored:
    """One picture, the photo itself or a coloring of it.

    Attributes:
        rgb: ``(S, S, 3)`` uint8.
        ab: ``(2, S, S)`` float32; of a coloring as it was painted, before RGB clipped it.
    """

    rgb: npt.NDArray[np.uint8]
    ab: npt.NDArray[np.float32]

    @cached_property
    def lab(self) -> metrics.Floats:
        """CIE Lab ``(S, S, 3)`` float32 of :attr:`rgb`."""
        return metrics.lab(self.rgb)


@dataclass(frozen=True)
class Photos:
    """N photos that can be scored.

    Attributes:
        reads: where each came from.
        targets: each as a picture.
        lightness: ``(N, 1, S, S)`` float32, 0..100.
        ab: ``(N, 2, S, S)`` float32.
        true_bins: the bin of each pixel's color, ``(N, S, S)`` int64.
    """

    reads: tuple[Read, ...]
    targets: tuple[Colored, ...] = field(repr=False)
    lightness: Tensor = field(repr=False)
    ab: Tensor = field(repr=False)
    true_bins: npt.NDArray[np.int64] = field(repr=False)

    @property
    def categories(self) -> list[str | None]:
        """Each photo's category."""
        return [each.category for each in self.reads]

    def __len__(self) -> int:
        return len(self.reads)

    def part(self, which: slice) -> Photos:
        """Some of them, which do not hold on to the others."""
        lightness, ab = self.lightness[which].clone(), self.ab[which].clone()
        return Photos(self.reads[which], self.targets[which], lightness, ab, self.true_bins[which].copy())


def scorable(batch: Sequence[Read]) -> Photos | None:
    """The photos of a batch that were not passed over; None where all were."""
    reads = tuple(each for each in batch if not isinstance(each.content, Passed))
    pictures = [each.content for each in reads if not isinstance(each.content, Passed)]
    if not pictures:
        return None
    colors = lab.rgb_to_lab(torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255)
    lightness, ab = colors[:, :1], colors[:, 1:]
    targets = tuple(Colored(*pair) for pair in zip(pictures, ab.numpy(), strict=True))
    return Photos(reads, targets, lightness, ab, true_bins(ab.numpy()))


def colored(lightness: Tensor, ab: Tensor) -> list[Colored]:
    """Colorings as pictures, of lightness ``(N, 1, S, S)`` and ab ``(N, 2, S, S)``; RGB is rounded to nearest."""
    rgb = lab.lab_to_rgb(torch.cat([lightness, ab], dim=1)).mul_(255).round_().byte().permute(0, 2, 3, 1)
    return [Colored(*pair) for pair in zip(rgb.contiguous().numpy(), ab.numpy(), strict=True)]

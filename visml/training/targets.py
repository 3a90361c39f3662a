"""What a batch of crops asks of the network: its input, the true colors at the output's positions, and the prior."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from visml.checkpoints import SCHEMA, write_json
from visml.color import bins, lab
from visml.images.folder import Picture
from visml.settings import Refused
from visml.training.crops import RGB, read

STRIDE = 4
OFFSET = 2  # of the four pixels under one output position, an inner one
GRAY = 5.0  # released code of Zhang et al.: a picture with no |a| or |b| above this teaches nothing
_PRIOR_STRIDE, _PRIOR_BATCH = 8, 64


class PriorRefused(Refused):
    """A file that is not a prior over the bins."""


@dataclass(frozen=True)
class Prior:
    """How often each bin occurs in a set of pictures.

    Attributes:
        probabilities: ``(Q,)`` float32, sum 1.
        pictures: pictures counted.
        pixels: pixels counted.
    """

    probabilities: Tensor
    pictures: int
    pixels: int

    def save(self, path: Path) -> None:
        """Write it as JSON of schema 1."""
        facts = {"schema": SCHEMA, "pictures": self.pictures, "pixels": self.pixels}
        write_json(path, facts | {"probabilities": self.probabilities.double().tolist()})


def lightness_and_ab(rgb: Tensor) -> tuple[Tensor, Tensor]:
    """The network's input and its targets.

    Args:
        rgb: ``(N, 3, S, S)`` uint8.

    Returns:
        Lightness ``(N, 1, S, S)`` in 0..100, and ab ``(N, 2, S/4, S/4)``, taken at one pixel of four without
        averaging, so that no color is invented between two.
    """
    sampled = rgb[:, :, OFFSET::STRIDE, OFFSET::STRIDE].float() / 255
    return lab.lightness(rgb), lab.rgb_to_lab(sampled)[:, 1:]


def has_color(ab: Tensor) -> Tensor:
    """Which pictures ``(N,)`` bool have any color at all, of ab ``(N, 2, h, w)``."""
    return (ab.abs() > GRAY).flatten(1).any(dim=1)


def measure_prior(pictures: Sequence[Picture], progress: Callable[[int], None] = lambda done: None) -> Prior:
    """How often each of the 313 bins is the nearest one to a pixel's color, at one pixel of 64.

    Args:
        pictures: unreadable ones are passed over.
        progress: told now and then how many were seen.
    """
    centers = bins.centers()
    counts = torch.zeros(len(centers), dtype=torch.int64)
    counted = 0
    for start in range(0, len(pictures), _PRIOR_BATCH):
        chunk = pictures[start : start + _PRIOR_BATCH]
        sampled = [_sample(rgb) for rgb in map(read, chunk) if rgb is not None]
        counts += _count(np.concatenate(sampled), centers) if sampled else 0
        counted += len(sampled)
        progress(start + len(chunk))
    return Prior((counts / counts.sum().clamp_min(1)).float(), counted, int(counts.sum()))


def _sample(rgb: RGB) -> RGB:
    """One pixel of 64, as a list ``(M, 3)`` uint8; the picture's first where it is smaller than that."""
    step, offset = _PRIOR_STRIDE, _PRIOR_STRIDE // 2
    pixels = rgb[min(offset, len(rgb) - 1) :: step, min(offset, rgb.shape[1] - 1) :: step]
    return pixels.reshape(-1, 3)


def _count(pixels: RGB, centers: Tensor) -> Tensor:
    ab = lab.rgb_to_lab(lab.from_uint8(pixels[None]))[:, 1:]
    return torch.bincount(bins.nearest(ab, centers).flatten(), minlength=len(centers))


def load_prior(path: Path) -> Tensor:
    """The probabilities ``(Q,)`` float32 of a ``prior.json``.

    Raises:
        PriorRefused: the file does not hold 313 probabilities that sum to 1.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))["probabilities"]
        probabilities = torch.tensor(values, dtype=torch.float32)
    except (OSError, ValueError, KeyError, TypeError):
        raise PriorRefused(f"'{path.name}' does not hold bin probabilities.") from None
    sound = probabilities.shape == (len(bins.BINS),) and bool((probabilities >= 0).all())
    if not sound or abs(float(probabilities.sum()) - 1) > 1e-3:
        raise PriorRefused(f"'{path.name}' must hold {len(bins.BINS)} probabilities that sum to 1.")
    return probabilities

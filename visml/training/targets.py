"""What a batch of crops asks of the network: its input, and the true colors at the output's positions."""

from __future__ import annotations

import torch
from torch import Tensor

from visml.color import lab

STRIDE = 4
GRAY = 5.0  # released code of Zhang et al.: a picture with no |a| or |b| above this teaches nothing


def lightness_and_ab(rgb: Tensor) -> tuple[Tensor, Tensor]:
    """The network's input and its targets.

    Args:
        rgb: ``(N, 3, S, S)`` uint8.

    Returns:
        Lightness ``(N, 1, S, S)`` in 0..100, and ab ``(N, 2, S/4, S/4)``, taken at one pixel of sixteen.
    """
    return lab.lightness(rgb), ab_at(rgb, (rgb.shape[2] // STRIDE, rgb.shape[3] // STRIDE))


def ab_at(rgb: Tensor, size: tuple[int, int]) -> Tensor:
    """True colors ``(N, 2, h, w)`` at an output's positions, of crops ``(N, 3, S, S)`` uint8; see :func:`at`."""
    return lab.rgb_to_lab(at(rgb, size).float() / 255)[:, 1:]


def at(maps: Tensor, size: tuple[int, int]) -> Tensor:
    """Maps ``(N, C, H, W)`` of any kind at the positions of a smaller output, ``(N, C, h, w)`` for ``size`` (h, w).

    A position stands for a rectangle of H/h x W/w pixels. Of these the one in the middle is taken, of an even number
    the one right of or below it, without averaging, so that no color is invented between two.
    """
    rows, columns = (_inner(maps.shape[axis], size[axis - 2], maps.device) for axis in (2, 3))
    return maps.index_select(2, rows).index_select(3, columns)


def has_color(ab: Tensor) -> Tensor:
    """Which pictures ``(N,)`` bool have any color at all, of ab ``(N, 2, h, w)``."""
    return (ab.abs() > GRAY).flatten(1).any(dim=1)


def _inner(pixels: int, positions: int, device: torch.device) -> Tensor:
    """The middle pixel of each of ``positions`` equal parts of a row of ``pixels``, ``(positions,)`` int64."""
    return (2 * torch.arange(positions, device=device) + 1) * pixels // (2 * positions)

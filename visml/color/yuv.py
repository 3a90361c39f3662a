"""RGB <-> luma and chroma by ITU-R BT.601, both in 0..1, as JPEG has them (there Y, Cb, Cr; often called YUV).

Shapes are ``(N, C, H, W)``; the arithmetic is done on gamma-coded RGB.
"""

from __future__ import annotations

import torch
from torch import Tensor

RED, GREEN, BLUE = 0.299, 0.587, 0.114
GRAY = 0.5  # U and V of every gray
_U_SPAN, _V_SPAN = 2 * (1 - BLUE), 2 * (1 - RED)  # so that U and V fill 0..1


def luma(rgb: Tensor) -> Tensor:
    """Y ``(N, 1, H, W)`` in 0..1 of RGB ``(N, 3, H, W)`` in 0..1."""
    return RED * rgb[:, :1] + GREEN * rgb[:, 1:2] + BLUE * rgb[:, 2:]


def chroma(rgb: Tensor) -> Tensor:
    """U and V ``(N, 2, H, W)`` in 0..1, ``(B - Y) / 1.772 + 1/2`` and ``(R - Y) / 1.402 + 1/2``, of RGB in 0..1."""
    y = luma(rgb)
    return torch.cat([(rgb[:, 2:] - y) / _U_SPAN, (rgb[:, :1] - y) / _V_SPAN], dim=1) + GRAY


def to_rgb(y: Tensor, uv: Tensor) -> Tensor:
    """RGB ``(N, 3, H, W)``, clipped to 0..1 per channel, of luma ``(N, 1, H, W)`` and chroma ``(N, 2, H, W)``."""
    blue, red = y + _U_SPAN * (uv[:, :1] - GRAY), y + _V_SPAN * (uv[:, 1:] - GRAY)
    green = (y - RED * red - BLUE * blue) / GREEN
    return torch.cat([red, green, blue], dim=1).clamp(0, 1)

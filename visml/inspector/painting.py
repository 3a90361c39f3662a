"""Color joined with a photo's own lightness at the photo's size, a band of rows at a time.

A photo of 12 megapixels would take a gigabyte in float32 Lab and RGB; a band takes a few megabytes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from visml.color import lab

Pixels = npt.NDArray[np.uint8]
BAND_PIXELS = 1 << 18  # about what the caches of two cores hold of all the steps between


def paint(rgb: Pixels, ab: Tensor, band_pixels: int = BAND_PIXELS) -> Pixels:
    """A photo in other colors: its own L, and ``ab`` bilinearly at its size, clipped to sRGB.

    Args:
        rgb: the photo, ``(H, W, 3)`` uint8.
        ab: ``(1, 2, h, w)`` float32.
        band_pixels: pixels worked on at a time; the result does not depend on it.

    Returns:
        ``(H, W, 3)`` uint8.
    """
    height, width = rgb.shape[:2]
    wide = lab.upsample(ab.cpu().float(), (ab.shape[2], width))
    painted = np.empty((height, width, 3), dtype=np.uint8)
    step = max(1, band_pixels // width)
    with torch.inference_mode():
        for top in range(0, height, step):
            band = slice(top, min(top + step, height))
            painted[band] = _paint_band(rgb[band], rows(wide, band, height))
    return painted


def rows(ab: Tensor, band: slice, height: int) -> Tensor:
    """Some rows ``(1, 2, band, W)`` of ``ab`` ``(1, 2, h, W)`` at ``height`` rows: bilinear between pixel centers.

    Each row is computed from its own number alone, so bands meet without a seam.
    """
    last = ab.shape[2] - 1
    place = (torch.arange(band.start, band.stop, dtype=torch.float64) + 0.5) * (ab.shape[2] / height) - 0.5
    place = place.clamp(0, last)
    above = place.floor().long()
    below = (above + 1).clamp_max(last)
    weight = (place - above).float().view(1, 1, -1, 1)
    return ab[:, :, above] * (1 - weight) + ab[:, :, below] * weight


def _paint_band(rgb: Pixels, ab: Tensor) -> Pixels:
    pixels = torch.from_numpy(np.array(rgb, order="C")).permute(2, 0, 1).unsqueeze(0)
    return lab.to_uint8(lab.lab_to_rgb(torch.cat([lab.lightness(pixels), ab], dim=1)))

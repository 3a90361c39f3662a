"""Color joined with a photo's own lightness at the photo's size, a band of rows at a time, on all cores.

A photo of 12 megapixels would take a gigabyte in float32 Lab and RGB; a band takes a few megabytes.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
from torch import Tensor

from visml.color import lab
from visml.color.recolor import recolored

Pixels = npt.NDArray[np.uint8]
BAND_PIXELS = 1 << 17  # about what the cache of a core holds of all the steps between


def paint(rgb: Pixels, ab: Tensor, band_pixels: int = BAND_PIXELS) -> Pixels:
    """A photo in other colors: its own L, and ``ab`` bilinearly at its size, clipped to sRGB.

    Args:
        rgb: the photo, ``(H, W, 3)`` uint8.
        ab: ``(1, 2, h, w)`` float32.
        band_pixels: pixels that a core works on at a time; the result does not depend on it.

    Returns:
        ``(H, W, 3)`` uint8.
    """
    height, width = rgb.shape[:2]
    wide = lab.upsample(ab.detach().cpu().float(), (ab.shape[2], width))[0].numpy()
    painted = np.empty((height, width, 3), dtype=np.uint8)
    step = max(1, band_pixels // width)

    def paint_band(top: int) -> None:
        band = slice(top, min(top + step, height))
        painted[band] = recolored(rgb[band], rows(wide, band, height))

    with ThreadPoolExecutor(os.cpu_count()) as cores:
        list(cores.map(paint_band, range(0, height, step)))
    return painted


def rows(ab: npt.NDArray[np.float32], band: slice, height: int) -> npt.NDArray[np.float32]:
    """Some rows ``(2, band, W)`` of ``ab`` ``(2, h, W)`` at ``height`` rows: bilinear between pixel centers.

    Each row is computed from its own number alone, so bands meet without a seam.
    """
    last = ab.shape[1] - 1
    place = ((np.arange(band.start, band.stop) + 0.5) * (ab.shape[1] / height) - 0.5).clip(0, last)
    above = place.astype(int)
    weight = (place - above).astype(np.float32)[:, np.newaxis]
    between: npt.NDArray[np.float32] = ab[:, above] * (1 - weight) + ab[:, np.minimum(above + 1, last)] * weight
    return between

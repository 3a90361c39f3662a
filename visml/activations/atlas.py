"""All maps of a layer as one grayscale PNG, which a browser fetches once and draws from.

+----+----+----+
| 0  | 1  | 2  |   columns = ceil(sqrt(C)), row by row, no gaps;
+----+----+----+   what is left of the last row is 0
| 3  | 4  |    |
+----+----+----+
"""

from __future__ import annotations

import io
import math

import numpy as np
import numpy.typing as npt
from PIL import Image

_FASTEST = 1  # zlib level: maps hardly shrink further, and the higher levels take several times as long


def columns(count: int) -> int:
    """How many maps stand in a row: the least square that holds them."""
    return max(1, math.isqrt(count - 1) + 1) if count > 0 else 1


def encode_atlas(maps: npt.NDArray[np.float32]) -> bytes:
    """An 8-bit grayscale PNG of maps ``(C, H, W)``: each stretched from its own min .. max to 0 .. 255.

    A flat map is 0 everywhere. ``min + value / 255 * (max - min)`` gives a map's values back to
    1/510 of its range.
    """
    count, height, width = maps.shape
    across = columns(count)
    down = -(-count // across)
    tiles = np.zeros((down * across, height, width), dtype=np.uint8)
    tiles[:count] = stretch(maps)
    picture = tiles.reshape(down, across, height, width).swapaxes(1, 2).reshape(down * height, across * width)
    file = io.BytesIO()
    Image.fromarray(picture).save(file, format="PNG", compress_level=_FASTEST)
    return file.getvalue()


def stretch(maps: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Maps ``(C, H, W)``, each from its own min .. max to 0 .. 255; a flat one, and what is no number, is 0."""
    maps = np.nan_to_num(maps)
    low = maps.min(axis=(1, 2), keepdims=True)
    span = maps.max(axis=(1, 2), keepdims=True) - low
    scale = np.divide(255, span, out=np.zeros_like(span), where=span > 0)
    stretched: npt.NDArray[np.uint8] = np.rint((maps - low) * scale).astype(np.uint8)
    return stretched

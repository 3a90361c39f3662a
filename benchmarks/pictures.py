"""Photos to measure with, made of the ones that scikit-image ships."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from visml.images.decode import encode_jpeg, squash
from visml.images.gallery import sample_photos

COLOR = ("astronaut", "chelsea", "coffee", "motorcycle", "rocket")
QUALITY = 90


def jpeg(folder: Path, width: int, height: int) -> Path:
    """A color photo of that size as a JPEG file."""
    path = folder / f"photo-{width}x{height}.jpg"
    photo = Image.fromarray(sample_photos()["coffee"].rgb)
    resized = photo.resize((width, height), Image.Resampling.BICUBIC)
    path.write_bytes(encode_jpeg(np.asarray(resized), quality=QUALITY))
    return path


def small(size: int) -> np.ndarray:
    """A color photo squashed to ``(size, size, 3)`` uint8."""
    return squash(sample_photos()["coffee"].rgb, size)


def folder_of_crops(folder: Path, count: int, side: int = 200) -> Path:
    """A folder of that many different JPEG pictures, two categories, cut at random from the color photos."""
    random = np.random.default_rng(0)
    photos = [photo.rgb for key, photo in sample_photos().items() if key in COLOR]
    for category in ("one", "two"):
        (folder / category).mkdir(parents=True, exist_ok=True)
    for index in range(count):
        rgb = photos[index % len(photos)]
        top, left = (int(random.integers(length - side + 1)) for length in rgb.shape[:2])
        crop = np.ascontiguousarray(rgb[top : top + side, left : left + side])
        path = folder / ("one", "two")[index % 2] / f"{index:05d}.jpg"
        path.write_bytes(encode_jpeg(crop, quality=QUALITY))
    return folder

"""A folder of small pictures in color, cut from scikit-image's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data


def fill(folder: Path, count: int = 24, seed: int = 0) -> Path:
    """So many pictures of 48 x 40 pixels in two subfolders, and a file that is none."""
    random = np.random.default_rng(seed)
    photos = (data.astronaut(), data.chelsea(), data.coffee())
    for number in range(count):
        photo = photos[number % len(photos)]
        top, left = random.integers(0, photo.shape[0] - 40), random.integers(0, photo.shape[1] - 48)
        place = folder / ("odd" if number % 2 else "even")
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(photo[top : top + 40, left : left + 48]).save(place / f"{number:03d}.png")
    (folder / "even" / "broken.png").write_text("no picture")
    return folder

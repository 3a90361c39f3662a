"""A small folder of pictures cut from scikit-image's photos."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data


def write(root: Path, per_category: int = 24, side: int = 48) -> Path:
    """Two categories of square cuts as JPEG, PNG and WebP in turn; returns ``root``."""
    random = np.random.default_rng(0)
    for category, photo in (("people/astronaut", data.astronaut()), ("cats", data.chelsea())):
        (root / category).mkdir(parents=True)
        for index in range(per_category):
            top, left = (int(random.integers(length - side)) for length in photo.shape[:2])
            cut = Image.fromarray(photo[top : top + side, left : left + side])
            cut.save(root / category / f"{index:02d}.{('jpg', 'png', 'webp')[index % 3]}")
    return root

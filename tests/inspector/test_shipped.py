"""The shipped checkpoints: they open, and bfloat16 stays within the bounds that docs/results.md states."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from visml.images.gallery import sample_photos
from visml.inspector import Inspector
from visml.metrics import ciede2000, lab

ROOT = Path(__file__).parents[2] / "checkpoints"
PHOTOS = ("astronaut", "coffee", "camera")
ROUNDED = {("joint", "class1"): 0.01}  # one position: no mean evens the rounding out


@pytest.mark.parametrize("name", sorted(path.name for path in ROOT.iterdir() if path.is_dir()))
def test_bfloat16_shows_what_float32_shows(name: str) -> None:
    exact, fast = (Inspector(name, checkpoints=ROOT, device="cpu", precision=how) for how in ("float32", "bfloat16"))
    photos = sample_photos()
    for key in PHOTOS:
        expected, shown = exact.open(photos[key]), fast.open(photos[key])
        assert np.abs(expected.ab() - shown.ab()).max() < 1.8
        assert ciede2000(lab(expected.painted()), lab(shown.painted())) < 0.24
        if expected.logits is not None:
            assert np.abs(expected.distribution() - shown.distribution()).max() < 0.0126
        for layer in expected.layers[:-1]:
            means, bound = expected[layer.name].mean, ROUNDED.get((name, layer.name), 0.006)
            assert np.abs(means - shown[layer.name].mean).max() < bound * np.abs(means).max()

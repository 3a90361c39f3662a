"""Painting in numpy says what the conversions of tensors say."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from visml.color import lab
from visml.color.recolor import recolored


@given(st.integers(0, 999), st.sampled_from([0.0, 5.0, 60.0]))
def test_it_is_lab_to_rgb_of_the_photos_lightness(seed: int, spread: float) -> None:
    random = np.random.default_rng(seed)
    rgb = random.integers(0, 256, (40, 50, 3), dtype=np.uint8)
    ab = random.normal(0, spread, (2, 40, 50)).astype(np.float32)
    lightness = lab.lightness(torch.from_numpy(rgb).permute(2, 0, 1)[None])
    wanted = lab.to_uint8(lab.lab_to_rgb(torch.cat([lightness, torch.from_numpy(ab)[None]], dim=1)))
    difference = np.abs(recolored(rgb, ab).astype(int) - wanted)
    assert difference.max() <= 1
    assert difference.mean() < 0.002


def test_every_gray_is_itself_without_color() -> None:
    gray = np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(1, 256, 3)
    assert np.abs(recolored(gray, np.zeros((2, 1, 256), np.float32)).astype(int) - gray).max() <= 1

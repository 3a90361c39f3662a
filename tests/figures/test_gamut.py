"""The bins' own colors."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.color import lab2rgb, rgb2lab

from visml.color.bins import BINS
from visml.figures import bin_colors


def as_rgb(colors: list[str]) -> np.ndarray:
    return np.array([[int(color[i : i + 2], 16) for i in (1, 3, 5)] for color in colors], dtype=np.uint8)


def showable() -> np.ndarray:
    """Which bins some lightness can show in sRGB, by skimage: their round trip keeps ab."""
    kept = np.zeros(len(BINS), dtype=bool)
    for lightness in range(20, 91, 2):
        lab = np.concatenate([np.full((len(BINS), 1), lightness), BINS], axis=1)
        back = rgb2lab(np.clip(lab2rgb(lab[None]), 0, 1))[0]
        kept |= np.abs(back[:, 1:] - BINS).max(axis=1) < 0.5
    return kept


@pytest.mark.filterwarnings("ignore:Conversion from CIE-LAB")
def test_a_bin_that_a_screen_can_show_keeps_its_a_and_b() -> None:
    lab = rgb2lab(as_rgb(bin_colors(BINS))[None])[0]
    inside = showable()
    assert inside.sum() > 200
    assert np.abs(lab[inside, 1:] - BINS[inside]).max() < 3


def test_every_bin_keeps_its_hue() -> None:
    lab = rgb2lab(as_rgb(bin_colors(BINS))[None])[0]
    strong = np.hypot(*BINS.T) >= 20
    cosine = (lab[:, 1:] * BINS).sum(1) / np.maximum(np.hypot(*lab[:, 1:].T) * np.hypot(*BINS.T), 1e-9)
    assert cosine[strong].min() > np.cos(np.radians(10))


def test_the_bin_at_the_origin_is_gray() -> None:
    origin = int(np.flatnonzero((BINS == 0).all(axis=1))[0])
    red, green, blue = as_rgb(bin_colors(BINS))[origin].astype(int)
    assert max(red, green, blue) - min(red, green, blue) <= 1

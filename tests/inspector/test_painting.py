"""Painting at the photo's size: bands meet without a seam."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from skimage.color import lab2rgb, rgb2lab

from visml.color import lab
from visml.inspector.painting import paint, rows


def photo(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def colors(h: int, w: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(1, 2, h, w, generator=torch.Generator().manual_seed(seed)) * 30


@given(st.integers(1, 60), st.integers(1, 40), st.integers(1, 9), st.integers(1, 9), st.integers(1, 900))
def test_any_bands_give_the_whole_to_the_bit(height: int, width: int, h: int, w: int, band: int) -> None:
    rgb, ab = photo(height, width), colors(h, w)
    np.testing.assert_array_equal(paint(rgb, ab, band), paint(rgb, ab, height * width))


@given(st.integers(1, 70), st.integers(1, 9))
def test_rows_are_bilinear(height: int, h: int) -> None:
    ab = colors(h, 5)
    found = rows(ab[0].numpy(), slice(0, height), height)
    np.testing.assert_allclose(found, lab.upsample(ab, (height, 5))[0].numpy(), rtol=1e-4, atol=1e-4)


@pytest.mark.filterwarnings("ignore:Conversion from CIE-LAB")
def test_agrees_with_scikit_image_on_the_whole() -> None:
    rgb, ab = photo(90, 70), colors(8, 8)
    wide = lab.upsample(ab, (90, 70))[0].permute(1, 2, 0).double().numpy()
    joined = np.concatenate([rgb2lab(rgb)[..., :1], wide], axis=2)
    expected = np.rint(np.clip(lab2rgb(joined), 0, 1) * 255)
    difference = np.abs(paint(rgb, ab, 700).astype(int) - expected)
    assert np.percentile(difference, 99) <= 1


def test_no_color_is_gray_of_the_photos_own_lightness() -> None:
    rgb = photo(40, 50)
    gray = paint(rgb, torch.zeros(1, 2, 4, 4))
    assert np.ptp(gray.astype(int), axis=2).max() <= 1
    np.testing.assert_allclose(rgb2lab(gray)[..., 0], rgb2lab(rgb)[..., 0], atol=0.5)


def test_a_photo_that_is_read_only_or_a_view() -> None:
    rgb = photo(20, 40)[:, ::2]
    rgb.setflags(write=False)
    assert paint(rgb, colors(3, 3)).shape == (20, 20, 3)


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1)])
def test_narrow_photos(shape: tuple[int, int]) -> None:
    assert paint(photo(*shape), colors(56, 56)).shape == (*shape, 3)

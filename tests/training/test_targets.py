"""Targets against scikit-image."""

from __future__ import annotations

from fractions import Fraction
from math import floor

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from skimage import data
from skimage.color import rgb2lab

from visml.color import lab
from visml.training import targets

PHOTO = data.coffee()[:64, :96]


def _tensor(rgb: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(rgb.transpose(2, 0, 1).copy())[None]


def test_lightness_is_whole_and_ab_is_one_pixel_of_sixteen() -> None:
    lightness, ab = targets.lightness_and_ab(_tensor(PHOTO))
    expected = rgb2lab(PHOTO.astype(np.float64) / 255)
    np.testing.assert_allclose(lightness[0, 0], expected[..., 0], atol=1e-3)
    np.testing.assert_allclose(ab[0].permute(1, 2, 0), expected[2::4, 2::4, 1:], atol=1e-3)


def test_a_picture_has_color_when_any_sample_of_it_has() -> None:
    ab = torch.zeros(3, 2, 4, 4)
    ab[1, 0, 2, 2] = 5.1
    ab[2, 1, 0, 0] = -5.1
    assert targets.has_color(ab).tolist() == [False, True, True]


@given(height=st.integers(1, 12), width=st.integers(1, 12))
def test_a_position_takes_the_pixel_in_the_middle_of_its_part(height: int, width: int) -> None:
    taken = targets.at(_tensor(PHOTO), (height, width))[0].permute(1, 2, 0).numpy()
    assert taken.shape == (height, width, 3)
    for row, column in np.ndindex(height, width):
        middle_y = Fraction(64 * row, height) + Fraction(64, 2 * height)
        middle_x = Fraction(96 * column, width) + Fraction(96, 2 * width)
        np.testing.assert_array_equal(taken[row, column], PHOTO[floor(middle_y), floor(middle_x)])


def test_a_position_of_the_output_is_where_upsampling_puts_it() -> None:
    ramp = torch.arange(64.0).expand(1, 2, 64, 64)
    for size in (64, 32, 16, 8):
        back = lab.upsample(targets.at(ramp, (size, size)), (64, 64))
        away_from_edges = (back - ramp)[..., 32 - 64 // size : 32 + 64 // size]
        assert away_from_edges.abs().max() <= 0.5  # half a pixel: an even number of pixels has no middle one


def test_colors_at_a_position_are_the_pixels_own() -> None:
    expected = rgb2lab(PHOTO.astype(np.float64) / 255)
    for size, step, offset in (((64, 96), 1, 0), ((32, 48), 2, 1), ((8, 12), 8, 4)):
        ab = targets.ab_at(_tensor(PHOTO), size)[0].permute(1, 2, 0)
        np.testing.assert_allclose(ab, expected[offset::step, offset::step, 1:], atol=1e-3)

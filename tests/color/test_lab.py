"""RGB <-> Lab against scikit-image's own conversion in float64."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from skimage import data
from skimage.color import lab2rgb, rgb2lab

from visml.color import lab

PICTURES = arrays.arrays(np.uint8, st.tuples(st.integers(1, 6), st.integers(1, 6), st.just(3)))
ALL_GRAYS_AND_EDGES = np.array([[(v, v, v) for v in range(256)], [(v, 255 - v, v // 2) for v in range(256)]], np.uint8)


def _lab(rgb: np.ndarray) -> np.ndarray:
    return lab.rgb_to_lab(lab.from_uint8(rgb))[0].permute(1, 2, 0).numpy()


def test_lab_agrees_with_scikit_image_on_a_photo_and_on_every_gray() -> None:
    for rgb in (data.astronaut(), ALL_GRAYS_AND_EDGES):
        np.testing.assert_allclose(_lab(rgb), rgb2lab(rgb.astype(np.float64) / 255), atol=1e-3)


@given(PICTURES)
def test_lab_agrees_with_scikit_image_on_any_picture(rgb: np.ndarray) -> None:
    np.testing.assert_allclose(_lab(rgb), rgb2lab(rgb.astype(np.float64) / 255), atol=1e-3)


@given(PICTURES)
def test_every_color_comes_back_from_lab(rgb: np.ndarray) -> None:
    back = lab.to_uint8(lab.lab_to_rgb(lab.rgb_to_lab(lab.from_uint8(rgb))))
    np.testing.assert_array_equal(back, rgb)


def test_colors_outside_srgb_are_clipped_as_scikit_image_clips_them() -> None:
    colors = np.array([[(50, 90, -100), (90, -80, 80), (20, 60, 60), (60, 0, -90)]], np.float64)
    ours = lab.lab_to_rgb(torch.tensor(colors).float().permute(2, 0, 1)[None])
    np.testing.assert_allclose(ours[0].permute(1, 2, 0).numpy(), lab2rgb(colors), atol=2e-3)


@given(PICTURES)
def test_lightness_is_the_first_channel_of_lab(rgb: np.ndarray) -> None:
    pixels = torch.from_numpy(rgb.transpose(2, 0, 1).copy())[None]
    expected = rgb2lab(rgb.astype(np.float64) / 255)[..., 0]
    np.testing.assert_allclose(lab.lightness(pixels)[0, 0].numpy(), expected, atol=1e-3)


def test_an_autocast_around_it_does_not_round_a_conversion() -> None:
    rgb = torch.from_numpy(data.astronaut()[:64, :64].transpose(2, 0, 1).copy())[None]
    plain = lab.lightness(rgb), lab.rgb_to_lab(rgb / 255), lab.lab_to_rgb(lab.rgb_to_lab(rgb / 255))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        within = lab.lightness(rgb), lab.rgb_to_lab(rgb / 255), lab.lab_to_rgb(lab.rgb_to_lab(rgb / 255))
    assert all(map(torch.equal, plain, within))


def test_black_is_0_and_white_is_100() -> None:
    pixels = torch.tensor([0, 255], dtype=torch.uint8).view(1, 1, 1, 2).expand(1, 3, 1, 2)
    assert lab.lightness(pixels).flatten().tolist() == [0.0, 100.0]


def test_upsampling_repeats_edges_and_interpolates_between_pixel_centers() -> None:
    ab = torch.tensor([[[[0.0, 4.0]], [[8.0, 0.0]]]])
    assert lab.upsample(ab, (1, 4))[0].squeeze(1).tolist() == [[0.0, 1.0, 3.0, 4.0], [8.0, 6.0, 2.0, 0.0]]

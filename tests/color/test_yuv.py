"""Luma and chroma against Pillow's JPEG conversion, and back."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from skimage import data

from visml.color import lab, yuv

CHANNEL = st.integers(0, 255)


def _one(*rgb: int) -> torch.Tensor:
    return torch.tensor(rgb).view(1, 3, 1, 1) / 255


def test_it_is_jpegs_conversion() -> None:
    photo = data.coffee()[::4, ::4]
    theirs = np.asarray(Image.fromarray(photo).convert("YCbCr"), dtype=np.float64)
    rgb = lab.from_uint8(photo)
    ours = torch.cat([yuv.luma(rgb), yuv.chroma(rgb)], dim=1)[0].permute(1, 2, 0).double().numpy() * 255
    ours[..., 1:] += 0.5  # 8-bit chroma has its zero at 128
    assert np.abs(ours - theirs).max() < 1.01


@given(CHANNEL, CHANNEL, CHANNEL)
def test_there_and_back_is_the_same_color(red: int, green: int, blue: int) -> None:
    rgb = _one(red, green, blue)
    back = yuv.to_rgb(yuv.luma(rgb), yuv.chroma(rgb))
    torch.testing.assert_close(back, rgb, atol=2e-6, rtol=0)


@given(CHANNEL)
def test_gray_has_no_chroma(value: int) -> None:
    rgb = _one(value, value, value)
    torch.testing.assert_close(yuv.chroma(rgb), torch.full((1, 2, 1, 1), yuv.GRAY))
    torch.testing.assert_close(yuv.luma(rgb), rgb[:, :1])


def test_primaries_span_the_whole_of_chroma() -> None:
    corners = [_one(0, 0, 255), _one(255, 255, 0), _one(255, 0, 0), _one(0, 255, 255)]
    blue, yellow, red, cyan = (yuv.chroma(color)[0, :, 0, 0].tolist() for color in corners)
    np.testing.assert_allclose([blue[0], yellow[0], red[1], cyan[1]], [1, 0, 1, 0], atol=1e-6)


def test_impossible_colors_are_clipped() -> None:
    rgb = yuv.to_rgb(torch.ones(1, 1, 1, 1), torch.tensor([1.0, 0.0]).view(1, 2, 1, 1))
    np.testing.assert_allclose(rgb.flatten(), [1 - 0.701, 1, 1], atol=1e-6)

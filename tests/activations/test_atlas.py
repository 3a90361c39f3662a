"""The atlas decoded again by Pillow."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from visml.activations.atlas import columns, encode_atlas


def decoded(maps: np.ndarray) -> np.ndarray:
    image = Image.open(io.BytesIO(encode_atlas(maps)))
    assert image.format == "PNG"
    assert image.mode == "L"
    return np.asarray(image)


@given(st.integers(1, 5000))
def test_columns_is_the_rounded_up_root(count: int) -> None:
    assert columns(count) == math.ceil(math.sqrt(count))


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 12), st.integers(1, 6), st.integers(1, 6))
def test_each_map_lies_at_its_place(count: int, height: int, width: int) -> None:
    maps = np.random.default_rng(count).normal(size=(count, height, width)).astype(np.float32)
    picture, across = decoded(maps), columns(count)
    assert picture.shape == (-(-count // across) * height, across * width)
    for index in range(count):
        top, left = index // across * height, index % across * width
        tile = picture[top : top + height, left : left + width]
        low, span = maps[index].min(), np.ptp(maps[index])
        np.testing.assert_allclose(low + tile / 255 * span, maps[index], atol=span / 510 * 1.001 + 1e-6)


def test_each_map_is_stretched_by_itself() -> None:
    maps = np.array([[[0, 1]], [[0, 1000]], [[-5, -4]]], dtype=np.float32)
    picture = decoded(maps)
    assert picture[0].tolist() == [0, 255, 0, 255]
    assert picture[1].tolist() == [0, 255, 0, 0]


def test_a_flat_map_is_black() -> None:
    assert decoded(np.full((1, 3, 3), 7, dtype=np.float32)).max() == 0


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_does_not_stop_it(value: float) -> None:
    maps = np.array([[[value, 1, 2]]], dtype=np.float32)
    assert decoded(maps).shape == (1, 3)

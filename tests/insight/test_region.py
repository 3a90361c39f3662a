"""Parts of a photo: how they are written, and how much each position of an output counts for one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visml.insight.forward import InsightRefused
from visml.insight.region import Region, weights


def test_a_pixel_and_a_rectangle_are_read() -> None:
    assert Region.parse("3,4") == Region(3, 4, 4, 5)
    assert Region.parse("3,4,10,20") == Region(3, 4, 10, 20)


@pytest.mark.parametrize(
    "text", ["", "3", "1,2,3", "1,2,3,4,5", "a,b", "-1,2", "1.5,2", "1,,2", " 1,2", "1,2\n", "٣,4", "9" * 9 + ",1"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InsightRefused, match="written as x,y"):
        Region.parse(text)


@pytest.mark.parametrize("region", [Region(5, 5, 5, 9), Region(9, 0, 3, 4), Region(0, 0, 33, 4), Region(0, 40, 2, 41)])
def test_outside_the_photo_is_refused(region: Region) -> None:
    with pytest.raises(InsightRefused, match="32 x 32"):
        region.mask(32)


@given(st.data())
def test_the_weighted_mean_over_positions_is_the_mean_over_pixels(data: st.DataObject) -> None:
    size, height, width = (data.draw(st.integers(1, 24)) for _ in range(3))
    left, top = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size - 1))
    region = Region(left, top, data.draw(st.integers(left + 1, size)), data.draw(st.integers(top + 1, size)))
    values = np.random.default_rng(0).normal(size=(height, width))
    pixels = [
        values[y * height // size, x * width // size]
        for y in range(region.top, region.bottom)
        for x in range(region.left, region.right)
    ]
    weighted = weights(region.mask(size), height, width).double().numpy()
    assert weighted.sum() == pytest.approx(1, abs=1e-5)
    assert (weighted * values).sum() == pytest.approx(np.mean(pixels), abs=1e-5)

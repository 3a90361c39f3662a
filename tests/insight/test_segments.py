"""The photo's parts: connected, the largest first, along its edges."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.measure import label

from visml.insight.segments import segments
from visml.inspector import Inspection


def halves() -> np.ndarray:
    """A blue sky over a green field, with a horizon at row 80."""
    lab = np.zeros((3, 224, 224), np.float32)
    lab[:, :80] = np.array([70, 0, -40], np.float32)[:, None, None]
    lab[:, 80:] = np.array([40, -30, 30], np.float32)[:, None, None]
    return lab


def test_a_horizon_divides_sky_and_field() -> None:
    found = segments(halves(), count=2)
    assert (found[:77] == 1).all()
    assert (found[83:] == 0).all()


@pytest.mark.parametrize("count", [1, 3, 6])
def test_parts_are_connected_and_sorted_by_size(opened: Inspection, count: int) -> None:
    found = opened.segments(count)
    assert found.shape == (224, 224)
    assert found.dtype == np.uint8
    sizes = np.bincount(found.ravel())
    assert len(sizes) <= count
    assert (np.diff(sizes) <= 0).all()
    assert sizes.min() > 0
    assert all(label(found == part, connectivity=1).max() == 1 for part in range(len(sizes)))


def test_the_same_each_time(opened: Inspection) -> None:
    np.testing.assert_array_equal(opened.segments(), opened.segments())


def test_a_photo_of_one_color_has_parts_as_well() -> None:
    assert segments(np.full((3, 224, 224), 50, np.float32)).max() <= 5

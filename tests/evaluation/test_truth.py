from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from visml.color.bins import BINS
from visml.evaluation.truth import true_bins


def test_a_bins_center_is_in_that_bin() -> None:
    assert true_bins(BINS.T[None, :, None])[0, 0].tolist() == list(range(313))


@given(st.integers(0, 2**32 - 1))
def test_nearest_of_all_bins(seed: int) -> None:
    ab = np.random.default_rng(seed).uniform(-130, 130, (2, 2, 3, 4))
    found = true_bins(ab)
    for n, y, x in np.ndindex(2, 3, 4):
        distances = np.hypot(*(BINS.astype(np.float64) - ab[n, :, y, x]).T)
        assert distances[found[n, y, x]] == distances.min()


def test_colors_of_pictures_come_as_float32() -> None:
    ab = np.array([[-3.2, 14.0], [41.0, -88.0]], dtype=np.float32).T[None, :, None]
    assert BINS[true_bins(ab)[0, 0]].tolist() == [[0, 10], [40, -90]]


def test_many_colors_beyond_the_bins_are_found_in_parts() -> None:
    ab = np.random.default_rng(0).uniform(-130, -90, (1, 2, 100, 100))
    expected = [np.square(BINS - color).sum(axis=1).argmin() for color in np.moveaxis(ab[0], 0, -1).reshape(-1, 2)]
    np.testing.assert_array_equal(true_bins(ab)[0].ravel(), expected)

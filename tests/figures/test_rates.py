"""The chart of a learning-rate sweep."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.figures.test_history import read
from visml.figures import rates

RATES = np.geomspace(1e-6, 1, 80)
LOSSES = 5 - 2 / (1 + np.exp(-3 * (np.log10(RATES) + 3))) + 40 * RATES**2
SMOOTHED = LOSSES + 0.1


def test_both_curves_are_drawn_over_the_logarithm_of_the_rate() -> None:
    figure = rates.sweep(RATES, LOSSES, SMOOTHED, 1e-3)
    for trace, values in zip(figure["data"], (LOSSES, SMOOTHED), strict=True):
        np.testing.assert_allclose(read(trace["x"]), RATES, rtol=1e-6)
        np.testing.assert_allclose(read(trace["y"]), values, rtol=1e-6)
    assert figure["layout"]["xaxis"]["type"] == "log"


def test_what_explodes_leaves_the_picture_and_what_falls_does_not() -> None:
    low, high = rates.sweep(RATES, LOSSES, SMOOTHED, None)["layout"]["yaxis"]["range"]
    assert low < LOSSES.min()
    assert SMOOTHED[0] < high < SMOOTHED.max()


@pytest.mark.parametrize("best", [None, 1e-3])
def test_the_best_rate_is_marked_where_there_is_one(best: float | None) -> None:
    layout = rates.sweep(RATES, LOSSES, SMOOTHED, best)["layout"]
    assert [(mark["x0"], mark["x1"]) for mark in layout.get("shapes", [])] == ([] if best is None else [(best, best)])


def test_a_single_rate_still_has_an_axis() -> None:
    figure = rates.sweep(np.array([0.1]), np.array([2.0]), np.array([2.0]), None, dark=True)
    low, high = figure["layout"]["yaxis"]["range"]
    assert low < 2 < high
    json.dumps(figure, allow_nan=False)

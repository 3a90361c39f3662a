"""Numbers of records that anybody may have written."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from visml.dashboard import lenient


@pytest.mark.parametrize("value", [0, -3, 2.5, 1e30, -1e30])
def test_a_number_is_taken_as_it_is(value: float) -> None:
    assert lenient.number(value) == value


@pytest.mark.parametrize("value", [None, True, "1", [1], math.nan, math.inf, -math.inf, 1.1e30, 3.4028235677973366e38])
def test_what_no_chart_can_show_is_none(value: Any) -> None:
    assert lenient.number(value) is None


def test_a_whole_number_beyond_all_floats_is_none() -> None:
    assert lenient.number(10**400) is None


def test_sums_of_the_farthest_numbers_fit_a_chart() -> None:
    assert np.isfinite(np.float32(1000 * lenient.FARTHEST))

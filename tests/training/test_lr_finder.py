"""The learning-rate sweep: its arithmetic against slow restatements, and a sweep of a real, small run."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from tests import tables
from tests.training import pictures
from tests.training.test_loop import RECIPE
from visml.training import lr_finder
from visml.training.tables import RecipeRefused


def test_the_average_is_a_weighted_mean_whose_weights_decay() -> None:
    losses = np.random.default_rng(0).normal(size=20)
    for count, average in enumerate(lr_finder.smooth(losses.tolist()), 1):
        weights = lr_finder.SMOOTHING ** np.arange(count - 1, -1, -1)
        assert average == pytest.approx((weights * losses[:count]).sum() / weights.sum())


def test_the_best_rate_is_where_the_loss_falls_fastest_over_the_logarithm() -> None:
    rates = np.geomspace(1e-6, 1, 200)
    falling = 4 - 3 / (1 + np.exp(-3 * (np.log10(rates) + 3)))  # steepest at 1e-3
    assert lr_finder.steepest(rates.tolist(), falling.tolist()) == pytest.approx(1e-3, rel=0.1)
    assert lr_finder.steepest(rates.tolist(), np.arange(200.0).tolist()) is None


def test_what_comes_after_a_loss_that_is_not_finite_is_left_out() -> None:
    found = lr_finder.judge([1e-3, 1e-2, 1e-1, 1], [2.0, 1.0, math.inf, 0.5])
    assert (found.rates, found.losses, found.best) == ([1e-3, 1e-2], [2.0, 1.0], None)


def test_a_sweep_raises_the_rate_by_a_constant_factor_and_leaves_a_file(tmp_path: Path) -> None:
    data, out = pictures.write(tmp_path / "data", per_category=12), tmp_path / "runs" / "tiny"
    found = lr_finder.sweep(RECIPE, data, out, low=1e-4, high=1e-2, steps=12, progress=False)
    np.testing.assert_allclose(found.rates, np.geomspace(1e-4, 1e-2, 12))
    assert found.losses[0] == pytest.approx(found.smoothed[0])
    found.save(out)
    kept = json.loads((out / "lr_find.json").read_text())
    assert tables.problems(kept, "lr_find.json") == []
    assert kept["losses"] == found.losses
    assert (out / "prior.json").exists()


@pytest.mark.parametrize("limits", [{"low": 1.0, "high": 0.1}, {"low": 0.0}, {"steps": 3}])
def test_limits_that_make_no_sweep_are_refused(tmp_path: Path, limits: dict[str, float]) -> None:
    with pytest.raises(RecipeRefused):
        lr_finder.sweep(RECIPE, tmp_path, tmp_path / "out", progress=False, **limits)  # type: ignore[arg-type]

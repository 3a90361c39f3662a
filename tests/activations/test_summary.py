"""Summaries against numpy in float64."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from visml.activations.summary import LayerSummary, summarize


def maps(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def equal(one: LayerSummary, other: LayerSummary) -> bool:
    return json.dumps(one.to_json()) == json.dumps(other.to_json())


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 6), st.integers(1, 9), st.integers(1, 9), st.booleans(), st.floats(0.01, 100), st.integers(0, 99))
def test_agrees_with_numpy(c: int, h: int, w: int, rectified: bool, scale: float, seed: int) -> None:
    values = maps(c, h, w, seed=seed) * scale
    values = values.relu() if rectified else values
    found, raw = summarize(values, rectified), values.numpy().astype(np.float64).reshape(c, -1)
    np.testing.assert_allclose(found.mean, raw.mean(1), rtol=1e-5, atol=1e-6 * scale)
    np.testing.assert_allclose(found.std, raw.std(1), rtol=1e-5, atol=1e-6 * scale)
    np.testing.assert_array_equal(found.max, raw.max(1))
    np.testing.assert_array_equal(found.min, raw.min(1))
    if rectified:
        np.testing.assert_allclose(found.active_share, (raw > 0).mean(1), rtol=1e-6)
        np.testing.assert_array_equal(found.silent, ~(raw > 0).any(1))
    assert found.histogram.counts.sum() == c * h * w


def test_layers_without_a_relu_have_no_active_share() -> None:
    found = summarize(-maps(3, 4, 4).abs(), rectified=False)
    assert found.active_share is None
    assert not found.silent.any()


def test_silent_filters() -> None:
    values = maps(3, 4, 4).relu()
    values[1] = 0
    found = summarize(values, rectified=True)
    assert found.silent.tolist() == [False, True, False]
    assert found.active_share is not None
    assert found.active_share[1] == 0


def test_spread_of_a_large_mean_is_not_lost() -> None:
    values = 1000 + maps(1, 64, 64) * 0.01
    expected = values.numpy().astype(np.float64).std()
    np.testing.assert_allclose(summarize(values, False).std, expected, rtol=1e-3)


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 5, 7), (8, 16, 16)])
def test_histogram_agrees_with_numpy_on_exact_edges(shape: tuple[int, int, int]) -> None:
    # Whole numbers from 0 to 64: every value lies on an edge, and edges are exact.
    values = torch.randint(0, 65, shape, generator=torch.Generator().manual_seed(1)).float()
    values.view(-1)[0], values.view(-1)[-1] = 0, 64
    found = summarize(values, True).histogram
    if values.numel() > 1:
        assert (found.low, found.high) == (0, 64)
        np.testing.assert_array_equal(found.counts, np.histogram(values.numpy(), 64, (0, 64))[0])


def test_histogram_of_any_values_is_numpys_but_for_rounding_at_edges() -> None:
    values = maps(16, 31, 33)
    found = summarize(values, False).histogram
    expected = np.histogram(values.numpy().astype(np.float64), 64, (found.low, found.high))[0]
    assert found.low == values.min()
    assert found.high == values.max()
    assert np.abs(found.counts - expected).sum() <= 4


def test_histogram_of_a_flat_layer() -> None:
    found = summarize(torch.full((2, 3, 3), 5.0), True).histogram
    assert (found.low, found.high) == (5, 5)
    assert found.counts[0] == 18
    assert found.counts.sum() == 18


def test_what_is_not_finite_is_left_out_of_the_histogram() -> None:
    values = maps(2, 4, 4)
    values[0, 0, 0], values[1, 0, 0] = torch.nan, torch.inf
    found = summarize(values, False)
    assert found.histogram.counts.sum() == 30
    assert np.isfinite([found.histogram.low, found.histogram.high]).all()
    assert np.isnan(found.mean[0])
    assert summarize(torch.full((1, 2, 2), torch.nan), False).histogram.counts.sum() == 0


def test_statistics_are_of_raw_values() -> None:
    values = maps(4, 8, 8)
    np.testing.assert_allclose(
        summarize(values * 3, False).mean, summarize(values, False).mean * 3, rtol=1e-4, atol=1e-6
    )


@pytest.mark.parametrize("rectified", [True, False])
def test_json_and_back_to_the_bit(rectified: bool) -> None:
    values = maps(5, 6, 7).relu() if rectified else maps(5, 6, 7)
    found = summarize(values, rectified)
    back = LayerSummary.from_json(json.loads(json.dumps(found.to_json())), channels=5)
    assert equal(found, back)
    assert back.mean.dtype == np.float32
    np.testing.assert_array_equal(back.mean, found.mean)


def test_foreign_json_is_refused() -> None:
    value = summarize(maps(5, 6, 7), False).to_json()
    with pytest.raises(ValueError, match="6 values expected"):
        LayerSummary.from_json(value, channels=6)
    with pytest.raises(KeyError):
        LayerSummary.from_json({}, channels=5)
    with pytest.raises(TypeError):
        LayerSummary.from_json([1, 2], channels=5)

"""The 313 bins: encoding, decoding, prior and weights against slow float64 computations and the paper's statements."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import entr, softmax

from visml.color import bins

CENTERS = bins.centers()
COLORS = st.lists(st.tuples(st.floats(-119, 119), st.floats(-119, 119)), min_size=1, max_size=20)
PRIORS = st.dictionaries(st.integers(0, 312), st.floats(0.01, 1), min_size=1)  # a few bins and their mass
SEEDS = st.integers(0, 2**32 - 1)


def _picture(colors: list[tuple[float, float]]) -> torch.Tensor:
    return torch.tensor(colors, dtype=torch.float32).T.reshape(1, 2, 1, -1)


def _logits(seed: int, scale: float = 5.0) -> torch.Tensor:
    return torch.randn(2, 313, 3, 2, generator=torch.Generator().manual_seed(seed)) * scale


def _prior(masses: dict[int, float]) -> torch.Tensor:
    prior = torch.zeros(313)
    prior[list(masses)] = torch.tensor(list(masses.values()))
    return prior / prior.sum()


def test_there_are_313_bins_sorted_by_a_then_b_on_a_grid_of_step_10() -> None:
    points = [tuple(point) for point in bins.BINS.tolist()]
    assert len(points) == len(set(points)) == 313
    assert points == sorted(points)
    assert not np.any(bins.BINS % 10)
    assert points[0] == (-90, 50)
    assert points[-1] == (100, 0)
    assert (0.0, 0.0) in points


@given(COLORS)
def test_soft_encoding_is_the_gaussian_of_the_five_nearest_bins(colors: list[tuple[float, float]]) -> None:
    index, weight = bins.soft_encode(_picture(colors), CENTERS)
    for place, color in enumerate(colors):
        squared = ((bins.BINS.astype(np.float64) - np.float32(color)) ** 2).sum(axis=1)
        nearest = np.sort(squared)[:5]
        expected = np.exp(-(nearest - nearest[0]) / (2 * 5.0**2))
        np.testing.assert_allclose(squared[index[0, :, 0, place]], nearest, rtol=1e-5, atol=1e-3)
        np.testing.assert_allclose(weight[0, :, 0, place], expected / expected.sum(), atol=1e-4)


@given(COLORS)
def test_the_nearest_bin_is_the_one_of_a_full_search(colors: list[tuple[float, float]]) -> None:
    found = bins.nearest(_picture(colors), CENTERS)[0, 0]
    for place, color in enumerate(colors):
        squared = ((bins.BINS.astype(np.float64) - np.float32(color)) ** 2).sum(axis=1)
        assert squared[found[place]] == pytest.approx(squared.min(), rel=1e-5, abs=1e-3)


def test_a_bin_center_is_encoded_with_itself_first_and_decodes_to_itself_as_mode() -> None:
    index, _ = bins.soft_encode(CENTERS.T.reshape(1, 2, 1, 313), CENTERS)
    assert index[0, 0, 0].tolist() == list(range(313))


@given(COLORS, st.integers(1, 12))
def test_encodings_are_distributions_over_different_bins(colors: list[tuple[float, float]], neighbors: int) -> None:
    index, weight = bins.soft_encode(_picture(colors), CENTERS, neighbors)
    torch.testing.assert_close(weight.sum(dim=1), torch.ones(1, 1, len(colors)))
    assert all(len(set(column)) == neighbors for column in index[0, :, 0].T.tolist())


def test_decoding_an_encoding_comes_back_near_the_color() -> None:
    colors = torch.randint(-40, 41, (1, 2, 8, 8), generator=torch.Generator().manual_seed(0)).float()
    index, weight = bins.soft_encode(colors, CENTERS)
    probabilities = torch.zeros(1, 313, 8, 8).scatter_(1, index, weight)
    decoded = torch.einsum("nqhw,qc->nchw", probabilities, CENTERS)
    assert (decoded - colors).norm(dim=1).max() < 5  # half a bin


@given(SEEDS, st.floats(0.05, 3))
def test_decoding_is_the_expectation_under_the_annealed_distribution(seed: int, temperature: float) -> None:
    logits = _logits(seed)
    probabilities = softmax(logits.double().numpy() / temperature, axis=1)
    expected = np.einsum("nqhw,qc->nchw", probabilities, bins.BINS.astype(np.float64))
    np.testing.assert_allclose(bins.decode(logits, CENTERS, temperature), expected, atol=1e-3)


@given(SEEDS)
def test_temperature_0_is_the_mode_and_a_low_one_tends_to_it(seed: int) -> None:
    logits = _logits(seed)
    logits.scatter_add_(1, logits.argmax(dim=1, keepdim=True), torch.ones(2, 1, 3, 2))
    mode = CENTERS[logits.argmax(dim=1)].permute(0, 3, 1, 2)
    torch.testing.assert_close(bins.decode(logits, CENTERS, 0), mode)
    torch.testing.assert_close(bins.decode(logits, CENTERS, 0.01), mode)


@given(SEEDS)
def test_temperature_1_is_the_mean_of_the_networks_own_distribution(seed: int) -> None:
    logits = _logits(seed)
    mean = np.einsum("nqhw,qc->nchw", softmax(logits.double().numpy(), axis=1), bins.BINS.astype(np.float64))
    np.testing.assert_allclose(bins.decode(logits, CENTERS, 1), mean, atol=1e-3)


def test_a_negative_temperature_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        bins.distribution(_logits(0), -0.1)


@given(SEEDS)
def test_entropy_is_shannons_in_bits(seed: int) -> None:
    probabilities = bins.distribution(_logits(seed))
    expected = entr(probabilities.double().numpy()).sum(axis=1) / math.log(2)
    np.testing.assert_allclose(bins.entropy(probabilities), expected, atol=1e-4)


def test_entropy_of_certainty_is_0_and_of_ignorance_log2_313() -> None:
    certain = bins.distribution(_logits(0), 0)
    assert bins.entropy(certain).abs().max() == 0
    uniform = torch.full((1, 313, 1, 1), 1 / 313)
    assert bins.entropy(uniform).item() == pytest.approx(math.log2(313), abs=1e-5)


@given(PRIORS)
def test_smoothing_keeps_mass_and_is_the_blur_of_each_bins_own_mass(masses: dict[int, float]) -> None:
    prior = _prior(masses)
    centers = bins.BINS.astype(np.float64)
    expected = np.zeros(313)
    for mass, center in zip(prior.double().numpy(), centers, strict=True):
        kernel = np.exp(-((centers - center) ** 2).sum(axis=1) / (2 * 5.0**2))
        expected += mass * kernel / kernel.sum()
    smoothed = bins.smooth(prior, CENTERS)
    assert smoothed.sum().item() == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(smoothed, expected, atol=1e-6)


@given(PRIORS, st.floats(0.01, 1))
def test_weights_sum_to_1_under_the_prior_and_fall_as_the_prior_rises(masses: dict[int, float], uniform: float) -> None:
    prior = _prior(masses).clamp_min(1e-6)
    prior = prior / prior.sum()
    weights = bins.rebalancing_weights(prior, uniform)
    assert (prior * weights).sum().item() == pytest.approx(1, abs=1e-4)
    ordered = weights[prior.argsort()].double()
    assert (ordered.diff() <= 1e-6 * ordered[1:]).all()


def test_weights_are_the_papers_formula() -> None:
    prior = bins.smooth(_prior({i: float(i % 17) for i in range(313)}), CENTERS).double()
    weights = 1 / (0.5 * prior + 0.5 / 313)
    torch.testing.assert_close(bins.rebalancing_weights(prior, 0.5), weights / (prior * weights).sum())


def test_lambda_1_is_no_rebalancing_and_lambda_0_stays_finite() -> None:
    prior = torch.zeros(313)
    prior[0] = 1
    torch.testing.assert_close(bins.rebalancing_weights(prior, 1), torch.ones(313))
    assert torch.isfinite(bins.rebalancing_weights(prior, 0)).all()


@pytest.mark.parametrize("uniform", [-0.1, 1.1, math.nan])
def test_a_lambda_outside_0_to_1_is_refused(uniform: float) -> None:
    with pytest.raises(ValueError, match="Lambda"):
        bins.rebalancing_weights(torch.full((313,), 1 / 313), uniform)


def test_decoding_stays_in_float32_within_autocast() -> None:
    logits = torch.randn(1, 313, 4, 4, generator=torch.Generator().manual_seed(0)) * 3
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = bins.decode(logits, bins.centers())
    assert inside.dtype == torch.float32
    assert torch.equal(inside, bins.decode(logits, bins.centers()))

"""Sampled colorings: their marginals are the network's distributions, and neighbors agree."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from visml.insight import samples
from visml.insight.forward import InsightRefused
from visml.inspector import Inspection

Q, SIDE = 6, 12
CENTERS = torch.tensor([[10.0 * q, -5.0 * q] for q in range(Q)])
LOGITS = torch.tensor(np.random.default_rng(0).normal(size=(Q, SIDE, SIDE)).astype(np.float32))


def draw(coherence: float, count: int = 24, seeds: int = 60, temperature: float = 1.0) -> np.ndarray:
    """Bins drawn, ``(N, h, w)``."""
    many = [samples.samples(LOGITS, CENTERS, count, temperature, coherence, seed) for seed in range(seeds)]
    return np.round(torch.cat(many)[:, 0].numpy() / 10).astype(int)


@pytest.mark.parametrize(("coherence", "temperature"), [(0.0, 1.0), (3.0, 1.0), (3.0, 0.4), (30.0, 1.0)])
def test_every_positions_colors_have_the_networks_distribution(coherence: float, temperature: float) -> None:
    """Chi-square of 1440 draws, at a corner, an edge and inside: beyond 30 with 5 degrees of freedom is 1 in 70,000."""
    drawn = draw(coherence, temperature=temperature)
    for row, column in [(0, 0), (0, 6), (5, 7)]:
        expected = torch.softmax(LOGITS[:, row, column].double() / temperature, dim=0).numpy() * len(drawn)
        counts = np.bincount(drawn[:, row, column], minlength=Q)
        assert ((counts - expected) ** 2 / expected).sum() < 30


def test_neighbors_agree_more_the_more_coherent() -> None:
    agreeing = [float(np.mean(found[:, :, 1:] == found[:, :, :-1])) for found in map(draw, (0.0, 1.0, 4.0))]
    assert agreeing[0] + 0.05 < agreeing[1]
    assert agreeing[1] + 0.05 < agreeing[2]


@settings(max_examples=20, deadline=None)
@given(st.floats(0, 40), st.integers(0, 10**6))
def test_noise_is_what_a_slow_loop_makes_of_the_white_noise(coherence: float, seed: int) -> None:
    found = samples.smooth_noise((2, 5, 7), coherence, seed, 3).numpy()
    white = np.random.default_rng([seed, 3]).standard_normal((2, 5, 7), dtype=np.float32).astype(np.float64)
    for y, x in [(0, 0), (2, 6), (4, 3)]:
        weights = np.zeros((5, 7))
        for j in range(5):
            for i in range(7):
                squared = (j - y) ** 2 + (i - x) ** 2
                weights[j, i] = np.exp(-squared / (2 * coherence**2)) if coherence > 1e-3 else float(squared == 0)
        truth = (weights * white).sum(axis=(1, 2)) / np.sqrt((weights**2).sum())
        np.testing.assert_allclose(found[:, y, x], truth, atol=1e-4)


def test_the_same_seed_gives_the_same_and_another_does_not() -> None:
    one, same, other = (samples.samples(LOGITS, CENTERS, 3, seed=seed) for seed in (5, 5, 6))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert torch.equal(samples.samples(LOGITS, CENTERS, 1, seed=5)[0], one[0])


def test_no_temperature_always_takes_the_likeliest() -> None:
    found = samples.samples(LOGITS, CENTERS, 2, temperature=0.0)
    for each in found:
        np.testing.assert_array_equal(each[0].numpy() / 10, LOGITS.argmax(dim=0))


def test_spread_is_the_root_mean_square_distance_to_the_mean() -> None:
    drawn = torch.tensor(np.random.default_rng(1).normal(size=(5, 2, 3, 4)).astype(np.float32))
    truth = np.sqrt(drawn.numpy().astype(np.float64).var(axis=0).sum(axis=0))
    np.testing.assert_allclose(samples.spread(drawn), truth, rtol=1e-5)


@pytest.mark.parametrize(
    "wrong", [{"count": 0}, {"count": 99}, {"coherence": -1.0}, {"temperature": -1.0}, {"seed": -1}]
)
def test_what_cannot_be_drawn_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InsightRefused):
        samples.samples(LOGITS, CENTERS, **wrong)  # type: ignore[arg-type]


def test_an_inspections_samples_are_bin_centers(opened: Inspection) -> None:
    drawn = opened.samples(count=2, coherence=2.0)
    assert drawn.shape == (2, 2, 56, 56)
    assert drawn.dtype == np.float32
    assert {(float(a), float(b)) for a, b in drawn[0].reshape(2, -1).T} <= {
        tuple(each) for each in opened.centers.tolist()
    }

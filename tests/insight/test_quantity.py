"""Scalars of an output against slow loops in float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from visml.color import bins
from visml.insight.forward import InsightRefused
from visml.insight.quantity import LogOdds, LogProbability, Shift
from visml.insight.region import Region, weights

LOGITS = torch.randn(2, 313, 4, 5, generator=torch.Generator().manual_seed(3)) * 2
WEIGHTS = weights(Region(2, 1, 9, 6).mask(10), 4, 5)


def positions() -> list[tuple[float, np.ndarray, int]]:
    """Weight, logits and photo of every position."""
    return [
        (float(WEIGHTS[y, x]), LOGITS[n, :, y, x].double().numpy(), n)
        for n in range(2)
        for y in range(4)
        for x in range(5)
    ]


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()


def test_shift_is_the_mean_color_along_a_direction() -> None:
    slow = np.zeros(2)
    for weight, logits, photo in positions():
        a, b = softmax(logits / 0.38) @ np.array(bins.BINS, dtype=float)
        slow[photo] += weight * (a * 3 + b * -4) / 5
    found = Shift(3, -4).of(LOGITS, bins.centers(), WEIGHTS)
    np.testing.assert_allclose(found.numpy(), slow, rtol=1e-4, atol=1e-4)


def test_log_probability_and_log_odds() -> None:
    probability, odds = np.zeros(2), np.zeros(2)
    for weight, logits, photo in positions():
        shares = softmax(logits)
        probability[photo] += weight * np.log(shares[7])
        odds[photo] += weight * (np.log(shares[7]) - np.log(shares[200]))
    centers = bins.centers()
    np.testing.assert_allclose(LogProbability(7).of(LOGITS, centers, WEIGHTS).numpy(), probability, rtol=1e-5)
    np.testing.assert_allclose(LogOdds(7, 200).of(LOGITS, centers, WEIGHTS).numpy(), odds, rtol=1e-4, atol=1e-5)


def test_shift_of_a_network_that_gives_ab_reads_no_temperature() -> None:
    ab = LOGITS[:, :2]
    found = Shift(0, 2, temperature=0).of(ab, None, WEIGHTS)
    np.testing.assert_allclose(found.numpy(), (ab[:, 1] * WEIGHTS).sum(dim=(1, 2)).numpy(), rtol=1e-5)


def test_what_there_is_none_of_is_refused() -> None:
    centers = bins.centers()
    with pytest.raises(InsightRefused, match="has no bins"):
        LogProbability(0).of(LOGITS[:, :2], None, WEIGHTS)
    with pytest.raises(InsightRefused, match="from 0 to 312"):
        LogOdds(0, 313).of(LOGITS, centers, WEIGHTS)
    with pytest.raises(InsightRefused, match="other than 0"):
        Shift(0, 0).of(LOGITS, centers, WEIGHTS)
    with pytest.raises(InsightRefused, match="no gradient"):
        Shift(1, 0, temperature=0).of(LOGITS, centers, WEIGHTS)

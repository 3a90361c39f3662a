"""Probes against closed forms, slow loops and the prior."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from visml.color import bins
from visml.insight.probes import PENALTY, Logistic, Moments, Pool, folded, inverse_deviation

FEATURES = 7


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    """Correlated features of very different sizes, one of them constant."""
    random = np.random.default_rng(3)
    mixed = random.normal(size=(500, FEATURES)) @ random.normal(size=(FEATURES, FEATURES))
    mixed = np.maximum(mixed * 10.0 ** np.arange(-1, 2, 0.45)[:FEATURES], 0) + 0.5
    mixed[:, 4] = 2
    return mixed.astype(np.float32)


@pytest.fixture(scope="module")
def colors(rows: np.ndarray) -> np.ndarray:
    random = np.random.default_rng(4)
    told = (rows - rows.mean(0)) @ random.normal(size=(FEATURES, 2))
    return np.clip(told + random.normal(scale=8, size=(len(rows), 2)), -80, 80).astype(np.float32)


def moments_of(rows: np.ndarray, colors: np.ndarray, parts: int) -> Moments:
    gathered = Moments(FEATURES, 2)
    for some, ab in zip(np.array_split(rows, parts), np.array_split(colors, parts), strict=True):
        gathered.add(torch.tensor(some), torch.tensor(ab))
    return gathered


@pytest.mark.parametrize("parts", [1, 13])
def test_the_ridge_is_least_squares_with_rows_for_the_penalty(rows: np.ndarray, colors: np.ndarray, parts: int) -> None:
    weight, bias = moments_of(rows, colors, parts).ridge(PENALTY)
    x, y = rows.astype(np.float64), colors.astype(np.float64)
    deviation = x.std(axis=0)
    deviation[4] = np.inf
    standardized = (x - x.mean(axis=0)) / deviation
    system = np.vstack([standardized, np.sqrt(PENALTY * len(x)) * np.eye(FEATURES)])
    truth = np.linalg.lstsq(system, np.vstack([y - y.mean(axis=0), np.zeros((FEATURES, 2))]))[0]
    np.testing.assert_allclose(weight.numpy(), truth.T, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(bias.numpy(), y.mean(axis=0), rtol=1e-9)


def test_a_feature_that_does_not_vary_is_not_read(rows: np.ndarray, colors: np.ndarray) -> None:
    gathered = moments_of(rows, colors, 1)
    assert gathered.scale[4] == 0
    assert folded(*gathered.ridge(), gathered.mean, gathered.scale).weight[:, 4].tolist() == [0, 0]


def test_cosines_are_those_of_all_rows(rows: np.ndarray, colors: np.ndarray) -> None:
    x = rows.astype(np.float64)
    lengths = np.linalg.norm(x, axis=0)
    np.testing.assert_allclose(moments_of(rows, colors, 5).cosines(), x.T @ x / np.outer(lengths, lengths), rtol=1e-9)
    silent = Moments(3)
    silent.add(torch.tensor([[1.0, 0.0, 2.0]]))
    assert silent.cosines()[1].tolist() == [0, 0, 0]


def test_folding_gives_a_probe_of_raw_features(rows: np.ndarray) -> None:
    x = torch.tensor(rows)
    mean, scale = x.double().mean(0), inverse_deviation(x.double().std(0, correction=0))
    weight, bias = torch.randn(5, FEATURES, dtype=torch.float64), torch.randn(5, dtype=torch.float64)
    probe = folded(weight, bias, mean, scale)
    assert torch.equal(probe.weight, probe.weight.half().float())
    truth = ((x.double() - mean) * scale) @ weight.T + bias
    found = probe(x.T.reshape(1, FEATURES, 20, 25))
    assert found.shape == (1, 5, 20, 25)
    torch.testing.assert_close(found[0].flatten(1).T.double(), truth, rtol=2e-3, atol=2e-2)
    middle = probe(mean.float().reshape(1, FEATURES, 1, 1))[0, :, 0, 0]
    torch.testing.assert_close(middle.double(), bias, rtol=0, atol=1e-4)


@pytest.fixture(scope="module")
def pool() -> Pool:
    """Colors that a linear probe can tell from the features."""
    random = torch.Generator().manual_seed(1)
    features = torch.rand(600, 4, generator=random)
    ab = torch.stack([80 * (features[:, 0] - 0.5), 80 * (features[:, 1] - 0.5)], dim=1)
    filled = Pool.of(1000, 4)
    filled.add(features, ab)
    return filled


def slow_loss(logistic: Logistic, features: torch.Tensor, ab: torch.Tensor) -> float:
    """Mean cross entropy, row by row in float64, the five nearest bins found among all."""
    centers, total = bins.BINS.astype(np.float64), 0.0
    for row, color in zip(features.double().numpy(), ab.double().numpy(), strict=True):
        logits = logistic.weight.detach().double().numpy() @ ((row - logistic.mean.numpy()) * logistic.scale.numpy())
        logits = logits + logistic.bias.detach().double().numpy()
        logs = logits - np.log(np.exp(logits - logits.max()).sum()) - logits.max()
        squared = ((centers - color) ** 2).sum(axis=1)
        near = np.argsort(squared)[:5]
        shares = np.exp(-squared[near] / 50)
        total -= (shares / shares.sum()) @ logs[near]
    return float(total / len(ab))


def test_the_logistic_begins_at_the_prior_falls_and_beats_it(pool: Pool) -> None:
    random = torch.Generator().manual_seed(2)
    features, ab = pool.features[:600], pool.ab[:600]
    logistic = Logistic(pool, bins.centers(), 300)
    prior = float(logistic.loss(features, ab).detach())
    index, share = bins.soft_encode(ab.T[None, :, :, None], bins.centers())
    counts = np.zeros(313)
    np.add.at(counts, index.numpy().ravel(), share.numpy().ravel())
    p = counts[counts > 0] / counts.sum()
    assert prior == pytest.approx(-(p * np.log(p)).sum(), abs=0.01), "the entropy of the mean distribution"
    losses = [logistic.step(*pool.draw(128, random)) for _ in range(300)]
    assert np.mean(losses[-30:]) < np.mean(losses[:30]) - 0.3
    end = float(logistic.loss(features, ab).detach())
    assert end < prior - 0.5
    assert end == pytest.approx(slow_loss(logistic, features[:40], ab[:40]), rel=0.3)
    few = float(logistic.loss(features[:40], ab[:40]).detach())
    assert few == pytest.approx(slow_loss(logistic, features[:40], ab[:40]), rel=1e-4)


def test_a_pool_keeps_the_rows_seen_last() -> None:
    kept = Pool.of(5, 1)
    for start in (0, 3, 6):
        numbers = torch.arange(start, start + 3.0)
        kept.add(numbers[:, None], numbers[:, None].expand(-1, 2))
    assert len(kept) == 5
    assert sorted(kept.features.flatten().tolist()) == [4, 5, 6, 7, 8]
    rows, ab = kept.draw(50, torch.Generator().manual_seed(0))
    assert torch.equal(rows.expand(-1, 2), ab)

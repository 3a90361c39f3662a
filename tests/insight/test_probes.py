"""Probes against closed forms, slow loops and the prior."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from visml.color import bins
from visml.insight.probes import PENALTY, Logistic, Moments, Pool, Probe, inverse_deviation

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
    probe = moments_of(rows, colors, parts).ridge(PENALTY)
    x, y = rows.astype(np.float64), colors.astype(np.float64)
    deviation = x.std(axis=0)
    deviation[4] = np.inf
    standardized = (x - x.mean(axis=0)) / deviation
    system = np.vstack([standardized, np.sqrt(PENALTY * len(x)) * np.eye(FEATURES)])
    truth = np.linalg.lstsq(system, np.vstack([y - y.mean(axis=0), np.zeros((FEATURES, 2))]))[0]
    np.testing.assert_allclose(probe.weight, truth.T, rtol=5e-4, atol=1e-6, err_msg="but for float16")
    np.testing.assert_allclose(probe.bias, y.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(probe.mean, x.mean(axis=0), rtol=1e-6)
    assert np.delete(probe.scale, 4) == pytest.approx(1 / np.delete(deviation, 4), rel=1e-6)


def test_a_feature_that_does_not_vary_is_not_read(rows: np.ndarray, colors: np.ndarray) -> None:
    probe = moments_of(rows, colors, 1).ridge()
    assert probe.scale[4] == 0
    assert probe.weight[:, 4].tolist() == [0, 0]


def test_cosines_are_those_of_all_rows(rows: np.ndarray, colors: np.ndarray) -> None:
    x = rows.astype(np.float64)
    lengths = np.linalg.norm(x, axis=0)
    np.testing.assert_allclose(moments_of(rows, colors, 5).cosines(), x.T @ x / np.outer(lengths, lengths), rtol=1e-9)
    silent = Moments(3)
    silent.add(torch.tensor([[1.0, 0.0, 2.0]]))
    assert silent.cosines()[1].tolist() == [0, 0, 0]


def test_a_probe_reads_each_position(rows: np.ndarray) -> None:
    x = torch.tensor(rows).double()
    mean, scale = x.mean(0), inverse_deviation(x.std(0, correction=0))
    weight, bias = torch.randn(5, FEATURES, dtype=torch.float64), torch.randn(5, dtype=torch.float64)
    probe = Probe.of(weight, bias, mean, scale)
    assert torch.equal(probe.weight, probe.weight.half().float())
    found = probe(x.float().T.reshape(1, FEATURES, 20, 25))
    assert found.shape == (1, 5, 20, 25)
    truth = ((x - mean) * scale) @ weight.T + bias
    torch.testing.assert_close(found[0].flatten(1).T.double(), truth, rtol=2e-3, atol=2e-2)


@pytest.mark.parametrize("unit", [1e-9, 1e-4, 1, 1e7])
def test_no_unit_of_the_features_is_too_small_or_too_large(rows: np.ndarray, colors: np.ndarray, unit: float) -> None:
    """Weights of raw features may lie far outside what float16 holds."""
    found = moments_of((rows * unit).astype(np.float32), colors, 3).ridge()
    maps = torch.tensor((rows * unit).astype(np.float32)).T.reshape(1, FEATURES, 20, 25)
    truth = moments_of(rows, colors, 1).ridge()(torch.tensor(rows).T.reshape(1, FEATURES, 20, 25))
    torch.testing.assert_close(found(maps), truth, rtol=1e-3, atol=0.05)


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


def test_a_pool_keeps_each_row_as_likely_as_any_other() -> None:
    """200 pools of 20 out of 100 rows that came in parts: each row is in a fifth of them."""
    counts, random = np.zeros(100), torch.Generator().manual_seed(7)
    for _ in range(200):
        kept = Pool(torch.empty(20, 1), torch.empty(20, 2), _random=random)
        for part in torch.arange(100.0).split(9):
            kept.add(part[:, None], part[:, None].expand(-1, 2))
        assert (len(kept), kept.seen) == (20, 100)
        assert torch.equal(kept.features.expand(-1, 2), kept.ab), "features and colors stay together"
        rows = kept.features.flatten().long().numpy()
        assert len(set(rows)) == 20
        counts[rows] += 1
    assert abs(counts.mean() - 40) < 1e-9
    assert counts.min() > 15
    assert counts.max() < 68
    assert abs(counts[:20].mean() - counts[80:].mean()) < 6, "the first are as likely as the last"


def test_a_pool_with_room_keeps_all_in_order() -> None:
    kept, rows = Pool.of(8, 1), torch.arange(6.0)[:, None]
    kept.add(rows[:4], rows[:4].expand(-1, 2))
    kept.add(rows[4:], rows[4:].expand(-1, 2))
    assert torch.equal(kept.features[: len(kept)], rows)
    drawn, ab = kept.draw(50, torch.Generator().manual_seed(0))
    assert torch.equal(drawn.expand(-1, 2), ab)
    assert set(drawn.flatten().tolist()) == {0, 1, 2, 3, 4, 5}


def test_the_logistic_finds_the_minimum(pool: Pool) -> None:
    """Of the penalized loss over all rows, which is convex: against Newton-like steps by L-BFGS in float64."""
    features, ab = pool.features[: len(pool)], pool.ab[: len(pool)]
    small = Pool(features[:400], ab[:400], 400)
    logistic, random = Logistic(small, bins.centers(), 800), torch.Generator().manual_seed(0)
    for _ in range(800):
        logistic.step(*small.draw(256, random))

    index, share = bins.soft_encode(small.ab.T[None, :, :, None], bins.centers())
    target = torch.zeros(400, 313, dtype=torch.float64).scatter_add_(
        1, index[0, :, :, 0].T, share[0, :, :, 0].T.double()
    )
    standardized = (small.features.double() - logistic.mean) * logistic.scale
    weight = torch.zeros(313, standardized.shape[1], dtype=torch.float64, requires_grad=True)
    bias = torch.zeros(313, dtype=torch.float64, requires_grad=True)

    def value(weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        logs = (standardized @ weight.T + bias).log_softmax(dim=1)
        return -(target * logs).sum(dim=1).mean() + PENALTY * weight.square().sum()

    best = torch.optim.LBFGS([weight, bias], max_iter=300, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        best.zero_grad()
        loss = value(weight, bias)
        loss.backward()
        return loss

    best.step(closure)
    with torch.no_grad():
        start = value(torch.zeros_like(weight), torch.log(target.mean(0) + 1e-6))
        least, found = value(weight, bias), value(logistic.weight.double(), logistic.bias.double())
    assert least <= found + 1e-6
    assert found - least < 0.03 * (start - least)

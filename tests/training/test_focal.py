"""The focal loss against its formula, pixel by pixel in float64, and against what it comes from."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import log_softmax
from skimage.color import rgb2lab

from tests.training.fixed import CUTS, Fixed, batch
from tests.training.learning import EDGES, edge_errors, learned
from visml.color import bins
from visml.models.regression import Regression
from visml.models.zhang16 import Zhang16
from visml.training.objectives.cross_entropy import CrossEntropy, CrossEntropySettings, Encoded, cross_entropy
from visml.training.objectives.focal import Focal, FocalSettings, focal
from visml.training.tables import RecipeRefused

CENTERS = bins.centers()
PRIOR = torch.rand(313, generator=torch.Generator().manual_seed(1)).softmax(dim=0)
LOGITS = 3 * torch.randn(3, 313, 8, 8, generator=torch.Generator().manual_seed(2))


def losses(logits: torch.Tensor = LOGITS, **settings: float) -> dict[str, float]:
    objective = Focal(FocalSettings(**settings), PRIOR, CENTERS)  # type: ignore[arg-type]
    return {name: loss.item() for name, loss in objective(Fixed(logits), batch()).items()}


def _slow_losses(gamma: float, neighbors: int = 5) -> tuple[float, float]:
    """The focal loss, and the squared error of the expected color."""
    weights = bins.rebalancing_weights(bins.smooth(PRIOR, CENTERS), 0.5).double().numpy()
    total = distance = 0.0
    for picture, rgb in enumerate(CUTS):
        colors = rgb2lab(rgb.astype(np.float64) / 255)[2::4, 2::4, 1:]
        if np.abs(colors).max() <= 5:
            continue
        for y, x in np.ndindex(8, 8):
            squared = ((bins.BINS - colors[y, x]) ** 2).sum(axis=1)
            nearest = squared.argsort()[:neighbors]
            target = np.exp(-squared[nearest] / 50)
            target /= target.sum()
            log_probability = log_softmax(LOGITS.double().numpy()[picture, :, y, x])
            entropy = -(target * np.log(target)).sum()
            each = -(target * log_probability[nearest]).sum()
            total += weights[nearest[0]] * (1 - np.exp(entropy - each)) ** gamma * each
            expected = np.exp(log_probability) @ bins.BINS
            distance += 0.5 * (((expected - colors[y, x]) / 110) ** 2).sum()
    return total / (len(CUTS) * 64), distance / (len(CUTS) * 64)


@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_the_loss_is_its_formula_in_the_mean(gamma: float) -> None:
    found = losses(gamma=gamma, l2=7.0)
    focal_loss, distance = _slow_losses(gamma)
    assert set(found) == {"focal", "l2"}
    assert found["focal"] == pytest.approx(focal_loss, rel=1e-4)
    assert found["l2"] == pytest.approx(7 * distance, rel=1e-4)


def test_without_gamma_it_is_the_cross_entropy_and_without_a_weight_there_is_no_l2() -> None:
    plain = CrossEntropy(CrossEntropySettings(), PRIOR, CENTERS)
    expected = plain(Fixed(LOGITS), batch())["cross_entropy"].item()
    assert losses(gamma=0.0) == {"focal": pytest.approx(expected, rel=1e-6)}


@given(probability=st.floats(1e-3, 0.999), gamma=st.floats(0, 5))
def test_of_a_hard_target_it_is_equation_5(probability: float, gamma: float) -> None:
    logits = torch.tensor([probability, 1 - probability], dtype=torch.float64).log().view(1, 2, 1, 1)
    hard = Encoded(torch.zeros(1, 1, 1, 1, dtype=torch.int64), torch.ones(1, 1, 1, 1), torch.ones(1, 1, 1))
    expected = -((1 - probability) ** gamma) * np.log(probability)
    assert focal(logits, hard, gamma).item() == pytest.approx(expected, rel=1e-6)


@settings(deadline=None)
@given(shares=st.lists(st.floats(0.01, 1), min_size=5, max_size=5), seed=st.integers(0, 2**31))
def test_it_is_lowest_where_the_network_gives_the_target_itself(shares: list[float], seed: int) -> None:
    share = torch.tensor(shares, dtype=torch.float64)
    share = share / share.sum()
    encoded = Encoded(torch.arange(5).view(1, 5, 1, 1), share.view(1, 5, 1, 1), torch.ones(1, 1, 1))
    logits = torch.full((1, 9, 1, 1), -40.0, dtype=torch.float64)
    logits[0, :5, 0, 0] = share.log()
    at_target = focal(logits, encoded, 2.0).item()
    noise = torch.randn(logits.shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    noise[:, 5:] = 0
    assert at_target < 1e-10
    assert focal(logits + 0.1 * noise, encoded, 2.0).item() > at_target
    assert cross_entropy(logits, encoded).item() > 0  # which is the target's own entropy there


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0])
def test_its_slope_is_finite_even_where_the_target_is_hit(gamma: float) -> None:
    encoded = Encoded(torch.arange(2).view(1, 2, 1, 1), torch.full((1, 2, 1, 1), 0.5), torch.ones(1, 1, 1))
    logits = torch.tensor([0.0, 0.0, -200.0]).view(1, 3, 1, 1).requires_grad_()
    focal(logits, encoded, gamma).sum().backward()
    assert logits.grad is not None
    assert logits.grad.isfinite().all()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [({"gamma": -1.0}, "gamma"), ({"l2": -1.0}, "l2"), ({"uniform": 2.0}, "uniform"), ({"neighbors": 0}, "neighbors")],
)
def test_impossible_settings_are_refused_by_name(values: dict[str, float], sentence: str) -> None:
    with pytest.raises(RecipeRefused, match=sentence):
        FocalSettings(**values)  # type: ignore[arg-type]


def test_a_network_without_bins_is_refused() -> None:
    with pytest.raises(RecipeRefused, match="'focal' needs bins, and 'regression' has none"):
        Focal.check(Regression(1 / 32))
    Focal.check(Zhang16(1 / 32))


def test_one_picture_is_learned_up_to_its_edge() -> None:
    """The loss falls to nothing, the cross-entropy only to the entropy of the targets."""
    uniform = torch.full((313,), 1 / 313)
    objective = Focal(FocalSettings(l2=10.0), uniform, CENTERS)
    torch.manual_seed(0)
    model = learned(Zhang16(1 / 16), objective, EDGES, steps=120, lr=5e-3)
    near, away = edge_errors(model)
    assert max(near, away) < 5
    with torch.no_grad():
        assert sum(objective(model, EDGES).values()) < 0.2
        plain = CrossEntropy(CrossEntropySettings(), uniform, CENTERS)(model, EDGES)["cross_entropy"].item()
    assert plain > 0.5

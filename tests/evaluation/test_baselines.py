from __future__ import annotations

import numpy as np
import pytest
import torch

from visml.color.bins import BINS
from visml.evaluation import baselines

LIGHTNESS = torch.rand(2, 1, 6, 5) * 100


def test_gray_has_no_color() -> None:
    painted = baselines.gray()(LIGHTNESS)
    assert painted.shape == (2, 2, 6, 5)
    assert painted.abs().max() == 0


def test_training_mean_is_the_mean_color_of_the_prior() -> None:
    prior = np.zeros(len(BINS))
    first, second = (next(i for i, center in enumerate(BINS.tolist()) if center == ab) for ab in ([10, 20], [-30, 0]))
    prior[first], prior[second] = 0.75, 0.25
    painted = baselines.training_mean(prior)(LIGHTNESS)
    assert painted.shape == (2, 2, 6, 5)
    assert painted[:, 0].unique().tolist() == pytest.approx([0.75 * 10 + 0.25 * -30])
    assert painted[:, 1].unique().tolist() == pytest.approx([0.75 * 20])

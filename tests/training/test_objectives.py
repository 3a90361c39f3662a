"""The class-rebalanced cross-entropy against the paper's formula, pixel by pixel in float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import log_softmax
from skimage.color import rgb2lab

from tests.training.fixed import CUTS, Fixed, batch
from visml.color import bins
from visml.training import objectives
from visml.training.objectives.cross_entropy import CrossEntropy, CrossEntropySettings
from visml.training.tables import RecipeRefused

CENTERS = bins.centers()


def _slow_loss(logits: np.ndarray, weights: np.ndarray) -> float:
    total = 0.0
    for picture, rgb in enumerate(CUTS):
        colors = rgb2lab(rgb.astype(np.float64) / 255)[2::4, 2::4, 1:]
        if np.abs(colors).max() <= 5:
            continue
        for y, x in np.ndindex(8, 8):
            squared = ((bins.BINS - colors[y, x]) ** 2).sum(axis=1)
            five = squared.argsort()[:5]
            target = np.exp(-squared[five] / 50)
            target /= target.sum()
            log_probability = log_softmax(logits[picture, :, y, x])
            total -= weights[five[0]] * (target * log_probability[five]).sum()
    return total / (len(CUTS) * 64)


@pytest.mark.parametrize("uniform", [0.5, 1.0])
def test_the_loss_is_the_papers(uniform: float) -> None:
    prior = torch.rand(313, generator=torch.Generator().manual_seed(1))
    prior = prior / prior.sum()
    logits = torch.randn(3, 313, 8, 8, generator=torch.Generator().manual_seed(2))
    objective = CrossEntropy(CrossEntropySettings(uniform=uniform), prior, CENTERS)
    loss = objective(Fixed(logits), batch())["cross_entropy"].item()
    weights = bins.rebalancing_weights(bins.smooth(prior, CENTERS), uniform).double().numpy()
    assert loss == pytest.approx(_slow_loss(logits.double().numpy(), weights), rel=1e-4)


def test_an_unknown_objective_is_refused_by_name() -> None:
    with pytest.raises(RecipeRefused, match=r"'magic'.*cross_entropy"):
        objectives.kind("magic")

"""The class-rebalanced cross-entropy against the paper's formula, pixel by pixel in float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import log_softmax
from skimage import data
from skimage.color import rgb2lab

from visml.color import bins
from visml.training import objectives, recipe

CENTERS = bins.centers()
CUTS = np.stack(
    [data.coffee()[100:132, 200:232], data.astronaut()[:32, :32], data.camera()[:32, :32, None].repeat(3, 2)]
)


class Fixed(torch.nn.Module):
    """A network that always says the same."""

    def __init__(self, logits: torch.Tensor) -> None:
        super().__init__()
        self.logits = logits

    def forward(self, lightness: torch.Tensor) -> torch.Tensor:
        return self.logits


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
    objective = objectives.build(recipe.Objective(uniform=uniform), prior, CENTERS)
    rgb = torch.from_numpy(CUTS.transpose(0, 3, 1, 2).copy())
    loss = objective(Fixed(logits), rgb)["cross_entropy"].item()
    weights = bins.rebalancing_weights(bins.smooth(prior, CENTERS), uniform).double().numpy()
    assert loss == pytest.approx(_slow_loss(logits.double().numpy(), weights), rel=1e-4)


def test_an_unknown_objective_is_refused_by_name() -> None:
    with pytest.raises(recipe.RecipeRefused, match=r"'magic'.*cross_entropy"):
        objectives.build(recipe.Objective(name="magic"), torch.full((313,), 1 / 313), CENTERS)

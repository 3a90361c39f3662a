"""The squared error of ab against a loop over positions, in float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from skimage.color import rgb2lab

from tests.training.fixed import CUTS, Fixed, batch
from tests.training.learning import EDGES, edge_errors, learned
from visml.color import bins
from visml.models.regression import Regression
from visml.models.zhang16 import Zhang16
from visml.training.objectives.base import NoSettings
from visml.training.objectives.l2 import L2
from visml.training.tables import RecipeRefused

PRIOR = torch.full((313,), 1 / 313)


@pytest.fixture
def objective() -> L2:
    return L2(NoSettings(), PRIOR, bins.centers())


def _slow_loss(ab: np.ndarray) -> float:
    total, (height, width) = 0.0, ab.shape[2:]
    for picture, rgb in enumerate(CUTS):
        true = rgb2lab(rgb.astype(np.float64) / 255)[..., 1:]
        if np.abs(true[2::4, 2::4]).max() <= 5:
            continue
        for row, column in np.ndindex(height, width):
            middle = true[int((row + 0.5) * 32 / height), int((column + 0.5) * 32 / width)]
            total += 0.5 * (((ab[picture, :, row, column] - middle) / 110) ** 2).sum()
    return total / (len(CUTS) * height * width)


@pytest.mark.parametrize("size", [(8, 8), (32, 32), (4, 4), (1, 1), (16, 8)])
def test_the_loss_is_half_the_squared_distance_at_the_outputs_own_positions(
    objective: L2, size: tuple[int, int]
) -> None:
    ab = torch.randn(3, 2, *size, generator=torch.Generator().manual_seed(2)) * 40
    losses = objective(Fixed(ab), batch())
    assert set(losses) == {"l2"}
    assert losses["l2"].item() == pytest.approx(_slow_loss(ab.double().numpy()), rel=1e-4)


def test_the_truth_costs_nothing_and_gray_pictures_never_do(objective: L2) -> None:
    true = torch.from_numpy(np.stack([rgb2lab(rgb)[..., 1:] for rgb in CUTS]).transpose(0, 3, 1, 2)).float()
    assert objective(Fixed(true), batch())["l2"].item() < 1e-9
    wrong = true.clone()
    wrong[2] += 50
    assert objective(Fixed(wrong), batch())["l2"].item() < 1e-9


def test_a_network_with_bins_is_refused() -> None:
    with pytest.raises(RecipeRefused, match="'l2' needs a network that gives ab"):
        L2.check(Zhang16(1 / 32))
    L2.check(Regression(1 / 32))


def test_one_picture_is_learned_up_to_its_edge(objective: L2) -> None:
    torch.manual_seed(0)
    model = learned(Regression(1 / 8), objective, EDGES, steps=120, lr=5e-3)
    near, away = edge_errors(model)
    assert max(near, away) < 5
    assert objective(model, EDGES)["l2"].item() < 5**2 / 2 / 110**2

"""The squared error of painted RGB against numpy, and a picture learned by the network that it is for."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.training.fixed import CUTS, batch
from tests.training.learning import BLUE, RED, learned
from visml.color import bins, lab
from visml.models.fully_connected import FullyConnected
from visml.models.regression import Regression
from visml.training.objectives.base import NoSettings
from visml.training.objectives.rgb_l2 import RgbL2
from visml.training.tables import RecipeRefused


class Painted:
    """A network that paints the same picture always."""

    def __init__(self, rgb: torch.Tensor) -> None:
        self.rgb = rgb

    def paint(self, lightness: torch.Tensor) -> torch.Tensor:
        assert lightness.shape == (3, 1, 32, 32)
        return self.rgb


@pytest.fixture
def objective() -> RgbL2:
    return RgbL2(NoSettings(), torch.full((313,), 1 / 313), bins.centers())


@pytest.mark.parametrize("side", [32, 16, 8])
def test_the_loss_is_the_mean_squared_error_of_rgb(objective: RgbL2, side: int) -> None:
    rgb = torch.rand(3, 3, side, side, generator=torch.Generator().manual_seed(2))
    step = 32 // side
    means = (CUTS / 255).reshape(3, side, step, side, step, 3).mean(axis=(2, 4)).transpose(0, 3, 1, 2)
    losses = objective(Painted(rgb), batch())
    assert set(losses) == {"rgb_l2"}
    assert losses["rgb_l2"].item() == pytest.approx(((rgb.double().numpy() - means) ** 2).mean(), rel=1e-5)


def test_a_network_that_paints_nothing_is_refused() -> None:
    with pytest.raises(RecipeRefused, match="cannot train the family 'regression'"):
        RgbL2.check(Regression(1 / 32))
    RgbL2.check(FullyConnected([8]))


def test_one_picture_is_learned_up_to_its_edge(objective: RgbL2) -> None:
    rows = np.array([RED, BLUE], dtype=np.uint8).repeat(16, axis=0)[None, None].repeat(32, axis=1)
    picture = batch(rows)
    torch.manual_seed(0)
    model = learned(FullyConnected([64, 64]), objective, picture, steps=150, lr=5e-3)
    true = lab.rgb_to_lab(picture.rgb.float() / 255)[:, 1:]
    with torch.inference_mode():
        error = (model(lab.lightness(picture.rgb)) - true).square().sum(dim=1).sqrt()[0]
        assert objective(model, picture)["rgb_l2"].item() < 1e-3
    assert float(error[:, 15:17].mean()) < 5
    assert float(error.mean()) < 5

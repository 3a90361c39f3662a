"""What a class-conditioned network learns: two colors of one lightness, told apart by their category alone."""

from __future__ import annotations

import pytest
import torch

from tests.training.learning import learned
from visml.color import bins, lab
from visml.models.conditioned import Conditioned
from visml.models.zhang16 import Zhang16
from visml.training import preparing
from visml.training.crops import Batch
from visml.training.objectives.cross_entropy import CrossEntropy, CrossEntropySettings

COLORS = ((200, 60, 40), (20, 113, 190))  # both of L 46.54
CATEGORIES = ("fire", "sea")


def _ab(color: tuple[int, int, int]) -> torch.Tensor:
    return lab.rgb_to_lab(torch.tensor(color).view(1, 3, 1, 1) / 255)[0, 1:, 0, 0]


@pytest.fixture(scope="module")
def model() -> Conditioned:
    rgb = torch.tensor(COLORS * 4, dtype=torch.uint8)[:, :, None, None].repeat(1, 1, 32, 32)
    prior = torch.full((313,), 1 / 313)
    objective = CrossEntropy(CrossEntropySettings(), prior, bins.centers())
    torch.manual_seed(0)
    trained = learned(Conditioned(1 / 16, CATEGORIES, 0.5), objective, Batch(rgb, torch.tensor([0, 1] * 4)), 100, 5e-3)
    assert isinstance(trained, Conditioned)
    return trained


@pytest.mark.parametrize("name", CATEGORIES)
@pytest.mark.parametrize("shown", COLORS)
def test_the_category_alone_decides_the_color(model: Conditioned, name: str, shown: tuple[int, int, int]) -> None:
    lightness = lab.lightness(torch.tensor(shown, dtype=torch.uint8)[None, :, None, None].repeat(1, 1, 32, 32))
    with torch.inference_mode():
        painted = model.ab(model(lightness, model.category([name]))).mean(dim=(0, 2, 3))
    assert (painted - _ab(COLORS[CATEGORIES.index(name)])).norm() < 20  # the two are 104 apart


def test_without_one_it_takes_both_colors_for_likely(model: Conditioned) -> None:
    lightness = lab.lightness(torch.tensor(COLORS[0], dtype=torch.uint8)[None, :, None, None].repeat(1, 1, 32, 32))
    with torch.inference_mode():
        probabilities = model(lightness).softmax(dim=1).mean(dim=(0, 2, 3))
    for color in COLORS:
        near = (bins.centers() - _ab(color)).norm(dim=1) < 20
        assert probabilities[near].sum() > 0.1


def test_it_begins_as_the_nine_block_network_whose_weights_it_takes() -> None:
    torch.manual_seed(1)
    before, ours = Zhang16(1 / 16).eval(), Conditioned(1 / 16, CATEGORIES).eval()
    assert preparing._take(ours, before.state_dict()) == 1
    lightness = torch.rand(2, 1, 32, 32) * 100
    with torch.inference_mode():
        for category in (None, torch.tensor([0, 1])):
            torch.testing.assert_close(ours(lightness, category), before(lightness))
    assert ours.adopted(ours.state_dict())["trunk.conv1.0.weight"].shape[1] == 3

"""Colors and category at once: the terms by hand, and a picture and its category learned by heart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.special import log_softmax
from skimage import data
from skimage.color import rgb2lab
from torch import Tensor

from tests.training.learning import INDIGO, RED, SMALL, STEADY, halves, prepared
from visml.color import lab
from visml.models.joint import Joint
from visml.models.zhang16 import Zhang16
from visml.training import loop, recipe, targets
from visml.training.crops import Batch
from visml.training.objectives.two_task import TwoTask, TwoTaskSettings
from visml.training.tables import RecipeRefused

NOTHING = torch.empty(0)
RECIPES = Path(__file__).parents[2] / "recipes"
RECIPE = SMALL | {
    "family": "joint",
    "arguments": {"width": 1 / 4, "input_size": 32},
    "objective": {"name": "two_task"},
    "optimizer": STEADY,
}


class Fixed:
    """A network that always gives the same colors and category."""

    def __init__(self, ab: Tensor, logits: Tensor) -> None:
        self.given = ab, logits

    def both(self, lightness: Tensor) -> tuple[Tensor, Tensor]:
        return self.given


def _terms(category: list[int], ab: np.ndarray, logits: np.ndarray, rgb: np.ndarray) -> dict[str, float]:
    objective = TwoTask(TwoTaskSettings(classification=0.5), NOTHING, NOTHING)
    network = Fixed(torch.from_numpy(ab).float(), torch.from_numpy(logits).float())
    batch = Batch(torch.from_numpy(rgb.transpose(0, 3, 1, 2).copy()), torch.tensor(category))
    return {name: loss.item() for name, loss in objective(network, batch).items()}


def test_the_terms_are_those_written_out() -> None:
    random = np.random.default_rng(0)
    rgb = np.stack([data.coffee()[:32, :32], data.chelsea()[:32, :32], data.astronaut()[:32, :32]])
    ab, logits = random.uniform(-50, 50, (3, 2, 16, 16)), random.normal(size=(3, 4))
    true = rgb2lab(rgb.astype(np.float64) / 255)[:, 1::2, 1::2, 1:].transpose(0, 3, 1, 2)
    wrong = -log_softmax(logits, axis=1)
    terms = _terms([2, -1, 0], ab, logits, rgb)
    expected = {"l2": (((ab - true) / 220) ** 2).mean(), "classification": 0.5 * (wrong[0, 2] + wrong[2, 0]) / 2}
    assert terms == pytest.approx(expected, rel=1e-4)
    assert _terms([-1, -1, -1], ab, logits, rgb)["classification"] == 0


def test_a_picture_and_its_category_are_learned_by_heart(tmp_path: Path) -> None:
    """One picture of two colors and its mirror image, told apart by their category."""
    run = prepared(tmp_path, RECIPE)
    assert run.model.categories == ("cats", "people/astronaut")
    rgb = halves(RED, INDIGO, 32)
    batch = Batch(torch.cat([rgb, rgb.flip(3)] * 2), torch.tensor([0, 1, 0, 1]))
    losses = [loop.step(run, batch, rate) for rate in [5e-3] * 90 + [5e-4] * 30]
    assert losses[-1]["l2"] < 0.01 * losses[0]["l2"]
    assert losses[-1]["classification"] < 0.05 * losses[0]["classification"]
    with torch.inference_mode():
        ab, logits = run.averaged.both(lab.lightness(batch.rgb[:2]))  # type: ignore[operator]
    assert logits.argmax(dim=1).tolist() == [0, 1]
    true = targets.at(lab.rgb_to_lab(batch.rgb[:2] / 255)[:, 1:], (16, 16))
    error = (ab - true).abs().mean(dim=(0, 1, 2))
    assert float(error.mean()) < 8
    assert float(error[6:10].max()) < 16  # the four columns at the edge


def test_the_recipe_makes_a_small_file_and_crops_at_the_networks_size() -> None:
    shipped = recipe.load(RECIPES / "joint.toml")
    with torch.device("meta"):
        model = Joint(**shipped.arguments, categories=["some"] * 100)
    assert shipped.data.crop == model.input_size
    assert 2 * sum(value.numel() for value in model.parameters()) < 20e6
    assert shipped.objective.settings.classification == 1 / 300


def test_networks_that_it_cannot_train_are_refused() -> None:
    with torch.device("meta"):
        with pytest.raises(RecipeRefused, match="cannot train the family 'zhang16'"):
            TwoTask.check(Zhang16(1 / 16))
        with pytest.raises(RecipeRefused, match="needs a network that knows categories"):
            TwoTask.check(Joint(1 / 16))
    with pytest.raises(RecipeRefused, match="classification must not be negative"):
        TwoTaskSettings(classification=-1)

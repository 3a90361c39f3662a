"""The adversarial objective: its terms by hand, whose weights they move, and a picture learned by heart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.training.learning import INDIGO, RED, SMALL, STEADY, halves, prepared
from visml.activations.recorder import record
from visml.color import lab
from visml.models.pix2pix import Pix2pix
from visml.models.zhang16 import Zhang16
from visml.training import loop, recipe
from visml.training.crops import Batch
from visml.training.objectives.adversarial import Adversarial, AdversarialSettings
from visml.training.tables import RecipeRefused

NOTHING = torch.empty(0)
RECIPES = Path(__file__).parents[2] / "recipes"
RECIPE = SMALL | {
    "family": "pix2pix",
    "arguments": {"width": 1 / 8, "depth": 5},
    "objective": {"name": "adversarial"},
    "optimizer": STEADY | {"betas": [0.5, 0.999], "clip": 0},
}


def _batch() -> Batch:
    """Four times one picture of two colors, the left one a little lighter."""
    return Batch(halves(RED, INDIGO, 32).repeat(4, 1, 1, 1), torch.full((4,), -1))


class Fixed:
    """A painter that always paints the same and a critic that knows its paintings."""

    def __init__(self, painted: Tensor, on_painted: Tensor, on_real: Tensor) -> None:
        self.painted, self.on_painted, self.on_real = painted, on_painted, on_real

    def paint(self, lightness: Tensor) -> Tensor:
        return self.painted

    def judge(self, lightness: Tensor, rgb: Tensor) -> Tensor:
        return self.on_painted if rgb is self.painted else self.on_real


def test_the_terms_are_the_papers() -> None:
    random = np.random.default_rng(0)
    rgb = random.integers(0, 256, (2, 3, 32, 32), dtype=np.uint8)
    painted = random.random((2, 3, 32, 32))
    on_painted, on_real = random.normal(size=(2, 2, 1, 3, 3))
    network = Fixed(*(torch.from_numpy(each).float() for each in (painted, on_painted, on_real)))
    objective = Adversarial(AdversarialSettings(l1=10), NOTHING, NOTHING)
    batch = Batch(torch.from_numpy(rgb), torch.full((2,), -1))
    real = 1 / (1 + np.exp(-on_real))  # probability, by the critic, that a patch is real
    fake = 1 / (1 + np.exp(-on_painted))
    losses = {**objective(network, batch, "critic"), **objective(network, batch, "")}
    expected = {
        "critic": -(np.log(real).mean() + np.log(1 - fake).mean()) / 2,
        "adversarial": -np.log(fake).mean(),
        "l1": 10 * np.abs(2 * painted - 1 - (rgb / 127.5 - 1)).mean(),
    }
    assert {name: loss.item() for name, loss in losses.items()} == pytest.approx(expected, rel=1e-5)


def test_the_critic_sees_paintings_that_no_gradient_leaves() -> None:
    torch.manual_seed(0)
    model = Pix2pix(1 / 16, 5)
    objective = Adversarial(AdversarialSettings(l1=0), NOTHING, NOTHING)
    objective(model, _batch(), "critic")["critic"].backward()
    painters = [value for name, value in model.named_parameters() if not name.startswith("critic.")]
    assert all(value.grad is None for value in painters)
    assert all(value.grad is not None for value in model.critic.parameters())
    objective(model, _batch(), "")["adversarial"].backward()
    assert any(bool(value.grad.any()) for value in painters if value.grad is not None)


def test_each_turn_moves_its_own_weights_only(tmp_path: Path) -> None:
    run = prepared(tmp_path, RECIPE)
    for turn, optimizer in run.optimizers.items():
        before = {name: value.detach().clone() for name, value in run.model.named_parameters()}
        losses = loop._turn(run, _batch(), 1e-3, turn, optimizer)
        moved = {name for name, value in run.model.named_parameters() if not torch.equal(value, before[name])}
        assert moved
        assert all(name.startswith("critic.") == (turn == "critic") for name in moved)
        assert all(loss.isfinite() for loss in losses.values())
        assert set(losses) == ({"critic"} if turn else {"adversarial", "l1"})


def test_both_turns_compute_in_the_recipes_precision(tmp_path: Path) -> None:
    run = prepared(tmp_path, RECIPE | {"precision": "bf16-mixed"})
    kinds: dict[str, torch.dtype] = {}
    with record(run.model.companions["critic"]) as judged, record(run.model) as painted:
        loop.step(run, _batch(), 1e-3)
        kinds |= {name: value.dtype for name, value in {**painted, **judged}.items()}
    assert {kinds["up1"], kinds["down4"], kinds["verdict"]} == {torch.bfloat16}
    assert kinds["rgb"] == torch.float32


def test_two_colors_are_learned_by_heart_and_do_not_spill(tmp_path: Path) -> None:
    run, batch = prepared(tmp_path, RECIPE), _batch()
    first: dict[str, float] = {}
    for _ in range(110):
        losses = loop.step(run, batch, 4e-3)
        run.at.count(batch, losses)
        first = first or losses
        assert all(np.isfinite(loss) for loss in losses.values())
    assert losses["l1"] < 0.05 * first["l1"]
    with torch.inference_mode():
        ab = run.averaged(lab.lightness(batch.rgb[:1]))
    error = (ab - lab.rgb_to_lab(batch.rgb[:1] / 255)[:, 1:]).abs().mean(dim=(0, 1, 2))
    assert float(error.mean()) < 4
    assert float(error[14:18].max()) < 8  # the four columns at the edge


def test_the_recipe_makes_a_small_file_of_pictures_that_fit() -> None:
    shipped = recipe.load(RECIPES / "pix2pix.toml")
    with torch.device("meta"):
        model = Pix2pix(**shipped.arguments)
    Adversarial.check(model)
    assert shipped.data.crop % model.input_size == 0
    assert 2 * sum(value.numel() for value in model.parameters()) < 20e6
    assert (shipped.optimizer.lr, shipped.optimizer.betas, shipped.objective.settings.l1) == (2e-4, [0.5, 0.999], 100)


def test_a_network_without_a_critic_is_refused() -> None:
    with torch.device("meta"):
        model = Zhang16(1 / 16)
    with pytest.raises(RecipeRefused, match="cannot train the family 'zhang16'"):
        Adversarial.check(model)
    with pytest.raises(RecipeRefused, match="l1 must not be negative"):
        AdversarialSettings(l1=-1)

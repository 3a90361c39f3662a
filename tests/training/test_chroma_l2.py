"""The squared error of scaled chroma against a loop in float64, and what the two networks that it trains learn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from skimage.color import rgb2lab

from tests.training.fixed import CUTS, Fixed, batch
from tests.training.learning import BLUE, RED, learned
from visml.color import bins, lab
from visml.models.autoencoder import Autoencoder
from visml.models.chroma_mean import ChromaMean
from visml.models.zhang16 import Zhang16
from visml.training import recipe
from visml.training.objectives.base import NoSettings
from visml.training.objectives.chroma_l2 import ChromaL2
from visml.training.tables import RecipeRefused

RECIPES = Path(__file__).parents[2] / "recipes"
TRUE = np.stack([rgb2lab(cut.astype(np.float64) / 255)[..., 1:] for cut in CUTS])  # (3, 32, 32, 2)


@pytest.fixture
def objective() -> ChromaL2:
    return ChromaL2(NoSettings(), torch.full((313,), 1 / 313), bins.centers())


@pytest.mark.parametrize("size", [(32, 32), (8, 8), (4, 16), (1, 1)])
def test_a_position_is_held_to_the_mean_of_its_pixels(objective: ChromaL2, size: tuple[int, int]) -> None:
    ab = torch.randn(3, 2, *size, generator=torch.Generator().manual_seed(2)) * 40
    high, wide = 32 // size[0], 32 // size[1]
    total = 0.0
    for picture, channel, row, column in np.ndindex(3, 2, *size):
        mean = TRUE[picture, row * high : (row + 1) * high, column * wide : (column + 1) * wide, channel].mean()
        said = (ab[picture, channel, row, column].item() + 128) / 255
        total += (said - (mean + 128) / 255) ** 2
    losses = objective(Fixed(ab), batch())
    assert set(losses) == {"chroma_l2"}
    assert losses["chroma_l2"].item() == pytest.approx(total / ab.numel(), rel=1e-4)


def test_the_mean_color_of_all_pictures_costs_the_variance_of_their_means(objective: ChromaL2) -> None:
    means = TRUE.mean(axis=(1, 2))
    constant = torch.from_numpy(means.mean(axis=0)).float().view(1, 2, 1, 1).expand(3, -1, -1, -1)
    loss = objective(Fixed(constant), batch())["chroma_l2"].item()
    assert loss == pytest.approx((means / 255).var(axis=0).mean(), rel=1e-4)
    assert loss < objective(Fixed(torch.zeros(3, 2, 1, 1)), batch())["chroma_l2"].item()


def test_gray_pictures_count_as_well(objective: ChromaL2) -> None:
    ab = torch.from_numpy(TRUE.transpose(0, 3, 1, 2).copy()).float()
    assert objective(Fixed(ab), batch())["chroma_l2"].item() < 1e-9
    ab[2] += 51  # the gray one: a fifth of 255 off
    assert objective(Fixed(ab), batch())["chroma_l2"].item() == pytest.approx(0.2**2 / 3, rel=1e-4)


def test_a_network_with_bins_is_refused() -> None:
    with pytest.raises(RecipeRefused, match="'chroma_l2' needs a network that gives ab"):
        ChromaL2.check(Zhang16(1 / 32))
    ChromaL2.check(ChromaMean("small"))


def test_mean_colors_are_learned_by_heart(objective: ChromaL2) -> None:
    random = np.random.default_rng(0)
    tints = np.array([RED, BLUE, (90, 160, 60), (150, 120, 170)])
    rough = random.normal(0, 12, (4, 128, 128, 1)) + random.normal(0, 30, (4, 1, 128, 1))
    pictures = batch((tints[:, None, None] + rough).clip(0, 255).astype(np.uint8))
    torch.manual_seed(0)
    model = learned(ChromaMean("small"), objective, pictures, steps=100, lr=2e-3)
    true = lab.rgb_to_lab(pictures.rgb.float() / 255)[:, 1:].mean(dim=(2, 3))
    with torch.inference_mode():
        error = (model(lab.lightness(pictures.rgb))[..., 0, 0] - true).abs()
        assert objective(model, pictures)["chroma_l2"].item() < 3**2 / 255**2
    assert float(error.max()) < 5
    assert float(true.std(dim=0).min()) > 15, "else one tint would do for all"


@pytest.mark.parametrize(("output", "residual"), [("sigmoid", False), ("tanh", True)])
def test_one_picture_is_learned_up_to_its_edge(objective: ChromaL2, output: str, residual: bool) -> None:
    """With the statistics of this picture: two positions of the code are too few for running ones."""
    picture = batch(np.array([RED, BLUE], dtype=np.uint8).repeat(64, axis=0)[None, None].repeat(64, axis=1))
    torch.manual_seed(0)
    model = learned(Autoencoder("small", output, residual), objective, picture, steps=200, lr=1e-2).train()
    true = lab.rgb_to_lab(picture.rgb.float() / 255)[:, 1:]
    with torch.inference_mode():
        error = (model(lab.lightness(picture.rgb)) - true).square().sum(dim=1).sqrt()[0]
        assert objective(model, picture)["chroma_l2"].item() < 6**2 / 2 / 255**2
    assert float(error[:, 60:68].mean()) < 6
    assert float(error[:, :60].mean() + error[:, 68:].mean()) / 2 < 6


def test_the_recipes_of_the_autoencoder_differ_in_its_output_alone() -> None:
    both = [recipe.load(RECIPES / f"autoencoder-{output}.toml").as_dict() for output in ("sigmoid", "tanh")]
    assert [each["arguments"].pop("output") for each in both] == ["sigmoid", "tanh"]
    assert both[0] == both[1]

"""The recipes of the networks on VGG and nine-block trunks: they can be followed, and their files stay small."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import torch
from skimage import data

from visml import checkpoints
from visml.color import lab
from visml.models import registry
from visml.models.base import Colorizer
from visml.training import objectives, recipe
from visml.training.recipe import Recipe

FOLDER = Path(__file__).parents[2] / "recipes"
NAMES = ("hypercolumn", "hypercolumn-block5", "hypercolumn-nine", "residual_encoder")
LARGEST = 20e6  # bytes of a checkpoint in float16


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_can_be_followed_to_a_small_file(name: str) -> None:
    plan = recipe.load(FOLDER / f"{name}.toml")
    model = registry.build(plan.family, plan.arguments).eval()
    objectives.kind(plan.objective.name).check(model)
    with torch.no_grad():
        ab = model(torch.zeros(1, 1, plan.data.crop, plan.data.crop))
    assert ab.shape == (1, 2, plan.data.crop, plan.data.crop)
    assert 2 * sum(value.numel() for value in model.parameters()) < LARGEST


def test_the_poorer_set_goes_on_from_the_richer_one_and_reads_block_5_alone() -> None:
    rich, poor = (tomllib.loads((FOLDER / f"{name}.toml").read_text()) for name in NAMES[:2])
    assert (rich["arguments"].pop("maps"), poor["arguments"].pop("maps")) == ("blocks", "block5")
    assert poor.pop("start") == "hypercolumn"
    for key in ("arguments", "objective", "family", "batch", "seed"):
        assert rich[key] == poor[key]
    plan = recipe.load(FOLDER / "hypercolumn-block5.toml")
    with torch.device("meta"):
        ours = registry.build(plan.family, plan.arguments).state_dict()
    theirs = checkpoints.load(FOLDER.parent / "checkpoints" / plan.start).state_dict()
    assert all(theirs[name].shape == value.shape for name, value in ours.items())  # the head's for block 5 too


@pytest.fixture(scope="module")
def nine() -> tuple[Recipe, Colorizer]:
    """The recipe that starts from the shipped network, and that network."""
    plan = recipe.load(FOLDER / "hypercolumn-nine.toml")
    return plan, checkpoints.load(FOLDER.parent / "checkpoints" / plan.start)


def test_the_nine_block_trunk_is_wholly_taken_from_the_shipped_network(nine: tuple[Recipe, Colorizer]) -> None:
    plan, shipped = nine
    with torch.device("meta"):
        ours = registry.build(plan.family, plan.arguments).state_dict()
    trunk = {name: value.shape for name, value in ours.items() if name.startswith("trunk.")}
    assert trunk.items() <= {name: value.shape for name, value in shipped.state_dict().items()}.items()
    assert set(ours) - set(trunk) == {"head.bias", *(f"head.parts.conv{block}.weight" for block in range(1, 8))}


def test_colors_start_near_gray_on_the_shipped_trunk(nine: tuple[Recipe, Colorizer]) -> None:
    plan, shipped = nine
    torch.manual_seed(0)
    model = registry.build(plan.family, plan.arguments).eval()
    model.load_state_dict(shipped.state_dict(), strict=False)
    photo = torch.from_numpy(data.coffee()[:384:3, :384:3].transpose(2, 0, 1).copy())[None]
    with torch.no_grad():
        ab = model(lab.lightness(photo))
    assert 0 < float(ab.square().mean().sqrt()) < 20

"""Recipes: the shipped ones are read, unknown or impossible ones are refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from visml.training import recipe

SHIPPED = sorted((Path(__file__).parents[2] / "recipes").glob("*.toml"))
LEAST = {"family": "zhang16", "epochs": 1}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_recipes_are_read_and_survive_json(path: Path) -> None:
    read = recipe.load(path)
    assert recipe.parse(read.as_dict()) == read


def test_every_key_of_a_recipe_arrives(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'family = "zhang16"\nepochs = 3\nbatch = 2\n[arguments]\nwidth = 0.25\n'
        "[data]\ncrop = 64\ncrop_from = [32, 48]\nmirror = false\n[objective]\nuniform = 1\n[optimizer]\nlr = 1e-4\n"
    )
    read = recipe.load(path)
    assert (read.epochs, read.batch, read.arguments, read.seed) == (3, 2, {"width": 0.25}, 0)
    assert (read.data.crop, read.data.crop_from, read.data.mirror) == (64, [32, 48], False)
    assert (read.objective.settings.uniform, read.optimizer.lr) == (1.0, 1e-4)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"epoch": 3}, "unknown key 'epoch'"),
        ({"data": {"corp": 128}}, "unknown key 'data.corp'"),
        ({"epochs": "three"}, "'epochs' must be of type int, not str"),
        ({"epochs": True}, "'epochs' must be of type int, not bool"),
        ({"epochs": 0}, "epochs must be at least 1"),
        ({"data": 3}, "'data' must be a table"),
        ({"data": {"crop": 100}}, "crop must be a multiple of 8"),
        ({"data": {"crop_from": [160, 80]}}, "crop_from"),
        ({"data": {"crop_from": [80]}}, "crop_from"),
        ({"data": {"validation": 1.5}}, "validation must lie between 0 and 1"),
        ({"optimizer": {"betas": [0.9]}}, "betas"),
        ({"objective": {"uniform": 2}}, "uniform"),
    ],
)
def test_a_wrong_recipe_is_refused_by_its_key(change: dict[str, object], sentence: str) -> None:
    with pytest.raises(recipe.RecipeRefused, match=sentence):
        recipe.parse(LEAST | change)


def test_a_missing_key_file_or_broken_toml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(recipe.RecipeRefused, match="'epochs' is missing"):
        recipe.parse({"family": "zhang16"})
    with pytest.raises(recipe.RecipeRefused, match="There is no recipe"):
        recipe.load(tmp_path / "absent.toml")
    (tmp_path / "broken.toml").write_text("epochs = = 3")
    with pytest.raises(recipe.RecipeRefused, match="is not TOML"):
        recipe.load(tmp_path / "broken.toml")

"""Recipes whose results are compared differ in what is compared and in the number of epochs alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from visml.training import recipe

RECIPES = Path(__file__).parents[2] / "recipes"


def _read(name: str) -> dict[str, Any]:
    return recipe.load(RECIPES / f"{name}.toml").as_dict()


@pytest.mark.parametrize(
    ("name", "family", "objective"),
    [
        ("zhang16-plain", "zhang16", {"name": "cross_entropy", "uniform": 1.0}),
        ("zhang16-l2", "regression", {"name": "l2"}),
        ("zhang16-focal", "zhang16", {"name": "focal", "uniform": 0.5, "gamma": 2.0, "l2": 0.0}),
        ("zhang16-focal-l2", "zhang16", {"name": "focal", "uniform": 0.5, "gamma": 2.0, "l2": 100.0}),
        ("conditioned", "conditioned", {"name": "cross_entropy", "uniform": 0.5}),
    ],
)
def test_only_the_loss_and_what_it_needs_differ(name: str, family: str, objective: dict[str, Any]) -> None:
    ours, theirs = _read(name), _read("zhang16")
    assert ours.pop("family") == family
    assert theirs.pop("family") == "zhang16"
    assert ours.pop("epochs") <= theirs.pop("epochs")
    goal, their_goal = ours.pop("objective"), theirs.pop("objective")
    assert ours == theirs
    assert objective.items() <= goal.items()
    assert all(goal[key] == their_goal[key] for key in {"neighbors", "sigma"} & goal.keys())

"""What training lowers: one file an objective, by the name that a recipe gives it."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from visml.models.base import Colorizer
from visml.training import tables
from visml.training.objectives.adversarial import Adversarial
from visml.training.objectives.base import Objective
from visml.training.objectives.blurred import BlurredL2
from visml.training.objectives.chroma_l2 import ChromaL2
from visml.training.objectives.cross_entropy import CrossEntropy
from visml.training.objectives.focal import Focal
from visml.training.objectives.l2 import L2
from visml.training.objectives.rgb_l2 import RgbL2
from visml.training.objectives.two_task import TwoTask

OBJECTIVES: dict[str, type[Objective]] = {
    "adversarial": Adversarial,
    "blurred_l2": BlurredL2,
    "chroma_l2": ChromaL2,
    "cross_entropy": CrossEntropy,
    "focal": Focal,
    "l2": L2,
    "rgb_l2": RgbL2,
    "two_task": TwoTask,
}


def kind(name: str) -> type[Objective]:
    """The objective of that name.

    Raises:
        RecipeRefused: there is none.
    """
    known = ", ".join(sorted(OBJECTIVES))
    tables.check(name in OBJECTIVES, f"there is no objective '{name}'; there are {known}")
    return OBJECTIVES[name]


def build(name: str, settings: Any, model: Colorizer, prior: Tensor, centers: Tensor) -> Objective:
    """The objective of that name, ready for a network; see :class:`Objective`.

    Raises:
        RecipeRefused: it cannot train this network.
    """
    kind(name).check(model)
    return kind(name)(settings, prior, centers)

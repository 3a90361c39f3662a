"""A recipe: everything that decides what a training run makes, read from TOML."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from visml.models.blocks import INITIALIZATIONS
from visml.training import objectives, tables
from visml.training.tables import RecipeRefused, check

SCHEDULES = ("cosine", "step", "constant")


@dataclass(frozen=True)
class Data:
    """Which crops are seen.

    Attributes:
        crop: side of the square the network sees, in pixels; a multiple of 8.
        crop_from: shortest and longest side cut from a picture, in its own pixels, before it is resized to ``crop``.
        mirror: whether every other crop is mirrored, by chance.
        validation: share of the pictures, by hash of their content, kept for validation.
        categories: folders to learn from, with what is below them; all of them when empty.
    """

    crop: int = 128
    crop_from: list[int] = field(default_factory=lambda: [80, 160])
    mirror: bool = True
    validation: float = 0.05
    categories: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        sides = self.crop_from
        check(self.crop > 0 and self.crop % 8 == 0, "crop must be a multiple of 8")
        check(len(sides) == 2 and 0 < sides[0] <= sides[1], "crop_from must be a shortest and a longest side")
        check(0 < self.validation < 1, "validation must lie between 0 and 1")


@dataclass(frozen=True)
class Goal:
    """What is lowered.

    Attributes:
        name: key in ``visml.training.objectives.OBJECTIVES``.
        settings: a value of that objective's ``Settings``.
    """

    name: str = "cross_entropy"
    settings: Any = field(default_factory=lambda: objectives.kind("cross_entropy").Settings())


@dataclass(frozen=True)
class Optimizer:
    """AdamW, warmed up linearly over ``warmup`` steps, then lowered by a schedule.

    Attributes:
        lr: highest learning rate.
        betas: decay of the two moments.
        weight_decay: decoupled weight decay.
        clip: largest norm of the gradient; 0 is no limit.
        warmup: steps.
        schedule: ``cosine`` to 0 at the end, ``step`` by ``gamma`` after each of ``milestones``, or ``constant``.
        milestones: epochs, ascending.
        gamma: factor of a step.
        averaging: decay per step of the averaged weights, which are what is kept; 0 keeps the last weights.
    """

    lr: float = 2e-3
    betas: list[float] = field(default_factory=lambda: [0.9, 0.99])
    weight_decay: float = 1e-2
    clip: float = 1.0
    warmup: int = 200
    schedule: str = "cosine"
    milestones: list[int] = field(default_factory=list)
    gamma: float = 0.1
    averaging: float = 0.998

    def __post_init__(self) -> None:
        check(self.lr > 0, "lr must be above 0")
        check(len(self.betas) == 2 and all(0 <= beta < 1 for beta in self.betas), "betas must be two numbers in 0..1")
        check(self.clip >= 0 and self.weight_decay >= 0 and self.warmup >= 0, "optimizer values must not be negative")
        check(0 <= self.averaging < 1, "averaging must be at least 0 and below 1")
        check(self.schedule in SCHEDULES, f"there is no schedule '{self.schedule}'; there are {', '.join(SCHEDULES)}")
        check(self.milestones == sorted(self.milestones), "milestones must ascend")


@dataclass(frozen=True)
class Recipe:
    """A training run.

    Attributes:
        family: key in the model registry.
        epochs: times every training picture is seen, at most.
        arguments: what the family's builder is given.
        start: name or folder of a checkpoint whose weights are taken where name and shape agree; none when empty.
        initialization: of all other weights: ``he``, ``xavier``, or the family's own when empty.
        batch: pictures a step.
        seed: decides weights, order, crops and mirroring; two runs of one seed on one machine are equal.
        precision: as Lightning Fabric names it, ``32-true`` or ``bf16-mixed``; ``auto`` is the latter where the machine
            multiplies bfloat16 by itself, else the former.
        save_steps: steps between two saved states to resume from.
        patience: epochs without a lower validation loss after which the run ends; 0 never ends it early.
        keep_epochs: epochs whose weights are kept beside the last ones, and can be opened.
        processes: that make every batch together, each on a GPU of its own where there are some; torchrun starts them.
    """

    family: str
    epochs: int
    arguments: dict[str, Any] = field(default_factory=dict)
    start: str = ""
    initialization: str = ""
    batch: int = 64
    seed: int = 0
    precision: str = "32-true"
    save_steps: int = 200
    patience: int = 0
    keep_epochs: list[int] = field(default_factory=list)
    processes: int = 1
    data: Data = field(default_factory=Data)
    objective: Goal = field(default_factory=Goal)
    optimizer: Optimizer = field(default_factory=Optimizer)

    def __post_init__(self) -> None:
        for name in ("epochs", "batch", "save_steps", "processes"):
            check(getattr(self, name) > 0, f"{name} must be at least 1")
        check(self.patience >= 0, "patience must not be negative")
        check(self.processes <= self.batch, "processes must not be more than the pictures of a batch")
        known = ", ".join(INITIALIZATIONS)
        check(self.initialization in ("", *INITIALIZATIONS), f"initialization must be one of {known}")
        check(all(1 <= epoch <= self.epochs for epoch in self.keep_epochs), "keep_epochs must be epochs of the run")

    def as_dict(self) -> dict[str, Any]:
        """The recipe as JSON has it; :func:`parse` reads it back."""
        goal = {"name": self.objective.name} | asdict(self.objective.settings)
        return {name: value for name, value in asdict(self).items() if name != "objective"} | {"objective": goal}


def load(path: Path) -> Recipe:
    """The recipe of a TOML file.

    Raises:
        RecipeRefused: the file cannot be read, or has an unknown key, a missing one or one of the wrong kind.
    """
    try:
        table = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError:
        raise RecipeRefused(f"There is no recipe '{path}'.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeRefused(f"The recipe '{path}' is not TOML: {error}.") from None
    return parse(table)


def parse(table: dict[str, Any]) -> Recipe:
    """The recipe of a table read from TOML or from ``model.json``; raises as :func:`load`."""
    goal = table.get("objective", {})
    check(isinstance(goal, dict), "'objective' must be a table")
    name = goal.get("name", Goal.name)
    check(isinstance(name, str), "'objective.name' must be of type str")
    values = {key: value for key, value in goal.items() if key != "name"}
    settings: Any = tables.build(objectives.kind(name).Settings, values, "objective.")
    recipe = tables.build(Recipe, {key: value for key, value in table.items() if key != "objective"})
    return Recipe(**{**vars(recipe), "objective": Goal(name, settings)})

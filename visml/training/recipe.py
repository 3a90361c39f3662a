"""A recipe: everything that decides what a training run makes, read from TOML."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, field, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from visml.settings import Refused

T = TypeVar("T")
_REQUIRED = {"family", "epochs"}


class RecipeRefused(Refused):
    """A recipe that cannot be followed."""


@dataclass(frozen=True)
class Data:
    """Which crops are seen.

    Attributes:
        crop: side of the square the network sees, in pixels; a multiple of 8.
        crop_from: shortest and longest side cut from a picture, in its own pixels, before it is resized to ``crop``.
        mirror: whether every other crop is mirrored, by chance.
        validation: share of the pictures, by hash of their content, kept for validation.
    """

    crop: int = 128
    crop_from: list[int] = field(default_factory=lambda: [80, 160])
    mirror: bool = True
    validation: float = 0.05


@dataclass(frozen=True)
class Objective:
    """What is lowered.

    Attributes:
        name: key in ``visml.training.objectives.OBJECTIVES``.
        uniform: lambda of the class rebalancing; 1 is none.
        neighbors: bins that share a target color.
        sigma: width of the target's Gaussian, in ab units.
    """

    name: str = "cross_entropy"
    uniform: float = 0.5
    neighbors: int = 5
    sigma: float = 5.0


@dataclass(frozen=True)
class Optimizer:
    """AdamW, warmed up linearly over ``warmup`` steps, then lowered to 0 along a cosine.

    Attributes:
        lr: highest learning rate.
        betas: decay of the two moments.
        weight_decay: decoupled weight decay.
        clip: largest norm of the gradient.
        warmup: steps.
        averaging: decay per step of the averaged weights, which are what is kept.
    """

    lr: float = 2e-3
    betas: list[float] = field(default_factory=lambda: [0.9, 0.99])
    weight_decay: float = 1e-2
    clip: float = 1.0
    warmup: int = 200
    averaging: float = 0.998


@dataclass(frozen=True)
class Recipe:
    """A training run.

    Attributes:
        family: key in the model registry.
        epochs: times every training picture is seen.
        arguments: what the family's builder is given.
        batch: pictures a step.
        seed: decides weights, order, crops and mirroring; two runs of one seed on one machine are equal.
        precision: as Lightning Fabric names it, ``32-true`` or ``bf16-mixed``.
        save_steps: steps between two saved states to resume from.
    """

    family: str
    epochs: int
    arguments: dict[str, Any] = field(default_factory=dict)
    batch: int = 64
    seed: int = 0
    precision: str = "32-true"
    save_steps: int = 200
    data: Data = field(default_factory=Data)
    objective: Objective = field(default_factory=Objective)
    optimizer: Optimizer = field(default_factory=Optimizer)

    def __post_init__(self) -> None:
        data, sides = self.data, self.data.crop_from
        for name in ("epochs", "batch", "save_steps"):
            _check(getattr(self, name) > 0, f"{name} must be at least 1")
        _check(data.crop > 0 and data.crop % 8 == 0, "crop must be a multiple of 8")
        _check(len(sides) == 2 and 0 < sides[0] <= sides[1], "crop_from must be a shortest and a longest side")
        _check(0 < data.validation < 1, "validation must lie between 0 and 1")
        _check(0 <= self.objective.uniform <= 1, "uniform must lie between 0 and 1")
        _check(len(self.optimizer.betas) == 2, "betas must be two numbers")

    def as_dict(self) -> dict[str, Any]:
        """The recipe as JSON has it."""
        return asdict(self)


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
    return _build(Recipe, table, "")


def _build(kind: type[T], table: dict[str, Any], where: str) -> T:
    hints = get_type_hints(kind)
    unknown = sorted(table.keys() - hints.keys())
    known = ", ".join(sorted(hints))
    _check(not unknown, f"unknown key '{where}{''.join(unknown[:1])}'; known are {known}")
    values = {name: _value(hints[name], value, f"{where}{name}") for name, value in table.items()}
    missing = sorted(_REQUIRED & hints.keys() - values.keys())
    _check(not missing, f"'{''.join(missing[:1])}' is missing")
    return kind(**values)


def _value(kind: Any, value: Any, where: str) -> Any:
    if is_dataclass(kind):
        _check(isinstance(value, dict), f"'{where}' must be a table")
        return _build(kind, value, f"{where}.")  # type: ignore[arg-type]
    plain = getattr(kind, "__origin__", kind)
    if plain is float and type(value) is int:
        return float(value)
    _check(type(value) is plain, f"'{where}' must be of type {plain.__name__}, not {type(value).__name__}")
    return value


def _check(holds: bool, sentence: str) -> None:
    if not holds:
        raise RecipeRefused(f"The recipe cannot be followed: {sentence}.")

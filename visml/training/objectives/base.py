"""What every objective is: named loss terms of a batch, and whose weights they move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from torch import Tensor, nn

from visml.models.base import Colorizer
from visml.training import tables
from visml.training.crops import Batch


@dataclass(frozen=True)
class NoSettings:
    """An objective that nothing can be set of."""


class Objective(nn.Module):
    """A network and a batch to named loss terms, the sum of which is lowered.

    A step takes the objective's turns in order, each with an optimizer of its own: all but adversarial training have
    one. A turn moves the weights of the submodule it is named after, the turn "" all that no other turn moves.

    Attributes:
        Settings: dataclass of what a recipe may set under ``[objective]`` beside the name.
        turns: whose weights are moved, in order.
        methods: methods of the network, other than its forward pass, that the objective calls.
    """

    Settings: ClassVar[type] = NoSettings
    turns: ClassVar[tuple[str, ...]] = ("",)
    methods: ClassVar[tuple[str, ...]] = ()

    def __init__(self, settings: Any, prior: Tensor, centers: Tensor) -> None:
        """Keep the settings.

        Args:
            settings: a value of ``Settings``.
            prior: bin probabilities ``(Q,)`` of the training set.
            centers: the bins' centers ``(Q, 2)``.
        """
        super().__init__()
        self.settings = settings

    @classmethod
    def check(cls, model: Colorizer) -> None:
        """Refuse a network that this objective cannot train.

        Raises:
            RecipeRefused: it lacks a method or a part that the objective needs.
        """
        for name in cls.methods:
            tables.check(hasattr(model, name), f"this objective cannot train the family '{model.family}'")
        for turn in filter(None, cls.turns):
            tables.check(hasattr(model, turn), f"the family '{model.family}' has no {turn} to train against")

    def forward(self, network: Any, batch: Batch, turn: str = "") -> dict[str, Tensor]:
        """The loss terms of a turn, each a scalar with its gradient.

        Args:
            network: the colorizer, perhaps wrapped by Fabric.
            batch: crops ``(N, 3, S, S)`` uint8 and their categories, on the network's device.
            turn: one of ``turns``.
        """
        raise NotImplementedError

    def counted(self, batch: Batch, term: str) -> int:
        """How many of a batch's pictures a loss term is the mean over: what it weighs beside other batches' terms."""
        return len(batch.rgb)


def needs_bins(model: Colorizer, name: str) -> None:
    """Refuse a network without bins for an objective of that name."""
    tables.check(model.centers is not None, f"the objective '{name}' needs bins, and '{model.family}' has none")


def needs_ab(model: Colorizer, name: str) -> None:
    """Refuse a network with bins for an objective of that name."""
    tables.check(model.centers is None, f"the objective '{name}' needs a network that gives ab, not bins")

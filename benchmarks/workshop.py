"""What every row may use: how thorough to be, a folder of its own, and networks to measure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from visml import checkpoints
from visml.models import registry
from visml.settings import Refused

ROOT = Path(__file__).resolve().parent.parent
CHECKPOINTS = ROOT / "checkpoints"
RECIPE = ROOT / "recipes" / "zhang16.toml"
FAMILY = "zhang16"
HALF = 0.5


class BenchmarkRefused(Refused):
    """A row that cannot be measured here."""


@dataclass(frozen=True)
class Network:
    """A checkpoint to serve.

    Attributes:
        root: the folder its folder is in.
        name: its folder's name.
        note: what it is, for the table.
    """

    root: Path
    name: str
    note: str


@dataclass(frozen=True)
class Workshop:
    """What every row may use.

    Attributes:
        folder: a folder that is gone afterwards.
        quick: whether a few rounds are enough: a try, not a measurement.
        model: name of the checkpoint that the page rows show.
        width: of the network where its speed is measured.
        data: pictures to train on, None to cut some from scikit-image's photos.
        say: tells how far the row is.
    """

    folder: Path
    quick: bool = False
    model: str = FAMILY
    width: float = 1.0
    data: Path | None = None
    say: Callable[[str], None] = print

    def rounds(self, thorough: int, quick: int) -> int:
        """How often to repeat."""
        return quick if self.quick else thorough

    def fresh(self, name: str) -> Path:
        """A new, empty folder."""
        taken = sum(1 for _ in self.folder.glob(f"{name}-*"))
        made = self.folder / f"{name}-{taken}"
        made.mkdir()
        return made

    def speed_network(self) -> Network:
        """A network of random weights at the width whose speed counts."""
        return self._random(self.width)

    def page_network(self) -> Network:
        """The shipped checkpoint, or one of random weights at half width where none is shipped.

        Raises:
            BenchmarkRefused: a checkpoint was asked for by name and is not there.
        """
        good, _ = checkpoints.list_checkpoints(CHECKPOINTS)
        if any(each.name == self.model for each in good):
            return Network(CHECKPOINTS, self.model, f"checkpoint {self.model}")
        if self.model != FAMILY:
            raise BenchmarkRefused(f"There is no checkpoint '{self.model}'.")
        return self._random(HALF)

    def _random(self, width: float) -> Network:
        root = self.folder / f"random-{width:g}"
        if not root.exists():
            torch.manual_seed(0)
            checkpoints.save(root / FAMILY, registry.build(FAMILY, {"width": width}), {"width": width})
        return Network(root, FAMILY, f"random weights, width {width:g}")

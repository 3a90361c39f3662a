"""A training run as the Training page shows it: arrays over the epochs, from the records of a checkpoint folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from visml.dashboard.records import HISTORY, SAMPLES, Epoch, Samples, Score, read_history, read_samples

if TYPE_CHECKING:
    from visml.checkpoints import Checkpoint

Floats = npt.NDArray[np.float64]
MEASURES = ("accuracy", "relaxed_accuracy")


@dataclass(frozen=True)
class Run:
    """A training run as the page shows it.

    Attributes:
        name: the checkpoint's name.
        epochs: what the history says, ascending.
        samples: the sample colorings, or None.
        categories: names in the order of the rows: the most accurate at the end first.
    """

    name: str
    epochs: tuple[Epoch, ...]
    samples: Samples | None
    categories: tuple[str, ...]

    @property
    def numbers(self) -> npt.NDArray[np.int64]:
        """The epochs' numbers, ``(E,)``."""
        return np.array([epoch.number for epoch in self.epochs], dtype=np.int64)

    def overall(self, measure: str) -> Floats:
        """``accuracy`` or ``relaxed_accuracy`` over the epochs, ``(E,)`` shares, NaN where unknown."""
        return _array([getattr(epoch.overall, measure) for epoch in self.epochs])

    def by_category(self, measure: str) -> Floats:
        """The same per category, ``(C, E)``."""
        unknown = Score(None, None)
        rows = [[getattr(e.categories.get(name, unknown), measure) for e in self.epochs] for name in self.categories]
        return _array(rows).reshape(len(self.categories), len(self.epochs))

    def losses(self) -> dict[str, Floats]:
        """Every loss over the epochs, by name."""
        names = dict.fromkeys(name for epoch in self.epochs for name in epoch.losses)
        return {name: _array([epoch.losses.get(name) for epoch in self.epochs]) for name in names}

    def rates(self) -> Floats:
        """The learning rate at each epoch's end, ``(E,)``."""
        return _array([epoch.lr for epoch in self.epochs])


def signature(folder: Path) -> str:
    """Changes whenever the run has written something the page shows."""
    paths = (folder / HISTORY, folder / SAMPLES / "index.json", folder / "model.json")
    return ".".join(f"{path.stat().st_mtime_ns:x}" if path.is_file() else "0" for path in paths)


def read_run(checkpoint: Checkpoint) -> Run:
    """Everything the page shows of a checkpoint's training."""
    epochs = read_history(checkpoint.folder)
    last = {name: score.accuracy or 0.0 for epoch in epochs for name, score in epoch.categories.items()}
    categories = tuple(sorted(last, key=lambda name: (-last[name], name)))
    return Run(checkpoint.name, epochs, read_samples(checkpoint.folder), categories)


def run_data(run: Run) -> dict[str, Any]:
    """What assets/training*.js read: every number by epoch, and where the samples are."""
    samples = run.samples
    return {
        "model": run.name,
        "epochs": run.numbers.tolist(),
        "series": {
            **{f"loss:{name}": _listed(values) for name, values in run.losses().items()},
            **{measure: _listed(run.overall(measure)) for measure in MEASURES},
            "lr": _listed(run.rates()),
        },
        "categories": list(run.categories),
        "byCategory": {measure: [_listed(row) for row in run.by_category(measure)] for measure in MEASURES},
        "samples": None if samples is None else _index(samples),
    }


def _index(samples: Samples) -> dict[str, Any]:
    return {"epochs": samples.epochs, "photos": samples.photos, "version": samples.version}


def _array(values: Any) -> Floats:
    """Floats, NaN for None."""
    return np.array(values, dtype=np.float64)


def _listed(values: Floats) -> list[float | None]:
    return [float(f"{value:.6g}") if np.isfinite(value) else None for value in values]

"""Training runs as the Training page shows them: arrays over the epochs, from the records of checkpoint folders."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from visml.dashboard import lenient
from visml.dashboard.learning import SWEEP, WEIGHTS
from visml.dashboard.records import HISTORY, SAMPLES, Epoch, Samples, Score, read_history, read_samples

if TYPE_CHECKING:
    from visml.checkpoints import Checkpoint

Floats = npt.NDArray[np.float64]
MEASURES = ("accuracy", "relaxed_accuracy")
MOST = 4  # runs drawn together
STATE = "state.pt"  # there while a run is under way, or stopped


@dataclass(frozen=True)
class Run:
    """A training run as the page shows it.

    Attributes:
        name: the checkpoint's name.
        epochs: what the history says, ascending.
        samples: the sample colorings, or None.
        categories: names in the order of the rows: the most accurate at the end first.
        objective: what was lowered, "" where the description does not say.
        settings: the objective with all that was set of it, as text; equal in runs whose losses compare.
        pictures: what it learned from and was judged on, as text; equal in runs whose accuracies compare.
        kept: epochs whose weights can be opened, each with the model's name, ascending.
        under_way: whether it has not come to its end.
    """

    name: str
    epochs: tuple[Epoch, ...]
    samples: Samples | None
    categories: tuple[str, ...]
    objective: str = ""
    settings: str = ""
    pictures: str = ""
    kept: tuple[tuple[int, str], ...] = ()
    under_way: bool = False

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

    @property
    def terms(self) -> tuple[str, ...]:
        """The names of its loss terms, in the order of the history."""
        return tuple(dict.fromkeys(name for epoch in self.epochs for name in (*epoch.losses, *epoch.validation)))

    def losses(self, term: str) -> Floats:
        """A loss term on training crops over the epochs, ``(E,)``, NaN where unknown."""
        return _array([epoch.losses.get(term) for epoch in self.epochs])

    def validation(self, term: str) -> Floats:
        """A loss term on validation crops over the epochs, ``(E,)``, NaN where unknown."""
        return _array([epoch.validation.get(term) for epoch in self.epochs])

    def rates(self) -> Floats:
        """The learning rate at each epoch's end, ``(E,)``."""
        return _array([epoch.lr for epoch in self.epochs])

    @property
    def least(self) -> int | None:
        """The epoch after which the validation loss, all terms together, was least; None unless there are several."""
        sums = [(sum(epoch.validation.values()), epoch.number) for epoch in self.epochs if epoch.validation]
        return min(sums)[1] if len(sums) > 1 else None


def folder_of(checkpoint: Checkpoint) -> Path:
    """The folder of the run that made a network; weights kept after an epoch lie below it."""
    return checkpoint.folder if kept_epoch(checkpoint) is None else checkpoint.folder.parents[1]


def kept_epoch(checkpoint: Checkpoint) -> int | None:
    """The epoch after which a run kept these weights beside its last ones; None for all other networks."""
    name, _, epoch = checkpoint.name.rpartition("@")
    return int(epoch) if name and checkpoint.name != checkpoint.folder.name and epoch.isdecimal() else None


def signature(folder: Path) -> str:
    """Changes whenever the run has written something the page shows."""
    names = (HISTORY, f"{SAMPLES}/index.json", "model.json", WEIGHTS, SWEEP)
    return ".".join([*(lenient.version(folder / name) or "0" for name in names), _state(folder)])


def read_run(checkpoint: Checkpoint, openable: Sequence[Checkpoint] = ()) -> Run:
    """Everything the page shows of a checkpoint's training.

    Args:
        checkpoint: a whole one, no kept epoch and no companion.
        openable: all that can be opened, its kept epochs among them.
    """
    epochs = read_history(checkpoint.folder)
    last = {name: score.accuracy or 0.0 for epoch in epochs for name, score in epoch.categories.items()}
    objective = lenient.table(lenient.table(checkpoint.description, "recipe"), "objective")
    name = objective.get("name")
    return Run(
        name=checkpoint.name,
        epochs=epochs,
        samples=read_samples(checkpoint.folder),
        categories=tuple(sorted(last, key=lambda name: (-last[name], name))),
        objective=name if isinstance(name, str) else "",
        settings=json.dumps(objective, sort_keys=True),
        pictures=json.dumps(lenient.table(checkpoint.description, "data"), sort_keys=True),
        kept=tuple(sorted(_kept(checkpoint, epochs, openable).items())),
        under_way=bool(_state(checkpoint.folder)),
    )


def run_data(run: Run, opened: Checkpoint) -> dict[str, Any]:
    """What assets/training*.js read of the page's own run.

    Args:
        run: the run.
        opened: the network open on the page: the run's, one of its kept epochs or of its companions.
    """
    samples = run.samples
    return {
        "model": opened.name,
        "run": run.name,
        "at": kept_epoch(opened),
        "epochs": run.numbers.tolist(),
        "categories": list(run.categories),
        "overall": {measure: listed(run.overall(measure)) for measure in MEASURES},
        "byCategory": {measure: [listed(row) for row in run.by_category(measure)] for measure in MEASURES},
        "samples": None if samples is None else _index(samples),
        "kept": dict(run.kept),
        "least": run.least,
        "weights": lenient.version(folder_of(opened) / WEIGHTS) or None,
        "underWay": run.under_way,
    }


def listed(values: Floats) -> list[float | None]:
    """Numbers for JSON, to six digits, None for what is not finite."""
    return [float(f"{value:.6g}") if np.isfinite(value) else None for value in values]


def _kept(checkpoint: Checkpoint, epochs: Sequence[Epoch], openable: Sequence[Checkpoint]) -> dict[int, str]:
    """Epoch -> name of the model that has its weights; the run's own has the last."""
    found = {
        kept: each.name for each in openable if folder_of(each) == checkpoint.folder and (kept := kept_epoch(each))
    }
    last = lenient.whole(checkpoint.description.get("epoch")) or (epochs[-1].number if epochs else None)
    return found | ({} if last is None else {last: checkpoint.name})


def _state(folder: Path) -> str:
    return "state" if (folder / STATE).is_file() else ""


def _index(samples: Samples) -> dict[str, Any]:
    return {"epochs": samples.epochs, "photos": samples.photos, "version": samples.version}


def _array(values: Any) -> Floats:
    """Floats, NaN for None."""
    return np.array(values, dtype=np.float64)
